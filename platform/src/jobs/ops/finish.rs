//! The end of an attempt, as its shim says it.

use super::{
    end::{End, end},
    gate::shortened,
    held::{Held, own},
};
use crate::{
    Cx,
    cx::Woken,
    error::{Error, Result},
    jobs::{AttemptState, Operation, wire::Finish},
    policy::Action,
};

/// Ends the attempt that acts. The same end again is answered like the first time; another, or one
/// after it was given up, is `Gone`.
pub async fn finish(cx: &Cx, said: Finish) -> Result<()> {
    let (mut tx, held) = cx.may_on::<Held>(Action::AttemptReport, own(cx)).await?;
    if held.state != AttemptState::Running {
        let same = held.log_sha256 == hex::decode(&said.log_sha256).ok()
            && held.log_chunks == said.log_chunks
            && held.state != AttemptState::Lost
            && held.log_sha256.is_some();
        return if same { Ok(()) } else { Err(Error::Gone) };
    }
    held.holds()?;
    let allowed = [
        AttemptState::Succeeded,
        AttemptState::Failed,
        AttemptState::Cancelled,
        AttemptState::Indeterminate,
    ];
    if !allowed.contains(&said.state) {
        return Err(Error::invalid(
            "state",
            "succeeded, failed, cancelled or indeterminate",
        ));
    }
    let how = End {
        said: said.state,
        reason: "finished",
        error_class: said.error_class,
        error: said.error.as_deref().map(|text| shortened(text, 2_000)),
        finish: Some(&said),
    };
    if held.operation == Operation::Reconcile {
        super::reconcile::report(&mut tx, held.step, held.id, said.report.as_ref()).await?;
    }
    end(cx, &mut tx, &held, how).await?;
    tx.commit().await?;
    cx.wake.say(Woken::Job(held.job));
    // A lone step that went well frees nobody but the worker that asks again anyway.
    let frees = held.stack.is_some() || held.environment.is_some();
    if held.steps > 1 || said.state != AttemptState::Succeeded || frees {
        cx.wake.say(Woken::Pool(&held.pool));
    }
    Ok(())
}
