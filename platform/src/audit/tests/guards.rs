//! What the application and a superuser may not do.

#![expect(
    clippy::disallowed_methods,
    reason = "these tests speak the SQL of an intruder"
)]

use sqlx::PgPool;

use super::{SYSTEM, cx, fill};
use crate::audit::{
    event::{Event, Kind, Outcome},
    ops,
};

/// Runs a statement as a role, in a transaction that is rolled back; the refusal's SQLSTATE.
async fn refusal(db: &PgPool, role: &str, statement: &str) -> Option<String> {
    let mut tx = db.begin().await.expect("begins");
    let set = format!("set local role {role}");
    sqlx::query(sqlx::AssertSqlSafe(set))
        .execute(&mut *tx)
        .await
        .expect("is the role");
    match sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
        .execute(&mut *tx)
        .await
    {
        Ok(_) => None,
        Err(sqlx::Error::Database(error)) => error.code().map(Into::into),
        Err(error) => panic!("{statement}: {error}"),
    }
}

const DENIED: Option<&str> = Some("42501");

#[sqlx::test(migrations = "../migrations")]
async fn security_59_the_application_cannot_touch_the_chain(db: PgPool) {
    fill(&cx(&db, SYSTEM), 2).await;
    for statement in [
        "select from audit.event",
        "select from audit.chain",
        "select from audit.note",
        "select from audit.pending",
        "insert into audit.event (seq, recorded_at, canonical, prev_hash, hash) values (3, now(), '{}', '', '')",
        "insert into audit.pending (canonical) values ('{}')",
        "update audit.event set canonical = '{}'",
        "update audit.chain set seq = 0",
        "delete from audit.event",
        "delete from audit.note",
        "delete from audit.pending",
        "truncate audit.event cascade",
        "alter table audit.event disable trigger all",
        "set session_replication_role = replica",
        "create function audit.mine() returns int language sql as 'select 1'",
        "create table audit.mine ()",
        "select audit.erase(1, '{}')",
        "select audit.required()",
        "select audit.hash_of(gen_random_uuid(), 1, now(), '', '')",
    ] {
        assert_eq!(
            refusal(&db, "groundcrew_app", statement).await.as_deref(),
            DENIED,
            "{statement}"
        );
    }
    let members = "select count(*) from pg_auth_members m join pg_roles r on r.oid = m.member
        where r.rolname in ('groundcrew_app', 'audit_reader', 'audit_signer', 'audit_eraser')";
    let members: i64 = sqlx::query_scalar(members)
        .fetch_one(&db)
        .await
        .expect("counts");
    assert_eq!(members, 0, "none of them may become another role");
    for (role, statement) in [
        ("audit_reader", "delete from audit.note"),
        ("audit_reader", "select audit.append('{}')"),
        ("audit_signer", "select canonical from audit.event"),
        ("audit_signer", "select from audit.note"),
        ("audit_eraser", "delete from audit.note"),
        (
            "groundcrew_owner",
            "alter table audit.event disable trigger all",
        ),
        ("groundcrew_owner", "drop table audit.event"),
        ("groundcrew_owner", "select from audit.event"),
    ] {
        assert_eq!(
            refusal(&db, role, statement).await.as_deref(),
            DENIED,
            "{role}: {statement}"
        );
    }
    assert_eq!(
        refusal(&db, "audit_reader", "select from audit.event").await,
        None
    );
    assert_eq!(
        refusal(&db, "audit_signer", "select seq, hash from audit.event").await,
        None
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_59_triggers_refuse_even_a_superuser(db: PgPool) {
    fill(&cx(&db, SYSTEM), 2).await;
    for statement in [
        "update audit.event set canonical = canonical",
        "update audit.event set canonical = canonical where false",
        "delete from audit.event where seq = 2",
        "truncate audit.event cascade",
        "update audit.chain set seq = 1",
        "update audit.chain set seq = seq + 1",
        "update audit.chain set id = gen_random_uuid()",
        "delete from audit.chain",
        "truncate audit.chain",
    ] {
        for before in ["", "set local session_replication_role = replica; "] {
            let block = format!("do $$ begin {before}{statement}; end $$");
            assert_eq!(
                refusal(&db, "postgres", &block).await.as_deref(),
                DENIED,
                "{block}"
            );
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_61_a_guarded_change_without_an_event_does_not_commit(db: PgPool) {
    let cx = cx(&db, SYSTEM);
    for statement in [
        "create table guarded (id int primary key, seen_at timestamptz)",
        "create constraint trigger has_event after insert or update of id or delete on guarded
           deferrable initially deferred for each row execute function audit.required()",
    ] {
        sqlx::query(statement).execute(&db).await.expect("is made");
    }
    let insert = "insert into guarded values (1)";
    let bare = sqlx::query(insert)
        .execute(&db)
        .await
        .expect_err("no event");
    assert!(
        bare.to_string()
            .contains("change of guarded without an audit event"),
        "{bare}"
    );

    let event = Event::new(&cx, Kind::RolesChanged, Outcome::Success);
    let mut tx = cx.begin().await.expect("begins");
    sqlx::query(insert)
        .execute(&mut *tx)
        .await
        .expect("inserts");
    ops::append(&cx, &mut tx, &event).await.expect("appends");
    tx.commit().await.expect("an event stands beside it");

    let event = Event::new(&cx, Kind::RolesChanged, Outcome::Success);
    let mut tx = cx.begin().await.expect("begins");
    sqlx::query("update guarded set id = 2")
        .execute(&mut *tx)
        .await
        .expect("updates");
    ops::enqueue(&cx, &mut tx, &event).await.expect("enqueues");
    tx.commit().await.expect("a waiting event stands beside it");

    let late = sqlx::query("delete from guarded").execute(&db).await;
    assert!(
        late.is_err(),
        "the event of another transaction does not count"
    );
    sqlx::query("update guarded set seen_at = now()")
        .execute(&db)
        .await
        .expect("bookkeeping needs none");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_61_what_is_rolled_back_leaves_no_gap(db: PgPool) {
    let cx = cx(&db, SYSTEM);
    fill(&cx, 1).await;
    let event = Event::new(&cx, Kind::SignOut, Outcome::Success);
    let mut tx = cx.begin().await.expect("begins");
    assert_eq!(ops::append(&cx, &mut tx, &event).await, Ok(2));
    tx.rollback().await.expect("rolls back");
    fill(&cx, 1).await;
    let report = ops::verify_database(
        &mut db.acquire().await.expect("a connection"),
        vec![],
        Some(&cx.keys),
        &ops::Progress::default(),
    )
    .await;
    let report = report.expect("verifies");
    assert!(report.sound(), "{report:?}");
    assert_eq!((report.last, report.notes_held), (2, 2));
}

#[sqlx::test(migrations = "../migrations")]
async fn security_61_thirty_two_writers_make_no_fork(db: PgPool) {
    let cx = cx(&db, SYSTEM);
    let writers = (0..32_u32).map(|writer| {
        let cx = cx.clone();
        tokio::spawn(async move {
            for at in 0..10_u32 {
                let event = Event::new(&cx, Kind::SignOut, Outcome::Success).on("session", writer);
                let mut tx = cx.begin().await.expect("begins");
                if (writer + at) % 3 == 0 {
                    ops::enqueue(&cx, &mut tx, &event).await.expect("enqueues");
                } else {
                    ops::append(&cx, &mut tx, &event).await.expect("appends");
                }
                if (writer + at) % 7 == 0 {
                    tx.rollback().await.expect("rolls back");
                } else {
                    tx.commit().await.expect("commits");
                }
                if at == 5 {
                    ops::drain(&cx.as_system("test")).await.expect("drains");
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no panic");
    }
    ops::drain(&cx.as_system("test")).await.expect("drains");
    let kept = (0..32_u32)
        .flat_map(|w| (0..10_u32).map(move |at| w + at))
        .filter(|n| n % 7 != 0);
    let report = ops::verify_database(
        &mut db.acquire().await.expect("a connection"),
        vec![],
        None,
        &ops::Progress::default(),
    )
    .await;
    let report = report.expect("verifies");
    assert!(report.sound(), "{report:?}");
    assert_eq!(report.last, i64::try_from(kept.count()).expect("few"));
}
