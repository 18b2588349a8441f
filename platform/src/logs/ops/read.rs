//! Reading ranges of lines, and what is new.

use sqlx::PgConnection;
use uuid::Uuid;

use super::of::LogOf;
use crate::{
    Cx,
    error::{Error, Result},
    logs::{Chunk, Lines, MOST_LINES, Tail, bytes, split::Splitter},
    policy::Action,
};

/// Most bytes of text in one answer.
const MOST_BYTES: usize = 512 * 1024;

/// Chunks read at once.
const BATCH: i64 = 8;

/// A chunk as it stands in the table, unpacked.
pub(super) struct Stored {
    pub(super) seq: i64,
    pub(super) first_line: i64,
    pub(super) plain: Vec<u8>,
}

/// Lines `from` (counted from 1) and the `count - 1` after it, as far as they are there and fit into
/// one answer. The chunk is found by index: the size of the log does not matter.
pub async fn lines(cx: &Cx, attempt: Uuid, from: i64, count: u32) -> Result<Lines> {
    let (mut tx, log) = cx.may_on::<LogOf>(Action::LogView, attempt).await?;
    let from = from.max(1);
    let to = from.saturating_add(i64::from(count.clamp(1, MOST_LINES)) - 1);
    let mut found = extent(&mut tx, &log).await?;
    let mut next = seek(&mut tx, attempt, from).await?;
    let mut lines = Vec::new();
    let mut collected = 0;
    let mut splitter: Option<Splitter> = None;
    while let Some(seq) = next {
        let batch = batch(&mut tx, attempt, seq, BATCH).await?;
        next = batch.last().map(|chunk| chunk.seq + 1);
        for chunk in batch {
            let splitter =
                splitter.get_or_insert_with(|| Splitter::new(from, to, chunk.first_line));
            splitter.push(&chunk.plain);
        }
        let Some(reading) = &mut splitter else { break };
        if reading.is_done() || collected + reading.bytes() >= MOST_BYTES {
            break;
        }
        if reading.is_cut() && next.is_some() {
            // The rest of this line is not shown: go on where the next one begins.
            let line = reading.number();
            match seek(&mut tx, attempt, line + 1).await? {
                Some(seq) => {
                    reading.skip_to_next();
                    collected += reading.bytes();
                    let read = splitter.take().map(Splitter::finish).unwrap_or_default();
                    lines.extend(read);
                    splitter = Some(Splitter::new(line + 1, to, line));
                    next = Some(seq);
                }
                None => break,
            }
        }
    }
    lines.extend(splitter.map(Splitter::finish).unwrap_or_default());
    found.lines = lines;
    Ok(found)
}

/// Chunks after a number, at most 64, for a stream; one statement. The portal's own: who may see
/// them is asked for each viewer by `may_follow`.
pub async fn tail(cx: &Cx, attempt: Uuid, after: i64) -> Result<Tail> {
    cx.may(Action::LogKeep).await?;
    // One more at the front: a character may have begun in it.
    let rows = sqlx::query!(
        r#"select a.state <> 'running' as "over!", a.log_chunks,
             (select max(l.seq) from log_chunk l
                where l.attempt_id = a.id and l.day = a.claimed_at::date) as last,
             c.seq as "seq?", c.first_line as "first_line?", c.raw_bytes as "raw_bytes?", c.body as "body?"
           from attempt a left join lateral (
               select seq, first_line, raw_bytes, body from log_chunk
               where attempt_id = a.id and day = a.claimed_at::date and seq >= $2 order by seq limit 65) c
             on true
           where a.id = $1 order by c.seq"#,
        attempt,
        after
    )
    .fetch_all(&cx.db)
    .await?;
    let first = rows.first().ok_or(Error::NotFound)?;
    let last = first.last.unwrap_or(-1);
    let mut tail = Tail {
        chunks: Vec::new(),
        last,
        complete: first.over && last + 1 >= first.log_chunks,
    };
    let mut carried = Vec::new();
    for row in rows {
        let (Some(seq), Some(line), Some(size), Some(body)) =
            (row.seq, row.first_line, row.raw_bytes, row.body)
        else {
            break;
        };
        let mut plain = std::mem::take(&mut carried);
        plain.extend(unpack(&body, size)?);
        let whole = plain.len() - bytes::unfinished(&plain);
        carried = plain.split_off(whole);
        if seq > after {
            tail.chunks.push(Chunk {
                seq,
                line,
                text: String::from_utf8_lossy(&plain).into_owned(),
            });
        }
    }
    Ok(tail)
}

/// How much there is, and whether more can come.
pub(super) async fn extent(db: &mut PgConnection, log: &LogOf) -> Result<Lines> {
    let last = sqlx::query!(
        r#"select seq + 1 as "chunks!", byte_offset + raw_bytes as "bytes!", first_line + lines as "line!", body,
             raw_bytes
           from log_chunk where attempt_id = $1 and day = (select claimed_at::date from attempt where id = $1)
           order by seq desc limit 1"#,
        log.id
    )
    .fetch_optional(db)
    .await?;
    let Some(last) = last else {
        return Ok(Lines {
            complete: log.over && log.declared == 0,
            ..Lines::default()
        });
    };
    let ends = unpack(&last.body, last.raw_bytes)?.last() == Some(&b'\n');
    Ok(Lines {
        lines: Vec::new(),
        total: last.line - i64::from(ends),
        bytes: last.bytes,
        chunks: last.chunks,
        complete: log.over && last.chunks >= log.declared,
    })
}

/// The chunk in which a line begins; none when the log is not that long.
pub(super) async fn seek(db: &mut PgConnection, attempt: Uuid, line: i64) -> Result<Option<i64>> {
    if line <= 1 {
        return Ok(Some(0));
    }
    Ok(sqlx::query_scalar!(
        r#"select seq from (
             select seq, first_line + lines as last from log_chunk
             where attempt_id = $1 and first_line < $2
               and day = (select claimed_at::date from attempt where id = $1)
             order by first_line desc, seq desc limit 1) c
           where last >= $2"#,
        attempt,
        line
    )
    .fetch_optional(db)
    .await?)
}

/// Chunks from a number on.
pub(super) async fn batch(
    db: &mut PgConnection,
    attempt: Uuid,
    from: i64,
    most: i64,
) -> Result<Vec<Stored>> {
    let rows = sqlx::query!(
        "select seq, first_line, raw_bytes, body from log_chunk
         where attempt_id = $1 and seq >= $2 and day = (select claimed_at::date from attempt where id = $1)
         order by seq limit $3",
        attempt,
        from,
        most
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Stored {
                seq: row.seq,
                first_line: row.first_line,
                plain: unpack(&row.body, row.raw_bytes)?,
            })
        })
        .collect()
}

fn unpack(body: &[u8], size: i32) -> Result<Vec<u8>> {
    bytes::unpack(body, usize::try_from(size).unwrap_or_default()).map_err(|error| {
        tracing::error!(%error, "a chunk of a log cannot be unpacked");
        Error::Internal
    })
}
