//! The context every operation takes first: database, actor, clock, trace.

use std::sync::Arc;

use jiff::Timestamp;
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

use crate::{
    audit::{event::Target, ops},
    error::{Error, Result},
    jobs::actor::AttemptActor,
    people::{Actor, Person},
    policy::{self, Action, Relation},
    secrets::Keyring,
};

/// A transaction on the portal's database.
pub type Tx = Transaction<'static, Postgres>;

/// Where time and ids come from, so that tests hold still.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock and random ids.
    #[default]
    System,
    /// A standing clock for tests.
    Fixed(Timestamp),
}

impl Clock {
    /// Now. Decisions about leases and sessions use the database's clock, not this one.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(at) => *at,
        }
    }

    /// A new id, UUID version 7.
    pub fn id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Where the request came from: personal data, shown to auditors only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Address of the client, after trusted proxies.
    pub ip: Option<std::net::IpAddr>,
    /// User agent, cut to 256 characters.
    pub agent: Option<String>,
}

/// Says, after a commit, that a pool has work or that a job changed. The server hangs its wake-up
/// here; without one, polling finds everything.
#[derive(Clone, Default)]
pub struct Wake(Option<Arc<Call>>);

type Call = dyn Fn(Woken<'_>) + Send + Sync;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken<'a> {
    /// Work for a pool.
    Pool(&'a str),
    /// A job's state, by its id.
    Job(Uuid),
}

impl Wake {
    /// Calls this whenever something changed: it must not wait.
    pub fn new(call: impl Fn(Woken<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(call)))
    }

    /// Says what changed. Only after the commit.
    pub fn say(&self, what: Woken<'_>) {
        if let Some(call) = &self.0 {
            call(what);
        }
    }
}

impl std::fmt::Debug for Wake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Wake").field(&self.0.is_some()).finish()
    }
}

/// What every public operation takes first.
#[derive(Clone, Debug)]
pub struct Cx {
    /// The application's pool (role `groundcrew_app`).
    pub db: PgPool,
    /// The reader of the audit chain (role `audit_reader`), a pool of its own.
    pub audit_db: PgPool,
    /// Keys outside the database: seals and message authentication codes.
    pub keys: Arc<Keyring>,
    /// Who acts.
    pub actor: Actor,
    /// Time and ids.
    pub clock: Clock,
    /// Trace id of the request, 32 hex digits.
    pub trace: Arc<str>,
    /// Where the request came from.
    pub origin: Arc<Origin>,
    /// Whom to tell of new work.
    pub wake: Wake,
}

impl Cx {
    /// A context of no request yet: trace of zeros, no origin. Both pools may be the same in tests.
    pub fn new(db: PgPool, audit_db: PgPool, keys: Arc<Keyring>, actor: Actor) -> Self {
        Self {
            db,
            audit_db,
            keys,
            actor,
            clock: Clock::System,
            trace: Arc::from("00000000000000000000000000000000"),
            origin: Arc::default(),
            wake: Wake::default(),
        }
    }

    /// The same context for the portal itself, by the name of the part that acts.
    #[must_use]
    pub fn as_system(&self, part: &'static str) -> Self {
        Self {
            actor: Actor::System(part),
            ..self.clone()
        }
    }

    /// The signed-in person, or `Unauthenticated`.
    pub fn person(&self) -> Result<&Person> {
        self.actor.person().ok_or(Error::Unauthenticated)
    }

    /// Decides an act without an object. First statement of such an operation. A refused act is on
    /// the record before this answers.
    pub async fn may(&self, action: Action) -> Result<()> {
        let decision = policy::decide(&self.actor, action, Relation::NONE);
        if let Err(error) = &decision {
            ops::refused(self, action, None, error).await;
        }
        decision
    }

    /// Opens a transaction, loads the object under lock with its relation to the actor, decides,
    /// and hands both over, so that check and act are one transaction.
    ///
    /// An object the actor may not know of is `NotFound`. A refused act is on the record, in a
    /// transaction of its own.
    pub async fn may_on<O: Object>(&self, action: Action, id: O::Id) -> Result<(Tx, O)> {
        let mut tx = self.db.begin().await?;
        let object = O::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let Err(error) = policy::decide(&self.actor, action, object.relation(&self.actor)) else {
            return Ok((tx, object));
        };
        tx.rollback().await?;
        let target = Some(object.target());
        if matches!(error, Error::Forbidden { .. }) && object.concealed(&self.actor) {
            ops::refused_beside(self, action, target, &error).await;
            return Err(Error::NotFound);
        }
        ops::refused(self, action, target, &error).await;
        Err(error)
    }

    /// Decides an act of an attempt on itself, and hands the attempt over. Whether it still holds its
    /// step is asked by the operation, in the statement that acts.
    pub fn may_as_attempt(&self, action: Action) -> Result<&AttemptActor> {
        let itself = Relation {
            own: true,
            ..Relation::NONE
        };
        policy::decide(&self.actor, action, itself)?;
        self.actor.attempt().ok_or(Error::Unauthenticated)
    }

    /// Begins a transaction. Only after a decision.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(self.db.begin().await?)
    }
}

/// Something an act is about: loaded under lock, with its relation to the actor.
pub trait Object: Sized + Send {
    /// Its id.
    type Id: Send;

    /// Loads it `for update`.
    fn load(tx: &mut Tx, id: Self::Id) -> impl Future<Output = Result<Option<Self>>> + Send;

    /// What it is called in audit events.
    fn target(&self) -> Target;

    /// What the actor is to it.
    fn relation(&self, actor: &Actor) -> Relation;

    /// Whether its very being is hidden from this actor.
    fn concealed(&self, actor: &Actor) -> bool;
}
