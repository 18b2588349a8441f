//! Whose token opens which door, and that nothing else does.

use axum::http::StatusCode;
use platform::jobs::wire::{Renew, Start};
use server::work::calls::CALLS;
use sqlx::PgPool;

use super::machine::{Machine, echo, whole, worker, writer};
use crate::support::signed_in;

#[sqlx::test(migrations = "../migrations")]
async fn security_27_a_worker_gets_its_pools_work_and_no_other(db: PgPool) {
    let portal = whole(db).await;
    let other = worker(&portal, "other", "gpu").await;
    let own = worker(&portal, "own", "default").await;
    echo(&portal, "default").await;
    assert!(other.claim(8, 0).await.is_empty(), "another pool's work");
    assert_eq!(own.claim(8, 0).await.len(), 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_27_an_attempts_token_is_for_that_attempt_and_no_worker(db: PgPool) {
    let portal = whole(db).await;
    let worker = worker(&portal, "w", "default").await;
    echo(&portal, "default").await;
    echo(&portal, "default").await;
    let assigned = worker.claim(2, 0).await;
    assert_eq!(assigned.len(), 2);
    let mine = worker.with(&assigned[0].token);
    let other = |what: &str| format!("/work/v1/attempts/{}/{what}", assigned[1].attempt);
    let own = |what: &str| format!("/work/v1/attempts/{}/{what}", assigned[0].attempt);
    let mut address = 0;
    for (method, path, _) in CALLS {
        let path = path
            .replace("{id}", &assigned[1].attempt.to_string())
            .replace("{seq}", "0")
            .replace("{name}", "x");
        if path.contains("/attempts/") {
            let answer = mine.call(method, &path, "{}").await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "another's {method} {path}"
            );
            let answer = worker.call(method, &path, "{}").await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "a worker's {method} {path}"
            );
        }
        let mut nobody = Machine::new(&portal, "");
        address += 1;
        nobody.address = ([10, 8, 0, address], 4000).into();
        let answer = nobody.send(method, &path, &[], "{}").await;
        assert_eq!(
            answer.status,
            StatusCode::UNAUTHORIZED,
            "nobody's {method} {path}"
        );
        let in_url = format!("{path}?token={}", mine.token);
        let answer = nobody.send(method, &in_url, &[], "{}").await;
        assert_eq!(
            answer.status,
            StatusCode::UNAUTHORIZED,
            "in the address: {method} {path}"
        );
    }
    for (path, body) in [
        ("/work/v1/hello", "{}"),
        ("/work/v1/claim", r#"{"free":1,"wait_ms":0}"#),
    ] {
        let answer = mine.call("POST", path, body).await;
        let refused = [StatusCode::FORBIDDEN, StatusCode::UNPROCESSABLE_ENTITY];
        assert!(
            refused.contains(&answer.status),
            "an attempt's {path}: {answer:?}"
        );
    }
    assert_eq!(
        mine.json(&own("renew"), &Renew::default()).await.status,
        StatusCode::OK
    );
    let untouched: bool =
        sqlx::query_scalar("select process_started_at is null from attempt where id = $1")
            .bind(assigned[1].attempt)
            .fetch_one(&portal.db)
            .await
            .expect("read");
    assert!(untouched, "{}", other(""));
}

#[sqlx::test(migrations = "../migrations")]
async fn security_27_machines_open_no_page_and_cookies_open_no_machines_door(db: PgPool) {
    let portal = whole(db).await;
    let worker = worker(&portal, "w", "default").await;
    echo(&portal, "default").await;
    let attempt = worker.with(&worker.claim(1, 0).await[0].token);
    let browser = signed_in(&portal, &["admins"]).await;
    let cookie = format!(
        "__Host-groundcrew={}",
        browser.session().expect("signed in")
    );
    for machine in [&worker, &attempt] {
        for path in [
            "/",
            "/sessions",
            "/audit",
            "/fn/search/find?input[text]=x",
            "/api/v1/audit/events.csv",
        ] {
            let answer = machine.call("GET", path, "").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            let token = format!("Bearer {}", machine.token);
            let both = [("authorization", &*token), ("cookie", &*cookie)];
            let answer = machine.send("GET", path, &both, "").await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "both: {path}");
        }
    }
    let token = format!("Bearer {}", attempt.token);
    for headers in [
        vec![("cookie", &*cookie)],
        vec![("cookie", &*cookie), ("authorization", &*token)],
    ] {
        for (method, path) in [
            ("POST", "/work/v1/claim"),
            ("GET", "/state/018f4d6e-0000-7000-8000-000000000000"),
        ] {
            let answer = attempt.send(method, path, &headers, "{}").await;
            let refused = [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN];
            assert!(refused.contains(&answer.status), "{path}: {answer:?}");
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_27_a_broken_epoch_and_a_revoked_worker_end_an_attempt(db: PgPool) {
    let portal = whole(db).await;
    let worker = worker(&portal, "w", "default").await;
    writer(&portal, "payments/db", "action").await;
    let assigned = worker.claim(1, 0).await;
    assert_eq!(assigned[0].epoch, Some(1));
    let shim = worker.with(&assigned[0].token);
    let at = |what: &str| format!("/work/v1/attempts/{}/{what}", assigned[0].attempt);
    assert_eq!(
        shim.json(&at("start"), &Start { shim_pid: 1 }).await.status,
        StatusCode::OK
    );
    sqlx::raw_sql("set session_replication_role = replica; update stack set epoch = epoch + 1, holder_attempt = null")
        .execute(&portal.db)
        .await
        .expect("raised");
    for (method, what, body) in [
        ("POST", "renew", r#"{"silent_ms":0,"phase":null}"#),
        ("PUT", "log/0", "x"),
        (
            "PUT",
            "journal/0",
            r#"{"address":"a","action":"create","phase":"start","id_value":null}"#,
        ),
    ] {
        let answer = shim.call(method, &at(what), body).await;
        assert_eq!(answer.status, StatusCode::GONE, "{what}: {answer:?}");
    }
    sqlx::raw_sql("set session_replication_role = replica; update worker set revoked_at = now()")
        .execute(&portal.db)
        .await
        .expect("revoked");
    for machine in [&worker, &shim] {
        let answer = machine.call("POST", &at("renew"), "{}").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
    }
}
