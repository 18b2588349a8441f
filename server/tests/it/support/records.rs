//! What the database holds after a step: sessions, people, events.

use sqlx::PgPool;
use uuid::Uuid;

/// Rows that a refused sign-in must leave alone: sessions, people, grants.
pub(crate) async fn rows(db: &PgPool) -> (i64, i64, i64) {
    sqlx::query_as(
        "select (select count(*) from session), (select count(*) from person), (select count(*) from step_up_grant)",
    )
    .fetch_one(db)
    .await
    .expect("counted")
}

/// Open flows.
pub(crate) async fn flows(db: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from login_flow")
        .fetch_one(db)
        .await
        .expect("counted")
}

/// Sessions that did not end.
pub(crate) async fn live(db: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from session where revoked_at is null")
        .fetch_one(db)
        .await
        .expect("counted")
}

/// Label of the newest session.
pub(crate) async fn newest(db: &PgPool) -> Uuid {
    sqlx::query_scalar("select label from session order by created_at desc, label desc limit 1")
        .fetch_one(db)
        .await
        .expect("a session")
}

/// Why each ended session ended, in the order they ended.
pub(crate) async fn ends(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar("select revoked_why from session where revoked_at is not null order by revoked_at, created_at")
        .fetch_all(db)
        .await
        .expect("listed")
}

/// A person by subject.
pub(crate) async fn person(db: &PgPool, sub: &str) -> Uuid {
    sqlx::query_scalar("select id from person where sub = $1")
        .bind(sub)
        .fetch_one(db)
        .await
        .expect("a person")
}

/// Every event so far: its action, and its rule, why or purpose after a colon.
pub(crate) async fn events(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select concat_ws(':', payload->>'action', coalesce(payload#>>'{detail,rule}', payload#>>'{detail,why}'))
         from audit.event order by seq",
    )
    .fetch_all(db)
    .await
    .expect("listed")
}

/// The last event.
pub(crate) async fn last_event(db: &PgPool) -> String {
    events(db).await.pop().unwrap_or_default()
}

/// Every table as text, bytes in base64.
pub(crate) async fn dump(db: &PgPool) -> String {
    sqlx::query_scalar(
        "select string_agg(query_to_xml(format('select * from %I.%I', table_schema, table_name), true, false, '')::text, '')
         from information_schema.tables where table_schema in ('public', 'audit') and table_type = 'BASE TABLE'",
    )
    .fetch_one(db)
    .await
    .expect("dumped")
}

/// Makes every open flow this much older.
pub(crate) async fn age_flows(db: &PgPool, seconds: f64) {
    sqlx::query("update login_flow set created_at = created_at - make_interval(secs => $1)")
        .bind(seconds)
        .execute(db)
        .await
        .expect("aged");
}

/// Makes every session this much longer unused.
pub(crate) async fn age_use(db: &PgPool, seconds: f64) {
    sqlx::query("update session set last_seen_at = last_seen_at - make_interval(secs => $1)")
        .bind(seconds)
        .execute(db)
        .await
        .expect("aged");
}
