//! The platform repository while the portal runs.

use super::portal::Home;

const BROKEN: &str = "apiVersion: groundcrew/v1\nteams:\n  platform: {title: Platform, roles: \
                      {develper: [a]}}\n";
const WIDER: &str = "apiVersion: groundcrew/v1\nteams:\n  platform: {title: Platform, roles: \
                     {developer: [a, b]}}\nroles: {admin: [admins]}\n";

#[test]
fn a_broken_file_keeps_the_last_good_one_until_it_is_repaired() {
    let home = Home::new();
    let mut portal = home.start();
    portal.until_ready(200);
    home.write("repository/teams.yaml", BROKEN);
    portal.until_says("teams.yaml:3:39 E-ROLE no role \"develper\"");
    portal.until_says("Did you mean \"developer\"?");
    portal.until_says("stays live");
    portal.until_ready(200);
    home.write("repository/teams.yaml", WIDER);
    portal.until_says("the platform repository changes who holds roles");
    portal.until_says("role.admin");
}

#[test]
fn the_first_start_refuses_a_broken_repository_with_the_whole_list() {
    let home = Home::new();
    home.write("repository/teams.yaml", BROKEN);
    home.write(
        "repository/groundcrew.yaml",
        "apiVersion: groundcrew/v2\nname: T\n",
    );
    let (code, said) = home.run(&["serve"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("5 errors in the platform repository"),
        "{said}"
    );
    let (code, checked) = home.run(&["check", &home.path("repository").display().to_string()]);
    assert_eq!(code, 1);
    for line in checked.lines() {
        assert!(
            said.contains(line),
            "check says, and serve does not: {line}\n{said}"
        );
    }
}

#[test]
fn check_of_a_sound_repository_is_0() {
    let home = Home::new();
    let (code, said) = home.run(&["check", &home.path("repository").display().to_string()]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("is sound: 1 teams"), "{said}");
}

#[test]
fn sighup_before_the_database_is_there_ends_nothing() {
    let home = Home::new();
    let mut portal = home.start();
    // Listening, and still bringing its database up.
    portal.until_ready(503);
    portal.signal("HUP");
    portal.until_ready(200);
    portal.until_says("asked by SIGHUP to look at the platform repository");
}
