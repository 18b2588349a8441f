//! `groundcrew audit sign`.

use std::{process::ExitCode, time::Duration};

use platform::audit::ops;
use tokio::time::{Instant, sleep};

use super::{cli::Sign, signer::Signer};

/// A checkpoint at least this often.
pub(super) const EVERY: Duration = Duration::from_secs(60);
/// A checkpoint after this many events.
pub(super) const EVENTS: i64 = 1000;

const REFUSED: u8 = 1;
const CANNOT: u8 = 2;

pub(super) async fn run(settings: Sign) -> ExitCode {
    let login = settings.db.login();
    let mut signed: Option<(Instant, i64)> = None;
    loop {
        let round = async {
            let mut db = login.connect().await?;
            if let Some((at, size)) = signed
                && at.elapsed() < EVERY
                && ops::size(&mut db).await? < size + EVENTS
            {
                return anyhow::Ok(None);
            }
            let signer =
                Signer::take(&mut db, &settings.key, &settings.host, settings.out.clone()).await?;
            Ok(Some(signer.round(&mut db).await?))
        };
        match round.await {
            Ok(None) => {}
            Ok(Some(Ok(done))) => {
                println!("signed {} events", done.checkpoint.size);
                signed = Some((
                    Instant::now(),
                    i64::try_from(done.checkpoint.size).unwrap_or(i64::MAX),
                ));
            }
            Ok(Some(Err(refusal))) => {
                eprintln!("groundcrew audit sign: REFUSED, nothing was signed: {refusal}");
                return ExitCode::from(REFUSED);
            }
            // The database may come back; a signer that runs for years waits for it.
            Err(error) if !settings.once && signed.is_some() => {
                eprintln!("groundcrew audit sign: {error:#}");
            }
            Err(error) => {
                eprintln!("groundcrew audit sign: {error:#}");
                return ExitCode::from(CANNOT);
            }
        }
        if settings.once {
            return ExitCode::SUCCESS;
        }
        tokio::select! {
            () = sleep(Duration::from_secs(1)) => {}
            _ = tokio::signal::ctrl_c() => return ExitCode::SUCCESS,
        }
    }
}
