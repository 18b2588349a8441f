//! A wrong file says where, what and why, all of it at once.

use super::Issuers;

fn mistakes(text: &str) -> Vec<String> {
    let errors = Issuers::parse("conf/issuers.yaml".as_ref(), text, false).expect_err("refused");
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let text = "- id: Corp\n  issuer: http://login.example.com\n  client_id: ''\n\
                - id: a\n  issuer: https://a.example.com\n  client_id: x\n\
                - id: a\n  issuer: https://a.example.com\n  client_id: x\n";
    let told = mistakes(text);
    let starts: Vec<&str> = told
        .iter()
        .filter_map(|line| line.split('.').next())
        .collect();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(
        told[0].starts_with("conf/issuers.yaml:1:7: the id is no short name"),
        "{}",
        told[0]
    );
    assert!(
        told[1].starts_with("conf/issuers.yaml:2:11: the issuer URL cannot be used"),
        "{}",
        told[1]
    );
    assert!(
        told[2].starts_with("conf/issuers.yaml:3:14: client_id is empty"),
        "{}",
        told[2]
    );
    assert!(
        told[3].starts_with("conf/issuers.yaml:7:7: this id stands twice"),
        "{}",
        told[3]
    );
    assert!(
        told[4].starts_with("conf/issuers.yaml:8:11: this issuer stands twice"),
        "{}",
        told[4]
    );
    assert!(!starts.is_empty());
}

#[test]
fn a_file_of_another_shape_is_refused_with_a_place() {
    for (text, line) in [
        ("issuers: {}\n", 1),
        (
            "- id: a\n  issuer: https://a.example.com\n  client_id: x\n  secret: y\n",
            4,
        ),
        (
            "- id: a\n  issuer: https://a.example.com\n  client_id: x\n  algorithms: [HS256]\n",
            4,
        ),
        ("- id: a\n  issuer: [\n", 2),
    ] {
        let told = mistakes(text);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with(&format!("conf/issuers.yaml:{line}:")),
            "{}",
            told[0]
        );
    }
    assert!(mistakes("[]\n")[0].contains("nobody could sign in"));
}

#[test]
fn a_credential_that_is_not_there_is_told_and_never_shown() {
    let entry =
        |more: &str| format!("- id: a\n  issuer: https://a.example.com\n  client_id: x\n{more}");
    let missing = mistakes(&entry("  client_secret_file: nowhere\n"));
    assert!(
        missing[0].contains("conf/issuers.yaml:4:23: conf/nowhere cannot be read"),
        "{missing:?}"
    );
    let unset = mistakes(&entry("  client_secret_env: GROUNDCREW_NOT_SET\n"));
    assert!(
        unset[0].contains("the environment has no GROUNDCREW_NOT_SET"),
        "{unset:?}"
    );
    let both = mistakes(&entry("  client_secret_env: A\n  private_key_file: b\n"));
    assert!(both[0].contains("more than one credential"), "{both:?}");

    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("secret"), "canary-of-a-secret\n").expect("written");
    let file = folder.path().join("issuers.yaml");
    let issuers =
        Issuers::parse(&file, &entry("  client_secret_file: secret\n"), false).expect("sound");
    assert!(!format!("{issuers:?}").contains("canary"));
    let no_key =
        Issuers::parse(&file, &entry("  private_key_file: secret\n"), false).expect_err("no key");
    assert!(
        no_key[0]
            .to_string()
            .contains("the private key cannot be used")
    );
    assert!(!no_key[0].to_string().contains("canary"));
}
