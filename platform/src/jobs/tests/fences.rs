//! Tokens of attempts: good for their own attempt, while it holds its step.

use sqlx::PgPool;

use super::{CHANGE, Portal, claim_one, echo, ended, ops, pass, plan_made, succeed};
use crate::{
    Error,
    jobs::{
        AttemptState,
        wire::{Renew, Start},
    },
};

#[sqlx::test(migrations = "../migrations")]
async fn security_27_an_attempt_token_after_finish_is_refused(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    portal.made(CHANGE).await;
    let given = claim_one(&worker, "plan").await;
    let attempt = portal.attempt(&given).await;
    succeed(&portal, &given).await.expect("ends");
    assert_eq!(
        ops::renew(&attempt, &Renew::default()).await.err(),
        Some(Error::Gone)
    );
    assert_eq!(
        ops::gate(&attempt, Start { shim_pid: 7 }).await.err(),
        Some(Error::Gone)
    );
    assert_eq!(
        ops::keep_plan(&attempt, plan_made("a")).await.err(),
        Some(Error::Gone)
    );
    assert_eq!(ops::put_plan_file(&attempt, b"x").await, Err(Error::Gone));
    assert_eq!(ops::plan_file(&attempt).await, Err(Error::Gone));
    assert_eq!(
        ops::finish(&attempt, ended(AttemptState::Failed)).await,
        Ok(()),
        "the same log, the same end: answered like the first time"
    );
    let mut other = ended(AttemptState::Failed);
    other.log_sha256 = "11".repeat(32);
    assert_eq!(ops::finish(&attempt, other).await, Err(Error::Gone));
    let step = portal
        .word("select state from step where id = $1", given.step.id)
        .await;
    assert_eq!(step, "succeeded", "and nothing has changed");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_27_an_attempt_token_at_an_old_epoch_is_refused(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    portal
        .made(
            "{title: t, team: a, steps: [{name: act, driver: echo, operation: action, stack: s}]}",
        )
        .await;
    let given = claim_one(&worker, "act").await;
    let attempt = portal.attempt(&given).await;
    ops::renew(&attempt, &Renew::default())
        .await
        .expect("holds it");
    portal.run("update stack set epoch = epoch + 1").await;
    assert_eq!(
        ops::renew(&attempt, &Renew::default()).await.err(),
        Some(Error::Gone)
    );
    assert_eq!(
        ops::gate(&attempt, Start { shim_pid: 7 }).await.err(),
        Some(Error::Gone)
    );
    assert_eq!(
        ops::finish(&attempt, ended(AttemptState::Succeeded)).await,
        Err(Error::Gone)
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_27_a_worker_or_person_cannot_report_and_an_attempt_cannot_claim(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    portal.made(&echo("payments")).await;
    let given = claim_one(&worker, "only").await;
    let engineer = portal.engineer().await;
    for cx in [&worker, &engineer, &portal.system] {
        assert!(matches!(
            ops::renew(cx, &Renew::default()).await,
            Err(Error::Forbidden { .. })
        ));
        assert!(
            ops::finish(cx, ended(AttemptState::Succeeded))
                .await
                .is_err()
        );
    }
    let attempt = portal.attempt(&given).await;
    for cx in [&attempt, &engineer, &portal.system] {
        assert!(matches!(
            ops::claim(cx, 1).await,
            Err(Error::Forbidden { .. })
        ));
    }
    let spec = crate::jobs::spec::JobSpec::parse(&echo("payments")).expect("a job");
    for cx in [&attempt, &worker] {
        assert!(ops::enqueue(cx, &spec, None).await.is_err());
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_gate_passes_once_for_one_shim_while_the_lease_lives(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    portal.made(&echo("a")).await;
    let given = claim_one(&worker, "only").await;
    let attempt = portal.attempt(&given).await;
    pass(&attempt).await;
    pass(&attempt).await;
    assert_eq!(
        ops::gate(&attempt, Start { shim_pid: 8 }).await.err(),
        Some(Error::Gone),
        "a second shim of the same attempt starts nothing"
    );
    portal.time_passes().await;
    assert_eq!(
        ops::gate(&attempt, Start { shim_pid: 7 }).await.err(),
        Some(Error::Gone)
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn tokens_are_kept_as_digests_only(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    portal.made(&echo("a")).await;
    let given = claim_one(&worker, "only").await;
    let unknown = crate::secrets::sha256(b"gca_of_nobody");
    assert_eq!(ops::find_attempt(&db, &unknown).await, Ok(None));
    let found = ops::find_attempt(&db, &crate::secrets::sha256(given.token.as_bytes())).await;
    assert_eq!(
        found.expect("answered").map(|attempt| attempt.id),
        Some(given.attempt)
    );
    assert!(!format!("{given:?}").contains(&given.token));
}
