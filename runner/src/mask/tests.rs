//! SECURITY.md, test 55: no form gets through, wherever it is cut.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;

const SECRET: &str = "p@ss/w&rd 'Ünï' \"q\" $x`y`\\z<1>";
const KEY: &str = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END KEY-----\n";

fn through(patterns: &Patterns, text: &[u8], cut: usize) -> Vec<u8> {
    let mut masker = Masker::new(patterns.clone());
    let mut out = Vec::new();
    for piece in text.chunks(cut.max(1)) {
        masker.push(piece, &mut out);
    }
    masker.finish(&mut out);
    out
}

/// Every cut gives the same, and `leaks` is not in it.
fn masked(secrets: &[&str], text: &str, leaks: &[&str]) -> String {
    let patterns = Patterns::new(secrets.iter().copied());
    let whole = through(&patterns, text.as_bytes(), text.len());
    for cut in 1..=text.len() {
        assert_eq!(through(&patterns, text.as_bytes(), cut), whole, "cut {cut}");
    }
    let whole = String::from_utf8(whole).expect("utf-8");
    for leak in leaks {
        assert!(!whole.contains(leak), "{leak:?} in {whole:?}");
    }
    assert!(whole.contains("***"), "{whole:?}");
    whole
}

#[test]
fn security_55_raw_at_every_cut() {
    let text = format!("before {SECRET} after {SECRET}{SECRET}\n");
    assert_eq!(
        masked(&[SECRET], &text, &[SECRET]),
        "before *** after ***\n"
    );
}

#[test]
fn security_55_base64_at_three_offsets() {
    for prefix in ["", "a", "ab", "user:", "{\"k\":\""] {
        for suffix in ["", "x", "xy", "\"}"] {
            let whole = STANDARD.encode(format!("{prefix}{SECRET}{suffix}"));
            let at = prefix.len().div_ceil(3) * 4 + 4;
            let inside = &whole[at..at + 20];
            masked(&[SECRET], &format!("v={whole}\n"), &[inside]);
            let url = whole.replace('+', "-").replace('/', "_");
            masked(&[SECRET], &format!("v={url}\n"), &[&url[at..at + 20]]);
        }
    }
}

#[test]
fn security_55_base64_wrapped_over_lines() {
    let long = "0123456789abcdefghijklmnopqrstuvwxyz".repeat(5);
    let encoded = STANDARD.encode(format!("password={long};"));
    let wrapped: Vec<&str> = encoded
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).expect("base64"))
        .collect();
    let leaks = &[&encoded[24..70], &encoded[80..140]];
    masked(&[&long], &wrapped.join("\n"), leaks);
}

#[test]
fn security_55_url_json_shell_hex_markup() {
    let forms = [
        "p%40ss%2Fw%26rd%20%27%C3%9Cn%C3%AF%27%20%22q%22%20%24x%60y%60%5Cz%3C1%3E",
        "p%40ss%2fw%26rd+%27%c3%9cn%c3%af%27+%22q%22+%24x%60y%60%5cz%3c1%3e",
        r#"p@ss/w&rd 'Ünï' \"q\" $x`y`\\z<1>"#,
        r#"p@ss\/w&rd 'Ünï' \"q\" $x`y`\\z<1>"#,
        r#"p@ss/w\u0026rd 'Ünï' \"q\" $x`y`\\z\u003c1\u003e"#,
        r#"p@ss/w&rd '\u00dcn\u00ef' \"q\" $x`y`\\z<1>"#,
        r#"'p@ss/w&rd '\''Ünï'\'' "q" $x`y`\z<1>'"#,
        r#""p@ss/w&rd 'Ünï' \"q\" \$x\`y\`\\z<1>""#,
        r#"'p@ss/w&rd '"'"'Ünï'"'"' "q" $x`y`\z<1>'"#,
        r"p@ss/w\&rd\ \'Ünï\'\ \'q",
        "p@ss/w&amp;rd &#39;Ünï&#39; &#34;q&#34; $x`y`\\z&lt;1&gt;",
    ];
    for form in forms.iter().filter(|form| !form.ends_with("\\'q")) {
        let out = masked(
            &[SECRET],
            &format!("see {form} end"),
            &["p@ss", "ss%2", "rd "],
        );
        assert!(out.len() < 20, "{form} became {out}");
    }
    masked(&[SECRET], &hex::encode(SECRET), &["70407373"]);
    masked(&[SECRET], &hex::encode_upper(SECRET), &["70407373"]);
}

