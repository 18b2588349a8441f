//! Bringing the database up at start, and watching it afterwards.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use platform::database::{self, Login, Problem};
use sqlx::{Connection as _, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    database::Logins,
    embedded_postgres::{Embedded, Running},
    state::State,
};

/// How often the database is tried or looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How often a database that stays away is complained about.
const COMPLAIN: Duration = Duration::from_secs(30);

/// A database that is not up yet.
#[derive(Debug)]
pub struct Ground {
    embedded: Option<Embedded>,
    /// Log-ins of the portal's parts.
    pub logins: Logins,
    production: bool,
}

impl Ground {
    /// From the settings: somebody's database, or the embedded one.
    pub fn prepare(config: &Config) -> anyhow::Result<Self> {
        let production = !config.is_development();
        if let Some(logins) = Logins::from_settings(&config.database, !production) {
            return Ok(Self {
                embedded: None,
                logins,
                production,
            });
        }
        let embedded = Embedded::prepare(&config.data, config.database.postgres_bin.as_deref())
            .context("the embedded PostgreSQL cannot be used")?;
        Ok(Self {
            logins: embedded.logins(),
            embedded: Some(embedded),
            production,
        })
    }

    /// Starts what is embedded, waits for what is not there yet, migrates, and tries what must be
    /// refused. An error here does not pass by itself.
    pub async fn raise(self, stop: &CancellationToken) -> anyhow::Result<Option<Running>> {
        if self.logins.shared {
            tracing::warn!(
                "one database log-in does everything here. Production needs three: see \"Database \
                 roles\" in docs/operations.md"
            );
        }
        let running = match self.embedded {
            Some(embedded) => Some(
                embedded
                    .start()
                    .await
                    .context("the embedded PostgreSQL cannot be used")?,
            ),
            None => None,
        };
        match settle(&self.logins, self.production, stop).await {
            Ok(()) => Ok(running),
            Err(problem) => {
                if let Some(running) = running {
                    running.stop().await;
                }
                Err(problem.into())
            }
        }
    }
}

/// Tries until the database answers, or the server is asked to stop.
async fn settle(
    logins: &Logins,
    production: bool,
    stop: &CancellationToken,
) -> Result<(), Problem> {
    let mut complained: Option<Instant> = None;
    loop {
        match try_once(logins, production).await {
            Err(problem) if problem.is_passing() => {
                if complained.is_none_or(|last| last.elapsed() > COMPLAIN) {
                    complained = Some(Instant::now());
                    tracing::error!(%problem, "waiting for the database; every page says 503 until it is there");
                }
            }
            done => return done,
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn try_once(logins: &Logins, production: bool) -> Result<(), Problem> {
    if let Some(owner) = &logins.owner {
        let applied = database::migrate(owner).await?;
        if applied > 0 {
            tracing::info!(applied, "the database was brought up to date");
        }
    }
    up_to_date(&logins.application).await?;
    match database::check(&logins.application, &logins.reader).await {
        Err(problem @ Problem::Privileges(_)) if !production => {
            tracing::warn!(%problem, "production would refuse to serve");
            Ok(())
        }
        done => done,
    }
}

async fn up_to_date(application: &Login) -> Result<(), Problem> {
    match database::standing(application).await?.pending {
        0 => Ok(()),
        pending => Err(Problem::Behind { pending }),
    }
}

/// Closes the gate when the database goes away, opens it when it is back and still the one this
/// binary expects.
pub async fn watch(state: State, application: Login) {
    let mut connection: Option<PgConnection> = None;
    let mut said = String::new();
    loop {
        tokio::select! {
            () = state.web.shutdown.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        match look(&mut connection, &application, state.readiness.is_open()).await {
            Ok(()) => {
                said.clear();
                if state.readiness.set(true) {
                    tracing::info!("the database is back");
                }
            }
            Err(problem) => {
                connection = None;
                let problem = problem.to_string();
                if state.readiness.set(false) || said != problem {
                    tracing::error!(problem, "no database to serve with; every page says 503");
                    said = problem;
                }
            }
        }
    }
}

async fn look(
    connection: &mut Option<PgConnection>,
    application: &Login,
    was_open: bool,
) -> Result<(), Problem> {
    if let Some(open) = connection {
        let answer = tokio::time::timeout(Duration::from_secs(2), open.ping()).await;
        answer.map_err(|_| Problem::Unreachable(sqlx::Error::PoolTimedOut))??;
        if was_open {
            return Ok(());
        }
    }
    up_to_date(application).await?;
    *connection = Some(application.connect().await?);
    Ok(())
}
