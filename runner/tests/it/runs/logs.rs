//! What arrives of what tools write.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use platform::jobs::{AttemptState, Operation};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::site::{Site, script, step};

#[test]
fn security_36_hostile_bytes_arrive_as_they_are() {
    let site = Site::start();
    let spec = json!({"hostile": ["bytes", "ansi", "long_line"], "lines": 1});
    let one = step("echo", Operation::Check, spec);
    site.fake.offer(&one);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Succeeded);
    let text = seen.text();
    assert_eq!(finish.log_sha256, hex::encode(Sha256::digest(&text)));
    assert_eq!(finish.log_bytes, i64::try_from(text.len()).expect("fits"));
    let all: Vec<u8> = (0..=255).collect();
    for wanted in [
        &b"nul \0 in a line, invalid \xff\xfe\xc3\x28 \xed\xa0\x80 text\n"[..],
        &all,
        b"\x1b]52;c;cm0gLXJmIC8=\x07",
        "\u{202e}turned around\u{202c}".as_bytes(),
    ] {
        assert!(
            text.windows(wanted.len()).any(|piece| piece == wanted),
            "{wanted:?}"
        );
    }
    let long = text.split(|byte| *byte == b'\n').map(<[u8]>::len).max();
    assert_eq!(long, Some(10_000_000));
    assert!(text.ends_with(b"line 1\n"));
}

#[test]
fn a_million_lines_lose_their_middle_and_change_nothing() {
    let site = Site::start();
    let spec = json!({"lines": 1_000_000, "line": "line {n}", "line_bytes": 60});
    let one = step("echo", Operation::Check, spec);
    site.fake.offer(&one);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Succeeded);
    let text = seen.text();
    assert_eq!(finish.log_sha256, hex::encode(Sha256::digest(&text)));
    assert!(text.starts_with(b"line 1...."));
    let tail = String::from_utf8_lossy(&text[text.len() - 61..]).into_owned();
    assert!(tail.starts_with("line 1000000..."), "{tail}");
    let whole = String::from_utf8_lossy(&text);
    let notice = whole
        .lines()
        .find(|line| line.starts_with("groundcrew: "))
        .expect("a notice");
    let left_out: usize = notice
        .split(' ')
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number");
    assert_eq!(
        left_out + text.len() - notice.len() - 2,
        61_000_000,
        "{notice}"
    );
}

#[test]
fn security_55_a_tool_that_writes_its_secrets_in_every_form() {
    let site = Site::start();
    let secret = "hunter2/+\"quoted\" & märchen";
    let mut one = step("echo", Operation::Check, json!({"hostile": ["secrets"]}));
    one.secrets.insert("PASSWORD".to_owned(), secret.to_owned());
    site.fake.offer(&one);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Succeeded);
    let text = seen.lossy();
    let encoded = STANDARD.encode(secret);
    for leak in [
        "hunter2",
        "märchen",
        "quoted",
        "m\\u00e4rchen",
        &encoded[4..20],
        &hex::encode("hunter2"),
    ] {
        assert!(!text.contains(leak), "{leak:?} in {text}");
    }
    assert!(text.contains("across: *** and lines ***"), "{text}");
}

#[test]
fn security_55_the_attempts_token_and_late_secrets_are_masked_too() {
    let site = Site::start();
    let run = r#"
        echo '{"secret_outputs": {"key": "late-secret-123"}, "outputs": {"note": "late-secret-123!"}}'
        echo "token $TOKEN"
    "#;
    let mut one = step(
        "script",
        Operation::Check,
        json!({"run": run, "json": true}),
    );
    one.spec["environment"] = json!({ "TOKEN": one.token });
    site.fake.offer(&one);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(seen.lossy(), "token ***\n");
    assert_eq!(finish.outputs["note"], "***!");
    assert_eq!(finish.secret_outputs["key"], "late-secret-123");
}

#[test]
fn a_log_that_is_not_taken_for_a_while_does_not_hold_the_end_back() {
    let site = Site::start();
    let one = step(
        "echo",
        Operation::Check,
        json!({"lines": 5000, "line_bytes": 100}),
    );
    site.fake.log_away(true);
    site.fake.offer(&one);
    let seen = site
        .fake
        .wait(one.attempt, "the end", |seen| seen.finish.is_some());
    assert!(seen.log.is_empty());
    site.fake.log_away(false);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.log_sha256, hex::encode(Sha256::digest(seen.text())));
    site.gone(one.attempt);
}

#[test]
fn nothing_of_a_secret_is_left_on_the_worker() {
    let site = Site::start();
    let mut one = script(Operation::Check, "echo \"$PASSWORD\"; sleep 2");
    one.secrets
        .insert("PASSWORD".to_owned(), "kept-nowhere-123".to_owned());
    site.fake.offer(&one);
    site.child(one.attempt);
    let folder = site.folder(one.attempt);
    for name in ["assignment.json", "sealed"] {
        let bytes = std::fs::read(folder.join(name)).expect("there");
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains("kept-nowhere") && !text.contains(&one.token),
            "{name}"
        );
    }
    site.fake.finished(one.attempt);
    site.gone(one.attempt);
}
