//! Saying and hearing.

use std::collections::BTreeSet;

use sqlx::postgres::PgListener;
use uuid::Uuid;

use super::{Word, read, write};
use crate::{Cx, error::Result, policy::Action};

const CHANNEL: &str = "groundcrew";

/// Says these words to the other servers.
pub async fn tell(cx: &Cx, from: Uuid, words: &BTreeSet<Word>) -> Result<()> {
    cx.may(Action::JobKeep).await?;
    for message in write(from, words) {
        sqlx::query!("select pg_notify($1, $2)", CHANNEL, message)
            .execute(&cx.db)
            .await?;
    }
    Ok(())
}

/// Hears what other servers say.
pub struct Ear {
    own: Uuid,
    listener: PgListener,
}

/// Begins to listen, on a connection of its own.
pub async fn listen(cx: &Cx, own: Uuid) -> Result<Ear> {
    cx.may(Action::JobKeep).await?;
    let mut listener = PgListener::connect_with(&cx.db).await?;
    listener.listen(CHANNEL).await?;
    Ok(Ear { own, listener })
}

impl Ear {
    /// The next words. `None`: the connection was lost and is there again; something may have been
    /// missed.
    pub async fn hear(&mut self) -> Result<Option<Vec<Word>>> {
        Ok(self
            .listener
            .try_recv()
            .await?
            .map(|message| read(self.own, message.payload())))
    }
}
