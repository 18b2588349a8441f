//! `groundcrew worker`: making workers known.

use clap::{Args, Subcommand};
use platform::workers::ops;

use super::PortalDatabase;

/// What to do with workers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a worker and print its token, this once. Give it to `groundcrew work` in a file.
    Add(Box<Add>),
}

/// Settings of `groundcrew worker add`.
#[derive(Debug, Args)]
pub struct Add {
    /// Its name: small letters, digits, dots and dashes.
    pub name: String,
    /// The pool it takes work from, and no other.
    #[arg(long, default_value = "default")]
    pub pool: String,
    /// Days its token lives, at most 365.
    #[arg(long, default_value = "90", value_parser = clap::value_parser!(u16).range(1..=365))]
    pub days: u16,
    /// Which portal.
    #[command(flatten)]
    pub portal: PortalDatabase,
}

/// Makes it; the token alone is on standard output.
pub async fn add(settings: Add) -> anyhow::Result<()> {
    let cx = settings.portal.cx("command line").await?;
    let token = ops::add(&cx, &settings.name, &settings.pool, settings.days).await?;
    println!("{token}");
    eprintln!(
        "Worker {} of the pool {} is known for {} days. The token is shown this once.",
        settings.name, settings.pool, settings.days
    );
    Ok(())
}
