//! A superuser with the triggers off changes history: each change is named, with the first bad event.

#![expect(
    clippy::disallowed_methods,
    reason = "these tests speak the SQL of an intruder"
)]

use proptest::{prelude::Strategy, strategy::ValueTree as _};
use sqlx::PgPool;

use super::{SYSTEM, cx, fill};
use crate::{
    Cx,
    audit::{
        checkpoint::{Checkpoint, origin},
        merkle::Frontier,
        ops,
        report::Report,
    },
};

const EVENTS: usize = 12;

async fn verify(cx: &Cx, checkpoints: Vec<Checkpoint>) -> Report {
    let mut db = cx.db.acquire().await.expect("a connection");
    ops::verify_database(
        &mut db,
        checkpoints,
        Some(&cx.keys),
        &ops::Progress::default(),
    )
    .await
    .expect("verifies")
}

/// A checkpoint over the first `size` events as they stand.
async fn checkpoint(db: &PgPool, size: usize) -> Checkpoint {
    let chain = sqlx::query_scalar!("select id from audit.chain")
        .fetch_one(db)
        .await
        .expect("a head");
    let hashes = sqlx::query_scalar!("select hash from audit.event order by seq")
        .fetch_all(db)
        .await;
    let mut tree = Frontier::default();
    for hash in &hashes.expect("hashes")[..size] {
        tree.push(hash.as_slice().try_into().expect("32 bytes"));
    }
    Checkpoint {
        origin: origin("portal.example", chain),
        size: size as u64,
        root: tree.root(),
    }
}

/// Runs statements with every trigger off, as only a superuser can.
async fn tamper(db: &PgPool, statements: &str) {
    let script = format!(
        "begin; alter table audit.event disable trigger all; alter table audit.chain disable trigger all; \
         alter table audit.note disable trigger all; {statements}; commit"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(script))
        .execute(db)
        .await
        .expect("a superuser may");
}

/// Rebuilds every hash from an event on, as somebody who wants to hide a change would.
const RECOMPUTE: &str = "do $$ declare e record; p bytea; c audit.chain; begin
  select * into c from audit.chain;
  p := sha256('groundcrew-audit-v1'::bytea || '\\x00'::bytea || uuid_send(c.id) || 'genesis'::bytea);
  for e in select * from audit.event order by seq loop
    update audit.event set prev_hash = p, hash = audit.hash_of(c.id, e.seq, e.recorded_at, p, e.canonical)
      where seq = e.seq returning hash into p;
    update audit.chain set seq = e.seq, hash = p;
  end loop; end $$";

