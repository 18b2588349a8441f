//! Secrets of jobs are nowhere but where they are used.

use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use platform::jobs::wire::{Finish, Start};
use serde_json::json;
use sqlx::PgPool;

use super::machine::{enqueue, success, whole, worker};
use crate::support::{records, signed_in};

const INPUT: &str = "canary-input-5f1d0c9e7a";
const OUTPUT: &str = "canary-output-93ab17d20c";
const STATE: &str = "canary-state-c0ffee4411";
const EVIDENCE: &str = "canary-evidence-7788aa";

/// Raw, base64 at three offsets, hex and JSON inside JSON are all found.
fn forms(canary: &str) -> Vec<String> {
    let mut forms = vec![canary.to_owned(), hex::encode(canary)];
    for offset in 0..3 {
        let text = STANDARD.encode(format!("{}{canary}", &"___"[..offset]));
        // Without the ends, which depend on what stands beside it.
        forms.push(text[4..text.len() - 4].to_owned());
    }
    forms
}

fn sweep(place: &str, text: &str) {
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for canary in [INPUT, OUTPUT, STATE, EVIDENCE] {
        for form in forms(canary) {
            assert!(!packed.contains(&form), "{canary} in {place}");
        }
    }
}

#[test]
fn the_sweep_finds_what_it_looks_for() {
    for text in [
        INPUT.to_owned(),
        hex::encode(INPUT),
        STANDARD.encode(format!("x{INPUT} and more")),
        STANDARD.encode(format!("xy{INPUT} and more")),
    ] {
        let found = std::panic::catch_unwind(|| sweep("a text", &text));
        assert!(found.is_err(), "{text}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_51_secrets_of_a_job_are_in_no_table_page_stream_or_file(db: PgPool) {
    let portal = whole(db).await;
    let worker = worker(&portal, "w", "default").await;
    let made = enqueue(
        &portal,
        &json!({"title": "S", "team": "payments", "steps": [
            {"name": "write", "driver": "echo", "operation": "action", "stack": "payments/s", "spec": {},
             "secrets": {"TOKEN": INPUT}},
            {"name": "use", "driver": "echo", "operation": "check", "needs": ["write"], "spec": {}}]}),
    )
    .await;
    let assigned = worker.claim(1, 0).await.remove(0);
    assert_eq!(
        assigned.secrets["TOKEN"], INPUT,
        "to the shim, and to nobody else"
    );
    assert!(!format!("{assigned:?}").contains(INPUT));
    let shim = worker.with(&assigned.token);
    let at = |what: &str| format!("/work/v1/attempts/{}/{what}", assigned.attempt);
    shim.json(&at("start"), &Start { shim_pid: 1 }).await;
    assert_eq!(
        shim.call("PUT", &at("log/0"), "masked: ***\n").await.status,
        StatusCode::NO_CONTENT
    );
    let state = format!("/state/{}", assigned.stack.as_ref().expect("a stack").id);
    assert_eq!(
        shim.state("LOCK", &state, r#"{"ID":"l"}"#).await.status,
        StatusCode::OK
    );
    let body = json!({"serial": 1, "lineage": "l", "outputs": {"x": STATE}}).to_string();
    assert_eq!(
        shim.state("POST", &format!("{state}?ID=l"), body)
            .await
            .status,
        StatusCode::OK
    );
    let kept = shim
        .call("PUT", &at("evidence/errored.tfstate"), EVIDENCE)
        .await;
    assert_eq!(kept.status, StatusCode::NO_CONTENT);
    let finish = Finish {
        secret_outputs: [("password".to_owned(), OUTPUT.to_owned())].into(),
        ..success(b"masked: ***\n", 1)
    };
    assert_eq!(
        shim.json(&at("finish"), &finish).await.status,
        StatusCode::NO_CONTENT
    );
    let next = worker.claim(1, 0).await.remove(0);
    assert!(
        next.secrets.values().any(|secret| secret == OUTPUT),
        "wired to the next step"
    );

    sweep("the database", &records::dump(&portal.db).await);
    let mut browser = signed_in(&portal, &["platform-engineers"]).await;
    let stack = assigned.stack.as_ref().expect("a stack").id;
    for path in [
        "/jobs".to_owned(),
        format!("/jobs/{}", made.number),
        format!("/jobs/{}", made.id),
        "/stacks".to_owned(),
        format!("/stacks/{stack}"),
        "/workers".to_owned(),
    ] {
        let answer = browser
            .send(Method::GET, &path, None, &[("sec-fetch-site", "none")])
            .await;
        sweep(&path, &answer.body);
    }
    for path in [
        format!("/streams/logs/{}", assigned.attempt),
        format!("/downloads/logs/{}", assigned.attempt),
    ] {
        let response = browser
            .open(&path, &[("accept-encoding", "identity")])
            .await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .expect("whole");
        let text = String::from_utf8_lossy(&body).into_owned();
        assert!(text.contains("masked"), "{path}");
        sweep(&path, &text);
    }
    sweep("the metrics", &server::web::metrics::handle().render());
}
