//! The state of a stack: read, locked and written by attempts; seen, taken away and freed by people.

mod break_lock;
mod download;
mod lock;
mod of;
mod show;
mod state;

pub use break_lock::break_lock;
pub use download::download;
pub use lock::{LockInfo, lock, unlock};
pub use show::{history, list, show};
pub use state::{read_state, write_state};

use uuid::Uuid;

use crate::{
    Cx,
    cx::Tx,
    error::{Error, Result},
    jobs::actor::AttemptActor,
};

/// A stack as the attempt that speaks of it finds it.
struct Held {
    stack: Uuid,
    epoch: i64,
    lineage: Option<String>,
    serial: Option<i64>,
    lock_id: Option<String>,
    lock_info: Option<String>,
    writes: bool,
}

/// Loads the stack of this attempt under lock; `Gone` when the attempt is over or holds it no more.
async fn held(cx: &Cx, me: &AttemptActor, stack: Uuid) -> Result<(Tx, Held)> {
    if me.stack != Some(stack) {
        return Err(Error::forbidden(
            "needs the token of an attempt on this stack",
        ));
    }
    let mut tx = cx.begin().await?;
    let row = sqlx::query!(
        r#"select k.id, k.epoch, k.state_lineage, k.state_serial, k.lock_id, k.lock_info,
             a.epoch is not null as "writes!"
           from attempt a join stack k on k.id = $2
           where a.id = $1 and a.state = 'running'
             and (a.epoch is null or (k.epoch = a.epoch and k.holder_attempt = a.id))
           for no key update of k"#,
        me.id,
        stack
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Gone)?;
    let held = Held {
        stack: row.id,
        epoch: row.epoch,
        lineage: row.state_lineage,
        serial: row.state_serial,
        lock_id: row.lock_id,
        lock_info: row.lock_info,
        writes: row.writes,
    };
    Ok((tx, held))
}
