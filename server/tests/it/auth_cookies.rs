//! The session cookie and the store behind it (SECURITY.md, tests 19 and 24).

use std::time::Duration;

use platform::{
    Cx,
    people::{Actor, Authentication, Grants, GroupsClaim},
    secrets::{random, sha256},
    sessions::{SignIn, ops},
};
use server::auth::Store;
use sqlx::PgPool;
use tower_sessions::{SessionStore as _, session::Id};

use crate::support::{self, Browser, Portal, records};

const SESSION: &str = "__Host-groundcrew";

/// A session without the provider's part, for tests that need very many.
async fn open(portal: &Portal) -> String {
    let cx = Cx::new(
        portal.db.clone(),
        portal.db.clone(),
        portal.state.keys.clone(),
        Actor::System("test"),
    );
    let sign_in = SignIn {
        issuer: "corp".to_owned(),
        iss: portal.idp.issuer.clone(),
        sub: "dana".to_owned(),
        sid: None,
        authentication: Authentication::default(),
        issued_at: 0,
        id_token: "a.b.c".to_owned(),
        name: "Dana".to_owned(),
        email: None,
        groups: std::collections::BTreeSet::default(),
        groups_claim: GroupsClaim::Present,
        grants: Grants::default(),
    };
    let bytes = random::<16>();
    ops::open(&cx, &sign_in, sha256(&bytes), None)
        .await
        .expect("answered")
        .expect("opened");
    Id(i128::from_le_bytes(bytes)).to_string()
}

