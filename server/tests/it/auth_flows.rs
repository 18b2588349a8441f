//! Flows: one a tab, one browser, one use, ten minutes (SECURITY.md, tests 1 to 4 and 13).

use std::collections::HashMap;

use axum::http::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{self, Browser, Portal, records};

/// Starts a sign-in and lets the provider answer.
async fn begun(portal: &Portal, browser: &mut Browser) -> HashMap<String, String> {
    let start = browser.start().await;
    portal
        .idp
        .authorize(start.location().expect("sent to the provider"))
}

#[sqlx::test(migrations = "../migrations")]
async fn security_01_a_state_counts_once_in_its_browser_for_ten_minutes(db: PgPool) {
    let portal = support::portal(db).await;
    let nothing = records::rows(&portal.db).await;

    let mut browser = Browser::new(&portal);
    let mut back = begun(&portal, &mut browser).await;
    let sound = back.clone();
    back.insert("state".to_owned(), platform::secrets::token());
    let answer = browser.clone().come_back("corp", &back).await;
    portal
        .is_refusal(&answer, "cookie_missing", "flow_cookie")
        .await;
    back.remove("state");
    let answer = browser.clone().come_back("corp", &back).await;
    portal.is_refusal(&answer, "flow_unknown", "state").await;

    let mut other = Browser::new(&portal);
    let answer = other.come_back("corp", &sound).await;
    portal
        .is_refusal(&answer, "cookie_missing", "flow_cookie")
        .await;
    let (name, _) = browser.cookies[0].clone();
    other.plant(&name, &platform::secrets::token());
    let answer = other.come_back("corp", &sound).await;
    portal.is_refusal(&answer, "flow_unknown", "state").await;
    assert_eq!(records::rows(&portal.db).await, nothing);

    let twice = browser.clone();
    assert_eq!(
        browser.come_back("corp", &sound).await.location(),
        Some("/")
    );
    let answer = twice.clone().come_back("corp", &sound).await;
    portal.is_refusal(&answer, "flow_unknown", "state").await;

    let mut late = Browser::new(&portal);
    let back = begun(&portal, &mut late).await;
    records::age_flows(&portal.db, 601.0).await;
    let answer = late.come_back("corp", &back).await;
    portal.is_refusal(&answer, "flow_unknown", "state").await;
    assert_eq!(late.session(), None);
    assert_eq!(
        records::rows(&portal.db).await.0,
        1,
        "one sign-in went through"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_01_a_flow_of_nearly_ten_minutes_still_counts(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = Browser::new(&portal);
    let back = begun(&portal, &mut browser).await;
    records::age_flows(&portal.db, 590.0).await;
    assert_eq!(browser.come_back("corp", &back).await.location(), Some("/"));
}

#[sqlx::test(migrations = "../migrations")]
async fn security_02_ten_tabs_finish_in_any_order_and_an_eleventh_drops_the_oldest(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = Browser::new(&portal);
    let mut tabs = Vec::new();
    for _ in 0..10 {
        tabs.push(begun(&portal, &mut browser).await);
    }
    assert_eq!(browser.cookies.len(), 10);
    for tab in [7, 2, 9, 0, 5, 1, 8, 3, 6, 4] {
        assert_eq!(
            browser.come_back("corp", &tabs[tab]).await.location(),
            Some("/"),
            "tab {tab}"
        );
    }
    for _ in 0..5 {
        let mut browser = Browser::new(&portal);
        let mut tabs = Vec::new();
        for at in 0..10 {
            tabs.push((at, begun(&portal, &mut browser).await));
        }
        tabs.sort_by_cached_key(|_| platform::secrets::token());
        let order: Vec<i32> = tabs.iter().map(|(at, _)| *at).collect();
        for (at, tab) in tabs {
            let answer = browser.come_back("corp", &tab).await;
            assert_eq!(answer.location(), Some("/"), "tab {at} of {order:?}");
        }
    }

    let mut browser = Browser::new(&portal);
    let mut tabs = Vec::new();
    for _ in 0..11 {
        tabs.push(begun(&portal, &mut browser).await);
    }
    assert_eq!(
        browser.cookies.len(),
        10,
        "the oldest cookie was taken back"
    );
    assert_eq!(records::flows(&portal.db).await, 10);
    let answer = browser.clone().come_back("corp", &tabs[0]).await;
    portal
        .is_refusal(&answer, "cookie_missing", "flow_cookie")
        .await;
    assert_eq!(
        browser.come_back("corp", &tabs[1]).await.location(),
        Some("/")
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_03_only_a_button_in_a_window_begins_a_flow(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = Browser::new(&portal);
    let form = || Some("issuer=corp&return_to=%2F".to_owned());
    let cases: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
        &[("sec-fetch-mode", "no-cors")],
        &[("sec-fetch-dest", "iframe")],
        &[("sec-purpose", "prefetch")],
        &[("purpose", "prefetch")],
    ];
    for case in cases {
        let mut headers = vec![
            ("sec-fetch-site", "same-origin"),
            ("origin", support::PUBLIC_URL),
        ];
        headers.extend(case);
        let answer = browser
            .send(Method::POST, "/auth/start", form(), &headers)
            .await;
        assert!(
            answer.status.is_client_error(),
            "{case:?}: {}",
            answer.status
        );
    }
    for case in [
        ("sec-fetch-dest", "iframe"),
        ("sec-fetch-user", ""),
        ("sec-purpose", "prefetch"),
    ] {
        browser
            .send(Method::GET, "/", None, &[("sec-fetch-site", "none"), case])
            .await;
        browser
            .send(
                Method::GET,
                "/auth/start?issuer=corp",
                None,
                &[("sec-fetch-site", "none"), case],
            )
            .await;
    }
    assert_eq!(records::flows(&portal.db).await, 0);
    assert!(browser.cookies.is_empty());

    let back = begun(&portal, &mut browser).await;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&back)
        .finish();
    let answer = browser.post("/auth/callback/corp", &[]).await;
    assert_eq!(answer.status, 405);
    let answer = browser
        .post(&format!("/auth/callback/corp?{query}"), &[])
        .await;
    assert_eq!(answer.status, 405);
    assert_eq!(records::rows(&portal.db).await.0, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_04_nonce_and_pkce_tie_the_code_to_its_flow(db: PgPool) {
    let portal = support::portal(db).await;
    for (nonce, rule) in [(json!("another"), "nonce"), (json!(null), "nonce")] {
        portal.idp.claim(json!({"nonce": nonce}));
        portal.refuses("token_refused", rule).await;
    }
    portal
        .idp
        .script()
        .claims
        .as_object_mut()
        .expect("claims")
        .remove("nonce");

    // The code of another flow: the provider compares the PKCE verifier, and where it does not, the
    // nonce is another's.
    for (ignores_pkce, problem, rule) in [
        (false, "provider_refused", "code"),
        (true, "token_refused", "nonce"),
    ] {
        portal.idp.script().ignores_pkce = ignores_pkce;
        let (mut theirs, mut ours) = (Browser::new(&portal), Browser::new(&portal));
        let stolen = begun(&portal, &mut theirs).await;
        let mut back = begun(&portal, &mut ours).await;
        back.insert("code".to_owned(), stolen["code"].clone());
        let answer = ours.come_back("corp", &back).await;
        portal.is_refusal(&answer, problem, rule).await;
    }
    assert_eq!(records::rows(&portal.db).await, (0, 0, 0));
}

#[sqlx::test(migrations = "../migrations")]
async fn security_04_the_provider_is_always_asked_with_s256_and_a_nonce(db: PgPool) {
    let portal = support::portal(db).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let start = Browser::new(&portal).start().await;
        let url = url::Url::parse(start.location().expect("sent")).expect("a URL");
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["response_mode"], "query");
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["scope"], "openid profile email");
        assert_eq!(
            query["redirect_uri"],
            "http://localhost:4180/auth/callback/corp"
        );
        assert!(!query.contains_key("return_to"));
        seen.push([
            query["state"].clone(),
            query["nonce"].clone(),
            query["code_challenge"].clone(),
        ]);
    }
    assert!(
        seen[0]
            .iter()
            .zip(&seen[1])
            .all(|(one, other)| one != other)
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_04_a_provider_without_s256_is_refused_at_start(db: PgPool) {
    let portal = support::portal(db).await;
    portal.idp.script().metadata = json!({"code_challenge_methods_supported": ["plain"]});
    let errors = portal.state.auth.discover().await.expect_err("refused");
    assert!(!errors[0].is_passing());
    assert!(errors[0].to_string().contains("S256"), "{}", errors[0]);
    let start = Browser::new(&portal).start().await;
    portal
        .is_refusal(&start, "provider_unreachable", "discovery")
        .await;
    assert_eq!(records::flows(&portal.db).await, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_13_a_sign_in_ends_on_a_local_page_or_at_home(db: PgPool) {
    let portal = support::portal(db).await;
    for (asked, landed) in [
        ("/requests?state=open", "/requests?state=open"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/%5cevil.example", "/"),
        ("/auth/start", "/"),
    ] {
        let mut browser = Browser::new(&portal);
        let start = browser
            .post("/auth/start", &[("issuer", "corp"), ("return_to", asked)])
            .await;
        assert!(!start.location().expect("sent").contains("evil"));
        let back = portal.idp.authorize(start.location().expect("sent"));
        assert_eq!(
            browser.come_back("corp", &back).await.location(),
            Some(landed),
            "{asked}"
        );
    }
}
