//! Looking for text in a log, a bounded piece at a time.

use uuid::Uuid;

use super::{
    of::LogOf,
    read::{batch, seek},
};
use crate::{
    Cx,
    error::{Error, Result},
    logs::{Found, search::Search},
    policy::Action,
};

/// Chunks searched by one call: at most 16 MiB.
const MOST_CHUNKS: i64 = 256;
/// Hits after which a call ends.
const MOST_HITS: usize = 200;
/// Chunks read at once.
const BATCH: i64 = 16;

/// Lines after `after_line` (0 for all) that hold the text, as far as one call goes. Go on with
/// [`Found::searched_to`].
pub async fn search(cx: &Cx, attempt: Uuid, text: &str, after_line: i64) -> Result<Found> {
    let (mut tx, _) = cx.may_on::<LogOf>(Action::LogView, attempt).await?;
    if text.is_empty() || text.len() > 200 || text.contains(['\n', '\0']) {
        return Err(Error::invalid("text", "1 to 200 bytes, within a line"));
    }
    let after = after_line.max(0);
    let Some(first) = seek(&mut tx, attempt, after + 1).await? else {
        return Ok(Found::default());
    };
    let mut next = first;
    let mut search: Option<Search> = None;
    let mut ended = false;
    while !ended {
        let chunks = batch(&mut tx, attempt, next, BATCH).await?;
        ended = chunks.len() < usize::try_from(BATCH).unwrap_or_default();
        for chunk in chunks {
            next = chunk.seq + 1;
            let search = search.get_or_insert_with(|| Search::new(text, chunk.first_line));
            search.push(&chunk.plain);
        }
        let Some(found) = &search else { break };
        // Only between lines, so that the next call begins where this one ended.
        let much = next - first >= MOST_CHUNKS || found.count() >= MOST_HITS;
        if much && found.line() > after + 1 {
            break;
        }
    }
    let Some(search) = search else {
        return Ok(Found::default());
    };
    let searched_to = (!ended).then(|| search.line() - 1);
    let hits = if ended {
        search.finish()
    } else {
        search.so_far()
    };
    Ok(Found {
        hits: hits.into_iter().filter(|hit| hit.line > after).collect(),
        searched_to,
    })
}