#[sqlx::test(migrations = "../migrations")]
async fn security_19_a_sign_out_beside_requests_in_flight_is_final(db: PgPool) {
    let portal = support::portal(db).await;
    for round in 0..1000 {
        let mut browser = Browser::new(&portal);
        browser.plant(SESSION, &open(&portal).await);
        if round % 50 == 0 {
            // Makes the requests write as well: they note the session's use.
            records::age_use(&portal.db, 120.0).await;
        }
        let requests: Vec<_> = (0..20)
            .map(|_| {
                let mut browser = browser.clone();
                tokio::spawn(async move { browser.whoami().await.status.as_u16() })
            })
            .collect();
        let mut leaving = browser.clone();
        let out =
            tokio::spawn(async move { leaving.post("/auth/sign-out", &[]).await.status.as_u16() });
        assert_eq!(out.await.expect("ran"), 303, "round {round}");
        for request in requests {
            let status = request.await.expect("ran");
            assert!(matches!(status, 200 | 401), "round {round}: {status}");
        }
        assert_eq!(browser.whoami().await.status, 401, "round {round}");
    }
    assert_eq!(
        records::live(&portal.db).await,
        0,
        "no row came back to life"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_19_the_store_reads_and_never_writes(db: PgPool) {
    let portal = support::portal(db).await;
    let cookie = open(&portal).await;
    let id: Id = cookie.parse().expect("an id");
    let store = Store(portal.db.clone());
    let mut record = store.load(&id).await.expect("read").expect("live");
    assert_eq!(record.id, id);

    let cx = Cx::new(
        portal.db.clone(),
        portal.db.clone(),
        portal.state.keys.clone(),
        Actor::System("test"),
    );
    ops::end_of_gone_issuers(&cx, &[]).await.expect("ended");
    assert!(store.load(&id).await.expect("read").is_none());
    let before = records::dump(&portal.db).await;
    assert!(store.save(&record).await.is_err());
    assert!(store.create(&mut record).await.is_err());
    assert!(store.delete(&id).await.is_err());
    assert_eq!(records::dump(&portal.db).await, before);
    assert!(store.load(&id).await.expect("read").is_none());
}

#[sqlx::test(migrations = "../migrations")]
async fn security_19_a_taken_id_is_not_taken_again(db: PgPool) {
    let portal = support::portal(db).await;
    let cookie = open(&portal).await;
    let id: Id = cookie.parse().expect("an id");
    let cx = Cx::new(
        portal.db.clone(),
        portal.db.clone(),
        portal.state.keys.clone(),
        Actor::System("test"),
    );
    ops::end_of_gone_issuers(&cx, &[]).await.expect("ended");
    let sign_in = SignIn {
        issuer: "corp".to_owned(),
        iss: portal.idp.issuer.clone(),
        sub: "eve".to_owned(),
        sid: None,
        authentication: Authentication::default(),
        issued_at: 0,
        id_token: "a.b.c".to_owned(),
        name: "Eve".to_owned(),
        email: None,
        groups: std::collections::BTreeSet::default(),
        groups_claim: GroupsClaim::Present,
        grants: Grants::default(),
    };
    let outcome = ops::open(&cx, &sign_in, sha256(&id.0.to_le_bytes()), None).await;
    assert_eq!(outcome.expect_err("taken").status(), 409);
    assert_eq!(records::rows(&portal.db).await.0, 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_24_an_unknown_or_malformed_cookie_is_taken_back(db: PgPool) {
    let portal = support::portal(db).await;
    let long = "A".repeat(4000);
    for value in [
        "AAAAAAAAAAAAAAAAAAAAAA",
        "",
        "x",
        "not base64 at all!!!!!",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        &long,
    ] {
        let mut browser = Browser::new(&portal);
        browser.plant(SESSION, value);
        let answer = browser.get("/").await;
        assert_eq!(answer.status, 200, "signed out, not refused");
        assert_eq!(
            answer.headers["set-cookie"],
            "__Host-groundcrew=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        assert_eq!(browser.session(), None);
        assert!(!browser.get("/").await.headers.contains_key("set-cookie"));
    }
    assert_eq!(records::rows(&portal.db).await, (0, 0, 0));
}

#[sqlx::test(migrations = "../migrations")]
async fn security_24_a_cookie_that_comes_twice_is_none(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = portal.accepts().await;
    let live = browser.session().expect("signed in").to_owned();
    browser
        .cookies
        .push((SESSION.to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned()));
    assert_eq!(browser.whoami().await.status, 401);
    browser.cookies = vec![(SESSION.to_owned(), live)];
    assert_eq!(browser.whoami().await.status, 200);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_24_anonymous_pages_leave_no_row_and_no_cookie(db: PgPool) {
    let portal = support::portal(db).await;
    for _ in 0..1000 {
        let mut browser = Browser::new(&portal);
        let answer = browser.get("/").await;
        assert_eq!(answer.status, 200);
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    assert_eq!(records::rows(&portal.db).await, (0, 0, 0));
    assert_eq!(records::flows(&portal.db).await, 0);
    assert!(records::events(&portal.db).await.is_empty());
}

#[sqlx::test(migrations = "../migrations")]
async fn security_24_static_files_ask_for_no_session_and_a_dead_database_signs_nobody_out(
    db: PgPool,
) {
    let mut portal = support::portal(db).await;
    let mut browser = portal.accepts().await;
    // A pool that reaches nothing stands for a database that is down.
    let nowhere = sqlx::postgres::PgPoolOptions::new()
        .acquire_timeout(Duration::from_millis(200))
        .connect_lazy("postgres://nobody@127.0.0.1:1/none")
        .expect("lazy");
    portal.state.db = nowhere;
    portal = portal.at(jiff::Timestamp::now());
    let mut cut_off = Browser::new(&portal);
    cut_off.cookies.clone_from(&browser.cookies);
    assert_eq!(cut_off.get("/pkg/nothing.css").await.status, 200);
    let answer = cut_off.get("/").await;
    assert_eq!(answer.status, 503);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(cut_off.session(), browser.session(), "the cookie is kept");
    assert_eq!(
        Browser::new(&portal).get("/").await.status,
        200,
        "whoever brings no cookie needs no database"
    );
    assert_eq!(
        browser.whoami().await.status,
        200,
        "and signed in again when it is back"
    );
}
