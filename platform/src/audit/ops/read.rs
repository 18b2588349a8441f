//! Reading the chain, through the reader's pool. Reads are events themselves.

use jiff_sqlx::ToSqlx as _;
use sqlx::{PgPool, Postgres, Transaction};

use super::{enqueue, verification};
use crate::{
    Cx,
    audit::{
        canonical, chain,
        event::{Event, Kind, Outcome},
        filter::Checked,
        note,
        view::{Cursor, Detail, Entry, Filter, Note, Page, SeenCheckpoint, Standing},
    },
    error::{Error, Result},
    policy::Action,
    secrets::sha256,
};

/// A transaction on the reader's pool.
pub(super) type Reading = Transaction<'static, Postgres>;

/// A page of the events that match, newest first; at most 200.
pub async fn list(cx: &Cx, filter: &Filter, cursor: Cursor, size: u8) -> Result<Page> {
    cx.may(Action::AuditRead).await?;
    let by = Checked::try_from(filter)?;
    let size = i64::from(size.clamp(1, 200));
    let mut event = Event::new(cx, Kind::AuditRead, Outcome::Success).on("chain", "list");
    for (name, value) in filter.fields() {
        if name == "text" && !value.is_empty() {
            event = event.noting(name, value);
        } else if !value.is_empty() {
            event = event.with(name, value);
        }
    }
    on_record(cx, &event).await?;

    let (before, after) = match cursor {
        Cursor::Newest => (None, None),
        Cursor::OlderThan(seq) => (Some(seq), None),
        Cursor::NewerThan(seq) => (None, Some(seq)),
    };
    let mut tx = reading(&cx.audit_db).await?;
    let mut places = places(&mut tx, &by, before, after, size + 1).await?;
    let size = usize::try_from(size).unwrap_or_default();
    let more = places.len() > size;
    places.truncate(size);
    let all_here = !more && cursor == Cursor::Newest;
    let matching = if filter.is_empty() {
        sqlx::query_scalar!("select seq from audit.chain")
            .fetch_one(&mut *tx)
            .await?
    } else if all_here {
        i64::try_from(places.len()).unwrap_or(i64::MAX)
    } else {
        count(&mut tx, &by, Page::MOST + 1).await?
    };
    Ok(Page {
        entries: named(cx, entries(&mut tx, &places).await?).await?,
        older: after.is_some() || more,
        newer: if after.is_some() {
            more
        } else {
            before.is_some()
        },
        matching,
    })
}

/// One event in full, with its note.
pub async fn get(cx: &Cx, seq: i64) -> Result<Detail> {
    cx.may(Action::AuditRead).await?;
    let row = sqlx::query!(
        r#"select e.canonical, e.prev_hash, e.hash, n.body as "body?", c.id as chain,
             (extract(epoch from e.recorded_at) * 1000000)::bigint as "micros!",
             coalesce((select p.hash from audit.event p where p.seq = e.seq - 1) = e.prev_hash, e.seq = 1)
               and coalesce((select f.prev_hash from audit.event f where f.seq = e.seq + 1) = e.hash,
                 e.seq = c.seq) as "linked!"
           from audit.event e left join audit.note n using (seq), audit.chain c where e.seq = $1"#,
        seq
    )
    .fetch_optional(&cx.audit_db)
    .await?
    .ok_or(Error::NotFound)?;
    let entry = entries(&mut reading(&cx.audit_db).await?, &[seq]).await?;
    let entry = named(cx, entry)
        .await?
        .into_iter()
        .next()
        .ok_or(Error::NotFound)?;
    on_record(
        cx,
        &Event::new(cx, Kind::AuditRead, Outcome::Success).on("event", seq),
    )
    .await?;

    let value = canonical::parse(&row.canonical).ok();
    let text = |path: &[&str]| {
        value
            .as_ref()
            .and_then(|v| v.text_at(path).map(str::to_owned))
    };
    let note = match (text(&["note"]), row.body) {
        (None, _) => Note::None,
        (Some(_), None) => Note::Gone,
        (Some(commitment), Some(body)) => {
            match note::open(&cx.keys, &text(&["id"]).unwrap_or_default(), &body) {
                Ok((text, hash)) if hex::encode(hash) == commitment => Note::Open(
                    serde_json::from_str::<std::collections::BTreeMap<_, _>>(&text)
                        .map(|map| map.into_iter().collect())
                        .unwrap_or_default(),
                ),
                _ => Note::Gone,
            }
        }
    };
    let previous = row.prev_hash.as_slice().try_into().unwrap_or([0; 32]);
    let hash = chain::hash(row.chain, seq, row.micros, &previous, &row.canonical);
    Ok(Detail {
        fits: row.linked && hash[..] == row.hash,
        digest: hex::encode(sha256(row.canonical.as_bytes())),
        prev_hash: hex::encode(row.prev_hash),
        canonical: row.canonical,
        entry,
        note,
    })
}

/// How the chain stands: size, head, last verification, newest checkpoint, what waits.
pub async fn standing(cx: &Cx) -> Result<Standing> {
    cx.may(Action::AuditRead).await?;
    stand(cx).await
}

/// The same for the portal itself: what health and banners are made of.
pub async fn health(cx: &Cx) -> Result<Standing> {
    cx.may(Action::AuditKeep).await?;
    stand(cx).await
}

