//! Sessions: how long, how many, how they end (SECURITY.md, tests 20 to 23).

#![expect(
    clippy::disallowed_methods,
    reason = "breaks the database in places that are told by name"
)]

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;
use sqlx::PgPool;

use crate::{
    idp::Idp,
    support::{self, Browser, Portal, records},
};

const SESSION: &str = "__Host-groundcrew";

#[sqlx::test(migrations = "../migrations")]
async fn security_20_a_sign_in_takes_the_place_of_whatever_was_planted(db: PgPool) {
    let portal = support::portal(db).await;
    // A cookie nobody issued, and one of an attacker's own session.
    let attacker = support::signed_in(&portal, &["search-developers"]).await;
    let planted = attacker.session().expect("signed in").to_owned();
    let mut victim = Browser::new(&portal);
    victim.plant(SESSION, &planted);
    portal.idp.claim(json!({"sub": "victim"}));
    assert_eq!(victim.sign_in(&portal).await.location(), Some("/"));
    assert_ne!(victim.session(), Some(planted.as_str()));
    assert_eq!(
        attacker.clone().whoami().await.status,
        401,
        "the planted session is dead"
    );
    assert_eq!(victim.whoami().await.status, 200);
    assert_eq!(records::ends(&portal.db).await, ["replaced"]);

    let mut victim = Browser::new(&portal);
    let invented = "A".repeat(22);
    victim.plant(SESSION, &invented);
    victim.sign_in(&portal).await;
    assert_ne!(victim.session(), Some(invented.as_str()));
}

#[sqlx::test(migrations = "../migrations")]
async fn security_20_a_failure_at_any_point_of_a_rotation_leaves_one_live_id(db: PgPool) {
    let portal = support::portal(db).await;
    support::signed_in(&portal, &["admins"]).await;
    let other = records::newest(&portal.db).await;
    let mut browser = support::signed_in(&portal, &["admins"]).await;
    // Each statement of the rotation fails in turn: the first write, the new row, the grant, the event.
    for (table, when) in [
        ("person", "before update on person"),
        ("session", "before update of revoked_at on session"),
        ("session", "before insert on session"),
        ("step_up_grant", "before insert on step_up_grant"),
        ("audit.event", "before insert on audit.event"),
    ] {
        fail(&portal.db, table, Some(when)).await;
        let old = browser.clone();
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
        portal
            .idp
            .claim(json!({"acr": "mfa", "auth_time": Timestamp::now().as_second()}));
        let answer = browser.come_back("corp", &back).await;
        assert_eq!(answer.status, 500, "{when}");
        assert_eq!(
            records::live(&portal.db).await,
            2,
            "{when}: nothing was half done"
        );
        assert_eq!(browser.session(), old.session(), "{when}");
        fail(&portal.db, table, None).await;
        assert_eq!(browser.whoami().await.status, 200, "{when}");
    }
}

