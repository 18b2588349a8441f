//! Parsing with clap, but not only as far as the first bad value.

use std::ffi::OsString;

use clap::{
    Arg, Command,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::Mistake;

/// Parses arguments and environment. Every value that does not parse is a [`Mistake`]; the rest is
/// parsed as if it had been left out, so that all of them come at once. Anything else (an unknown
/// flag, `--help`) is clap's own answer.
pub fn parse(
    mut command: Command,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<(clap::ArgMatches, Vec<Mistake>), clap::Error> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    command = map_args(command, &|arg| match arg.get_env() {
        // A variable that is set to nothing is not set.
        Some(name) if std::env::var_os(name).is_some_and(|value| value.is_empty()) => {
            arg.env(None::<&str>)
        }
        _ => arg,
    });
    let mut mistakes: Vec<Mistake> = Vec::new();
    loop {
        let error = match command.clone().try_get_matches_from(&arguments) {
            Ok(matches) => return Ok((matches, mistakes)),
            Err(error) => error,
        };
        let bad = matches!(
            error.kind(),
            ErrorKind::ValueValidation | ErrorKind::InvalidValue
        );
        let long = text(&error, ContextKind::InvalidArg).and_then(|shown| {
            Some(
                shown
                    .strip_prefix("--")?
                    .split([' ', '='])
                    .next()?
                    .to_owned(),
            )
        });
        let (true, Some(long)) = (bad, long) else {
            return Err(error);
        };
        let Some(arg) = find(&command, &long).cloned() else {
            return Err(error);
        };
        mistakes.push(describe(&arg, &long, &error));
        if !without(&mut arguments, &long) {
            if arg.get_env().is_none() {
                return Err(error);
            }
            command = map_args(command, &|arg| {
                if arg.get_long() == Some(&long) {
                    arg.env(None::<&str>)
                } else {
                    arg
                }
            });
        }
    }
}

fn describe(arg: &Arg, long: &str, error: &clap::Error) -> Mistake {
    let variable = arg.get_env().map(|name| name.to_string_lossy());
    let field = match &variable {
        Some(variable) => format!("--{long} ({variable})"),
        None => format!("--{long}"),
    };
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let value = if arg.is_hide_env_values_set() {
        None
    } else {
        text(error, ContextKind::InvalidValue)
    };
    let why = match (value, cause) {
        (Some(value), Some(cause)) => format!("\"{value}\" is not acceptable: {cause}"),
        (Some(value), None) => format!("\"{value}\" is not acceptable"),
        (None, Some(cause)) => cause,
        (None, None) => "the value is not acceptable".to_owned(),
    };
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    let remedy = if choices.is_empty() {
        arg.get_help().map(ToString::to_string).unwrap_or_default()
    } else {
        format!("One of: {}.", choices.join(", "))
    };
    Mistake::new(field, why, remedy)
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Takes `--long value` or `--long=value` out. Says whether it was there.
fn without(arguments: &mut Vec<OsString>, long: &str) -> bool {
    let flag = format!("--{long}");
    let assigned = format!("{flag}=");
    let Some(place) = arguments
        .iter()
        .position(|given| given == flag.as_str() || given.to_string_lossy().starts_with(&assigned))
    else {
        return false;
    };
    let separate = arguments[place] == flag.as_str();
    arguments.remove(place);
    if separate && place < arguments.len() {
        arguments.remove(place);
    }
    true
}

fn find<'a>(command: &'a Command, long: &str) -> Option<&'a Arg> {
    command
        .get_arguments()
        .find(|arg| arg.get_long() == Some(long))
        .or_else(|| command.get_subcommands().find_map(|sub| find(sub, long)))
}

fn map_args(command: Command, change: &dyn Fn(Arg) -> Arg) -> Command {
    command
        .mut_args(change)
        .mut_subcommands(|sub| map_args(sub, change))
}
