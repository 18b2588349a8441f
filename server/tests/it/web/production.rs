//! Settings production does not start with.

use super::config;

/// Fields of the mistakes of these flags.
fn refused(flags: &[&str]) -> Vec<String> {
    let mut config = config(flags);
    // These tests run with a database of their own in the environment.
    if flags.iter().all(|flag| !flag.contains("database")) {
        config.database = server::config::DatabaseSettings::default();
    }
    // The folders and files of these tests are not the point here.
    config
        .check()
        .into_iter()
        .map(|mistake| mistake.field)
        .filter(|f| !f.contains("issuers"))
        .collect()
}

#[test]
fn security_58_production_refuses_what_would_be_open() {
    assert_eq!(refused(&[]), [""; 0], "nothing is wrong with the rest");
    for (flags, field) in [
        (["--public-url", "http://portal.example"], "--public-url"),
        (["--metrics-listen", "0.0.0.0:9100"], "--metrics-listen"),
        (["--metrics-listen", "203.0.113.9:9100"], "--metrics-listen"),
        (
            ["--database-url", "postgres://app:x9@db/gc?sslmode=require"],
            "--database-url",
        ),
        (
            [
                "--database-url",
                "postgres://app:x9@db/gc?sslmode=verify-ca",
            ],
            "--database-url",
        ),
        (
            [
                "--database-url",
                "postgres://app:app@db/gc?sslmode=verify-full",
            ],
            "--database-url",
        ),
        (
            [
                "--database-url",
                "postgres://app:changeme@db/gc?sslmode=verify-full",
            ],
            "--database-url",
        ),
        (["--trusted-proxy", "0.0.0.0/0"], "--trusted-proxy"),
        (["--trusted-proxy", "::/0"], "--trusted-proxy"),
        (["--allow-internal", "169.254.0.0/16"], "--allow-internal"),
        (["--allow-internal", "127.0.0.0/8"], "--allow-internal"),
        (["--allow-internal", "::/0"], "--allow-internal"),
        (["--otlp", "http://collector.example/v1/traces"], "--otlp"),
        (["--otlp", "ftp://collector.example/"], "--otlp"),
        (["--log", "server=loud"], "--log"),
    ] {
        let fields = refused(&flags);
        assert!(
            fields.iter().any(|found| found.starts_with(field)),
            "{flags:?}: {fields:?}"
        );
    }
}

#[test]
fn security_58_what_a_company_would_set_is_fine() {
    for flags in [
        ["--metrics-listen", "127.0.0.1:9100"],
        ["--metrics-listen", "10.0.0.5:9100"],
        ["--trusted-proxy", "10.0.0.0/8"],
        ["--allow-internal", "10.20.0.0/16"],
        ["--otlp", "https://collector.example/v1/traces"],
        ["--otlp", "http://127.0.0.1:4318/v1/traces"],
    ] {
        assert_eq!(refused(&flags), [""; 0], "{flags:?}");
    }
}
