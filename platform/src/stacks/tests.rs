//! A state is written by its holder alone, one serial after the other, and kept.

use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    Cx, Error,
    logs::tests::fixture::{Fixture, apply, attempt, member, on_stack, platform_engineer},
    people::TeamRole,
    stacks::ops::{
        LockInfo, break_lock, download, history, list, lock, read_state, show, unlock, write_state,
    },
};

fn state(serial: i64, lineage: &str, more: &str) -> Vec<u8> {
    json!({"version": 4, "serial": serial, "lineage": lineage, "resources": [more]})
        .to_string()
        .into_bytes()
}

fn info(id: &str) -> LockInfo {
    serde_json::from_value(json!({"ID": id, "Operation": "OperationTypeApply", "Who": "a@b"}))
        .expect("an info")
}

async fn locked(made: &Fixture) -> Cx {
    let cx = made.cx();
    lock(&cx, made.stack(), info("l1"))
        .await
        .expect("answered")
        .expect("free");
    cx
}

fn is_conflict(result: &crate::Result<()>) -> bool {
    matches!(result, Err(Error::Conflict { .. }))
}

#[sqlx::test(migrations = "../migrations")]
async fn a_state_is_read_back_as_written_and_sealed_at_rest(db: PgPool) {
    let made = attempt(&db, true).await;
    let cx = locked(&made).await;
    assert_eq!(
        read_state(&cx, made.stack()).await,
        Ok(None),
        "none before the first"
    );
    for serial in 1..=3 {
        let bytes = state(serial, "l", "canary-7c1f");
        write_state(&cx, made.stack(), Some("l1"), &bytes)
            .await
            .expect("written");
        write_state(&cx, made.stack(), Some("l1"), &bytes)
            .await
            .expect("the same again");
        assert_eq!(read_state(&cx, made.stack()).await, Ok(Some(bytes)));
    }
    let (count, clear): (i64, bool) = sqlx::query_as(
        "select count(*), bool_or(position('canary-7c1f'::bytea in sealed) > 0) from state_version",
    )
    .fetch_one(&db)
    .await
    .expect("read");
    assert_eq!((count, clear), (3, false));
}

