//! Bursts at the door, counted in the database (SECURITY.md, test 42, the part of sign-in), and the
//! portal's own proof at the provider.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    idp::{CLIENT, Idp},
    support::{self, Browser, records},
};

/// Makes this minute's counts almost full, for every address.
async fn nearly(db: &PgPool, kind: &str, count: i32) {
    sqlx::query("update sign_in_attempt set count = $2, minute = date_trunc('minute', now()) where kind = $1")
        .bind(kind)
        .bind(count)
        .execute(db)
        .await
        .expect("counted");
}

/// Waits for a minute that is not about to end: counts are by the minute.
async fn early_in_a_minute() {
    let second = jiff::Timestamp::now().as_second().rem_euclid(60);
    if second > 50 {
        tokio::time::sleep(std::time::Duration::from_secs(61 - second.unsigned_abs())).await;
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_42_failed_callbacks_of_one_address_end_in_429_and_one_event(db: PgPool) {
    early_in_a_minute().await;
    let portal = support::portal(db).await;
    let mut browser = Browser::new(&portal);
    browser.arrive("/auth/callback/corp?state=x&code=y").await;
    nearly(&portal.db, "failed_callback", 19).await;
    assert_eq!(
        browser
            .arrive("/auth/callback/corp?state=x&code=y")
            .await
            .status,
        303
    );
    for _ in 0..3 {
        let answer = browser.arrive("/auth/callback/corp?state=x&code=y").await;
        assert_eq!(answer.status, 429);
        let wait: u32 = answer.headers["retry-after"]
            .to_str()
            .expect("text")
            .parse()
            .expect("seconds");
        assert!((1..=60).contains(&wait));
    }
    let events = records::events(&portal.db).await;
    assert_eq!(
        events.iter().filter(|event| *event == "limit.hit").count(),
        1,
        "{events:?}"
    );
    assert_eq!(
        events.len(),
        3,
        "nothing is recorded beyond the limit: {events:?}"
    );
    portal.accepts().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_42_flows_of_one_address_end_in_429_and_one_event(db: PgPool) {
    early_in_a_minute().await;
    let portal = support::portal(db).await;
    let mut browser = Browser::new(&portal);
    assert_eq!(browser.start().await.status, 303);
    nearly(&portal.db, "start", 600).await;
    for _ in 0..3 {
        assert_eq!(browser.start().await.status, 429);
    }
    assert_eq!(records::events(&portal.db).await, ["limit.hit"]);
    assert_eq!(records::flows(&portal.db).await, 1);
    portal.accepts().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_42_logouts_of_one_issuer_end_in_429_and_one_event(db: PgPool) {
    early_in_a_minute().await;
    let portal = support::portal(db).await;
    let mut provider = Browser::new(&portal);
    assert_eq!(
        provider
            .post("/auth/backchannel/corp", &[("logout_token", "x")])
            .await
            .status,
        400
    );
    nearly(&portal.db, "back_channel", 60).await;
    for _ in 0..3 {
        assert_eq!(
            provider
                .post("/auth/backchannel/corp", &[("logout_token", "x")])
                .await
                .status,
            429
        );
    }
    assert_eq!(records::events(&portal.db).await, ["limit.hit"]);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_portal_proves_itself_by_a_signed_assertion(db: PgPool) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key.pem");
    let der = include_bytes!("keys/rsa-b.der");
    std::fs::write(
        &path,
        format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n",
            STANDARD.encode(der)
        ),
    )
    .expect("written");
    let more = format!("  private_key_file: {}\n", path.display());
    let portal = support::portal_with(db, Idp::start().await, &more, &[]);
    portal.accepts().await;
    let form = portal.idp.script().token_form.clone();
    assert_eq!(
        form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert!(!form.contains_key("client_secret"));
    let (message, signature) = form["client_assertion"].rsplit_once('.').expect("a token");
    let key = crate::idp::Key::rsa_b().public("");
    let part = |name: &str| {
        URL_SAFE_NO_PAD
            .decode(key[name].as_str().expect("text"))
            .expect("base64url")
    };
    ring::signature::RsaPublicKeyComponents {
        n: part("n"),
        e: part("e"),
    }
    .verify(
        &ring::signature::RSA_PKCS1_2048_8192_SHA256,
        message.as_bytes(),
        &URL_SAFE_NO_PAD.decode(signature).expect("base64url"),
    )
    .expect("signed by the portal's key");
    let claims: Value = serde_json::from_slice(
        &URL_SAFE_NO_PAD
            .decode(message.rsplit_once('.').expect("two parts").1)
            .expect("base64url"),
    )
    .expect("claims");
    assert_eq!(claims["iss"], CLIENT);
    assert_eq!(claims["sub"], CLIENT);
    assert_eq!(claims["aud"], json!(format!("{}/token", portal.idp.issuer)));
    assert!(claims["exp"].as_i64() <= claims["iat"].as_i64().map(|at| at + 60));
}
