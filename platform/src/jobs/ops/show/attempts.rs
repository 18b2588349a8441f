//! The attempts of a job's steps.

use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    cx::Tx,
    error::Result,
    jobs::{
        AttemptState, ErrorClass,
        view::{ShownAttempt, ShownStep},
        wire::PhaseRun,
    },
};

/// Puts attempts to their steps, oldest first.
pub(super) async fn fill(tx: &mut Tx, job: Uuid, steps: &mut [ShownStep]) -> Result<()> {
    let rows = sqlx::query!(
        r#"select a.id, a.step_id, a.number, w.name as worker, a.state, a.epoch,
             a.claimed_at as "claimed_at: jiff_sqlx::Timestamp",
             a.process_started_at as "process_started_at: jiff_sqlx::Timestamp",
             a.finished_at as "finished_at: jiff_sqlx::Timestamp",
             a.last_output_at as "last_output_at: jiff_sqlx::Timestamp", a.exit_code, a.end_reason,
             a.error_class, a.error, a.log_bytes, a.log_lines, a.phase,
             a.phases as "phases: Json<Vec<PhaseRun>>"
           from attempt a join step s on s.id = a.step_id join worker w on w.id = a.worker_id
           where s.job_id = $1 order by a.step_id, a.number"#,
        job
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in rows {
        let Some(step) = steps.iter_mut().find(|step| step.id == row.step_id) else {
            continue;
        };
        let mut phases = row.phases.0;
        if let Some(name) = row.phase {
            phases.push(PhaseRun {
                name,
                first_line: 0,
                ran_ms: 0,
                exit_code: None,
            });
        }
        step.attempts.push(ShownAttempt {
            id: row.id,
            number: row.number,
            worker: row.worker,
            state: AttemptState::parse(&row.state).unwrap_or(AttemptState::Lost),
            epoch: row.epoch,
            claimed_at: row.claimed_at.to_jiff(),
            process_started_at: row.process_started_at.map(jiff_sqlx::Timestamp::to_jiff),
            finished_at: row.finished_at.map(jiff_sqlx::Timestamp::to_jiff),
            last_output_at: row.last_output_at.map(jiff_sqlx::Timestamp::to_jiff),
            exit_code: row.exit_code,
            end_reason: row.end_reason,
            error_class: row.error_class.as_deref().and_then(ErrorClass::parse),
            error: row.error,
            log_bytes: row.log_bytes,
            log_lines: row.log_lines,
            phases,
        });
    }
    Ok(())
}
