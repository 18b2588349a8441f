//! The two files, right and wrong.

use std::{fmt::Write as _, fs, path::Path};

use tempfile::TempDir;

use crate::{
    people::{Role, TeamRole},
    repository::{ConfiguredIssuer, Finding, Organisation, Over, difference, load},
};

const MAIN: &str = "apiVersion: groundcrew/v1\nname: Northwind\ncurrency: EUR\n\
                    zone: Europe/Berlin\ndefault_owner: platform\n";
const TEAMS: &str = "apiVersion: groundcrew/v1\n\
    teams:\n  platform: {title: Platform, roles: {developer: [idp-platform]}}\n";

fn repository(main: &[u8], teams: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("groundcrew.yaml"), main).expect("writable");
    fs::write(folder.path().join("teams.yaml"), teams).expect("writable");
    folder
}

fn one_issuer() -> Vec<ConfiguredIssuer> {
    vec![ConfiguredIssuer {
        id: "corp".to_owned(),
        issuer: "https://login.example.com".to_owned(),
    }]
}

fn accepted(main: &str, teams: &str) -> Organisation {
    let folder = repository(main.as_bytes(), teams.as_bytes());
    load(folder.path(), Some(&one_issuer())).expect("nothing is wrong")
}

fn refused(main: &[u8], teams: &[u8]) -> Vec<Finding> {
    let folder = repository(main, teams);
    load(folder.path(), Some(&one_issuer())).expect_err("something is wrong")
}

/// `line:column code` of what is wrong with a teams.yaml.
fn teams_findings(teams: &str) -> Vec<String> {
    let findings = refused(MAIN.as_bytes(), teams.as_bytes());
    let shown = findings
        .iter()
        .map(|f| format!("{}:{} {}", f.line, f.column, f.code));
    shown.collect()
}

#[test]
fn the_shape_of_the_specification_is_read() {
    let organisation = accepted(
        MAIN,
        r#"apiVersion: groundcrew/v1
teams:
  payments: {title: Payments, services: [payments-api], budget: {month: 950000, over: "function:finance"},
             roles: {developer: [idp-payments], team_lead: [idp-payments-leads], on_call: [idp-payments-oncall]}}
  platform: {title: Platform, roles: {developer: [idp-platform], team_lead: [idp-platform-leads], on_call: [idp-platform-oncall]}}
roles: {platform_engineer: [idp-platform], auditor: [idp-audit], admin: [idp-gc-admins]}
functions: {security: [idp-appsec], finance: [idp-finance], manager: [idp-managers]}
"#,
    );
    assert_eq!(organisation.currency, "EUR");
    assert_eq!(organisation.teams.len(), 2);
    let budget = organisation.teams["payments"]
        .budget
        .as_ref()
        .expect("a budget");
    assert_eq!(
        (budget.month, &budget.over),
        (950_000, &Over::Function("finance".to_owned()))
    );
    let groups = ["idp-payments".to_owned(), "idp-platform".to_owned()].into();
    let grants = organisation.grants("https://login.example.com", &groups);
    assert!(grants.is(TeamRole::Developer, "payments"));
    assert!(grants.has(Role::PlatformEngineer));
    assert!(
        organisation
            .grants("https://elsewhere.example", &groups)
            .is_empty()
    );
}

#[test]
fn everything_wrong_is_listed_with_its_place() {
    let findings = refused(
        MAIN.replace("EUR", "euro")
            .replace("Europe/Berlin", "Berlin")
            .as_bytes(),
        b"apiVersion: groundcrew/v1
teams:
  platform:
    title: Platform
    owner: x
    roles: {develper: [a], team_lead: []}
  Payments: {roles: {on_call: [b]}, title: P, budget: {month: -5, over: sometimes}}
",
    );
    let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "groundcrew.yaml:3:11 E-CURRENCY \"euro\" is no currency. Why: a currency is three \
             capital letters (ISO 4217), such as EUR.",
            "groundcrew.yaml:4:7 E-ZONE no time zone \"Berlin\". Why: a zone is an IANA name, such \
             as Europe/Berlin.",
            "teams.yaml:5:5 E-KEY no key \"owner\". Why: a team has title, services, budget, roles.",
            "teams.yaml:6:13 E-ROLE no role \"develper\". Why: a team has developer, team_lead, \
             on_call. Did you mean \"developer\"?",
            "teams.yaml:6:39 E-EMPTY no group for team_lead. Why: a role that no group holds is \
             held by nobody. Name a group of the identity provider, or leave the line out.",
            "teams.yaml:7:3 E-NAME \"Payments\" is no name for a team. Why: a name is 2 to 40 small \
             letters, digits and dashes, a letter first.",
            "teams.yaml:7:63 E-BUDGET \"-5\" stands here. Why: a month's budget in cents is a whole \
             number, 0 or more.",
            "teams.yaml:7:73 E-BUDGET \"sometimes\" stands here. Why: over is deny, or function: \
             and the name of one.",
        ]
    );
}

