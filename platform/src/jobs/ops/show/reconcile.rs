//! What is known of steps of unknown end.

use uuid::Uuid;

use super::steps::plan;
use crate::{
    cx::Tx,
    error::Result,
    jobs::view::{Decision, ShownReconcile, ShownStep},
};

/// Puts to each step what is known of its unknown end, decided or not.
pub(super) async fn fill(tx: &mut Tx, job: Uuid, steps: &mut [ShownStep]) -> Result<()> {
    let rows = sqlx::query!(
        r#"select r.step_id, l.number as "looks?", r.report, r.made_at as "made_at: jiff_sqlx::Timestamp",
             r.decision, d.name as "decided_by?", r.decided_at as "decided_at: jiff_sqlx::Timestamp", r.reason,
             p.id as "plan_id?", p.digest as "digest?", p.summary as "summary?",
             p.made_at as "plan_made_at?: jiff_sqlx::Timestamp",
             p.expires_at as "plan_expires_at?: jiff_sqlx::Timestamp",
             p.consumed_at as "plan_consumed_at?: jiff_sqlx::Timestamp"
           from reconcile r join step s on s.id = r.step_id left join job l on l.id = r.job_id
             left join plan p on p.id = r.plan_id left join person d on d.id = r.decided_by
           where s.job_id = $1"#,
        job
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in rows {
        let Some(step) = steps.iter_mut().find(|step| step.id == row.step_id) else {
            continue;
        };
        step.reconcile = Some(ShownReconcile {
            job: row.looks,
            report: row.report,
            plan: plan(
                row.plan_id,
                row.digest,
                row.summary,
                row.plan_made_at.zip(row.plan_expires_at),
                row.plan_consumed_at,
            ),
            made_at: row.made_at.to_jiff(),
            decision: row.decision.as_deref().and_then(Decision::parse),
            decided_by: row.decided_by,
            decided_at: row.decided_at.map(jiff_sqlx::Timestamp::to_jiff),
            reason: row.reason,
        });
    }
    Ok(())
}
