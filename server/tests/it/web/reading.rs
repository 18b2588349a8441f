//! Server functions by GET read, and nothing else.

use axum::http::StatusCode;
use platform::people::Actor;
use sqlx::PgPool;

use super::probes;

#[sqlx::test(migrations = false)]
async fn security_30_a_write_inside_a_get_function_is_refused_by_the_database(db: PgPool) {
    let probes = probes(db.clone(), Actor::Anonymous);
    let answer = probes.get("/fn/probe/read", &[]).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let read_only_sql_transaction = "25006";
    assert_eq!(answer.headers()["x-sqlstate"], read_only_sql_transaction);
    let written: bool = sqlx::query_scalar("select to_regclass('written') is not null")
        .fetch_one(&db)
        .await
        .expect("answers");
    assert!(!written);
}