#[test]
fn duplicate_keys_are_all_found() {
    let twice = format!("{TEAMS}roles: {{admin: [a], admin: [b]}}\nroles: {{auditor: [c]}}\n");
    assert_eq!(
        teams_findings(&twice),
        ["4:21 E-DUPLICATE", "5:1 E-DUPLICATE"]
    );
}

#[test]
fn what_is_not_yaml_says_where() {
    assert_eq!(teams_findings("teams: [a, b\nroles: }\n"), ["2:6 E-YAML"]);
    assert_eq!(teams_findings("a: 1\n---\nb: 2\n"), ["2:1 E-YAML"]);
    assert_eq!(teams_findings(""), ["0:0 E-YAML"]);
    assert_eq!(
        teams_findings("teams: !!python/object {}\n"),
        ["1:24 E-YAML"]
    );
    assert_eq!(teams_findings("{a: b}: c\n"), ["1:1 E-YAML"]);
}

#[test]
fn security_40_yaml_bombs_are_bounded() {
    let deep = format!("teams: {}{}\n", "[".repeat(70), "]".repeat(70));
    assert_eq!(teams_findings(&deep), ["1:71 E-DEPTH"]);
    let mut bomb = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..=9 {
        let inner = vec![format!("*a{}", level - 1); 9].join(", ");
        let _ = writeln!(bomb, "a{level}: &a{level} [{inner}]");
    }
    let found = teams_findings(&bomb);
    assert!(found[0].ends_with("E-ALIAS"), "{found:?}");
    let own = teams_findings("teams: &all {a: *all}\n");
    assert!(
        own[0].ends_with("E-ALIAS") || own[0].ends_with("E-YAML"),
        "{own:?}"
    );
}

#[test]
fn security_40_a_link_out_of_the_repository_is_refused() {
    let outside = repository(MAIN.as_bytes(), TEAMS.as_bytes());
    let folder = repository(MAIN.as_bytes(), TEAMS.as_bytes());
    let teams = folder.path().join("teams.yaml");
    fs::remove_file(&teams).expect("removable");
    std::os::unix::fs::symlink(outside.path().join("teams.yaml"), &teams).expect("linkable");
    let findings = load(folder.path(), None).expect_err("refused");
    assert_eq!(findings[0].code, "E-LINK");
}

#[test]
fn bytes_that_are_no_text_and_files_that_are_too_big() {
    let findings = refused(MAIN.as_bytes(), b"apiVersion: groundcrew/v1\nteams: \xff\n");
    assert_eq!((findings[0].line, findings[0].column), (2, 8));
    assert_eq!(findings[0].what, "byte 33 is not UTF-8");
    let big = refused(MAIN.as_bytes(), &vec![b'#'; 1024 * 1024 + 1]);
    assert_eq!(big[0].code, "E-SIZE");
    let missing = load(Path::new("/nowhere"), None).expect_err("refused");
    let codes: Vec<&str> = missing.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["E-READ", "E-READ"]);
}

#[test]
fn two_providers_need_a_ceiling_each() {
    let both = [
        one_issuer().remove(0),
        ConfiguredIssuer {
            id: "partners".to_owned(),
            issuer: "https://partners.example".to_owned(),
        },
    ];
    let teams = format!("{TEAMS}roles: {{admin: [admins, 'partners:admins']}}\n");
    let folder = repository(MAIN.as_bytes(), teams.as_bytes());
    let findings = load(folder.path(), Some(&both)).expect_err("no ceiling is written");
    assert_eq!(findings[0].code, "E-ISSUER");

    let bounded =
        format!("{MAIN}issuers:\n  corp: {{ceiling: all}}\n  partners: {{ceiling: [developer]}}\n");
    let folder = repository(bounded.as_bytes(), teams.as_bytes());
    let organisation = load(folder.path(), Some(&both)).expect("nothing is wrong");
    let admins = ["admins".to_owned()].into();
    assert!(
        organisation
            .grants("https://login.example.com", &admins)
            .has(Role::Admin)
    );
    assert!(
        !organisation
            .grants("https://partners.example", &admins)
            .has(Role::Admin)
    );

    let typo = format!("{MAIN}issuers:\n  crop: {{ceiling: [auditr]}}\n");
    let folder = repository(typo.as_bytes(), teams.as_bytes());
    let findings = load(folder.path(), Some(&both)).expect_err("no such provider");
    let hints: Vec<&str> = findings.iter().map(|f| f.hint.as_str()).collect();
    assert_eq!(
        hints,
        ["Did you mean \"corp\"?", "Did you mean \"auditor\"?"]
    );
}

#[test]
fn what_loosens_is_told_from_what_tightens() {
    let before = accepted(MAIN, &format!("{TEAMS}roles: {{admin: [a]}}\n"));
    let after = accepted(MAIN, &format!("{TEAMS}roles: {{admin: [a, b]}}\n"));
    let wider = difference(&before, &after);
    assert!(wider.loosens());
    assert_eq!(wider.added["role.admin"], ["b".to_owned()].into());
    assert!(!difference(&after, &before).loosens());
    assert!(difference(&after, &after).is_empty());
    assert_ne!(before.version, after.version);
}