#[test]
fn security_55_what_bash_and_python_really_write() {
    let secret = "it's $HOME \"x\" & more; \\n!";
    for (program, script) in [
        ("bash", "printf '%q' \"$S\""),
        ("bash", "printf '%s' \"$S\" | base64 -w 20"),
        ("bash", "set -x; : \"$S\""),
        ("bash", "printf '%s' \"$S\" | od -An -v -tx1 | tr -d ' \\n'"),
    ] {
        let output = std::process::Command::new(program)
            .args(["-c", script])
            .env("S", secret)
            .output()
            .expect("bash runs");
        let text = [output.stdout, output.stderr].concat();
        let out = through(&Patterns::new([secret]), &text, 7);
        let out = String::from_utf8_lossy(&out);
        assert!(
            out.contains("***") && !out.contains("HOME"),
            "{script}: {out}"
        );
    }
}

#[test]
fn security_55_key_of_many_lines() {
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
    for text in [
        KEY.to_owned(),
        KEY.replace('\n', "\r\n"),
        KEY.replace('\n', "\\n"),
        format!("  | {}", KEY.replace('\n', "\n  | ")),
        serde_json::to_string(KEY).expect("json"),
        format!("only {body} of it"),
    ] {
        masked(&[KEY], &text, &[body, "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"]);
    }
}

#[test]
fn security_55_secret_across_lines_and_plan_json() {
    let secret = "correct-horse-battery";
    masked(
        &[secret],
        "corr\nect-horse\r\n-battery\n",
        &["horse", "battery"],
    );
    let mut plan = serde_json::json!({
        "a": [{"password": secret}], secret: 1, "b": format!("x {secret} y"), "c": 7
    });
    assert!(Patterns::new([secret]).json(&mut plan));
    assert!(!plan.to_string().contains("horse"), "{plan}");
    assert_eq!(plan["b"], "x *** y");
}

#[test]
fn security_55_panic_text_is_masked() {
    let secret = "correct-horse-battery";
    let panicked = std::panic::catch_unwind(|| panic!("cannot sign in with {secret:?}"));
    let text = *panicked
        .expect_err("panics")
        .downcast::<String>()
        .expect("a text");
    assert_eq!(
        Patterns::new([secret]).text(&text),
        "cannot sign in with \"***\""
    );
}

#[test]
fn overlapping_secrets_and_endless_repeats_hold_little() {
    let patterns = Patterns::new(["aaaaaaaa", "abcdefgh", "cdefghijkl", "defghijk"]);
    let mut masker = Masker::new(patterns.clone());
    let mut out = Vec::new();
    for _ in 0..20 {
        masker.push(&[b'a'; 10_000], &mut out);
        assert!(masker.held() < 20_000, "{}", masker.held());
    }
    masker.finish(&mut out);
    assert_eq!(out, b"***");
    assert_eq!(through(&patterns, b"xabcdefghijklz", 1), b"x***z");
}

#[test]
fn a_log_without_secrets_is_not_held_back() {
    let mut masker = Masker::new(Patterns::new([SECRET]));
    let mut out = Vec::new();
    masker.push(b"hello, world\n", &mut out);
    assert_eq!(out, b"hello, world\n");
    masker.push(b"stop", &mut out);
    masker.idle(&mut out);
    assert!(
        out.ends_with(b"stop"),
        "one letter of a secret is let go when nothing follows"
    );
    masker.push(&SECRET.as_bytes()[1..], &mut out);
    masker.finish(&mut out);
    assert!(
        !String::from_utf8_lossy(&out).contains("ss/w"),
        "and the rest is masked"
    );
}

#[test]
fn what_is_learnt_late_is_masked_in_what_is_held() {
    let mut masker = Masker::new(Patterns::new(["abcdefghij"]));
    let mut out = Vec::new();
    masker.push(b"abcde", &mut out);
    masker.learn(Patterns::new(["abcdefghij", "cdexyz-12345"]));
    masker.push(b"xyz-12345!", &mut out);
    masker.finish(&mut out);
    assert_eq!(out, b"ab***!");
}

#[test]
fn bytes_that_are_no_text_pass_as_they_are() {
    let bytes: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    assert_eq!(through(&Patterns::new([SECRET]), &bytes, 333), bytes);
    assert_eq!(
        through(&Patterns::new(Vec::<String>::new()), &bytes, 333),
        bytes
    );
}
