//! The forms in which a tool may write a secret.

use std::{collections::BTreeSet, fmt::Write as _};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};

use super::SHORTEST;

/// Fewest bytes of a form: what is shorter would hit words that are no secret.
const FEWEST: usize = 6;

/// Adds all forms of a secret, and of each of its long lines; line breaks left out.
pub(super) fn of(secret: &str, all: &mut BTreeSet<Vec<u8>>) {
    piece(secret, all);
    let trimmed = secret.trim();
    if trimmed != secret {
        piece(trimmed, all);
    }
    if secret.contains(['\n', '\r']) {
        for line in secret.lines().map(str::trim) {
            if line.len() >= SHORTEST {
                piece(line, all);
            }
        }
    }
}

fn piece(secret: &str, all: &mut BTreeSet<Vec<u8>>) {
    let mut add = |form: &[u8]| {
        let bare = form.iter().copied().filter(|b| !matches!(b, b'\n' | b'\r'));
        let bare: Vec<u8> = bare.collect();
        if bare.len() >= FEWEST {
            all.insert(bare);
        }
    };
    add(secret.as_bytes());
    for form in base64_forms(secret.as_bytes()) {
        add(form.as_bytes());
        // The value of a Kubernetes secret that holds an encoded value.
        if form.ends_with('=') || form.len() == secret.len().div_ceil(3) * 4 {
            for twice in base64_forms(form.as_bytes()) {
                add(twice.as_bytes());
            }
        }
    }
    for form in hex_forms(secret.as_bytes()) {
        add(form.as_bytes());
    }
    for form in url_forms(secret) {
        add(form.as_bytes());
    }
    for form in json_forms(secret) {
        add(form.as_bytes());
    }
    for form in shell_forms(secret) {
        add(form.as_bytes());
    }
    add(markup(secret, "&#39;", "&#34;").as_bytes());
    add(markup(secret, "&#x27;", "&quot;").as_bytes());
}

/// Whole, and inside something longer at each of the three offsets: only the characters that depend
/// on nothing but the secret.
fn base64_forms(bytes: &[u8]) -> Vec<String> {
    let mut forms = vec![
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
    ];
    for offset in 0..3 {
        let mut shifted = vec![0; offset];
        shifted.extend_from_slice(bytes);
        let from = [0, 2, 3][offset];
        let to = shifted.len() * 8 / 6;
        for encoded in [STANDARD.encode(&shifted), URL_SAFE.encode(&shifted)] {
            forms.push(encoded[from..to].to_owned());
        }
    }
    forms
}

fn hex_forms(bytes: &[u8]) -> [String; 2] {
    let lower = hex::encode(bytes);
    let upper = lower.to_uppercase();
    [lower, upper]
}

/// Percent-encoded by what different tools leave as it is, with either case of the digits.
fn url_forms(secret: &str) -> Vec<String> {
    let kept = [
        "-_.~",
        "-_.!~*'()",
        "-_.~!*'();:@&=+$,/?#[]",
        "-_.~/",
        "-_.*",
    ];
    let mut forms = Vec::new();
    for keep in kept {
        let upper = percent(secret, keep);
        forms.push(upper.replace("%20", "+"));
        forms.push(lower_digits(&upper));
        forms.push(lower_digits(&upper).replace("%20", "+"));
        forms.push(upper);
    }
    forms
}

fn percent(secret: &str, keep: &str) -> String {
    let mut out = String::new();
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || keep.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn lower_digits(encoded: &str) -> String {
    let mut out = String::with_capacity(encoded.len());
    let mut digits = 0;
    for c in encoded.chars() {
        out.push(if digits > 0 {
            c.to_ascii_lowercase()
        } else {
            c
        });
        digits = if c == '%' { 2 } else { digits.max(1) - 1 };
    }
    out
}

/// As in a JSON text: plain, with slashes escaped, as Go writes it, ASCII only; and once more
/// inside another JSON text.
fn json_forms(secret: &str) -> Vec<String> {
    let plain = json(secret, "", false);
    let mut forms = vec![
        plain.replace('/', "\\/"),
        json(secret, "<>&", false),
        json(secret, "", true),
        json(secret, "<>&'", true),
    ];
    let upper: Vec<String> = forms.iter().map(|form| upper_escapes(form)).collect();
    forms.extend(upper);
    forms.push(json(&plain, "", false));
    forms.push(plain);
    forms
}

fn json(secret: &str, escaped: &str, ascii: bool) -> String {
    let mut out = String::new();
    for c in secret.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || escaped.contains(c) || (ascii && !c.is_ascii()) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

fn upper_escapes(form: &str) -> String {
    let mut out = String::with_capacity(form.len());
    let mut rest = form;
    while let Some(at) = rest.find("\\u") {
        let to = (at + 6).min(rest.len());
        out.push_str(&rest[..at + 2]);
        out.push_str(&rest[at + 2..to].to_uppercase());
        rest = &rest[to..];
    }
    out.push_str(rest);
    out
}

/// As shells and languages quote it.
fn shell_forms(secret: &str) -> Vec<String> {
    let mut backslashed = String::new();
    for c in secret.chars() {
        if !(c.is_alphanumeric() || "_-./:=@%+,".contains(c)) {
            backslashed.push('\\');
        }
        backslashed.push(c);
    }
    let mut bash = String::new();
    for c in secret.chars() {
        if !(c.is_alphanumeric() || "_-./:=@%+".contains(c)) {
            bash.push('\\');
        }
        bash.push(c);
    }
    let mut dollar = String::new();
    for byte in secret.bytes() {
        match byte {
            b'\n' => dollar.push_str("\\n"),
            b'\r' => dollar.push_str("\\r"),
            b'\t' => dollar.push_str("\\t"),
            b'\'' => dollar.push_str("\\'"),
            b'\\' => dollar.push_str("\\\\"),
            32..=126 => dollar.push(char::from(byte)),
            _ => {
                let _ = write!(dollar, "\\{byte:03o}");
            }
        }
    }
    let mut quoted = String::new();
    for c in secret.chars() {
        if "\"\\$`".contains(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    vec![
        backslashed,
        bash,
        dollar,
        quoted.replace('!', "\\!"),
        quoted,
        secret.replace('\'', r"'\''"),
        secret.replace('\'', "'\"'\"'"),
        secret.replace('\'', "''"),
        secret.replace('\\', "\\\\"),
        // `%q` of what holds a line break: `$'…'` is above; Python's repr:
        secret
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\'', "\\'"),
    ]
}

fn markup(secret: &str, single: &str, double: &str) -> String {
    secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', single)
        .replace('"', double)
}
