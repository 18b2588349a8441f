//! Build tool: turns the compiled `app.wasm`, the style and the static files
//! into the site folder that the server embeds and serves under `/pkg/`.
//!
//! Every file is named after its content, so that a browser may keep it for
//! ever, and lies there compressed, so that the server never compresses it.
//! `manifest.json` maps the name people use to the name that is served.

mod compress;
mod inputs;
mod name;
mod options;
mod script;
mod site;
mod style;

use std::process::ExitCode;

use anyhow::Result;
use options::Options;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("assets: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let inputs = inputs::fingerprint(&options)?;
    if inputs::unchanged(&options.out, &inputs) {
        println!("assets: nothing changed in {}", options.out.display());
        return Ok(());
    }
    let files = site::assemble(&options)?;
    let summary = site::write(&options.out, files, !options.fast)?;
    inputs::remember(&options.out, &inputs)?;
    println!("{summary}");
    Ok(())
}
