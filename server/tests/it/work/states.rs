//! Terraform's HTTP backend, as Terraform speaks it.

use axum::http::StatusCode;
use sqlx::PgPool;

use super::machine::{whole, worker, writer};

fn body(serial: i64, lineage: &str) -> String {
    format!(r#"{{"version":4,"serial":{serial},"lineage":"{lineage}","resources":[]}}"#)
}

#[sqlx::test(migrations = "../migrations")]
async fn a_state_is_locked_written_read_and_unlocked(db: PgPool) {
    let portal = whole(db).await;
    let worker = worker(&portal, "w", "default").await;
    writer(&portal, "payments/db", "action").await;
    let assigned = worker.claim(1, 0).await;
    let tool = worker.with(&assigned[0].token);
    let path = format!("/state/{}", assigned[0].stack.as_ref().expect("a stack").id);
    let with = |lock: &str| format!("{path}?ID={lock}");
    assert_eq!(
        tool.state("GET", &path, "").await.status,
        StatusCode::NO_CONTENT,
        "none yet"
    );
    let info = r#"{"ID":"l1","Operation":"OperationTypeApply","Info":"","Who":"a@b","Version":"1.11.0","Created":"2026-11-21T07:00:00Z","Path":""}"#;
    assert_eq!(tool.state("LOCK", &path, info).await.status, StatusCode::OK);
    let other = tool.state("LOCK", &path, info.replace("l1", "l2")).await;
    assert_eq!(other.status, StatusCode::LOCKED);
    assert_eq!(other.json::<serde_json::Value>()["ID"], "l1");
    for _ in 0..2 {
        let answer = tool.state("POST", &with("l1"), body(1, "l")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    for (lock, serial, lineage, status) in [
        ("l2", 2, "l", StatusCode::CONFLICT),
        ("l1", 3, "l", StatusCode::CONFLICT),
        ("l1", 2, "m", StatusCode::CONFLICT),
        ("l1", 1, "m", StatusCode::CONFLICT),
    ] {
        let answer = tool.state("POST", &with(lock), body(serial, lineage)).await;
        assert_eq!(answer.status, status, "{lock} {serial} {lineage}");
    }
    assert_eq!(
        tool.state("POST", &with("l1"), "nonsense").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        tool.state("POST", &path, body(2, "l")).await.status,
        StatusCode::CONFLICT,
        "no lock id"
    );
    let read = tool.state("GET", &path, "").await;
    assert_eq!(
        (read.status, read.body),
        (StatusCode::OK, body(1, "l").into_bytes())
    );
    for method in ["PUT", "DELETE", "PATCH"] {
        let answer = tool.state(method, &path, "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    assert_eq!(
        tool.state("UNLOCK", &path, info.replace("l1", "l9"))
            .await
            .status,
        StatusCode::CONFLICT
    );
    for _ in 0..2 {
        assert_eq!(
            tool.state("UNLOCK", &path, info).await.status,
            StatusCode::OK
        );
    }
    sqlx::raw_sql("set session_replication_role = replica; update stack set epoch = epoch + 1")
        .execute(&portal.db)
        .await
        .expect("raised");
    let late = tool.state("POST", &with("l1"), body(2, "l")).await;
    assert_eq!(
        late.status,
        StatusCode::CONFLICT,
        "Terraform stops at it: {late:?}"
    );
    assert_eq!(
        tool.state("LOCK", &path, info).await.status,
        StatusCode::GONE
    );
    assert_eq!(tool.state("GET", &path, "").await.status, StatusCode::GONE);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_27_planning_reads_and_never_writes_and_others_see_nothing(db: PgPool) {
    let portal = whole(db).await;
    let worker = worker(&portal, "w", "default").await;
    writer(&portal, "payments/db", "plan").await;
    writer(&portal, "payments/other", "action").await;
    let assigned = worker.claim(2, 0).await;
    let planning = assigned
        .iter()
        .find(|one| one.epoch.is_none())
        .expect("a plan");
    let writing = assigned
        .iter()
        .find(|one| one.epoch.is_some())
        .expect("a writer");
    let path = format!("/state/{}", planning.stack.as_ref().expect("a stack").id);
    let plans = worker.with(&planning.token);
    assert_eq!(
        plans.state("LOCK", &path, r#"{"ID":"p"}"#).await.status,
        StatusCode::OK
    );
    assert_eq!(
        plans.state("GET", &path, "").await.status,
        StatusCode::NO_CONTENT
    );
    let written = plans
        .state("POST", &format!("{path}?ID=p"), body(1, "l"))
        .await;
    assert_eq!(written.status, StatusCode::FORBIDDEN, "{written:?}");
    assert_eq!(
        plans.state("UNLOCK", &path, r#"{"ID":"p"}"#).await.status,
        StatusCode::OK
    );
    let other = worker.with(&writing.token);
    for (method, sent) in [
        ("GET", ""),
        ("POST", &*body(1, "l")),
        ("LOCK", r#"{"ID":"p"}"#),
        ("UNLOCK", ""),
    ] {
        let answer = other.state(method, &path, sent.to_owned()).await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "another's state: {method}"
        );
        let answer = worker.state(method, &path, sent.to_owned()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "a worker's: {method}");
        let answer = worker
            .with("gca_x")
            .state(method, &path, sent.to_owned())
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}");
    }
    let versions: i64 = sqlx::query_scalar("select count(*) from state_version")
        .fetch_one(&portal.db)
        .await
        .expect("counted");
    assert_eq!(versions, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_30_what_is_too_big_is_413_and_not_kept(db: PgPool) {
    let portal = whole(db).await;
    let worker = worker(&portal, "w", "default").await;
    writer(&portal, "payments/db", "action").await;
    let assigned = worker.claim(1, 0).await;
    let tool = worker.with(&assigned[0].token);
    let at = |what: &str| format!("/work/v1/attempts/{}/{what}", assigned[0].attempt);
    let state = format!("/state/{}", assigned[0].stack.as_ref().expect("a stack").id);
    let mib = 1024 * 1024;
    for (method, path, size) in [
        ("PUT", at("log/0"), 64 * 1024 + 1),
        ("PUT", at("journal/0"), mib + 1),
        ("PUT", at("plan"), 32 * mib + 1),
        ("PUT", at("plan/file"), 32 * mib + 1),
        ("PUT", at("evidence/x"), 64 * mib + 1),
        ("POST", at("finish"), 8 * mib + 1),
        ("POST", state, 64 * mib + 1),
    ] {
        let answer = tool.call(method, &path, vec![b' '; size]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
}
