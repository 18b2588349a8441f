//! A step that fails before anything of it has started.

use super::{conditions::Refused, pick::Picked};
use crate::{
    Cx,
    audit::event::{Event, Kind, Outcome},
    cx::Tx,
    error::Result,
    jobs::{StepState, graph, ops::settle},
};

/// Fails it and says why; what follows in its job follows at once.
pub(super) async fn fail(
    cx: &Cx,
    tx: &mut Tx,
    step: &Picked,
    refused: &Refused,
    events: &mut Vec<Event>,
) -> Result<()> {
    sqlx::query!(
        "with gone as (delete from queue where step_id = $1)
         update step set state = 'failed', finished_at = now(), error_class = $2, error = $3 where id = $1",
        step.id,
        refused.class.name(),
        refused.why
    )
    .execute(&mut **tx)
    .await?;
    events.push(
        Event::new(cx, Kind::StepEnded, Outcome::Failure)
            .on("step", step.id)
            .with("state", StepState::Failed.name())
            .with("class", refused.class.name())
            .with("job", step.number),
    );
    let mut nodes = settle::nodes(tx, step.job_id).await?;
    let settled = graph::settle(&mut nodes, false);
    settle::write(cx, tx, (step.job_id, step.number), &settled, events).await
}
