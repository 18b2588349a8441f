//! Logout, by the person and by the provider (SECURITY.md, tests 17 and 18).

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    idp::{CLIENT, Idp, Key, SECRET, Signer},
    support::{self, Answer, Browser, Portal, records},
};

/// The provider posts a logout token: no cookie, none of a browser's headers.
async fn told(portal: &Portal, token: &str) -> Answer {
    let body = format!("logout_token={token}");
    let bare = [
        ("sec-fetch-mode", ""),
        ("sec-fetch-dest", ""),
        ("sec-fetch-user", ""),
        ("accept", ""),
    ];
    let mut provider = Browser::new(portal);
    let answer = provider
        .send(Method::POST, "/auth/backchannel/corp", Some(body), &bare)
        .await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(!answer.headers.contains_key("set-cookie"));
    answer
}

#[sqlx::test(migrations = "../migrations")]
async fn security_17_only_a_sound_logout_token_ends_sessions(db: PgPool) {
    let portal = support::portal(db).await;
    portal.idp.claim(json!({"sid": "s-1"}));
    let mut browser = portal.accepts().await;
    let whom = || json!({"sub": "dana", "sid": "s-1"});
    let with = |more: Value| {
        let mut claims = whom();
        crate::idp::merge(&mut claims, json!({}));
        claims
            .as_object_mut()
            .expect("claims")
            .extend(more.as_object().expect("claims").clone());
        claims
    };
    let now = Timestamp::now().as_second();
    let sound = portal.idp.logout_token(json!({}), whom());
    let bad = [
        (json!({"alg": "none"}), whom()),
        (json!({"alg": "HS256"}), whom()),
        (json!({"alg": "RS384"}), whom()),
        (json!({"typ": "JWT"}), whom()),
        (json!({"typ": null}), whom()),
        (json!({"typ": "at+jwt"}), whom()),
        (json!({"crit": ["x"]}), whom()),
        (json!({"kid": "unknown"}), whom()),
        (
            json!({}),
            with(json!({"iss": format!("{}/", portal.idp.issuer)})),
        ),
        (json!({}), with(json!({"aud": "other"}))),
        (json!({}), with(json!({"aud": [CLIENT, "unlisted"]}))),
        (json!({}), with(json!({"events": null}))),
        (json!({}), with(json!({"events": {}}))),
        (
            json!({}),
            with(json!({"events": {"http://schemas.openid.net/event/backchannel-logout": true}})),
        ),
        (json!({}), with(json!({"nonce": "n"}))),
        (json!({}), with(json!({"sub": null, "sid": null}))),
        (json!({}), with(json!({"exp": now - 1}))),
        (json!({}), with(json!({"exp": null}))),
        (json!({}), with(json!({"iat": now - 301}))),
        (json!({}), with(json!({"iat": now + 90}))),
        (json!({}), with(json!({"jti": null}))),
        (json!({}), with(json!({"jti": ""}))),
    ];
    for (header, claims) in bad {
        let token = portal.idp.logout_token(header.clone(), claims.clone());
        assert_eq!(told(&portal, &token).await.status, 400, "{header} {claims}");
    }
    for signer in [
        Signer::Nothing,
        Signer::Hmac(SECRET.into()),
        Signer::Key(Key::rsa_b()),
    ] {
        let own = std::mem::replace(&mut portal.idp.script().signer, signer);
        let token = portal.idp.logout_token(json!({}), whom());
        portal.idp.script().signer = own;
        assert_eq!(told(&portal, &token).await.status, 400);
    }
    let id_token = portal.idp.script().signer.sign(
        &json!({"alg": "RS256", "typ": "JWT", "kid": "key-1"}),
        &json!({"iss": portal.idp.issuer, "aud": CLIENT, "sub": "dana", "sid": "s-1", "iat": now, "exp": now + 300, "nonce": "n"}),
    );
    for token in [id_token.as_str(), "", "a.b.c", "a.b", &"x".repeat(20_000)] {
        assert_eq!(told(&portal, token).await.status, 400);
    }
    assert_eq!(browser.whoami().await.status, 200, "the session lives");
    assert_eq!(records::events(&portal.db).await, ["session.sign_in"]);

    assert_eq!(told(&portal, &sound).await.status, 200);
    assert_eq!(
        browser.whoami().await.status,
        401,
        "dead at the next request"
    );
    assert_eq!(
        records::last_event(&portal.db).await,
        "session.back_channel_logout"
    );
    assert_eq!(told(&portal, &sound).await.status, 400, "replayed");
    let answer = Browser::new(&portal)
        .send(Method::GET, "/auth/backchannel/corp", None, &[])
        .await;
    assert_eq!(answer.status, 405);
    let answer = Browser::new(&portal)
        .post("/auth/backchannel/unknown", &[("logout_token", "x")])
        .await;
    assert_eq!(answer.status, 400);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_17_a_session_of_the_provider_or_all_of_a_person_end(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browsers = Vec::new();
    for sid in ["s-1", "s-2", "s-3"] {
        portal.idp.claim(json!({"sid": sid}));
        browsers.push(portal.accepts().await);
    }
    portal.idp.claim(json!({"sub": "eve", "sid": "s-4"}));
    browsers.push(portal.accepts().await);
    let token = portal
        .idp
        .logout_token(json!({}), json!({"sub": "dana", "sid": "s-2"}));
    assert_eq!(told(&portal, &token).await.status, 200);
    assert_eq!(alive(&mut browsers).await, [true, false, true, true]);
    let token = portal.idp.logout_token(json!({}), json!({"sub": "dana"}));
    assert_eq!(told(&portal, &token).await.status, 200);
    assert_eq!(alive(&mut browsers).await, [false, false, false, true]);
    let token = portal.idp.logout_token(json!({}), json!({"sub": "nobody"}));
    assert_eq!(
        told(&portal, &token).await.status,
        200,
        "nothing to end is fine"
    );
    let ends = records::events(&portal.db).await;
    assert_eq!(
        ends.iter()
            .filter(|event| *event == "session.back_channel_logout")
            .count(),
        4,
        "{ends:?}"
    );
}

async fn alive(browsers: &mut [Browser]) -> Vec<bool> {
    let mut alive = Vec::new();
    for browser in browsers {
        alive.push(browser.whoami().await.status == 200);
    }
    alive
}

#[sqlx::test(migrations = "../migrations")]
async fn security_17_a_logout_that_overtakes_the_callback_is_remembered(db: PgPool) {
    let portal = support::portal(db).await;
    let now = Timestamp::now().as_second();

    // By session: whatever the times.
    portal.idp.claim(json!({"sid": "s-1"}));
    let token = portal.idp.logout_token(json!({}), json!({"sid": "s-1"}));
    assert_eq!(told(&portal, &token).await.status, 200);
    portal.refuses("signed_out_meanwhile", "session").await;

    // By person: sign-ins the provider saw before it.
    portal
        .idp
        .claim(json!({"sid": null, "auth_time": now - 20}));
    let token = portal
        .idp
        .logout_token(json!({}), json!({"sub": "dana", "iat": now - 10}));
    assert_eq!(told(&portal, &token).await.status, 200);
    portal.refuses("signed_out_meanwhile", "session").await;
    portal
        .idp
        .claim(json!({"auth_time": null, "iat": now - 15}));
    portal.refuses("signed_out_meanwhile", "session").await;
    portal.idp.claim(json!({"auth_time": now - 5, "iat": now}));
    portal.accepts().await;

    // Twelve hours later it is forgotten.
    sqlx::query("alter table provider_logout disable trigger provider_logout_on_record")
        .execute(&portal.db)
        .await
        .expect("owner");
    sqlx::query(
        "update provider_logout set received_at = received_at - interval '12 hours 1 second'",
    )
    .execute(&portal.db)
    .await
    .expect("aged");
    portal
        .idp
        .claim(json!({"sid": "s-1", "auth_time": null, "iat": now}));
    portal.accepts().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_18_signing_out_ends_the_session_here_whatever_the_provider_does(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = portal.accepts().await;
    let old = browser.clone();
    assert_eq!(browser.get("/auth/sign-out").await.status, 405);
    assert_eq!(browser.whoami().await.status, 200);

    portal.idp.script().down = true;
    let answer = browser.post("/auth/sign-out", &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.headers["clear-site-data"], "\"cache\", \"storage\"");
    assert_eq!(browser.session(), None);
    assert_eq!(old.clone().whoami().await.status, 401);
    assert_eq!(records::ends(&portal.db).await, ["sign_out"]);
    assert_eq!(records::last_event(&portal.db).await, "session.sign_out");

    let url = url::Url::parse(answer.location().expect("to the provider")).expect("a URL");
    assert!(
        url.as_str()
            .starts_with(&format!("{}/end?", portal.idp.issuer))
    );
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["client_id"], CLIENT);
    assert_eq!(
        query["post_logout_redirect_uri"],
        "http://localhost:4180/auth/signed-out"
    );
    assert_eq!(query["id_token_hint"].split('.').count(), 3);

    let wrong = browser.arrive("/auth/signed-out?state=wrong").await;
    assert_eq!(wrong.location(), Some("/sign-in?signed_out=here"));
    let right = format!("/auth/signed-out?state={}", query["state"]);
    assert_eq!(
        browser.arrive(&right).await.location(),
        Some("/sign-in?signed_out=everywhere")
    );
    assert_eq!(
        browser.arrive(&right).await.location(),
        Some("/sign-in?signed_out=here"),
        "counts once"
    );
    assert_eq!(
        records::events(&portal.db).await.len(),
        2,
        "nothing happened since"
    );

    // Twice, and without a session, it leads to the same page.
    let answer = browser.post("/auth/sign-out", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/auth/signed-out"))
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_provider_without_an_end_session_endpoint_is_left_alone(db: PgPool) {
    let idp = Idp::start().await;
    idp.script().metadata = json!({"end_session_endpoint": null});
    let portal = support::portal_with(db, idp, "", &[]);
    let mut browser = portal.accepts().await;
    let answer = browser.post("/auth/sign-out", &[]).await;
    assert_eq!(answer.location(), Some("/auth/signed-out"));
    assert_eq!(records::live(&portal.db).await, 0);
}
