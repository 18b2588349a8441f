//! Verifications are asked for, done once, and say what they found.

use sqlx::PgPool;

use super::{SYSTEM, cx, fill, person, verified};
use crate::{
    Error,
    audit::{
        ops,
        view::{Alarm, VerificationState},
    },
    people::Role,
};

#[sqlx::test(migrations = "../migrations")]
async fn one_at_a_time_across_servers_and_an_abandoned_one_is_taken_over(db: PgPool) {
    let auditor = cx(&db, person(&[Role::Auditor]));
    let servers = [auditor.as_system("one"), auditor.as_system("two")];
    fill(&auditor, 3).await;
    assert_eq!(ops::verification_due(&servers[0]).await, Ok(true));
    for _ in 0..3 {
        ops::ask_verification(&auditor).await.expect("asks");
    }
    let asked: i64 = sqlx::query_scalar(
        "select count(*) from audit.event where payload ->> 'action' = 'audit.verification_asked'",
    )
    .fetch_one(&db)
    .await
    .expect("counted");
    assert_eq!(asked, 1, "asking again while one waits changes nothing");
    let (one, two) = tokio::join!(
        ops::claim_verification(&servers[0]),
        ops::claim_verification(&servers[1])
    );
    let mut claims: Vec<_> = [one.expect("asks"), two.expect("asks")]
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(claims.len(), 1, "one server has it");
    let first = claims.remove(0);
    ops::ask_verification(&auditor).await.expect("asks");
    assert_eq!(ops::claim_verification(&servers[1]).await, Ok(None));

    sqlx::query("update audit_verification set beat_at = now() - interval '61 seconds'")
        .execute(&db)
        .await
        .expect("aged");
    let taken = ops::claim_verification(&servers[1])
        .await
        .expect("asks")
        .expect("abandoned");
    assert_eq!(taken, first);
    ops::release_verification(&servers[1], taken)
        .await
        .expect("released");
    let again = ops::claim_verification(&servers[0])
        .await
        .expect("asks")
        .expect("waits");
    ops::perform_verification(&servers[0], again)
        .await
        .expect("performs");
    // The one thought dead comes back late: its word counts no more.
    ops::perform_verification(&servers[1], taken)
        .await
        .expect("ignored");
    let done = ops::verification(&auditor)
        .await
        .expect("reads")
        .expect("there is one");
    assert_eq!((done.state, done.events), (VerificationState::Sound, 4));
    let ends: Vec<Option<String>> = sqlx::query_scalar(
        "select payload #>> '{detail,asked_by}' from audit.event where payload ->> 'action' = 'audit.verified'",
    )
    .fetch_all(&db)
    .await
    .expect("listed");
    let who = auditor.person().expect("a person").id.0.to_string();
    assert_eq!(ends, [Some(who)]);
    assert_eq!(ops::verification_due(&servers[0]).await, Ok(false));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_broken_chain_is_an_alarm_until_a_verification_says_otherwise(db: PgPool) {
    let system = cx(&db, SYSTEM);
    fill(&system, 5).await;
    assert_eq!(verified(&system).await.state, VerificationState::Sound);
    sqlx::raw_sql(
        "alter table audit.event disable trigger all;
         update audit.event set recorded_at = recorded_at - interval '1 hour' where seq = 3",
    )
    .execute(&db)
    .await
    .expect("a superuser may");
    let done = verified(&system).await;
    assert_eq!(
        (done.state, done.first_bad),
        (VerificationState::Broken, Some(3))
    );
    assert!(done.why.is_some_and(|why| !why.is_empty()));
    let alarms = ops::health(&system).await.expect("stands").alarms();
    assert!(
        alarms.contains(&Alarm::NotSound { first_bad: Some(3) }),
        "{alarms:?}"
    );
    // One that cannot be done hides nothing.
    ops::ask_verification(&system).await.expect("asks");
    sqlx::query(
        "update audit_verification set state = 'failed', ended_at = now() where state = 'waiting'",
    )
    .execute(&db)
    .await
    .expect("failed");
    let alarms = ops::health(&system).await.expect("stands").alarms();
    assert!(
        alarms.contains(&Alarm::NotSound { first_bad: Some(3) }),
        "{alarms:?}"
    );
    let outcome: String = sqlx::query_scalar(
        "select payload ->> 'outcome' from audit.event where payload ->> 'action' = 'audit.verified' order by seq desc limit 1",
    )
    .fetch_one(&db)
    .await
    .expect("read");
    assert_eq!(outcome, "failure");
}

#[sqlx::test(migrations = "../migrations")]
async fn only_auditors_and_the_portal_ask(db: PgPool) {
    for roles in [&[][..], &[Role::Admin, Role::PlatformEngineer]] {
        let refused = ops::ask_verification(&cx(&db, person(roles))).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
    }
    let auditor = cx(&db, person(&[Role::Auditor]));
    assert!(ops::claim_verification(&auditor).await.is_err());
    assert!(ops::verification_due(&auditor).await.is_err());
    let rows: i64 = sqlx::query_scalar("select count(*) from audit_verification")
        .fetch_one(&db)
        .await
        .expect("counted");
    assert_eq!(rows, 0);
}
