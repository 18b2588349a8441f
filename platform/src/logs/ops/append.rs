//! What an attempt hands in while it runs: log, journal, evidence. Each may be handed in again.

use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::enqueue,
    },
    error::{Error, Result},
    jobs::wire::{JournalEntry, LOG_CHUNK, STATE},
    logs::bytes,
    policy::Action,
    secrets::{Place, sha256},
};

/// Most pieces of evidence one attempt may leave.
const MOST_EVIDENCE: i64 = 16;

/// Takes the next chunk. The same chunk again changes nothing; other bytes under its number, or a
/// number that leaves a gap, are a conflict.
///
/// After the end of its attempt a log is taken up to what the end declared; of an attempt that was
/// lost or whose end is not known, as history. It never changes a state.
pub async fn append(cx: &Cx, seq: i64, plain: &[u8]) -> Result<()> {
    let me = cx.may_as_attempt(Action::AttemptReport)?;
    if plain.is_empty() || plain.len() > LOG_CHUNK {
        return Err(Error::invalid("log", "1 to 65,536 bytes a chunk"));
    }
    let hash = sha256(plain);
    let size = i32::try_from(plain.len()).unwrap_or(i32::MAX);
    let lines = plain.split(|byte| *byte == b'\n').count() - 1;
    let lines = i32::try_from(lines).unwrap_or(i32::MAX);
    // One statement, one round trip: the chunk before it says where it stands.
    let taken = sqlx::query!(
        r#"insert into log_chunk (attempt_id, seq, day, byte_offset, raw_bytes, first_line, lines, sha256, body)
           select a.id, $2::bigint, a.claimed_at::date, coalesce(p.byte_offset + p.raw_bytes, 0), $3::int,
             coalesce(p.first_line + p.lines, 1), $4::int, $5, $6
           from attempt a
             left join step s on s.id = a.step_id
             left join stack k on k.id = s.stack_id
             left join log_chunk p on p.attempt_id = a.id and p.seq = $2::bigint - 1 and p.day = a.claimed_at::date
           where a.id = $1 and ($2::bigint = 0 or p.seq is not null) and case a.state
             when 'running' then a.epoch is null or (k.epoch = a.epoch and k.holder_attempt = a.id)
             when 'lost' then true
             when 'indeterminate' then true
             else $2 < a.log_chunks end
           on conflict do nothing"#,
        me.id,
        seq,
        size,
        lines,
        &hash,
        bytes::pack(plain)
    )
    .execute(&cx.db)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(());
    }
    let row = sqlx::query!(
        r#"select c.sha256 as "sha256?", coalesce((select max(l.seq) + 1 from log_chunk l
             where l.attempt_id = a.id and l.day = a.claimed_at::date), 0) as "next!"
           from attempt a left join log_chunk c
             on c.attempt_id = a.id and c.seq = $2 and c.day = a.claimed_at::date
           where a.id = $1"#,
        me.id,
        seq
    )
    .fetch_one(&cx.db)
    .await?;
    match row.sha256 {
        Some(known) if known == hash => Ok(()),
        Some(_) => Err(Error::conflict(format!(
            "chunk {seq} is there with other bytes"
        ))),
        None if seq > row.next => Err(Error::conflict(format!("chunk {} is next", row.next))),
        None => Err(Error::Gone),
    }
}

/// Takes a line of the journal: what the tool said it began or finished. Late lines of an attempt
/// that was lost are taken too: a reconcile wants to know them.
pub async fn journal(cx: &Cx, seq: i64, entry: &JournalEntry) -> Result<()> {
    let me = cx.may_as_attempt(Action::AttemptReport)?;
    if !matches!(&*entry.phase, "start" | "complete" | "errored") {
        return Err(Error::invalid("phase", "is start, complete or errored"));
    }
    let texts = [&entry.address, &entry.action];
    let ids = entry.id_value.iter();
    if seq < 0
        || texts
            .into_iter()
            .chain(ids)
            .any(|text| text.len() > 4_096 || text.contains('\0'))
    {
        return Err(Error::invalid("entry", "is too long, or holds a NUL"));
    }
    let taken = sqlx::query!(
        r#"insert into journal (attempt_id, seq, address, action, phase, id_value)
           select a.id, $2, $3, $4, $5, $6 from attempt a
             left join step s on s.id = a.step_id
             left join stack k on k.id = s.stack_id
           where a.id = $1 and case a.state
             when 'running' then a.epoch is null or (k.epoch = a.epoch and k.holder_attempt = a.id)
             when 'lost' then true
             when 'indeterminate' then true
             else $2 < a.journal_entries end
           on conflict do nothing"#,
        me.id,
        seq,
        entry.address,
        entry.action,
        entry.phase,
        entry.id_value
    )
    .execute(&cx.db)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(());
    }
    let same = sqlx::query_scalar!(
        r#"select (address, action, phase) = ($3, $4, $5) and id_value is not distinct from $6 as "same!"
           from journal where attempt_id = $1 and seq = $2"#,
        me.id,
        seq,
        entry.address,
        entry.action,
        entry.phase,
        entry.id_value.as_deref()
    )
    .fetch_optional(&cx.db)
    .await?;
    match same {
        Some(true) => Ok(()),
        Some(false) => Err(Error::conflict(format!(
            "entry {seq} is there and says something else"
        ))),
        None => Err(Error::Gone),
    }
}

/// Where a piece of evidence is sealed.
fn evidence_place(row: &str) -> Place<'_> {
    Place {
        table: "evidence",
        column: "sealed",
        row,
        version: 1,
    }
}

/// Keeps what the attempt left behind, such as a state it could not hand in. Also after its end.
pub async fn evidence(cx: &Cx, name: &str, plain: &[u8]) -> Result<()> {
    let me = cx.may_as_attempt(Action::AttemptReport)?;
    let shaped = name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
    if !shaped {
        return Err(Error::invalid(
            "name",
            "is small letters, digits, dots and dashes",
        ));
    }
    if plain.len() > STATE {
        return Err(Error::invalid("evidence", "at most 64 MiB"));
    }
    let hash = sha256(plain);
    let id = me.id;
    let mut tx = cx.begin().await?;
    let known = sqlx::query!(
        r#"select count(*) as "count!",
             (array_agg(sha256) filter (where name = $2))[1] as "sha256?"
           from evidence where attempt_id = $1"#,
        id,
        name
    )
    .fetch_one(&mut *tx)
    .await?;
    match known.sha256 {
        Some(known) if known == hash => return Ok(()),
        Some(_) => return Err(Error::conflict(format!("{name} is there with other bytes"))),
        None if known.count >= MOST_EVIDENCE => {
            return Err(Error::conflict("the attempt has left enough"));
        }
        None => {}
    }
    let sealed = cx.keys.seal(evidence_place(&format!("{id}/{name}")), plain);
    let size = i32::try_from(plain.len()).unwrap_or(i32::MAX);
    sqlx::query!(
        "insert into evidence (attempt_id, name, sha256, size, sealed) values ($1, $2, $3, $4, $5)",
        id,
        name,
        &hash,
        size,
        sealed
    )
    .execute(&mut *tx)
    .await?;
    let event = Event::new(cx, Kind::EvidenceKept, Outcome::Success)
        .on("attempt", id)
        .with("name", name)
        .with("sha256", hex::encode(hash))
        .with("size", size);
    enqueue(cx, &mut tx, &event).await?;
    tx.commit().await?;
    Ok(())
}
