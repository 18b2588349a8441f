//! A batch at a time, each in a transaction of its own.

use sqlx::PgPool;

use super::Sealed;
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    cx::Tx,
    error::{Error, Result},
    policy::Action,
    secrets::Place,
};

/// Values of one batch; states may be large.
const BATCH: i64 = 50;

/// A sealed value: the row as its place names it, and how a statement finds it again.
struct Found {
    row: String,
    key: Vec<u8>,
    sealed: Vec<u8>,
}

/// What one batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Values sealed anew.
    pub moved: u64,
    /// Values that do not open under any key this process holds: `table.column row`.
    pub lost: Vec<String>,
    /// Where to go on; none: the end was reached.
    pub next: Option<Vec<u8>>,
}

/// Reads the values of a column that are not under the key; `$2` is where to go on.
macro_rules! found {
    ($db:expr, $sql:literal, $to:expr, $after:expr) => {
        sqlx::query_as!(Found, $sql, $to, $after, BATCH)
            .fetch_all($db)
            .await?
    };
}

/// Seals the next values of a column under the current key. What changed meanwhile is left alone.
/// Notes need `notes`, a pool in the role that may erase them.
pub async fn rewrap(cx: &Cx, of: Sealed, after: &[u8], notes: Option<&PgPool>) -> Result<Batch> {
    cx.may(Action::SecretRewrap).await?;
    let to = cx.keys.current_id().as_bytes().to_vec();
    let mut tx = cx.begin().await?;
    let values = read(cx, &mut tx, of, &to, after).await?;
    let (table, column) = of.name();
    let mut batch = Batch {
        next: values.last().map(|value| value.key.clone()),
        ..Batch::default()
    };
    let mut note_tx = match (of, notes) {
        (Sealed::Note, Some(pool)) => Some(pool.begin().await?),
        (Sealed::Note, None) => {
            return Err(Error::forbidden("needs a log-in in role audit_eraser"));
        }
        _ => None,
    };
    for value in &values {
        let place = Place {
            table,
            column,
            row: &value.row,
            version: 1,
        };
        match cx.keys.rewrap(place, &value.sealed) {
            Ok(becomes) => {
                let moved = match &mut note_tx {
                    Some(tx) => note(tx, value, &becomes).await?,
                    None => write(&mut tx, of, value, &becomes).await?,
                };
                batch.moved += u64::from(moved);
            }
            Err(error) => batch
                .lost
                .push(format!("{table}.{column} {}: {error}", value.row)),
        }
    }
    if let Some(tx) = note_tx {
        tx.commit().await?;
    }
    if batch.moved > 0 {
        let event = Event::new(cx, Kind::SecretsRewrapped, Outcome::Success)
            .on("secrets", format!("{table}.{column}"))
            .with("moved", batch.moved)
            .with("key", cx.keys.current_id());
        append(cx, &mut tx, &event).await?;
    }
    tx.commit().await?;
    Ok(batch)
}

