//! What the server does for the chain beside requests: verifies, watches, and is red in time.

use std::{path::Path, sync::Arc, time::Duration};

use axum::http::StatusCode;
use platform::people::Actor;
use serde_json::Value;
use server::{
    audit::{AuditSettings, keeper},
    auth::layer::bare,
};
use sqlx::PgPool;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::{Browser, Portal, portal, signed_in};

/// The portal as it is served, with its keeper at work.
async fn kept(
    db: PgPool,
    settings: AuditSettings,
    data: &Path,
) -> (Portal, CancellationToken, JoinHandle<()>) {
    let mut portal = portal(db).await;
    portal.router = server::router::router(&portal.state);
    let stop = CancellationToken::new();
    let keeping = keeper::keep(
        bare(&portal.state, Actor::System("audit")),
        settings,
        data.to_owned(),
        Arc::clone(&portal.state.readiness),
        stop.clone(),
    );
    let task = tokio::spawn(keeping);
    (portal, stop, task)
}

/// Asks health until a part says this word.
async fn health_says(portal: &Portal, part: &str, word: &str) {
    let mut said = String::new();
    for _ in 0..100 {
        let answer = Browser::new(portal).get("/readyz").await;
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "requests are served all the same"
        );
        said = answer.body;
        let value: Value = serde_json::from_str(&said).expect("JSON");
        if value["parts"][part] == word {
            assert_eq!(value["healthy"], word == "ok", "{said}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{part} never was {word}: {said}");
}

/// Waits until the newest verification is in this state.
async fn ended(db: &PgPool, state: &str) {
    for _ in 0..100 {
        let found: Option<String> = sqlx::query_scalar(
            "select state from audit_verification order by asked_at desc limit 1",
        )
        .fetch_optional(db)
        .await
        .expect("read");
        if found.as_deref() == Some(state) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the verification never was {state}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_chain_that_is_not_sound_alarms_and_is_told_on_every_page(db: PgPool) {
    let data = tempfile::tempdir().expect("a folder");
    server::web::metrics::handle();
    let (portal, stop, task) = kept(db, AuditSettings::default(), data.path()).await;
    let mut auditor = signed_in(&portal, &["auditors"]).await;
    let mut member = signed_in(&portal, &["payments-developers"]).await;
    let mut nobody = signed_in(&portal, &[]).await;
    let answer = auditor.post("/fn/audit/verify", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    ended(&portal.db, "sound").await;
    health_says(&portal, "audit_chain", "ok").await;
    let banner = "The audit chain is not sound.";
    assert!(!member.get("/").await.body.contains(banner));

    sqlx::raw_sql(
        "alter table audit.event disable trigger all;
         update audit.event set recorded_at = recorded_at - interval '1 hour' where seq = 1",
    )
    .execute(&portal.db)
    .await
    .expect("a superuser may");
    auditor.post("/fn/audit/verify", &[]).await;
    ended(&portal.db, "broken").await;
    health_says(&portal, "audit_chain", "failing").await;
    for path in ["/", "/catalog", "/sessions", "/nothing"] {
        assert!(member.get(path).await.body.contains(banner), "{path}");
    }
    let page = auditor.get("/audit").await.body;
    for part in [banner, "Open Audit", "First at event 1"] {
        assert!(page.contains(part), "{part}");
    }
    for stranger in [&mut nobody, &mut Browser::new(&portal)] {
        for path in ["/", "/sign-in"] {
            assert!(!stranger.get(path).await.body.contains(banner), "{path}");
        }
    }
    let metrics = server::web::metrics::handle().render();
    assert!(
        metrics.contains("groundcrew_audit_chain_sound 0"),
        "{metrics}"
    );
    stop.cancel();
    task.await.expect("no panic");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_65_a_publisher_that_is_down_turns_health_red(db: PgPool) {
    let data = tempfile::tempdir().expect("a folder");
    let (portal, stop, task) = kept(db, AuditSettings::default(), data.path()).await;
    health_says(&portal, "audit_checkpoints", "ok").await;
    // A chain without a checkpoint is healthy while it is young: wait for the first.
    let published = data.path().join("audit/checkpoints");
    while !published.is_dir() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    stop.cancel();
    task.await.expect("no panic");

    // The place it publishes to cannot be written any more: nothing is confirmed from then on.
    std::fs::remove_dir_all(&published).expect("was there");
    std::fs::write(&published, "no folder").expect("written");
    sqlx::query("update audit_checkpoint set seen_at = now() - interval '601 seconds'")
        .execute(&portal.db)
        .await
        .expect("ages");
    let stop = CancellationToken::new();
    let task = tokio::spawn(keeper::keep(
        bare(&portal.state, Actor::System("audit")),
        AuditSettings::default(),
        data.path().to_owned(),
        Arc::clone(&portal.state.readiness),
        stop.clone(),
    ));
    health_says(&portal, "audit_checkpoints", "failing").await;
    stop.cancel();
    task.await.expect("no panic");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_65_pending_events_that_are_stuck_turn_health_red(db: PgPool) {
    let data = tempfile::tempdir().expect("a folder");
    // What cannot be appended stays at the head of the line, and everything behind it.
    sqlx::query("insert into audit.pending (canonical, enqueued_at) values ('{}', now() - interval '6 seconds')")
        .execute(&db)
        .await
        .expect("is stuck");
    let (portal, stop, task) = kept(db, AuditSettings::default(), data.path()).await;
    health_says(&portal, "audit_pending", "failing").await;
    stop.cancel();
    task.await.expect("no panic");
}
