//! `groundcrew secrets`: the keys everything sealed is under.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use platform::{
    Cx, database,
    secrets::rewrap::{Sealed, ops},
};

use super::PortalDatabase;
use crate::config::DatabaseUrl;

/// What to do with sealed values.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Seal everything that is sealed under the newest key, while the portal runs.
    #[command(
        after_help = "Add the new key as the last line of the key file, restart every server, then \
                            run this. It may be stopped and run again. When it says that nothing is \
                            left, the old line can go. Exit codes: 0 nothing is left under another \
                            key; 1 something is, or it did not work; 2 the settings are wrong."
    )]
    Rewrap(Box<Rewrap>),
}

/// Settings of `groundcrew secrets rewrap`.
#[derive(Debug, Args)]
pub struct Rewrap {
    /// Id of the key, as before the colon in the key file: it must be the last there.
    #[arg(long, value_name = "KEY")]
    pub to: String,
    /// Same database, a log-in in role `audit_eraser`: for the notes of audit events.
    #[arg(
        long,
        env = "AUDIT_ERASER_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub audit_eraser_database_url: Option<DatabaseUrl>,
    /// Which portal.
    #[command(flatten)]
    pub portal: PortalDatabase,
}

/// Goes through everything that is sealed, and says what is left.
pub async fn rewrap(settings: Rewrap) -> anyhow::Result<ExitCode> {
    let cx = settings.portal.cx("command line").await?;
    let current = cx.keys.current_id();
    if current != settings.to {
        anyhow::bail!(
            "the current key is {current}, not {}: make it the last line of {}, and restart every \
             server first",
            settings.to,
            settings.portal.keys().display()
        );
    }
    let eraser = match &settings.audit_eraser_database_url {
        Some(url) => Some(url.login()),
        None => settings.portal.eraser()?,
    };
    let notes = eraser.map(|login| database::pool(&login, 1));
    let mut left = 0;
    for of in Sealed::ALL {
        let (table, column) = of.name();
        if of == Sealed::Note && notes.is_none() {
            eprintln!(
                "{table}.{column}: needs AUDIT_ERASER_DATABASE_URL, a log-in in role audit_eraser"
            );
        } else {
            let moved = all_of(&cx, of, notes.as_ref()).await?;
            println!("{table}.{column}: {moved} sealed anew");
        }
        let here = ops::left(&cx, of).await?;
        if here > 0 {
            println!("{table}.{column}: {here} under another key");
        }
        left += here;
    }
    if left > 0 {
        println!("{left} values are under another key. Keep it, and run this again.");
        return Ok(ExitCode::FAILURE);
    }
    println!("Nothing is under another key than {current}: the others can go.");
    Ok(ExitCode::SUCCESS)
}

async fn all_of(cx: &Cx, of: Sealed, notes: Option<&sqlx::PgPool>) -> anyhow::Result<u64> {
    let (mut moved, mut after) = (0, Vec::new());
    loop {
        let batch = ops::rewrap(cx, of, &after, notes).await?;
        moved += batch.moved;
        for lost in &batch.lost {
            eprintln!("{lost}");
        }
        match batch.next {
            Some(next) => after = next,
            None => return Ok(moved),
        }
    }
}
