//! Errors: useful to people and programs, silent about causes.

use axum::http::{Method, StatusCode, header};

use super::{request, text, without_database};

#[tokio::test]
async fn security_50_a_panic_is_a_generic_500_and_the_process_lives() {
    let probes = without_database();
    let answer = probes.get("/panic", &[("accept", "text/html")]).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let id = answer.headers()["x-request-id"]
        .to_str()
        .expect("text")
        .to_owned();
    let page = text(answer).await;
    assert!(page.contains(&id), "the page names the trace");
    assert!(!page.contains("secret cause"));
    assert_eq!(probes.get("/livez", &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn security_50_the_text_of_an_error_stays_inside() {
    let probes = without_database();
    for status in [400, 403, 404, 409, 418, 500, 502, 503] {
        for accept in ["text/html", "application/json", "*/*"] {
            let answer = probes
                .get(&format!("/answer/{status}"), &[("accept", accept)])
                .await;
            assert_eq!(answer.status().as_u16(), status);
            assert!(
                !text(answer).await.contains("secret_table"),
                "{status} {accept}"
            );
        }
    }
}

#[tokio::test]
async fn security_50_without_a_database_the_portal_says_so_and_denies() {
    let probes = without_database();
    let ready = probes.get("/readyz", &[]).await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    insta::assert_snapshot!(text(ready).await, @r#"{"ready":false,"healthy":false,"parts":{"database":"failing","migrations":"failing","audit_chain":"ok","audit_checkpoints":"ok","audit_pending":"ok","queue":"ok"}}"#);
    let page = probes.get("/answer/503", &[("accept", "text/html")]).await;
    assert_eq!(page.headers()[header::RETRY_AFTER], "5");
    let page = text(page).await;
    assert!(
        page.contains(r#"href="/answer/503">Try again</a>"#),
        "{page}"
    );
    assert!(!page.contains("http-equiv"), "nothing reloads by itself");
}

#[tokio::test]
async fn a_program_gets_a_problem_document() {
    let probes = without_database();
    let answer = probes
        .get("/nothing", &[("accept", "application/json")])
        .await;
    assert_eq!(
        answer.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
    let id = answer.headers()["x-request-id"]
        .to_str()
        .expect("text")
        .to_owned();
    let body = text(answer).await;
    let problem: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["code"], "not_found");
    assert_eq!(problem["trace"], id);
}

#[tokio::test]
async fn security_35_an_address_full_of_markup_is_inert_in_the_page() {
    let probes = without_database();
    let path = "/answer/503?x='%22%3E%3Cscript%3Ealert(1)%3C/script%3E&y=\"><b>";
    let uri: Result<axum::http::Uri, _> = path.parse();
    // What hyper lets through is what can reach the page.
    if uri.is_ok() {
        let page = text(probes.get(path, &[("accept", "text/html")]).await).await;
        assert!(
            !page.contains("<script") && !page.contains("\"><b>") && !page.contains('\''),
            "{page}"
        );
    }
    let page = text(
        probes
            .get("/answer/503?a='b&c", &[("accept", "text/html")])
            .await,
    )
    .await;
    assert!(page.contains("?a=&#39;b&amp;c\""), "{page}");
}

#[tokio::test]
async fn what_a_handler_says_of_its_own_accord_is_left_alone() {
    let probes = without_database();
    let ready = probes.get("/readyz", &[("accept", "text/html")]).await;
    assert_eq!(ready.headers()[header::CONTENT_TYPE], "application/json");
    let missing = request(Method::POST, "/page", &[], "");
    let missing = probes.send(missing).await;
    assert_eq!(missing.headers()[header::ALLOW], "GET,HEAD");
}

#[sqlx::test(migrations = "../migrations")]
async fn ready_is_who_has_a_database_with_this_schema(db: sqlx::PgPool) {
    let probes = super::probes(db.clone(), platform::people::Actor::Anonymous);
    let ready = probes.get("/readyz", &[]).await;
    assert_eq!(ready.status(), StatusCode::OK);
    insta::assert_snapshot!(text(ready).await, @r#"{"ready":true,"healthy":true,"parts":{"database":"ok","migrations":"ok","audit_chain":"ok","audit_checkpoints":"ok","audit_pending":"ok","queue":"ok"}}"#);
    sqlx::query("delete from _sqlx_migrations where version > 1")
        .execute(&db)
        .await
        .expect("deletes");
    let behind = probes.get("/readyz", &[]).await;
    assert_eq!(behind.status(), StatusCode::SERVICE_UNAVAILABLE);
    insta::assert_snapshot!(text(behind).await, @r#"{"ready":false,"healthy":false,"parts":{"database":"ok","migrations":"failing","audit_chain":"ok","audit_checkpoints":"ok","audit_pending":"ok","queue":"ok"}}"#);
}