#[sqlx::test(migrations = "../migrations")]
async fn security_60_each_change_of_history_is_named(db: PgPool) {
    let cases = [
        (
            "update audit.event set canonical = replace(canonical, 'success', 'failure') where seq = 5",
            5,
            "hash",
        ),
        (
            "update audit.event set recorded_at = recorded_at - interval '1 microsecond' where seq = 4",
            4,
            "hash",
        ),
        (
            "update audit.event set prev_hash = set_byte(prev_hash, 3, 7 # get_byte(prev_hash, 3)) where seq = 7",
            7,
            "link",
        ),
        (
            "update audit.event set hash = set_byte(hash, 3, 7 # get_byte(hash, 3)) where seq = 7",
            7,
            "hash",
        ),
        (
            "update audit.note set body = set_byte(body, 99, 7 # get_byte(body, 99)) where seq = 8",
            8,
            "note",
        ),
        (
            "delete from audit.note where seq = 8",
            8,
            "no event says so",
        ),
        (
            "insert into audit.note select 12, body from audit.note where seq = 3 on conflict (seq) do update set body = excluded.body",
            12,
            "note",
        ),
        ("delete from audit.event where seq = 9", 9, "missing"),
        (
            "insert into audit.event (seq, recorded_at, canonical, prev_hash, hash)
              select 13, now(), replace(canonical, '\"id\":\"', '\"id\":\"x'), hash, prev_hash
            from audit.event where seq = 12",
            13,
            "hash",
        ),
        (
            "update audit.event set seq = seq + 100 where seq in (3, 4); update audit.event set seq = 107 - seq where seq > 100",
            3,
            "link",
        ),
        ("delete from audit.event where seq > 10", 11, "head"),
        (
            "delete from audit.event where seq > 10; update audit.chain set seq = 10, hash = (select hash from audit.event where seq = 10)",
            11,
            "covers 12",
        ),
        ("update audit.chain set hash = sha256('x')", 12, "head"),
        ("update audit.chain set id = gen_random_uuid()", 0, "chain"),
        ("delete from audit.chain", 0, "head row"),
        // The last: the column is an ordinary one from then on.
        (
            "alter table audit.event alter payload drop expression;
             update audit.event set payload = payload || '{\"outcome\":\"denied\"}' where seq = 6",
            6,
            "payload",
        ),
    ];
    let cx = cx(&db, SYSTEM);
    fill(&cx, EVENTS).await;
    let checkpoints = vec![
        checkpoint(&db, 0).await,
        checkpoint(&db, 4).await,
        checkpoint(&db, EVENTS).await,
    ];
    let report = verify(&cx, checkpoints.clone()).await;
    assert!(report.sound(), "{report:?}");
    assert_eq!(
        (report.checkpoints, report.covered, report.notes_held),
        (3, 12, 12)
    );
    sqlx::raw_sql("create schema kept; create table kept.event as select * from audit.event;
        create table kept.note as select * from audit.note; create table kept.chain as select * from audit.chain")
        .execute(&db)
        .await
        .expect("kept");
    for (statements, seq, why) in cases {
        tamper(&db, statements).await;
        let report = verify(&cx, checkpoints.clone()).await;
        let bad = report
            .first_bad()
            .unwrap_or_else(|| panic!("unseen: {statements}"));
        assert_eq!(bad.seq.unwrap_or(0), seq, "{statements}: {report:?}");
        assert!(bad.why.contains(why), "{statements}: {report:?}");
        if why == "payload" {
            break;
        }
        tamper(
            &db,
            "delete from audit.note; delete from audit.event; delete from audit.chain;
             insert into audit.chain select * from kept.chain;
             insert into audit.event (seq, recorded_at, canonical, prev_hash, hash)
               select seq, recorded_at, canonical, prev_hash, hash from kept.event;
             insert into audit.note select * from kept.note",
        )
        .await;
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_60_a_recomputed_or_forked_chain_fails_its_checkpoints(db: PgPool) {
    let cx = cx(&db, SYSTEM);
    fill(&cx, 8).await;
    let early = checkpoint(&db, 4).await;
    let late = checkpoint(&db, 8).await;
    let change =
        "update audit.event set canonical = replace(canonical, 'success', 'failure') where seq = 6";
    tamper(&db, &format!("{change}; {RECOMPUTE}")).await;
    let report = verify(&cx, vec![early.clone()]).await;
    assert!(
        report.sound(),
        "what no checkpoint covers can be recomputed: {report:?}"
    );
    let report = verify(&cx, vec![late.clone(), early.clone()]).await;
    let bad = report.first_bad().expect("seen");
    assert_eq!((bad.seq, bad.exact), (Some(5), false), "{report:?}");

    // A backup from after event 4, gone on with: a fork.
    tamper(&db, &format!("delete from audit.note where seq > 4; delete from audit.event where seq > 4; {RECOMPUTE}")).await;
    let report = verify(&cx, vec![early.clone(), late.clone()]).await;
    assert_eq!(
        report.first_bad().and_then(|bad| bad.seq),
        Some(5),
        "{report:?}"
    );
    fill(&cx, 9).await;
    let report = verify(&cx, vec![early, late]).await;
    assert_eq!(
        report.first_bad().and_then(|bad| bad.seq),
        Some(5),
        "{report:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_60_the_chain_of_another_portal_is_named(db: PgPool) {
    let cx = cx(&db, SYSTEM);
    fill(&cx, 2).await;
    let mut other = checkpoint(&db, 2).await;
    other.origin = origin("portal.example", uuid::Uuid::nil());
    let report = verify(&cx, vec![other]).await;
    assert!(
        report
            .first_bad()
            .is_some_and(|bad| bad.why.contains("checkpoints are of")),
        "{report:?}"
    );
}

/// Where the property below puts its edit, and what it does there.
fn edits() -> impl Strategy<Value = (i64, usize, i32)> {
    (1..=12_i64, 0..5_usize, 0..32_i32)
}

#[sqlx::test(migrations = "../migrations")]
async fn security_60_random_edits_are_found_at_their_place(db: PgPool) {
    let cx = cx(&db, SYSTEM);
    fill(&cx, EVENTS).await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..40 {
        let (seq, column, at) = edits().new_tree(&mut runner).expect("a value").current();
        let flip = |column: &str| {
            format!(
                "update audit.event set {column} = set_byte({column}, {at}, 1 # get_byte({column}, {at})) where seq = {seq}"
            )
        };
        let edit = match column {
            0 => flip("hash"),
            1 => flip("prev_hash"),
            2 => format!(
                "update audit.event set recorded_at = recorded_at + interval '{} microseconds' where seq = {seq}",
                at + 1
            ),
            3 => format!(
                "update audit.event set canonical = overlay(canonical placing (case substr(canonical, {p}, 1) when 'a' then 'b' else 'a' end) from {p} for 1) where seq = {seq}",
                p = 12 + at / 8
            ),
            _ => format!(
                "update audit.note set body = set_byte(body, {at}, 1 # get_byte(body, {at})) where seq = {seq}"
            ),
        };
        tamper(&db, "create table kept as select seq, recorded_at, canonical, prev_hash, hash, body from audit.event join audit.note using (seq)").await;
        tamper(&db, &edit).await;
        let report = verify(&cx, vec![]).await;
        let bad = report
            .first_bad()
            .unwrap_or_else(|| panic!("unseen: {edit}"));
        assert_eq!(bad.seq, Some(seq), "{edit}: {report:?}");
        tamper(&db, "update audit.event e set recorded_at = k.recorded_at, canonical = k.canonical, prev_hash = k.prev_hash, hash = k.hash from kept k where k.seq = e.seq;
            update audit.note n set body = k.body from kept k where k.seq = n.seq; drop table kept").await;
    }
    assert!(verify(&cx, vec![]).await.sound());
}
