//! What a tool may do to those who run it: the product brings it along, so that it can be tried.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use platform::jobs::spec::Hostile;

/// Does one of them.
pub(super) fn act(
    what: Hostile,
    secrets: &BTreeMap<String, String>,
    out: &mut impl Write,
) -> io::Result<()> {
    match what {
        Hostile::Bytes => bytes(out),
        Hostile::LongLine => {
            out.write_all(&vec![b'x'; 10_000_000])?;
            out.write_all(b"\n")
        }
        Hostile::Ansi => ansi(out),
        Hostile::Secrets => secrets.values().try_for_each(|secret| leak(secret, out)),
        Hostile::ForkTwice => fork_twice(),
        Hostile::FillDisk => fill_disk(out),
    }
}

fn bytes(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"nul \0 in a line, invalid \xff\xfe\xc3\x28 \xed\xa0\x80 text\n")?;
    let all: Vec<u8> = (0..=255).collect();
    out.write_all(&all)?;
    out.write_all(b"\n")
}

fn ansi(out: &mut impl Write) -> io::Result<()> {
    let sequences = [
        "\x1b[31mred\x1b[0m \x1b[38;5;208morange\x1b[m",
        "\x1b]0;a title\x07\x1b]8;;https://example.com\x07a link\x1b]8;;\x07",
        "\x1b]52;c;cm0gLXJmIC8=\x07the clipboard",
        "\x1b[2J\x1b[H\x1b[1000Agone\x1b[?1049h",
        "\u{202e}turned around\u{202c} \u{2066}apart\u{2069}",
        "10 %\r50 %\r100 %",
        "<script>alert(1)</script>",
    ];
    for sequence in sequences {
        writeln!(out, "{sequence}")?;
    }
    let endless = "\x1b[1m".repeat(10_000);
    writeln!(out, "{endless}")
}

fn leak(secret: &str, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "plain: {secret}")?;
    for prefix in ["", "a", "ab"] {
        writeln!(
            out,
            "base64: {}",
            STANDARD.encode(format!("{prefix}{secret}!"))
        )?;
    }
    writeln!(out, "hex: {}", hex::encode(secret))?;
    writeln!(out, "json: {}", serde_json::to_string(secret)?)?;
    let middle = secret.len() / 2;
    if secret.is_char_boundary(middle) {
        let (first, second) = secret.split_at(middle);
        write!(out, "across: {first}")?;
        out.flush()?;
        std::thread::sleep(std::time::Duration::from_millis(100));
        writeln!(out, "{second} and lines {first}\n{second}")?;
    }
    Ok(())
}

/// A process in a session of its own whose parent is gone.
fn fork_twice() -> io::Result<()> {
    Command::new("/bin/sh")
        .args([
            "-c",
            "trap '' INT TERM HUP; (setsid sleep 600 >/dev/null 2>&1 &) ; exit 0",
        ])
        .stdin(Stdio::null())
        .status()
        .map(drop)
}

fn fill_disk(out: &mut impl Write) -> io::Result<()> {
    let mut file = fs::File::create("full")?;
    let piece = vec![b'0'; 1024 * 1024];
    let error = loop {
        if let Err(error) = file.write_all(&piece) {
            break error;
        }
    };
    writeln!(out, "the disk is full: {error}").ok();
    out.flush().ok();
    std::thread::sleep(std::time::Duration::from_millis(500));
    fs::remove_file("full")
}