#[sqlx::test(migrations = "../migrations")]
async fn wrong_lineage_serial_lock_and_size_are_refused(db: PgPool) {
    let made = attempt(&db, true).await;
    let cx = made.cx();
    let write =
        async |lock: Option<&str>, bytes: &[u8]| write_state(&cx, made.stack(), lock, bytes).await;
    let first = state(1, "l", "");
    assert!(is_conflict(&write(None, &first).await), "without a lock");
    assert!(
        is_conflict(&write(Some("l1"), &first).await),
        "before it is locked"
    );
    lock(&cx, made.stack(), info("l1"))
        .await
        .expect("answered")
        .expect("free");
    assert!(
        is_conflict(&write(Some("l2"), &first).await),
        "another lock id"
    );
    write(Some("l1"), &first).await.expect("written");
    assert!(
        is_conflict(&write(Some("l1"), &state(1, "l", "x")).await),
        "same serial, other bytes"
    );
    assert!(
        is_conflict(&write(Some("l1"), &state(3, "l", "")).await),
        "a gap"
    );
    assert!(
        is_conflict(&write(Some("l1"), &state(0, "l", "")).await),
        "back in time"
    );
    assert!(
        is_conflict(&write(Some("l1"), &state(2, "m", "")).await),
        "another lineage"
    );
    for nonsense in [
        &b"{"[..],
        b"[]",
        b"{\"serial\": 2}",
        b"{\"serial\": -1, \"lineage\": \"l\"}",
    ] {
        assert!(matches!(
            write(Some("l1"), nonsense).await,
            Err(Error::Invalid { .. })
        ));
    }
    let big = vec![b' '; crate::jobs::wire::STATE + 1];
    assert!(
        matches!(write(Some("l1"), &big).await, Err(Error::Invalid { .. })),
        "too big"
    );
    let serial: Option<i64> = sqlx::query_scalar("select state_serial from stack")
        .fetch_one(&db)
        .await
        .expect("read");
    assert_eq!(serial, Some(1), "nothing of it was kept");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_27_a_state_is_for_the_holder_at_its_epoch(db: PgPool) {
    let old = attempt(&db, true).await;
    let cx = locked(&old).await;
    write_state(&cx, old.stack(), Some("l1"), &state(1, "l", ""))
        .await
        .expect("written");

    let planning = on_stack(&db, old.keys.clone(), old.stack(), false).await;
    let plans = planning.cx();
    lock(&plans, old.stack(), info("p"))
        .await
        .expect("answered")
        .expect("a reader is let in");
    assert!(
        read_state(&plans, old.stack())
            .await
            .expect("may read")
            .is_some()
    );
    let refused = write_state(&plans, old.stack(), Some("p"), &state(2, "l", "")).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    unlock(&plans, old.stack(), Some("p"))
        .await
        .expect("nothing to do");

    let elsewhere = attempt(&db, true).await;
    for result in [
        read_state(&elsewhere.cx(), old.stack()).await.map(|_| ()),
        write_state(&elsewhere.cx(), old.stack(), Some("l1"), &state(2, "l", "")).await,
        lock(&elsewhere.cx(), old.stack(), info("x"))
            .await
            .map(|_| ()),
        unlock(&elsewhere.cx(), old.stack(), Some("l1")).await,
    ] {
        assert!(
            matches!(result, Err(Error::Forbidden { .. })),
            "another's stack: {result:?}"
        );
    }

    let new = on_stack(&db, old.keys.clone(), old.stack(), true).await;
    for result in [
        read_state(&cx, old.stack()).await.map(|_| ()),
        write_state(&cx, old.stack(), Some("l1"), &state(2, "l", "")).await,
        lock(&cx, old.stack(), info("l9")).await.map(|_| ()),
        unlock(&cx, old.stack(), Some("l1")).await,
    ] {
        assert_eq!(result, Err(Error::Gone), "at an old epoch");
    }
    let cx = new.cx();
    lock(&cx, old.stack(), info("l2"))
        .await
        .expect("answered")
        .expect("the old lock counts for nothing");
    write_state(&cx, old.stack(), Some("l2"), &state(2, "l", ""))
        .await
        .expect("written");
    apply(
        &db,
        "update attempt set state = 'succeeded', finished_at = now() where id = $1",
        new.id(),
    )
    .await;
    let late = write_state(&cx, old.stack(), Some("l2"), &state(3, "l", "")).await;
    assert_eq!(late, Err(Error::Gone), "after the end");
    let epochs: Vec<(i64, i64)> =
        sqlx::query_as("select serial, epoch from state_version order by serial")
            .fetch_all(&db)
            .await
            .expect("listed");
    assert_eq!(epochs, [(1, 1), (2, 2)]);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_second_tool_of_one_attempt_waits_for_the_first(db: PgPool) {
    let made = attempt(&db, true).await;
    let cx = locked(&made).await;
    lock(&cx, made.stack(), info("l1"))
        .await
        .expect("answered")
        .expect("its own again");
    let other = lock(&cx, made.stack(), info("l2")).await.expect("answered");
    assert_eq!(other.map_err(|info| info.id), Err("l1".to_owned()));
    assert!(is_conflict(&unlock(&cx, made.stack(), Some("l2")).await));
    unlock(&cx, made.stack(), Some("l1")).await.expect("let go");
    unlock(&cx, made.stack(), Some("l1")).await.expect("again");
    lock(&cx, made.stack(), info("l2"))
        .await
        .expect("answered")
        .expect("free");
}

async fn grant(made: &Fixture, cx: &Cx, purpose: &str) {
    let session = cx.person().expect("a person").session;
    let purpose = purpose.replace("{}", &made.stack().to_string());
    let mut tx = made.db.begin().await.expect("begun");
    sqlx::query("set local session_replication_role = replica")
        .execute(&mut *tx)
        .await
        .expect("set");
    sqlx::query("insert into step_up_grant (session_label, purpose) values ($1, $2)")
        .bind(session)
        .bind(purpose)
        .execute(&mut *tx)
        .await
        .expect("granted");
    tx.commit().await.expect("committed");
}

const WHY: &str = "its worker burnt down";

#[sqlx::test(migrations = "../migrations")]
async fn breaking_a_lock_raises_the_epoch_and_is_on_the_record(db: PgPool) {
    let made = attempt(&db, true).await;
    let held = locked(&made).await;
    let cx = made.by(platform_engineer());
    assert_eq!(
        break_lock(&cx, made.stack(), WHY).await,
        Err(Error::StepUpRequired)
    );
    grant(&made, &cx, "stack.break_lock:{}").await;
    assert!(matches!(
        break_lock(&cx, made.stack(), " x ").await,
        Err(Error::Invalid { .. })
    ));
    break_lock(&cx, made.stack(), WHY)
        .await
        .expect("a refused try left the grant");
    assert_eq!(
        write_state(&held, made.stack(), Some("l1"), &state(1, "l", "")).await,
        Err(Error::Gone)
    );
    let shown = show(&made.developer(), made.stack()).await.expect("shown");
    assert_eq!(
        (shown.epoch, shown.lock, shown.listed.held_by),
        (2, None, None)
    );
    let (action, clear): (String, bool) = sqlx::query_as(
        "select payload ->> 'action', strpos(canonical, 'burnt') > 0 from audit.event order by seq desc limit 1",
    )
    .fetch_one(&db)
    .await
    .expect("an event");
    assert_eq!((&*action, clear), ("stack.lock_broken", false));
    let lead = made.by(member("payments", TeamRole::TeamLead));
    assert!(matches!(
        break_lock(&lead, made.stack(), WHY).await,
        Err(Error::Forbidden { .. })
    ));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_state_is_taken_away_after_a_fresh_sign_in_with_a_reason(db: PgPool) {
    let made = attempt(&db, true).await;
    let held = locked(&made).await;
    let bytes = state(1, "l", "secret");
    write_state(&held, made.stack(), Some("l1"), &bytes)
        .await
        .expect("written");
    let cx = made.by(platform_engineer());
    assert_eq!(
        download(&cx, made.stack(), 1, WHY).await,
        Err(Error::StepUpRequired)
    );
    grant(&made, &cx, "state.download:{}.2").await;
    assert_eq!(
        download(&cx, made.stack(), 1, WHY).await,
        Err(Error::StepUpRequired),
        "another version"
    );
    grant(&made, &cx, "state.download:{}.1").await;
    assert_eq!(download(&cx, made.stack(), 1, WHY).await, Ok(bytes));
    assert_eq!(
        download(&cx, made.stack(), 1, WHY).await,
        Err(Error::StepUpRequired),
        "once"
    );
    let versions = history(&cx, made.stack(), None).await.expect("listed");
    assert_eq!(versions.len(), 1);
    assert_eq!((versions[0].serial, versions[0].epoch), (1, 1));
    assert!(versions[0].job.is_some());
    let refused = history(&made.developer(), made.stack(), None).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
}

#[sqlx::test(migrations = "../migrations")]
async fn security_52_a_state_moved_to_another_serial_does_not_open(db: PgPool) {
    let made = attempt(&db, true).await;
    let cx = locked(&made).await;
    for serial in 1..=2 {
        write_state(&cx, made.stack(), Some("l1"), &state(serial, "l", ""))
            .await
            .expect("written");
    }
    sqlx::query(
        "update state_version set sealed = (select sealed from state_version where serial = 1) where serial = 2",
    )
    .execute(&db)
    .await
    .expect("moved");
    assert_eq!(read_state(&cx, made.stack()).await, Err(Error::Internal));
}

#[sqlx::test(migrations = "../migrations")]
async fn stacks_are_listed_by_name_a_page_at_a_time(db: PgPool) {
    let made = attempt(&db, true).await;
    sqlx::query(
        "insert into stack (id, name, team) select gen_random_uuid(), 'search/' || to_char(n, 'FM000'), 'search'
         from generate_series(1, 60) n",
    )
    .execute(&mut *replica(&db).await)
    .await
    .expect("sixty more");
    let cx = made.developer();
    let page = list(&cx, "", "").await.expect("listed");
    assert!(page.stacks[0].held_by.is_some(), "payments is held");
    assert_eq!((page.stacks.len(), page.more), (50, true));
    let next = list(&cx, "", &page.stacks[49].name).await.expect("listed");
    assert_eq!((next.stacks.len(), next.more), (11, false));
    let found = list(&cx, "Payments", "").await.expect("listed");
    assert_eq!((found.stacks.len(), found.more), (1, false));
    assert_eq!(
        show(&cx, Uuid::nil()).await.map(|_| ()),
        Err(Error::NotFound)
    );
}

async fn replica(db: &PgPool) -> sqlx::pool::PoolConnection<sqlx::Postgres> {
    let mut connection = db.acquire().await.expect("a connection");
    sqlx::query("set session_replication_role = replica")
        .execute(&mut *connection)
        .await
        .expect("set");
    connection
}
