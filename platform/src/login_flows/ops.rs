//! Beginning and taking flows.

use super::{Flow, FlowKind, PER_BROWSER};
use crate::{
    Cx,
    error::{Error, Result},
    policy::Action,
    secrets::{Place, sha256},
};

/// Keeps a flow under the hashes of its state and of the browser's half.
///
/// `open` are the halves the browser holds already. Answers those of them that still stand: ten with
/// the new one, the oldest are dropped.
pub async fn begin(
    cx: &Cx,
    state: &str,
    browser: &str,
    flow: &Flow,
    open: &[String],
) -> Result<Vec<String>> {
    cx.may(Action::SessionKeep).await?;
    let state_hash = sha256(state.as_bytes());
    let row = hex::encode(state_hash);
    let (purpose, session) = match &flow.kind {
        FlowKind::SignIn => (None, None),
        FlowKind::StepUp { session, purpose } => (Some(purpose.as_str()), Some(*session)),
    };
    let hashes: Vec<Vec<u8>> = open
        .iter()
        .map(|half| sha256(half.as_bytes()).to_vec())
        .collect();
    let mut tx = cx.begin().await?;
    let standing: Vec<Vec<u8>> = sqlx::query_scalar!(
        "with ranked as (select state_hash, browser_hash, created_at > now() - interval '10 minutes' as young,
             row_number() over (order by created_at desc) as place
           from login_flow where browser_hash = any($1)),
         dropped as (delete from login_flow f using ranked r
           where f.state_hash = r.state_hash and not (r.young and r.place < $2))
         select browser_hash from ranked where young and place < $2",
        &hashes,
        PER_BROWSER
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into login_flow (state_hash, browser_hash, issuer, nonce_sealed, pkce_verifier_sealed, return_to,
           purpose, session_label) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        state_hash.as_slice(),
        sha256(browser.as_bytes()).to_vec(),
        flow.issuer,
        cx.keys.seal(place("nonce_sealed", &row), flow.nonce.as_bytes()),
        cx.keys.seal(place("pkce_verifier_sealed", &row), flow.pkce_verifier.as_bytes()),
        flow.return_to,
        purpose,
        session
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    let stands = |half: &&String| {
        let hash = sha256(half.as_bytes());
        standing.iter().any(|kept| **kept == hash)
    };
    Ok(open.iter().filter(stands).cloned().collect())
}

/// Takes the flow of this state begun in this browser within the last ten minutes: nobody takes it
/// again.
pub async fn take(cx: &Cx, state: &str, browser: &str) -> Result<Option<Flow>> {
    cx.may(Action::SessionKeep).await?;
    let state_hash = sha256(state.as_bytes());
    let row = sqlx::query!(
        r#"delete from login_flow where state_hash = $1 and browser_hash = $2
             and created_at > now() - interval '10 minutes'
           returning issuer, nonce_sealed, pkce_verifier_sealed, return_to, purpose, session_label,
             floor(extract(epoch from created_at))::bigint as "began_at!""#,
        state_hash.as_slice(),
        sha256(browser.as_bytes()).to_vec()
    )
    .fetch_optional(&cx.db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id = hex::encode(state_hash);
    let open = |column, sealed: &[u8]| {
        let plain = cx.keys.open(place(column, &id), sealed).map_err(|error| {
            tracing::error!(%error, column, "a login flow does not open");
            Error::Internal
        })?;
        String::from_utf8(plain).map_err(|_| Error::Internal)
    };
    Ok(Some(Flow {
        nonce: open("nonce_sealed", &row.nonce_sealed)?,
        pkce_verifier: open("pkce_verifier_sealed", &row.pkce_verifier_sealed)?,
        issuer: row.issuer,
        return_to: row.return_to,
        kind: match (row.purpose, row.session_label) {
            (Some(purpose), Some(session)) => FlowKind::StepUp { session, purpose },
            _ => FlowKind::SignIn,
        },
        began_at: Some(row.began_at),
    }))
}

fn place<'a>(column: &'a str, row: &'a str) -> Place<'a> {
    Place {
        table: "login_flow",
        column,
        row,
        version: 1,
    }
}
