//! Workers: their tokens, what they say, how they end.

use std::collections::BTreeMap;

use sqlx::PgPool;

use super::{
    Standing,
    ops::{add, drain, embed, find_by_token, hello, list, new_token, revoke},
};
use crate::{
    Cx, Error,
    jobs::wire::{Hello, PROTOCOL},
    logs::tests::fixture::{attempt, platform_engineer},
    people::Actor,
};

fn says(protocol: u32) -> Hello {
    Hello {
        protocol,
        version: "0.1.0".to_owned(),
        labels: BTreeMap::from([("zone".to_owned(), "eu".to_owned())]),
        capacity: 4,
        warnings: vec!["no cgroup v2".to_owned()],
        clock_ms: jiff::Timestamp::now().as_millisecond() + 3_600_000,
        running: vec![uuid::Uuid::nil()],
        load_1m: 0.5,
    }
}

async fn worker(cx: &Cx, token: &str) -> Cx {
    let actor = find_by_token(&cx.db, token)
        .await
        .expect("answered")
        .expect("known");
    Cx {
        actor,
        ..cx.clone()
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_worker_is_made_greets_is_drained_and_revoked(db: PgPool) {
    let made = attempt(&db, false).await;
    let cx = made.known(platform_engineer()).await;
    let token = add(&cx, "eu-1", "default", 90).await.expect("made");
    assert!(token.starts_with("gcw_") && token.len() == 47);
    assert!(matches!(
        add(&cx, "eu-1", "default", 90).await,
        Err(Error::Conflict { .. })
    ));
    for (name, pool, days) in [
        ("EU", "default", 9),
        ("a", "De", 9),
        ("a", "p", 0),
        ("a", "p", 366),
        ("", "p", 9),
    ] {
        assert!(
            matches!(add(&cx, name, pool, days).await, Err(Error::Invalid { .. })),
            "{name} {pool} {days}"
        );
    }
    let me = worker(&cx, &token).await;
    let welcome = hello(&me, &says(PROTOCOL)).await.expect("welcome");
    assert_eq!(
        (&*welcome.name, &*welcome.pool, welcome.drained),
        ("eu-1", "default", false)
    );
    assert_eq!(
        welcome.over,
        [uuid::Uuid::nil()],
        "an attempt nobody knows is over"
    );
    let listed = list(&cx).await.expect("listed");
    let eu = listed
        .iter()
        .find(|worker| worker.name == "eu-1")
        .expect("there");
    assert_eq!(
        (eu.standing, eu.load_percent, eu.capacity),
        (Standing::Live, Some(50), 4)
    );
    assert!(
        (3_590_000..3_610_000).contains(&eu.skew_ms),
        "its clock is an hour off: shown, no more"
    );

    drain(&cx, eu.id, true).await.expect("drained");
    assert!(hello(&me, &says(PROTOCOL)).await.expect("welcome").drained);
    drain(&cx, eu.id, false).await.expect("again");
    revoke(&cx, eu.id).await.expect("revoked");
    assert_eq!(find_by_token(&db, &token).await, Ok(None));
    assert_eq!(
        hello(&me, &says(PROTOCOL)).await.map(|_| ()),
        Err(Error::Unauthenticated)
    );
    assert_eq!(revoke(&cx, eu.id).await, Err(Error::NotFound));
    add(&cx, "eu-1", "default", 1)
        .await
        .expect("the name is free again");
    let events: Vec<String> =
        sqlx::query_scalar("select payload ->> 'action' from audit.event order by seq")
            .fetch_all(&db)
            .await
            .expect("listed");
    assert_eq!(
        events,
        [
            "worker.added",
            "worker.drained",
            "worker.drained",
            "worker.revoked",
            "worker.added"
        ]
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn an_older_worker_is_outdated_and_a_newer_one_waits(db: PgPool) {
    let made = attempt(&db, false).await;
    let cx = made.known(platform_engineer()).await;
    let token = add(&cx, "w", "default", 1).await.expect("made");
    let me = worker(&cx, &token).await;
    assert_eq!(hello(&me, &says(0)).await.map(|_| ()), Err(Error::Outdated));
    assert_eq!(
        hello(&me, &says(PROTOCOL + 1)).await.map(|_| ()),
        Err(Error::Unavailable)
    );
    let long = Hello {
        version: "x".repeat(65),
        ..says(PROTOCOL)
    };
    let labels = Hello {
        labels: BTreeMap::from([(String::new(), String::new())]),
        ..says(PROTOCOL)
    };
    let load = Hello {
        load_1m: f64::NAN,
        ..says(PROTOCOL)
    };
    let capacity = Hello {
        capacity: 1_025,
        ..says(PROTOCOL)
    };
    for nonsense in [long, labels, load, capacity] {
        assert!(matches!(
            hello(&me, &nonsense).await,
            Err(Error::Invalid { .. })
        ));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_27_a_token_is_known_while_it_lives_and_only_whole(db: PgPool) {
    let made = attempt(&db, true).await;
    let cx = made.known(platform_engineer()).await;
    let token = add(&cx, "w", "default", 1).await.expect("made");
    for wrong in [
        "",
        "gcw_",
        &token[..46],
        &format!("{token}x"),
        &token.replacen("gcw_", "gca_", 1),
        &format!("gcw_{}", "A".repeat(43)),
        &format!("gcw_{}", "ä".repeat(21)),
    ] {
        assert_eq!(find_by_token(&db, wrong).await, Ok(None), "{wrong}");
    }
    sqlx::query("alter table worker disable trigger worker_on_record")
        .execute(&db)
        .await
        .expect("set");
    sqlx::query("update worker set expires_at = now() - interval '1 s'")
        .execute(&db)
        .await
        .expect("aged");
    assert_eq!(find_by_token(&db, &token).await, Ok(None), "expired");
    let dump: String = sqlx::query_scalar("select string_agg(worker::text, '') from worker")
        .fetch_one(&db)
        .await
        .expect("dumped");
    assert!(!dump.contains(&token[4..]), "the token is nowhere");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_embedded_worker_keeps_its_token_and_a_revoked_one_stays_revoked(db: PgPool) {
    let made = attempt(&db, false).await;
    let cx = made.system();
    let (one, two) = (new_token(), new_token());
    for token in [&one, &one, &two] {
        let known = embed(&cx, "embedded-a", "default", token).await;
        assert_eq!(known, Ok(true));
    }
    assert_eq!(
        find_by_token(&db, &one).await,
        Ok(None),
        "the old one is over"
    );
    let Some(Actor::Worker(worker)) = find_by_token(&db, &two).await.expect("answered") else {
        panic!("no worker");
    };
    let events: i64 = sqlx::query_scalar("select count(*) from audit.event")
        .fetch_one(&db)
        .await
        .expect("counted");
    assert_eq!(events, 2, "going on is no event");
    revoke(&made.by(platform_engineer()), worker.id)
        .await
        .expect("revoked");
    assert_eq!(embed(&cx, "embedded-a", "default", &two).await, Ok(false));
}
