//! Fresh sign-ins for dangerous acts (SECURITY.md, test 16).

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    idp::Idp,
    support::{self, Answer, Browser, Portal, records},
};

/// What a provider claims after it saw the person afresh.
fn fresh() -> Value {
    json!({"acr": "mfa", "auth_time": Timestamp::now().as_second()})
}

/// Asks for a fresh sign-in and lets the provider answer with these claims.
async fn step_up(portal: &Portal, browser: &mut Browser, purpose: &str, claims: Value) -> Answer {
    let form = [("purpose", purpose), ("return_to", "/sessions")];
    let start = browser.post("/auth/step-up", &form).await;
    let location = start.location().expect("sent to the provider").to_owned();
    assert!(
        location.contains("max_age=0") && location.contains("acr_values=mfa"),
        "{location}"
    );
    let back = portal.idp.authorize(&location);
    portal.idp.claim(claims);
    let answer = browser.come_back("corp", &back).await;
    portal.idp.claim(json!({"acr": null, "auth_time": null}));
    answer
}

/// A browser signed in twice over: the session in use, and another to end.
async fn two_sessions(portal: &Portal) -> (Browser, Uuid) {
    support::signed_in(portal, &["payments-developers"]).await;
    let other = records::newest(&portal.db).await;
    (
        support::signed_in(portal, &["payments-developers"]).await,
        other,
    )
}