/// Makes a statement fail, or lets it work again.
async fn fail(db: &PgPool, table: &str, when: Option<&str>) {
    let statement = match when {
        Some(when) => format!(
            "create function broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
             create trigger broken {when} for each statement execute function broken();
             alter table {table} enable always trigger broken"
        ),
        None => format!("drop trigger broken on {table}; drop function broken()"),
    };
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
        .execute(db)
        .await
        .expect("as the owner");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_21_use_keeps_a_session_and_half_an_hour_without_ends_it(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = portal.accepts().await;
    for _ in 0..4 {
        records::age_use(&portal.db, 25.0 * 60.0).await;
        assert_eq!(browser.whoami().await.status, 200, "reads alone keep it");
    }
    records::age_use(&portal.db, 30.0 * 60.0 + 1.0).await;
    let mut other = browser.clone();
    assert_eq!(browser.whoami().await.status, 401);
    records::age_use(&portal.db, -60.0 * 60.0).await;
    assert_eq!(other.whoami().await.status, 200, "only the time mattered");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_21_twelve_hours_end_a_session_in_use(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = portal.accepts().await;
    sqlx::query("alter table session disable trigger session_on_record")
        .execute(&portal.db)
        .await
        .expect("owner");
    sqlx::query(
        "update session set absolute_until = absolute_until - interval '11 hours 59 minutes'",
    )
    .execute(&portal.db)
    .await
    .expect("aged");
    assert_eq!(browser.whoami().await.status, 200);
    sqlx::query("update session set absolute_until = absolute_until - interval '61 seconds'")
        .execute(&portal.db)
        .await
        .expect("aged");
    assert_eq!(browser.whoami().await.status, 401);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_21_the_application_clock_does_not_matter(db: PgPool) {
    let mut portal = support::portal(db).await;
    let cookie = portal
        .accepts()
        .await
        .session()
        .expect("signed in")
        .to_owned();
    for hours in [-1, 1] {
        let clock = Timestamp::now().as_second() + hours * 3600;
        portal = portal.at(Timestamp::from_second(clock).expect("a time"));
        let mut browser = Browser::new(&portal);
        browser.plant(SESSION, &cookie);
        assert_eq!(browser.whoami().await.status, 200, "{hours} h");
    }
    records::age_use(&portal.db, 30.0 * 60.0 + 1.0).await;
    portal =
        portal.at(Timestamp::from_second(Timestamp::now().as_second() - 3600).expect("a time"));
    let mut browser = Browser::new(&portal);
    browser.plant(SESSION, &cookie);
    assert_eq!(browser.whoami().await.status, 401);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_21_use_is_noted_at_most_once_a_minute(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = portal.accepts().await;
    let seen = || async {
        sqlx::query_scalar::<_, String>("select last_seen_at::text from session")
            .fetch_one(&portal.db)
            .await
            .expect("read")
    };
    let first = seen().await;
    browser.whoami().await;
    assert_eq!(seen().await, first);
    records::age_use(&portal.db, 61.0).await;
    let aged = seen().await;
    browser.whoami().await;
    assert_ne!(seen().await, aged);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_22_nothing_in_a_dump_works_as_a_cookie(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = portal.accepts().await;
    let live = browser.session().expect("signed in").to_owned();
    let dump = records::dump(&portal.db).await;
    assert!(!dump.contains(&live));
    let mut values: BTreeSet<String> = dump
        .split(['<', '>', '"', ' ', '\n', ','])
        .filter(|value| value.len() >= 8 && !value.starts_with('/'))
        .map(str::to_owned)
        .collect();
    // Bytes as cookies would hold them.
    let hashes: Vec<Vec<u8>> = sqlx::query_scalar("select id_hash from session")
        .fetch_all(&portal.db)
        .await
        .expect("read");
    for hash in hashes {
        let encode = |bytes: &[u8]| {
            base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
        };
        values.extend([
            encode(&hash),
            encode(&hash[..16]),
            encode(&hash[16..]),
            hex::encode(&hash),
        ]);
    }
    assert!(values.len() > 20);
    for value in values {
        if value.bytes().all(|b| b.is_ascii_graphic() && b != b';') {
            let mut thief = Browser::new(&portal);
            thief.plant(SESSION, &value);
            assert_eq!(thief.whoami().await.status, 401, "{value}");
        }
    }
    assert_eq!(browser.whoami().await.status, 200);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_23_an_eleventh_session_ends_the_oldest(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browsers = Vec::new();
    for _ in 0..11 {
        browsers.push(portal.accepts().await);
    }
    assert_eq!(browsers[0].whoami().await.status, 401);
    for browser in &mut browsers[1..] {
        assert_eq!(browser.whoami().await.status, 200);
    }
    assert_eq!(records::ends(&portal.db).await, ["limit"]);
    let events = records::events(&portal.db).await;
    assert_eq!(events[10..], ["session.ended:limit", "session.sign_in"]);
}

async fn grant(portal: &Portal, purpose: String) {
    sqlx::query("alter table step_up_grant disable trigger step_up_grant_on_record")
        .execute(&portal.db)
        .await
        .expect("owner");
    sqlx::query("insert into step_up_grant (session_label, purpose) values ($1, $2)")
        .bind(records::newest(&portal.db).await)
        .bind(purpose)
        .execute(&portal.db)
        .await
        .expect("granted");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_23_people_and_admins_end_sessions_and_strangers_do_not(db: PgPool) {
    let portal = support::portal(db).await;
    let mut first = support::signed_in(&portal, &["payments-leads"]).await;
    let first_label = records::newest(&portal.db).await;
    let mut second = support::signed_in(&portal, &["payments-leads"]).await;
    let listed = second.get("/test/sessions").await.body;
    assert_eq!(listed.matches("\"label\"").count(), 2, "{listed}");
    assert_eq!(listed.matches("\"current\":true").count(), 1, "{listed}");

    let mut stranger = support::signed_in(&portal, &["search-leads"]).await;
    let act = format!("/test/end/{first_label}");
    assert_eq!(
        stranger.post(&act, &[]).await.status,
        404,
        "others' sessions are not known"
    );
    let unknown = stranger
        .post(&format!("/test/end/{}", uuid::Uuid::nil()), &[])
        .await;
    assert_eq!(unknown.status, 404);
    assert!(
        !stranger
            .get("/test/sessions")
            .await
            .body
            .contains(&first_label.to_string())
    );

    let mut admin = support::signed_in(&portal, &["admins"]).await;
    assert_eq!(
        admin.post(&act, &[]).await.status,
        403,
        "not without a fresh sign-in"
    );
    grant(&portal, format!("session.end:{first_label}")).await;
    assert_eq!(admin.post(&act, &[]).await.status, 200);
    assert_eq!(first.whoami().await.status, 401);
    assert_eq!(second.whoami().await.status, 200);

    // One's own session in use ends without more.
    let label = records::newest(&portal.db).await;
    assert_eq!(
        admin.post(&format!("/test/end/{label}"), &[]).await.status,
        200
    );
    assert_eq!(admin.whoami().await.status, 401);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_23_a_disabled_person_is_out_at_once_and_stays_out(db: PgPool) {
    let portal = support::portal(db).await;
    let mut person = portal.accepts().await;
    let mut admin = support::signed_in(&portal, &["admins"]).await;
    let dana = records::person(&portal.db, "dana").await;
    let own = records::person(&portal.db, "admins").await;
    assert_eq!(
        person
            .post(&format!("/test/disable/{dana}"), &[])
            .await
            .status,
        403
    );
    assert_eq!(
        admin
            .post(&format!("/test/disable/{dana}"), &[])
            .await
            .status,
        403
    );
    grant(&portal, format!("person.disable:{own}")).await;
    assert_eq!(
        admin
            .post(&format!("/test/disable/{own}"), &[])
            .await
            .status,
        409,
        "not oneself"
    );
    grant(&portal, format!("person.disable:{dana}")).await;
    assert_eq!(
        admin
            .post(&format!("/test/disable/{dana}"), &[])
            .await
            .status,
        200
    );
    assert_eq!(person.whoami().await.status, 401);
    let events = records::events(&portal.db).await;
    assert_eq!(
        events[events.len() - 2..],
        ["session.ended:disabled", "person.disabled"]
    );

    portal
        .idp
        .claim(json!({"sub": "dana", "groups": ["admins"]}));
    portal.refuses("disabled", "session").await;
    grant(&portal, format!("person.disable:{dana}")).await;
    assert_eq!(
        admin
            .post(&format!("/test/enable/{dana}"), &[])
            .await
            .status,
        200
    );
    portal.accepts().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_23_sessions_of_an_issuer_that_is_gone_end(db: PgPool) {
    let gone = support::portal(db.clone()).await;
    let cookie = gone
        .accepts()
        .await
        .session()
        .expect("signed in")
        .to_owned();
    let portal = support::portal_with(db, Idp::start().await, "", &[]);
    let mut browser = Browser::new(&portal);
    browser.plant(SESSION, &cookie);
    assert_eq!(
        browser.whoami().await.status,
        401,
        "even before the row is ended"
    );
    assert_eq!(browser.session(), None);

    let keeper = tokio::spawn(server::auth::keep(portal.state.clone()));
    for _ in 0..100 {
        if records::live(&portal.db).await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(records::ends(&portal.db).await, ["issuer_gone"]);
    assert_eq!(
        records::last_event(&portal.db).await,
        "session.ended:issuer_gone"
    );
    portal.state.web.shutdown.cancel();
    keeper.await.expect("stops when the server does");
}
