//! Two servers at once: a plan starts exactly once.

use std::sync::Arc;

use sqlx::PgPool;
use tokio::sync::Barrier;

use super::{CHANGE, Portal, claim, claim_one, ended, ops, pass, plan_made};
use crate::jobs::AttemptState;

/// How many times two servers try to start the same plan. The number is 1,000.
const TIMES: usize = 1_000;

#[sqlx::test(migrations = "../migrations")]
async fn two_servers_start_the_same_plan_once_a_thousand_times(db: PgPool) {
    let portal = Portal::new(&db);
    let workers = [
        portal.worker("default", "{}").await,
        portal.worker("default", "{}").await,
    ];
    for round in 0..TIMES {
        portal.made(CHANGE).await;
        let plan = claim_one(&workers[0], "plan").await;
        let attempt = portal.attempt(&plan).await;
        ops::keep_plan(&attempt, plan_made("a"))
            .await
            .expect("kept");
        ops::finish(&attempt, ended(AttemptState::Succeeded))
            .await
            .expect("ends");
        let begin = Arc::new(Barrier::new(2));
        let tries = workers.clone().map(|worker| {
            let begin = Arc::clone(&begin);
            tokio::spawn(async move {
                begin.wait().await;
                claim(&worker, 4).await
            })
        });
        let mut started = Vec::new();
        for one in tries {
            started.extend(one.await.expect("claims"));
        }
        assert_eq!(started.len(), 1, "round {round}");
        let attempt = portal.attempt(&started[0]).await;
        pass(&attempt).await;
        ops::finish(&attempt, ended(AttemptState::Succeeded))
            .await
            .expect("ends");
    }
    let twice: i64 = sqlx::query_scalar(
        "select count(*) from (select s.id from step s join attempt a on a.step_id = s.id
           where s.operation = 'apply' group by s.id having count(*) <> 1) as twice",
    )
    .fetch_one(&db)
    .await
    .expect("counted");
    assert_eq!(twice, 0);
    let (epoch, consumed): (i64, i64) = sqlx::query_as(
        "select (select epoch from stack), (select count(*) from plan where consumed_at is not null)",
    )
    .fetch_one(&db)
    .await
    .expect("counted");
    let times = i64::try_from(TIMES).expect("fits");
    assert_eq!(
        (epoch, consumed),
        (times, times),
        "one epoch and one plan a start"
    );
}
