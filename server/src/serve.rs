//! `groundcrew serve`: start-up in order, and the way down again.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use platform::{cx::Clock, database, people::Actor, secrets::Keyring};
use tokio::{signal::unix::Signal, task::JoinSet};

use crate::{
    audit,
    auth::{self, Auth, Issuers},
    config::{Config, Mistake, Mistakes},
    data::DataFolder,
    ground::{self, Ground},
    listen::Listeners,
    outgoing::Outgoing,
    readiness::Readiness,
    router,
    state::State,
    streams, sync, telemetry,
    web::{Web, limits, metrics, shutdown},
    work::{embedded, keeper, wakes},
};

/// Connections of the application's pool and of the audit reader's.
const CONNECTIONS: (u32, u32) = (20, 5);

/// Runs the portal until it is asked to stop.
///
/// Everything that can be wrong without anybody's database is found before anything is started;
/// then the portal listens, and says 503 until the database is there.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let _telemetry = telemetry::start(&config.web)?;
    let hangup = sync::on_hangup().context("SIGHUP cannot be handled")?;
    let _held = DataFolder::take(&config.data)?;
    let keys = Keyring::read_or_create(&config.keys())?;
    let outgoing = Outgoing::new(&config.web, config.is_development())?;
    let auth = Auth::new(issuers(&config)?, &config.public_url, &outgoing);
    let (organisation, standing) = sync::first(&config.repository, &auth.for_repository())?;
    let listeners = Listeners::bind(&config).await?;
    let worker = if config.runner.no_worker {
        None
    } else {
        Some(embedded::Place::take(&config.data).await?)
    };
    let ground = Ground::prepare(&config)?;
    let db = database::pool(&ground.logins.application, CONNECTIONS.0);
    let state = State {
        audit_db: database::pool(&ground.logins.reader, CONNECTIONS.1),
        organisation: Arc::new(ArcSwap::from_pointee(organisation)),
        repository: Arc::new(ArcSwap::from_pointee(standing)),
        sync_asked: Arc::default(),
        keys: Arc::new(keys),
        clock: Clock::System,
        auth: Arc::new(auth),
        web: Arc::new(Web::new(&config, &db)?),
        db,
        readiness: Arc::new(Readiness::default()),
        wakes: Arc::default(),
        streams: Arc::default(),
        config: Arc::new(config),
    };
    let token = state.web.shutdown.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(shutdown::on_signal(token.clone()));
    tasks.spawn(limits::keep(Arc::clone(&state.web)));
    let serving = tokio::spawn(shutdown::serve(
        listeners.portal,
        router::router(&state),
        token.clone(),
    ));
    if let Some(listener) = listeners.metrics {
        tasks.spawn(shutdown::serve(listener, metrics::routes(), token.clone()));
    }

    let outcome = start(ground, worker, &state, hangup, &mut tasks).await;
    if outcome.is_err() {
        token.cancel();
    }
    serving.await.context("the listener ended in a panic")?;
    let ended = tokio::time::timeout(Duration::from_secs(10), async {
        while tasks.join_next().await.is_some() {}
    });
    if ended.await.is_err() {
        tracing::warn!("background work was cut: it took too long");
        tasks.abort_all();
    }
    state.db.close().await;
    state.audit_db.close().await;
    if let Some(postgres) = outcome? {
        postgres.stop().await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Brings up what requests need, opens the gate, and starts what runs beside them.
async fn start(
    ground: Ground,
    worker: Option<embedded::Place>,
    state: &State,
    hangup: Signal,
    tasks: &mut JoinSet<()>,
) -> anyhow::Result<Option<crate::embedded_postgres::Running>> {
    let stop = &state.web.shutdown;
    let application = ground.logins.application.clone();
    let (providers, running) = tokio::join!(state.auth.discover(), ground.raise(stop));
    let running = running?;
    if let Err(refused) = providers {
        if let Some(running) = running {
            running.stop().await;
        }
        return Err(refused_providers(&refused));
    }
    if stop.is_cancelled() {
        return Ok(running);
    }
    // The mapping that is live is on the record before the first request it decides.
    sync::look(state, &mut None).await;
    state.readiness.set(true);
    println!("Groundcrew is at {}", state.config.public_url);
    tasks.spawn(ground::watch(state.clone(), application));
    tasks.spawn(sync::keep(state.clone(), hangup));
    runner(worker, state, tasks);
    tasks.spawn(auth::keep(state.clone()));
    tasks.spawn(audit::keeper::keep(
        auth::layer::bare(state, Actor::System("audit")),
        state.config.audit.clone(),
        state.config.data.clone(),
        Arc::clone(&state.readiness),
        stop.clone(),
    ));
    Ok(running)
}

/// Starts what the queue lives by, and the worker inside this server.
fn runner(worker: Option<embedded::Place>, state: &State, tasks: &mut JoinSet<()>) {
    let stop = || state.web.shutdown.clone();
    let cx = auth::layer::bare(state, Actor::System("wakes"));
    tasks.spawn(wakes::tell(Arc::clone(&state.wakes), cx.clone(), stop()));
    tasks.spawn(wakes::hear(Arc::clone(&state.wakes), cx, stop()));
    tasks.spawn(keeper::keep(state.clone()));
    tasks.spawn(keeper::keep_days(state.clone()));
    tasks.spawn(keeper::measure(state.clone()));
    tasks.spawn(streams::watch(state.clone()));
    if let Some(worker) = worker {
        tasks.spawn(worker.run(state.clone()));
    }
}

fn issuers(config: &Config) -> Result<Issuers, Mistakes> {
    Issuers::read(&config.issuers, config.is_development()).map_err(|errors| {
        let field = "--issuers (GROUNDCREW_ISSUERS)";
        let mistake = |error: auth::IssuersError| Mistake::new(field, error.to_string(), "");
        Mistakes(errors.into_iter().map(mistake).collect())
    })
}

fn refused_providers(errors: &[auth::StartError]) -> anyhow::Error {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("{}", lines.join("\n"))
}
