//! The one cookie: made, read, taken back. Rows are written by `platform::sessions::ops` alone.
//!
//! tower-sessions brings the type of the id and the trait; of the trait only `load` works. Its
//! writers answer an error, because a library that may write a session back after it ended makes
//! ended sessions live again.

use axum::http::HeaderMap;
use platform::{
    Cx, Error,
    secrets::sha256,
    sessions::{
        Loaded, SignIn, SignInProblem,
        ops::{self, StepUp},
    },
};
use sqlx::PgPool;
use tower_sessions::{
    SessionStore,
    cookie::time::OffsetDateTime,
    session::{Id, Record},
    session_store,
};

use super::cookies;

/// Name of the live session in a record's data.
const DATA: &str = "session";

/// The request came with this live session.
#[derive(Clone, Debug)]
pub(super) struct Current {
    pub(super) id_hash: [u8; 32],
    /// Issuer that opened it.
    pub(super) iss: String,
}

/// What the session cookie of a request says.
pub(super) enum Cookie {
    /// There is none.
    Absent,
    /// There is one that cannot be ours.
    Malformed,
    /// An id, live or not.
    Id(Id),
}

/// Reads the cookie.
pub(super) fn cookie(headers: &HeaderMap) -> Cookie {
    match cookies::one(headers, cookies::SESSION).map(str::parse) {
        Some(Ok(id)) => Cookie::Id(id),
        Some(Err(_)) => Cookie::Malformed,
        None if cookies::sent(headers, cookies::SESSION) => Cookie::Malformed,
        None => Cookie::Absent,
    }
}

/// What stands in the table for an id.
pub(super) fn hash(id: Id) -> [u8; 32] {
    sha256(&id.0.to_le_bytes())
}

/// A fresh id, 128 bits from the system's generator.
fn fresh() -> Id {
    Id(i128::from_le_bytes(platform::secrets::random()))
}

/// Opens a session, ending the one the browser came with. Answers the value of its cookie.
pub(super) async fn open(
    cx: &Cx,
    sign_in: &SignIn,
    replaces: Option<[u8; 32]>,
) -> Result<Result<String, SignInProblem>, Error> {
    loop {
        let id = fresh();
        match ops::open(cx, sign_in, hash(id), replaces).await {
            Ok(opened) => return Ok(opened.map(|_| id.to_string())),
            Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Gives the session a new id after a fresh sign-in. Answers the value of its cookie.
pub(super) async fn rotate(
    cx: &Cx,
    sign_in: &SignIn,
    step_up: &StepUp,
    current: &Current,
) -> Result<Result<String, SignInProblem>, Error> {
    loop {
        let id = fresh();
        match ops::rotate(cx, sign_in, step_up, current.id_hash, hash(id)).await {
            Ok(opened) => return Ok(opened.map(|_| id.to_string())),
            Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
}

/// The session store: reads only.
#[derive(Clone, Debug)]
pub struct Store(pub PgPool);

impl Store {
    /// The live session of this id.
    pub async fn find(&self, id: Id) -> Result<Option<Loaded>, Error> {
        ops::load(&self.0, hash(id)).await
    }
}

fn reads_only<T>() -> session_store::Result<T> {
    Err(session_store::Error::Backend(
        "sessions are opened by a sign-in and ended by session.end".to_owned(),
    ))
}

#[async_trait::async_trait]
impl SessionStore for Store {
    async fn create(&self, _record: &mut Record) -> session_store::Result<()> {
        reads_only()
    }

    async fn save(&self, _record: &Record) -> session_store::Result<()> {
        reads_only()
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let backend = |error: Error| session_store::Error::Backend(error.to_string());
        let Some(loaded) = self.find(*id).await.map_err(backend)? else {
            return Ok(None);
        };
        let decode =
            |error: &dyn std::fmt::Display| session_store::Error::Decode(error.to_string());
        Ok(Some(Record {
            id: *id,
            expiry_date: OffsetDateTime::from_unix_timestamp(loaded.absolute_until)
                .map_err(|e| decode(&e))?,
            data: [(DATA.to_owned(), loaded.label.to_string().into())].into(),
        }))
    }

    async fn delete(&self, _id: &Id) -> session_store::Result<()> {
        reads_only()
    }
}
