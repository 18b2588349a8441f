//! The one binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    // One provider of cryptography for every TLS connection, before anything can make one.
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        eprintln!("groundcrew: another TLS provider was installed before ring");
        return ExitCode::FAILURE;
    }
    server::cli::run(std::env::args_os())
}
