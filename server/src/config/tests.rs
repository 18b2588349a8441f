//! The settings explain themselves and keep their secrets.

use std::{ffi::OsString, fmt::Write as _};

use clap::{Command, CommandFactory as _};

use super::{DatabaseUrl, parse};
use crate::cli::Cli;

fn each_argument(command: &Command, look: &mut dyn FnMut(&str, &clap::Arg)) {
    for arg in command.get_arguments() {
        look(command.get_name(), arg);
    }
    for sub in command.get_subcommands() {
        each_argument(sub, look);
    }
}

#[test]
fn every_flag_of_serve_and_migrate_has_help_and_a_variable() {
    let mut without = Vec::new();
    let mut count = 0;
    each_argument(&Cli::command(), &mut |command, arg| {
        if matches!(arg.get_id().as_str(), "help" | "version") {
            return;
        }
        count += 1;
        let variable = arg.get_env().is_some() || !matches!(command, "serve" | "migrate");
        if arg.get_help().is_none() || !variable {
            without.push(format!("{command} {}", arg.get_id()));
        }
    });
    assert!(count > 15, "the walk looks in the wrong place");
    assert!(without.is_empty(), "without help or variable: {without:?}");
}

#[test]
fn help_of_serve_is_the_reference() {
    let mut command = Cli::command();
    command.build();
    let serve = command.find_subcommand_mut("serve").expect("it is there");
    // What stands in the tester's environment is not part of the reference.
    let mut serve = serve
        .clone()
        .mut_args(|arg| arg.hide_env_values(true))
        .term_width(100);
    insta::assert_snapshot!(serve.render_help().to_string());
}

#[test]
fn secrets_are_not_in_debug_nor_in_errors() {
    let url: DatabaseUrl = "postgres://u:hunter2secret@db/x".parse().expect("a URL");
    assert_eq!(format!("{url:?}"), "***");
    assert!(!format!("{:?}", url.login()).contains("hunter2secret"));
    let why = "postgres://u:hunter2secret@db/x?sslmode=sometimes".parse::<DatabaseUrl>();
    assert!(!why.expect_err("no such mode").contains("hunter2secret"));
}

#[test]
fn bad_values_are_collected_and_the_rest_is_parsed() {
    let words = [
        "groundcrew",
        "serve",
        "--listen",
        "x",
        "--public-url=y",
        "--data",
        "here",
    ];
    let (matches, mistakes) =
        parse(Cli::command(), words.map(OsString::from)).expect("only values are wrong");
    let fields: Vec<&str> = mistakes.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "--listen (GROUNDCREW_LISTEN)",
            "--public-url (GROUNDCREW_PUBLIC_URL)"
        ]
    );
    let serve = matches
        .subcommand_matches("serve")
        .expect("it was asked for");
    assert_eq!(
        serve.get_one("data"),
        Some(&std::path::PathBuf::from("here"))
    );
}

#[test]
fn an_unknown_flag_is_claps_own_answer() {
    let words = ["groundcrew", "serve", "--lisen", "x"].map(OsString::from);
    let error = parse(Cli::command(), words).expect_err("no such flag");
    assert_eq!(error.kind(), clap::error::ErrorKind::UnknownArgument);
}

/// The settings as a table: what `docs/operations.md` must show.
fn table() -> String {
    let mut table = String::from("| flag | variable | default | what |\n|---|---|---|---|\n");
    let mut command = Cli::command();
    command.build();
    let serve = command.find_subcommand("serve").expect("it is there");
    for arg in serve.get_arguments() {
        let (Some(long), Some(variable)) = (arg.get_long(), arg.get_env()) else {
            continue;
        };
        let default: Vec<String> = arg
            .get_default_values()
            .iter()
            .map(|value| format!("`{}`", value.to_string_lossy()))
            .collect();
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let row = [
            format!("`--{long}`"),
            format!("`{}`", variable.to_string_lossy()),
            default.join(" "),
            help.replace('\n', " "),
        ];
        let _ = writeln!(table, "| {} |", row.join(" | "));
    }
    table
}

#[test]
fn the_operations_page_shows_the_settings() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let text = std::fs::read_to_string(&path).expect("the page is there");
    let (begin, end) = ("<!-- settings:begin -->\n", "<!-- settings:end -->");
    let (head, rest) = text.split_once(begin).expect("begin marker");
    let (found, tail) = rest.split_once(end).expect("end marker");
    let wanted = table();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{head}{begin}{wanted}{end}{tail}")).expect("writable");
    } else {
        assert_eq!(found, wanted, "out of date: run with UPDATE_DOCS=1");
    }
}
