//! Telling other servers that something changed.
//!
//! A hint and no more: it is sent after the commit, many at once, and may be lost. Whoever waits for
//! a change asks the database every second as well.

pub mod ops;

use std::{collections::BTreeSet, fmt::Write as _};

use uuid::Uuid;

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// A pool has work.
    Pool(String),
    /// A job changed.
    Job(Uuid),
    /// An attempt's log grew.
    Log(Uuid),
}

/// Most bytes of one message; PostgreSQL's limit is 8,000.
const MOST: usize = 7_500;

/// Words as messages, each with the id of the server they come from.
pub fn write(from: Uuid, words: &BTreeSet<Word>) -> Vec<String> {
    let mut messages = Vec::new();
    let mut message = from.to_string();
    for word in words {
        if message.len() > MOST {
            messages.push(std::mem::replace(&mut message, from.to_string()));
        }
        // Writing to a string does not fail.
        let _ = match word {
            Word::Pool(pool) => write!(message, " p{pool}"),
            Word::Job(job) => write!(message, " j{}", job.simple()),
            Word::Log(attempt) => write!(message, " l{}", attempt.simple()),
        };
    }
    messages.push(message);
    messages
}

/// The words of a message; none when it comes from `own`, or is not understood.
pub fn read(own: Uuid, message: &str) -> Vec<Word> {
    let mut parts = message.split(' ');
    if parts.next().and_then(|from| from.parse().ok()) == Some(own) {
        return Vec::new();
    }
    parts.filter_map(word).collect()
}

fn word(part: &str) -> Option<Word> {
    let (kind, rest) = part.split_at_checked(1)?;
    match kind {
        "p" => Some(Word::Pool(rest.to_owned())),
        "j" => rest.parse().ok().map(Word::Job),
        "l" => rest.parse().ok().map(Word::Log),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_by_others_and_not_by_oneself() {
        let words: BTreeSet<Word> = (0..500)
            .map(|_| Word::Log(Uuid::now_v7()))
            .chain([Word::Pool("default".to_owned()), Word::Job(Uuid::nil())])
            .collect();
        let own = Uuid::now_v7();
        let messages = write(own, &words);
        assert!(messages.len() > 1 && messages.iter().all(|one| one.len() < 8_000));
        let heard = messages.iter().flat_map(|one| read(Uuid::nil(), one));
        assert_eq!(heard.collect::<BTreeSet<_>>(), words);
        assert!(messages.iter().all(|one| read(own, one).is_empty()));
        assert!(read(Uuid::nil(), "nonsense x y").is_empty());
    }
}
