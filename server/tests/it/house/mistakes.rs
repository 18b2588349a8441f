//! What is said when the settings or the machine are not as they must be.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _};

use super::portal::Home;

#[test]
fn all_mistakes_come_at_once_and_secrets_are_not_repeated() {
    let mut home = Home::new();
    home.set("GROUNDCREW_LISTEN", "everywhere")
        .set("GROUNDCREW_METRICS_LISTEN", "9")
        .set("GROUNDCREW_REPOSITORY", "/nowhere/at/all")
        .set("DATABASE_URL", "mysql://root:hunter2secret@db/x")
        .set("GROUNDCREW_OTLP", "");
    let (code, said) = home.run(&["serve"]);
    assert_eq!(code, 2);
    for part in [
        "4 mistakes in the settings; nothing was started",
        "--listen (GROUNDCREW_LISTEN)",
        "--metrics-listen (GROUNDCREW_METRICS_LISTEN)",
        "--repository (GROUNDCREW_REPOSITORY)",
        "--database-url (DATABASE_URL)",
    ] {
        assert!(said.contains(part), "{part} is missing:\n{said}");
    }
    assert!(!said.contains("hunter2secret"), "{said}");
    assert!(!home.data().exists(), "something was started");
}

#[test]
fn security_58_production_refuses_what_development_warns_about() {
    let mut home = Home::new();
    home.set("GROUNDCREW_PUBLIC_URL", "https://portal.example.com")
        .set("GROUNDCREW_METRICS_LISTEN", "0.0.0.0:9090")
        .set(
            "DATABASE_URL",
            "postgres://groundcrew:groundcrew@db.example/x?sslmode=require",
        );
    let (code, said) = home.run(&["serve"]);
    assert_eq!(code, 2);
    for part in [
        "sslmode=verify-full",
        "the password of groundcrew is one everybody knows",
        "metrics are not for everybody",
        "AUDIT_DATABASE_URL",
        "grant audit_reader to groundcrew_auditor;",
    ] {
        assert!(said.contains(part), "{part} is missing:\n{said}");
    }
    let mut plain = Home::new();
    plain.set("GROUNDCREW_PUBLIC_URL", "http://portal.example.com");
    let (code, said) = plain.run(&["serve"]);
    assert_eq!(code, 2);
    assert!(said.contains("Use https"), "{said}");
}

#[test]
fn security_58_a_key_file_that_others_may_read_is_refused() {
    let home = Home::new();
    fs::create_dir(home.data()).expect("writable");
    let key = format!("k1:{}\n", "ab".repeat(32));
    fs::write(home.data().join("keys"), key).expect("writable");
    fs::set_permissions(home.data().join("keys"), fs::Permissions::from_mode(0o644)).expect("ours");
    let (code, said) = home.run(&["serve"]);
    assert_eq!(code, 1);
    assert!(said.contains("chmod 0400"), "{said}");
}

#[test]
fn a_port_in_use_names_the_setting() {
    let home = Home::new();
    let _taken = TcpListener::bind(("127.0.0.1", home.port)).expect("free a moment ago");
    let (code, said) = home.run(&["serve"]);
    assert_eq!(code, 2);
    assert!(said.contains("--listen (GROUNDCREW_LISTEN)"), "{said}");
    assert!(said.contains("another program listens on"), "{said}");
}

#[test]
fn a_data_folder_that_cannot_be_made_names_the_setting() {
    let mut home = Home::new();
    home.write("a-file", "");
    let below = home.path("a-file").join("data");
    home.set("GROUNDCREW_DATA", below.display());
    let (code, said) = home.run(&["serve"]);
    assert_eq!(code, 1);
    assert!(said.contains("GROUNDCREW_DATA"), "{said}");
    assert!(said.contains("cannot be made"), "{said}");
}
