//! `groundcrew drive NAME`: tools of our own, run like anybody's.

pub mod echo;
mod hostile;
pub mod http;

use std::process::ExitCode;

/// Runs one.
pub fn run(name: &str) -> ExitCode {
    let result = match name {
        "echo" => echo::run(),
        "http" => http::run(),
        _ => Err(std::io::Error::other(format!("no tool is called {name:?}"))),
    };
    result.unwrap_or_else(|error| {
        eprintln!("groundcrew: {error}");
        ExitCode::from(2)
    })
}
