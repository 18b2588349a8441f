//! What every request of one server shares.

use std::sync::Arc;

use arc_swap::ArcSwap;
use platform::cx::Clock;
use sqlx::PgPool;

use crate::{
    auth::Auth, config::Config, readiness::Readiness, streams::Streams, web::Web, work::Wakes,
};

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct State {
    /// Settings, checked at start.
    pub config: Arc<Config>,
    /// The application's pool.
    pub db: PgPool,
    /// The audit reader's pool.
    pub audit_db: PgPool,
    /// The mapping and the teams as the platform repository stands now; last good stays.
    pub organisation: Arc<ArcSwap<platform::repository::Organisation>>,
    /// How the platform repository stands, for the Admin page.
    pub repository: Arc<ArcSwap<platform::repository::Status>>,
    /// Somebody asks for a look at the platform repository now.
    pub sync_asked: Arc<tokio::sync::Notify>,
    /// Keys outside the database.
    pub keys: Arc<platform::secrets::Keyring>,
    /// Time and ids.
    pub clock: Clock,
    /// The identity providers people sign in through.
    pub auth: Arc<Auth>,
    /// What the web layer shares: the portal's name, limits, shutdown.
    pub web: Arc<Web>,
    /// Doorbells: who waits for work, for a job, for a log.
    pub wakes: Arc<Wakes>,
    /// Streams of events that are open.
    pub streams: Arc<Streams>,
    /// Whether database and schema carry requests.
    pub readiness: Arc<Readiness>,
}