async fn is_step_up_required(browser: &mut Browser, path: &str, case: &str) {
    let answer = browser.post(path, &[]).await;
    assert_eq!(answer.status, 403, "{case}");
    assert!(
        answer.body.contains("step_up_required"),
        "{case}: {}",
        answer.body
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_16_a_fresh_sign_in_opens_one_act_once(db: PgPool) {
    let portal = support::portal(db).await;
    let (mut browser, other) = two_sessions(&portal).await;
    let act = format!("/test/end/{other}");
    is_step_up_required(&mut browser, &act, "before").await;
    let old = browser.clone();
    let answer = step_up(
        &portal,
        &mut browser,
        &format!("session.end:{other}"),
        fresh(),
    )
    .await;
    assert_eq!(answer.location(), Some("/sessions"));
    assert_ne!(browser.session(), old.session(), "the id is a new one");
    assert_eq!(
        old.clone().whoami().await.status,
        401,
        "and the old one is dead"
    );
    assert_eq!(records::last_event(&portal.db).await, "session.step_up");

    let third = support::signed_in(&portal, &["payments-developers"]).await;
    let third_label = records::newest(&portal.db).await;
    is_step_up_required(
        &mut browser,
        &format!("/test/end/{third_label}"),
        "another object",
    )
    .await;
    is_step_up_required(&mut browser, "/test/end-others", "another object").await;
    is_step_up_required(&mut third.clone(), &act, "another session").await;

    assert_eq!(browser.post(&act, &[]).await.status, 200);
    assert_eq!(records::last_event(&portal.db).await, "session.ended:ended");
    let answer = browser.post(&act, &[]).await;
    assert_eq!(answer.status, 404, "it ended already");
    let purpose = format!("session.end:{third_label}");
    step_up(&portal, &mut browser, &purpose, fresh()).await;
    assert_eq!(
        browser
            .post(&format!("/test/end/{third_label}"), &[])
            .await
            .status,
        200
    );
    assert_eq!(records::live(&portal.db).await, 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_16_a_grant_counts_once_and_for_five_minutes(db: PgPool) {
    let portal = support::portal(db).await;
    let (mut browser, other) = two_sessions(&portal).await;
    let purpose = format!("session.end:{other}");
    step_up(&portal, &mut browser, &purpose, fresh()).await;
    sqlx::query("update step_up_grant set granted_at = granted_at - interval '5 minutes 1 second'")
        .execute(&without_triggers(&portal.db).await)
        .await
        .expect("aged");
    is_step_up_required(&mut browser, &format!("/test/end/{other}"), "too late").await;
    assert_eq!(records::live(&portal.db).await, 2);

    step_up(&portal, &mut browser, "session.end:others", fresh()).await;
    assert_eq!(browser.post("/test/end-others", &[]).await.status, 200);
    assert_eq!(records::live(&portal.db).await, 1);
    is_step_up_required(&mut browser, "/test/end-others", "twice").await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_16_a_digest_is_part_of_what_a_fresh_sign_in_is_for(db: PgPool) {
    let portal = support::portal(db).await;
    let (mut browser, other) = two_sessions(&portal).await;
    // No act has a digest yet: one that was signed for with a digest is another act.
    let purpose = format!("session.end:{other}:ab12");
    step_up(&portal, &mut browser, &purpose, fresh()).await;
    is_step_up_required(&mut browser, &format!("/test/end/{other}"), "digest").await;
    assert_eq!(records::live(&portal.db).await, 2);
    let granted: Vec<String> = sqlx::query_scalar("select purpose from step_up_grant")
        .fetch_all(&portal.db)
        .await
        .expect("listed");
    assert_eq!(granted, [purpose], "the refused act took nothing");
}

/// The audit trigger refuses changes without an event, so tests that turn the clock go around it.
async fn without_triggers(db: &PgPool) -> PgPool {
    sqlx::query("alter table step_up_grant disable trigger step_up_grant_on_record")
        .execute(db)
        .await
        .expect("as the owner");
    db.clone()
}

#[sqlx::test(migrations = "../migrations")]
async fn security_16_what_is_not_fresh_strong_and_the_same_person_opens_nothing(db: PgPool) {
    let portal = support::portal(db).await;
    let (mut browser, other) = two_sessions(&portal).await;
    let purpose = format!("session.end:{other}");
    let now = Timestamp::now().as_second();
    for (claims, problem, rule) in [
        (
            json!({"acr": "mfa", "auth_time": now - 300}),
            "factors_missing",
            "auth_time",
        ),
        (json!({"acr": "mfa"}), "factors_missing", "auth_time"),
        (
            json!({"acr": "password", "auth_time": now + 5}),
            "factors_missing",
            "acr",
        ),
        (json!({"auth_time": now + 5}), "factors_missing", "acr"),
        (
            json!({"acr": "mfa", "auth_time": now + 5, "sub": "somebody-else"}),
            "other_person",
            "session",
        ),
    ] {
        let (cookie, before) = (
            browser.session().map(str::to_owned),
            records::rows(&portal.db).await,
        );
        let answer = step_up(&portal, &mut browser, &purpose, claims.clone()).await;
        portal.is_refusal(&answer, problem, rule).await;
        portal.idp.claim(json!({"sub": "payments-developers"}));
        assert_eq!(browser.session().map(str::to_owned), cookie, "{claims}");
        assert_eq!(records::rows(&portal.db).await, before, "{claims}");
        is_step_up_required(&mut browser, &format!("/test/end/{other}"), rule).await;
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_16_a_fresh_sign_in_belongs_to_the_session_that_asked(db: PgPool) {
    let portal = support::portal(db).await;
    let (mut browser, other) = two_sessions(&portal).await;
    let form = [
        ("purpose", format!("session.end:{other}")),
        ("return_to", "/".to_owned()),
    ];
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let start = browser.post("/auth/step-up", &form).await;
    let back = portal.idp.authorize(start.location().expect("sent"));
    portal.idp.claim(fresh());
    // The same browser, meanwhile signed in as another session; then signed out.
    let mut later = browser.clone();
    let new = later.sign_in(&portal).await;
    assert_eq!(new.location(), Some("/"));
    let answer = later.come_back("corp", &back).await;
    portal.is_refusal(&answer, "flow_unknown", "session").await;

    let start = later.post("/auth/step-up", &form).await;
    let back = portal.idp.authorize(start.location().expect("sent"));
    let flow_cookies = later.clone();
    later.post("/auth/sign-out", &[]).await;
    let answer = flow_cookies.clone().come_back("corp", &back).await;
    portal.is_refusal(&answer, "flow_unknown", "session").await;

    let anonymous = Browser::new(&portal).post("/auth/step-up", &form).await;
    assert_eq!(anonymous.status, 401);
    let mut browser = support::signed_in(&portal, &[]).await;
    let answer = browser
        .post(
            "/auth/step-up",
            &[("purpose", "no.such.act:x"), ("return_to", "/")],
        )
        .await;
    assert_eq!(answer.status, 422);
    let answer = browser
        .send(
            Method::GET,
            "/auth/step-up",
            None,
            &[("sec-fetch-site", "none")],
        )
        .await;
    assert_eq!(answer.status, 405);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_16_without_configured_classes_dangerous_acts_stay_closed(db: PgPool) {
    let portal = support::portal_with(db, Idp::start().await, "  title: Corp\n", &[]);
    let (mut browser, other) = two_sessions(&portal).await;
    let purpose = format!("session.end:{other}");
    let answer = browser
        .post(
            "/auth/step-up",
            &[("purpose", &purpose), ("return_to", "/")],
        )
        .await;
    portal
        .is_refusal(&answer, "step_up_closed", "acr_values")
        .await;
    is_step_up_required(&mut browser, &format!("/test/end/{other}"), "closed").await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_16_a_configured_minimum_is_demanded_of_every_sign_in(db: PgPool) {
    let portal = support::portal_with(
        db,
        Idp::start().await,
        "  minimum_acr: [mfa, hardware]\n",
        &[],
    );
    portal.refuses("factors_missing", "minimum_acr").await;
    portal.idp.claim(json!({"acr": "password"}));
    portal.refuses("factors_missing", "minimum_acr").await;
    portal.idp.claim(json!({"acr": "hardware"}));
    portal.accepts().await;
}