async fn stand(cx: &Cx) -> Result<Standing> {
    let checkpoint = sqlx::query!(
        r#"select size, local, seen_at as "seen_at: jiff_sqlx::Timestamp" from audit_checkpoint
           order by size desc limit 1"#
    )
    .fetch_optional(&cx.db)
    .await?;
    let row = sqlx::query!(
        r#"select c.seq, c.hash, clock_timestamp() as "now!: jiff_sqlx::Timestamp",
             (select extract(epoch from clock_timestamp() - min(enqueued_at))::bigint
                from audit.pending) as waiting
           from audit.chain c"#
    )
    .fetch_one(&cx.audit_db)
    .await?;
    let [verification, verified] = verification::newest(&cx.db).await?;
    Ok(Standing {
        events: row.seq,
        head: hex::encode(row.hash),
        verified,
        verification,
        checkpoint: checkpoint.map(|row| SeenCheckpoint {
            size: row.size,
            at: row.seen_at.to_jiff(),
            local: row.local,
        }),
        waiting_s: row.waiting,
        now: row.now.to_jiff(),
    })
}

/// Writes the event of a read before anything is shown.
pub(super) async fn on_record(cx: &Cx, event: &Event) -> Result<()> {
    let mut tx = cx.begin().await?;
    enqueue(cx, &mut tx, event).await?;
    tx.commit().await?;
    Ok(())
}

/// A transaction of the reader's whose plans are made for the filter at hand: a plan for all filters
/// would use no index.
pub(super) async fn reading(db: &PgPool) -> Result<Reading> {
    let mut tx = db.begin().await?;
    sqlx::query("set local plan_cache_mode = force_custom_plan")
        .execute(&mut *tx)
        .await?;
    Ok(tx)
}

/// Queries events that match `$by`; the rest of the statement has `$11` and up.
macro_rules! matching {
    ($query:ident, $select:tt, $by:expr, $rest:tt, $($more:expr),*) => {{
        let by: &Checked = $by;
        let (early, late) = by.around();
        sqlx::$query!(
            "select " + $select + " from audit.event
             where ($1::text is null or payload -> 'actor' ->> 'id' = $1)
               and ($2::text is null or payload ->> 'action' = $2)
               and ($3::text is null or payload ->> 'outcome' = $3)
               and ($4::text is null or payload -> 'target' ->> 'id' = $4)
               and ($5::timestamptz is null or recorded_at >= $5)
               and ($6::timestamptz is null or recorded_at < $6)
               and ($7::timestamptz is null or seq >=
                 (select seq from audit.event where recorded_at >= $7 order by recorded_at limit 1))
               and ($8::timestamptz is null or seq <=
                 (select seq from audit.event where recorded_at < $8 order by recorded_at desc limit 1))
               and ($9::text is null or strpos(canonical, $9) > 0
                 or substr(hash, 1, length($10::bytea)) = $10)" + $rest,
            by.actor,
            by.action,
            by.outcome,
            by.target,
            by.from.map(|at| at.to_sqlx()) as _,
            by.to.map(|at| at.to_sqlx()) as _,
            early.map(|at| at.to_sqlx()) as _,
            late.map(|at| at.to_sqlx()) as _,
            by.text,
            by.hash,
            $($more),*
        )
    }};
}

pub(super) use matching;

/// Places in the chain of the events that match, between the cursors: newest first, or oldest first
/// after a cursor.
async fn places(
    tx: &mut Reading,
    by: &Checked,
    before: Option<i64>,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<i64>> {
    Ok(if let Some(after) = after {
        matching!(
            query_scalar,
            "seq",
            by,
            " and seq > $11 order by seq limit $12",
            after,
            limit
        )
        .fetch_all(&mut **tx)
        .await?
    } else {
        let before = before.unwrap_or(i64::MAX);
        matching!(
            query_scalar,
            "seq",
            by,
            " and seq < $11 order by seq desc limit $12",
            before,
            limit
        )
        .fetch_all(&mut **tx)
        .await?
    })
}

/// How many match, counted up to a limit.
async fn count(tx: &mut Reading, by: &Checked, limit: i64) -> Result<i64> {
    let places = matching!(
        query_scalar,
        r#"count(*) as "count!" from (select"#,
        by,
        " limit $11) as found",
        limit
    );
    Ok(places.fetch_one(&mut **tx).await?)
}

async fn entries(tx: &mut Reading, places: &[i64]) -> Result<Vec<Entry>> {
    let rows = sqlx::query!(
        r#"select seq, recorded_at as "recorded_at: jiff_sqlx::Timestamp",
             payload ->> 'action' as "action!", payload ->> 'outcome' as "outcome!",
             payload -> 'actor' ->> 'kind' as "actor_kind!", payload -> 'actor' ->> 'id' as actor_id,
             payload -> 'target' ->> 'type' as target_type, payload -> 'target' ->> 'id' as target_id,
             (payload ->> 'count')::bigint as count, hash
           from audit.event where seq = any($1) order by seq desc"#,
        places
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Entry {
            seq: row.seq,
            recorded_at: row.recorded_at.to_jiff(),
            action: row.action,
            outcome: row.outcome,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            actor_name: None,
            target_type: row.target_type,
            target_id: row.target_id,
            count: row.count,
            hash: hex::encode(row.hash),
        })
        .collect())
}

/// Puts today's names to persons.
async fn named(cx: &Cx, mut entries: Vec<Entry>) -> Result<Vec<Entry>> {
    let id = |entry: &Entry| {
        let id = entry
            .actor_id
            .as_deref()
            .filter(|_| entry.actor_kind == "person");
        id.and_then(|id| id.parse::<uuid::Uuid>().ok())
    };
    let ids: Vec<_> = entries.iter().filter_map(id).collect();
    let names = sqlx::query!("select id, name from person where id = any($1)", &ids)
        .fetch_all(&cx.db)
        .await?;
    for entry in &mut entries {
        let id = id(entry);
        let row = names.iter().find(|row| Some(row.id) == id);
        entry.actor_name = row.map(|row| row.name.clone());
    }
    Ok(entries)
}
