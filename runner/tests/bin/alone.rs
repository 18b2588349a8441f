//! The internal subcommands without the rest of the product, and a worker set by a file.

use std::{path::PathBuf, process::ExitCode};

use runner::{drive, launch, shim, worker};

fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &*words {
        ["launch"] => launch::run(),
        ["drive", name] => drive::run(name),
        ["shim", rest @ ..] => shim::run(rest.first().map(PathBuf::from).as_deref()),
        ["work", server, token, data] => work(server, token, data),
        _ => ExitCode::FAILURE,
    }
}

fn work(server: &str, token: &str, data: &str) -> ExitCode {
    let mut settings = worker::Settings::new(server.parse().expect("an address"), token, data);
    settings.sandbox.read = std::env::var_os("RUNNER_READ")
        .map(|paths| std::env::split_paths(&paths).collect())
        .unwrap_or_default();
    settings.sandbox.internal = std::env::var("RUNNER_INTERNAL")
        .ok()
        .and_then(|net| net.parse().ok())
        .into_iter()
        .collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match runtime.block_on(worker::run(
        settings,
        tokio_util::sync::CancellationToken::new(),
    )) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
