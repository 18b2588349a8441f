//! What an attempt hands in: log, journal, evidence.

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State as Shared},
    http::StatusCode,
};
use platform::{Cx, Error, jobs::wire::JournalEntry, logs::ops, wake::Word};
use uuid::Uuid;

use super::calls::{Answer, own, read};
use crate::state::State;

/// One chunk of the log.
pub(super) async fn log(
    Shared(state): Shared<State>,
    Extension(cx): Extension<Cx>,
    Path((id, seq)): Path<(Uuid, i64)>,
    body: Bytes,
) -> Answer<StatusCode> {
    own(&cx, id)?;
    numbered(seq)?;
    ops::append(&cx, seq, &body).await?;
    metrics::counter!("groundcrew_log_bytes_total").increment(body.len() as u64);
    state.wakes.say(Word::Log(id));
    Ok(StatusCode::NO_CONTENT)
}

/// One entry of the journal.
pub(super) async fn journal(
    Extension(cx): Extension<Cx>,
    Path((id, seq)): Path<(Uuid, i64)>,
    body: Bytes,
) -> Answer<StatusCode> {
    own(&cx, id)?;
    numbered(seq)?;
    let entry: JournalEntry = read(&body)?;
    ops::journal(&cx, seq, &entry).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One file worth keeping.
pub(super) async fn evidence(
    Extension(cx): Extension<Cx>,
    Path((id, name)): Path<(Uuid, String)>,
    body: Bytes,
) -> Answer<StatusCode> {
    own(&cx, id)?;
    ops::evidence(&cx, &name, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn numbered(seq: i64) -> Result<(), Error> {
    if seq < 0 {
        return Err(Error::invalid("seq", "counts from 0"));
    }
    Ok(())
}
