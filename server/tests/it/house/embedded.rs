//! The embedded PostgreSQL, from the outside.

use std::{os::unix::fs::MetadataExt as _, process::Command};

use super::portal::{Home, is_alive, postmaster, signal};

#[test]
fn it_starts_serves_and_leaves_nothing_behind() {
    let home = Home::new();
    let mut portal = home.start();
    portal.until_ready(200);
    let server = postmaster(&home.data()).expect("it runs");
    let folder = std::fs::metadata(home.data().join("postgres")).expect("it is there");
    assert_eq!(folder.mode() & 0o777, 0o700, "other users must not get in");
    assert_ne!(folder.uid(), 0, "PostgreSQL never runs as root");

    portal.signal("TERM");
    assert_eq!(portal.end(), Some(0), "{}", portal.said());
    assert!(!is_alive(server), "the database outlived its portal");
}

#[test]
fn kill_9_loses_nothing_and_the_next_start_recovers() {
    let home = Home::new();
    let mut portal = home.start();
    portal.until_ready(200);
    let first = postmaster(&home.data()).expect("it runs");
    portal.signal("KILL");
    portal.end();

    let mut again = home.start();
    again.until_ready(200);
    let second = postmaster(&home.data()).expect("it runs");
    assert_ne!(first, second);
    assert!(!is_alive(first), "two servers on one cluster");
}

#[test]
fn a_server_that_dies_is_started_again_and_pages_say_503_meanwhile() {
    let home = Home::new();
    let mut portal = home.start();
    portal.until_ready(200);
    let first = postmaster(&home.data()).expect("it runs");
    signal(first, "KILL");
    portal.until_page(503);
    portal.until_ready(200);
    assert_ne!(portal.page().0, 503);
    assert_ne!(postmaster(&home.data()), Some(first));
}

#[test]
fn a_stale_file_that_names_another_program_harms_nobody() {
    let home = Home::new();
    assert_eq!(home.run(&["migrate"]).0, 0);
    let mut innocent = Command::new("sleep")
        .arg("600")
        .spawn()
        .expect("sleep runs");
    let file = home.data().join("postgres/cluster/postmaster.pid");
    std::fs::write(&file, format!("{}\n/nowhere\n0\n5432\n\n\n", innocent.id())).expect("writable");
    let (code, said) = home.run(&["migrate"]);
    let lives = innocent.try_wait().expect("ours").is_none();
    innocent.kill().expect("ours");
    innocent.wait().expect("ours");
    assert_eq!(code, 0, "{said}");
    assert!(lives, "another program was ended");
}

#[test]
fn two_portals_do_not_share_a_data_folder() {
    let home = Home::new();
    let mut portal = home.start();
    portal.until_says("Groundcrew is at");
    let (code, said) = home.run(&["migrate"]);
    assert_eq!(code, 1);
    let holder = format!("another groundcrew (process {})", portal.child.id());
    assert!(said.contains(&holder), "{said}");
    assert!(said.contains("GROUNDCREW_DATA"), "{said}");
}

#[test]
fn without_postgresql_it_says_what_to_install() {
    let mut home = Home::new();
    let empty = home.path("empty");
    std::fs::create_dir(&empty).expect("writable");
    home.set("GROUNDCREW_POSTGRES_BIN", empty.display());
    let (code, said) = home.run(&["serve"]);
    assert_eq!(code, 1);
    assert!(
        said.contains("no PostgreSQL 15 or later was found"),
        "{said}"
    );
    assert!(said.contains("apt-get install postgresql"), "{said}");
}

#[test]
fn a_long_data_folder_gets_a_short_socket() {
    let mut home = Home::new();
    let long = home.path(&"long-".repeat(30));
    home.set("GROUNDCREW_DATA", long.display());
    let (code, said) = home.run(&["migrate"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("/gc-"), "{said}");
}