/// How many values of a column are not under the current key.
pub async fn left(cx: &Cx, of: Sealed) -> Result<i64> {
    cx.may(Action::SecretRewrap).await?;
    let mut count = 0;
    let mut after = Vec::new();
    let to = cx.keys.current_id().as_bytes().to_vec();
    let mut tx = cx.begin().await?;
    loop {
        let values = read(cx, &mut tx, of, &to, &after).await?;
        let Some(last) = values.last() else {
            return Ok(count);
        };
        count += i64::try_from(values.len()).unwrap_or(i64::MAX);
        after.clone_from(&last.key);
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one query for each sealed column, none longer than its table"
)]
async fn read(cx: &Cx, tx: &mut Tx, of: Sealed, to: &[u8], after: &[u8]) -> Result<Vec<Found>> {
    let db = &mut **tx;
    Ok(match of {
        Sealed::Session => found!(
            db,
            r#"select label::text as "row!", id_hash as key, id_token_sealed as "sealed!" from session
               where substr(id_token_sealed, 3, get_byte(id_token_sealed, 1)) <> $1 and id_hash > $2
               order by id_hash limit $3"#,
            to,
            after
        ),
        Sealed::FlowNonce => found!(
            db,
            r#"select encode(state_hash, 'hex') as "row!", state_hash as key, nonce_sealed as "sealed!" from login_flow
               where substr(nonce_sealed, 3, get_byte(nonce_sealed, 1)) <> $1 and state_hash > $2
               order by state_hash limit $3"#,
            to,
            after
        ),
        Sealed::FlowVerifier => found!(
            db,
            r#"select encode(state_hash, 'hex') as "row!", state_hash as key, pkce_verifier_sealed as "sealed!"
               from login_flow
               where substr(pkce_verifier_sealed, 3, get_byte(pkce_verifier_sealed, 1)) <> $1 and state_hash > $2
               order by state_hash limit $3"#,
            to,
            after
        ),
        Sealed::Stack => found!(
            db,
            r#"select id::text as "row!", uuid_send(id) as "key!", plan_key_sealed as "sealed!" from stack
               where substr(plan_key_sealed, 3, get_byte(plan_key_sealed, 1)) <> $1 and id > coalesce(nullif(encode($2::bytea, 'hex'), '')::uuid, '00000000-0000-0000-0000-000000000000')
               order by id limit $3"#,
            to,
            after
        ),
        Sealed::Step => found!(
            db,
            r#"select id::text as "row!", uuid_send(id) as "key!", secrets_sealed as "sealed!" from step
               where substr(secrets_sealed, 3, get_byte(secrets_sealed, 1)) <> $1 and id > coalesce(nullif(encode($2::bytea, 'hex'), '')::uuid, '00000000-0000-0000-0000-000000000000')
               order by id limit $3"#,
            to,
            after
        ),
        Sealed::StepOutput => found!(
            db,
            r#"select id::text as "row!", uuid_send(id) as "key!", secret_outputs_sealed as "sealed!" from step
               where substr(secret_outputs_sealed, 3, get_byte(secret_outputs_sealed, 1)) <> $1 and id > coalesce(nullif(encode($2::bytea, 'hex'), '')::uuid, '00000000-0000-0000-0000-000000000000')
               order by id limit $3"#,
            to,
            after
        ),
        Sealed::Plan => found!(
            db,
            r#"select id::text as "row!", uuid_send(id) as "key!", model_sealed as "sealed!" from plan
               where substr(model_sealed, 3, get_byte(model_sealed, 1)) <> $1 and id > coalesce(nullif(encode($2::bytea, 'hex'), '')::uuid, '00000000-0000-0000-0000-000000000000')
               order by id limit $3"#,
            to,
            after
        ),
        Sealed::PlanFile => found!(
            db,
            r#"select attempt_id::text as "row!", uuid_send(attempt_id) as "key!", sealed as "sealed!" from plan_file
               where substr(sealed, 3, get_byte(sealed, 1)) <> $1 and attempt_id > coalesce(nullif(encode($2::bytea, 'hex'), '')::uuid, '00000000-0000-0000-0000-000000000000')
               order by attempt_id limit $3"#,
            to,
            after
        ),
        Sealed::State => found!(
            db,
            r#"select stack_id::text || '/' || serial as "row!", uuid_send(stack_id) || int8send(serial) as "key!",
                 sealed as "sealed!" from state_version
               where substr(sealed, 3, get_byte(sealed, 1)) <> $1 and (stack_id, serial) > (
                 coalesce(nullif(encode(substr($2::bytea, 1, 16), 'hex'), '')::uuid,
                   '00000000-0000-0000-0000-000000000000'),
                 case when length($2) = 24 then ('x' || encode(substr($2, 17, 8), 'hex'))::bit(64)::bigint else -1 end)
               order by stack_id, serial limit $3"#,
            to,
            after
        ),
        Sealed::Evidence => found!(
            db,
            r#"select attempt_id::text || '/' || name as "row!",
                 uuid_send(attempt_id) || convert_to(name, 'UTF8') as "key!", sealed as "sealed!" from evidence
               where substr(sealed, 3, get_byte(sealed, 1)) <> $1
                 and uuid_send(attempt_id) || convert_to(name, 'UTF8') > $2
               order by 2 limit $3"#,
            to,
            after
        ),
        Sealed::Note => found!(
            &cx.audit_db,
            r#"select e.payload ->> 'id' as "row!", int8send(n.seq) as "key!", n.body as "sealed!"
               from audit.note n join audit.event e using (seq)
               where substr(n.body, 3, get_byte(n.body, 1)) <> $1 and n.seq > case when length($2::bytea) = 8 then ('x' || encode($2, 'hex'))::bit(64)::bigint else 0 end
               order by n.seq limit $3"#,
            to,
            after
        ),
    })
}

