//! Stacks as people see them.

use jiff_sqlx::Timestamp;
use uuid::Uuid;

use super::{lock::Kept, of::Stack};
use crate::{
    Cx,
    error::{Error, Result},
    policy::Action,
    stacks::{Listed, Lock, Page, Shown, Version},
};

/// Stacks of a page.
const PAGE: i64 = 50;

/// Stacks by name, those after a name; a text narrows them to names that hold it.
pub async fn list(cx: &Cx, text: &str, after: &str) -> Result<Page> {
    cx.may(Action::StackList).await?;
    let mut stacks = sqlx::query!(
        r#"select k.id, k.name, k.team, k.environment, k.frozen_reason, j.number as "held_by?"
           from stack k
             left join attempt a on a.id = k.holder_attempt and a.state = 'running'
             left join step s on s.id = a.step_id
             left join job j on j.id = s.job_id
           where k.name > $2 and strpos(k.name, lower($1)) > 0
           order by k.name limit $3"#,
        text.trim(),
        after,
        PAGE + 1
    )
    .fetch_all(&cx.db)
    .await?;
    let size = usize::try_from(PAGE).unwrap_or_default();
    let more = stacks.len() > size;
    stacks.truncate(size);
    let listed = stacks.into_iter().map(|row| Listed {
        id: row.id,
        name: row.name,
        team: row.team,
        environment: row.environment,
        held_by: row.held_by,
        frozen: row.frozen_reason,
    });
    Ok(Page {
        stacks: listed.collect(),
        more,
    })
}

/// One stack in full.
pub async fn show(cx: &Cx, stack: Uuid) -> Result<Shown> {
    let (mut tx, _) = cx.may_on::<Stack>(Action::StackView, stack).await?;
    let row = sqlx::query!(
        r#"select k.id, k.name, k.team, k.environment, k.frozen_reason, k.epoch, k.state_serial,
             k.state_lineage, k.lock_info, k.holder_attempt, j.number as "held_by?"
           from stack k
             left join attempt a on a.id = k.holder_attempt and a.state = 'running'
             left join step s on s.id = a.step_id
             left join job j on j.id = s.job_id
           where k.id = $1"#,
        stack
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let kept = row
        .lock_info
        .as_deref()
        .and_then(|text| serde_json::from_str::<Kept>(text).ok());
    let live = kept.filter(|kept| Some(kept.attempt) == row.holder_attempt);
    let lock = live.map(|kept| {
        let text = |key: &str| {
            let value = kept.info.more.get(key).and_then(serde_json::Value::as_str);
            value.unwrap_or_default().chars().take(200).collect()
        };
        Lock {
            operation: text("Operation"),
            created: text("Created"),
        }
    });
    Ok(Shown {
        listed: Listed {
            id: row.id,
            name: row.name,
            team: row.team,
            environment: row.environment,
            held_by: row.held_by,
            frozen: row.frozen_reason,
        },
        epoch: row.epoch,
        serial: row.state_serial,
        lineage: row.state_lineage,
        lock,
    })
}

/// Versions of a stack's state before a serial (none: the newest), newest first, at most 50.
pub async fn history(cx: &Cx, stack: Uuid, before: Option<i64>) -> Result<Vec<Version>> {
    let (mut tx, stack) = cx.may_on::<Stack>(Action::StateView, stack).await?;
    let rows = sqlx::query!(
        r#"select v.serial, v.epoch, v.size, v.sha256, v.made_at as "made_at: Timestamp",
             j.number as "job?", s.name as "step?"
           from state_version v
             left join attempt a on a.id = v.attempt_id
             left join step s on s.id = a.step_id
             left join job j on j.id = s.job_id
           where v.stack_id = $1 and ($2::bigint is null or v.serial < $2)
           order by v.serial desc limit $3"#,
        stack.id,
        before,
        PAGE
    )
    .fetch_all(&mut *tx)
    .await?;
    let versions = rows.into_iter().map(|row| Version {
        serial: row.serial,
        epoch: row.epoch,
        size: row.size,
        sha256: hex::encode(row.sha256),
        made_at: row.made_at.to_jiff(),
        job: row.job,
        step: row.step,
    });
    Ok(versions.collect())
}
