//! Handing in: idempotent, in order, fenced.

use sqlx::PgPool;

use super::fixture::{apply, attempt};
use crate::{
    Error,
    jobs::wire::JournalEntry,
    logs::ops::{append, evidence, journal, keep_partitions},
};

fn conflict(result: crate::Result<()>) -> String {
    match result {
        Err(Error::Conflict { why }) => why,
        other => panic!("no conflict: {other:?}"),
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_chunk_again_changes_nothing_and_others_under_its_number_are_refused(db: PgPool) {
    let made = attempt(&db, true).await;
    let cx = made.cx();
    append(&cx, 0, b"one\ntwo").await.expect("taken");
    append(&cx, 0, b"one\ntwo").await.expect("taken again");
    append(&cx, 1, b" and more\n").await.expect("taken");
    assert_eq!(
        conflict(append(&cx, 0, b"one\nTWO").await),
        "chunk 0 is there with other bytes"
    );
    assert_eq!(conflict(append(&cx, 3, b"x").await), "chunk 2 is next");
    assert!(append(&cx, 2, b"").await.is_err(), "empty");
    assert!(append(&cx, 2, &vec![0; 65_537]).await.is_err(), "too big");
    let rows: Vec<(i64, i64, i32, i64, i32)> = sqlx::query_as(
        "select seq, byte_offset, raw_bytes, first_line, lines from log_chunk order by seq",
    )
    .fetch_all(&db)
    .await
    .expect("listed");
    assert_eq!(rows, [(0, 0, 7, 1, 1), (1, 7, 10, 2, 1)]);
}

#[sqlx::test(migrations = "../migrations")]
async fn fifty_hands_at_once_leave_one_chunk(db: PgPool) {
    let made = attempt(&db, true).await;
    let cx = made.cx();
    let all = (0..50).map(|_| append(&cx, 0, b"the same\n"));
    for taken in futures_all(all).await {
        taken.expect("taken, or there already");
    }
    let count: i64 = sqlx::query_scalar("select count(*) from log_chunk")
        .fetch_one(&db)
        .await
        .expect("counted");
    assert_eq!(count, 1);
}

async fn futures_all<F: Future + Send>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = all.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|cx| {
        let mut waiting = false;
        for (future, done) in &mut pending {
            if done.is_none() {
                match future.as_mut().poll(cx) {
                    std::task::Poll::Ready(output) => *done = Some(output),
                    std::task::Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await;
    pending.into_iter().filter_map(|(_, done)| done).collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn security_27_a_log_ends_with_its_attempt_and_its_epoch(db: PgPool) {
    let made = attempt(&db, true).await;
    let cx = made.cx();
    append(&cx, 0, b"a\n").await.expect("taken");
    apply(
        &db,
        "update stack set epoch = epoch + 1 where id = $1",
        made.stack(),
    )
    .await;
    assert_eq!(
        append(&cx, 1, b"b\n").await,
        Err(Error::Gone),
        "at an old epoch"
    );
    assert_eq!(
        append(&cx, 0, b"a\n").await,
        Ok(()),
        "what is there stays acknowledged"
    );
    apply(
        &db,
        "update attempt set state = 'indeterminate', finished_at = now() where id = $1",
        made.id(),
    )
    .await;
    append(&cx, 1, b"b\n")
        .await
        .expect("a late shim's log is history");
    apply(
        &db,
        "update attempt set state = 'failed', log_chunks = 3 where id = $1",
        made.id(),
    )
    .await;
    append(&cx, 2, b"c\n").await.expect("the end declared it");
    assert_eq!(
        append(&cx, 3, b"d\n").await,
        Err(Error::Gone),
        "the end did not"
    );
    let entry = JournalEntry {
        address: "a.b".to_owned(),
        action: "create".to_owned(),
        phase: "start".to_owned(),
        id_value: None,
    };
    assert_eq!(journal(&cx, 0, &entry).await, Err(Error::Gone));
    evidence(&cx, "errored.tfstate", b"late")
        .await
        .expect("evidence is taken after the end");
}

#[sqlx::test(migrations = "../migrations")]
async fn journal_and_evidence_may_be_handed_in_again(db: PgPool) {
    let made = attempt(&db, true).await;
    let cx = made.cx();
    let entry = |id: Option<&str>| JournalEntry {
        address: "terraform_data.a[\"x\"]".to_owned(),
        action: "create".to_owned(),
        phase: "complete".to_owned(),
        id_value: id.map(str::to_owned),
    };
    for _ in 0..2 {
        journal(&cx, 0, &entry(Some("i-1"))).await.expect("taken");
        evidence(&cx, "report.json", b"{}").await.expect("taken");
    }
    conflict(journal(&cx, 0, &entry(None)).await);
    conflict(evidence(&cx, "report.json", b"[]").await);
    for name in ["", "../x", "a/b", "A", &"x".repeat(65)] {
        assert!(evidence(&cx, name, b"x").await.is_err(), "{name}");
    }
    let clear: bool =
        sqlx::query_scalar("select position('{}'::bytea in sealed) > 0 from evidence")
            .fetch_one(&db)
            .await
            .expect("read");
    assert!(!clear, "evidence is sealed");
}

#[sqlx::test(migrations = "../migrations")]
async fn days_are_made_ahead_and_dropped_when_their_time_is_over(db: PgPool) {
    let made = attempt(&db, false).await;
    let system = made.system();
    keep_partitions(&system, 30).await.expect("kept");
    keep_partitions(&system, 30).await.expect("kept again");
    append(&made.cx(), 0, b"today\n").await.expect("taken");
    let place: String = sqlx::query_scalar("select tableoid::regclass::text from log_chunk")
        .fetch_one(&db)
        .await
        .expect("read");
    let today: String =
        sqlx::query_scalar("select 'log_chunk_' || to_char(current_date, 'YYYYMMDD')")
            .fetch_one(&db)
            .await
            .expect("read");
    assert_eq!(place, today);
    sqlx::raw_sql(
        "set role groundcrew_owner;
         create table log_chunk_20200101 partition of log_chunk for values from ('2020-01-01') to ('2020-01-02');
         reset role;
         insert into log_chunk (attempt_id, seq, day, byte_offset, raw_bytes, first_line, lines, sha256, body)
           select attempt_id, seq, d, byte_offset, raw_bytes, first_line, lines, sha256, body
           from log_chunk, unnest(array['2020-01-01', '2020-02-02']::date[]) d",
    )
    .execute(&db)
    .await
    .expect("old days");
    assert_eq!(keep_partitions(&system, 30).await, Ok(1));
    let left: i64 = sqlx::query_scalar("select count(*) from log_chunk")
        .fetch_one(&db)
        .await
        .expect("counted");
    assert_eq!(
        left, 1,
        "the old day's partition and the old row of no partition are gone"
    );
}