/// Exchanges the value where it is still the one that was read.
macro_rules! exchanged {
    ($tx:expr, $sql:literal, $value:expr, $becomes:expr) => {
        sqlx::query!($sql, $value.key, $value.sealed, $becomes)
            .execute(&mut **$tx)
            .await?
            .rows_affected()
            == 1
    };
}

async fn write(tx: &mut Tx, of: Sealed, value: &Found, becomes: &[u8]) -> Result<bool> {
    Ok(match of {
        Sealed::Session => exchanged!(tx,
            "update session set id_token_sealed = $3 where id_hash = $1 and id_token_sealed = $2",
            value, becomes),
        Sealed::FlowNonce => exchanged!(tx,
            "update login_flow set nonce_sealed = $3 where state_hash = $1 and nonce_sealed = $2",
            value, becomes),
        Sealed::FlowVerifier => exchanged!(tx,
            "update login_flow set pkce_verifier_sealed = $3 where state_hash = $1 and pkce_verifier_sealed = $2",
            value, becomes),
        Sealed::Stack => exchanged!(tx,
            "update stack set plan_key_sealed = $3
             where id = encode($1::bytea, 'hex')::uuid and plan_key_sealed = $2", value, becomes),
        Sealed::Step => exchanged!(tx,
            "update step set secrets_sealed = $3
             where id = encode($1::bytea, 'hex')::uuid and secrets_sealed = $2", value, becomes),
        Sealed::StepOutput => exchanged!(tx,
            "update step set secret_outputs_sealed = $3
             where id = encode($1::bytea, 'hex')::uuid and secret_outputs_sealed = $2", value, becomes),
        Sealed::Plan => exchanged!(tx,
            "update plan set model_sealed = $3
             where id = encode($1::bytea, 'hex')::uuid and model_sealed = $2", value, becomes),
        Sealed::PlanFile => exchanged!(tx,
            "update plan_file set sealed = $3
             where attempt_id = encode($1::bytea, 'hex')::uuid and sealed = $2", value, becomes),
        Sealed::State => exchanged!(tx,
            "update state_version set sealed = $3
             where stack_id = encode(substr($1::bytea, 1, 16), 'hex')::uuid
               and serial = ('x' || encode(substr($1::bytea, 17, 8), 'hex'))::bit(64)::bigint and sealed = $2",
            value, becomes),
        Sealed::Evidence => exchanged!(tx,
            "update evidence set sealed = $3
             where attempt_id = encode(substr($1::bytea, 1, 16), 'hex')::uuid
               and name = convert_from(substr($1::bytea, 17), 'UTF8') and sealed = $2",
            value, becomes),
        Sealed::Note => false,
    })
}

async fn note(tx: &mut Tx, value: &Found, becomes: &[u8]) -> Result<bool> {
    let seq = i64::from_be_bytes(
        value
            .key
            .as_slice()
            .try_into()
            .map_err(|_| Error::Internal)?,
    );
    Ok(sqlx::query_scalar!(
        r#"select audit.rewrap($1, $2, $3) as "moved!""#,
        seq,
        value.sealed,
        becomes
    )
    .fetch_one(&mut **tx)
    .await?)
}
