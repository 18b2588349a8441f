//! Reading: who may, what is found, and that reading is an event.

use sqlx::PgPool;

use super::{SYSTEM, cx, fill, person, verified};
use crate::{
    audit::{
        event::{Event, Kind, Outcome},
        ops,
        view::{Alarm, Cursor, Filter, Note, VerificationState},
    },
    error::Error,
    people::{Actor, Role},
};

#[sqlx::test(migrations = "../migrations")]
async fn only_auditors_read_and_each_reading_is_an_event(db: PgPool) {
    let filter = Filter {
        text: "rosa@example.com".into(),
        action: "session.ended".into(),
        ..Filter::default()
    };
    for (actor, allowed) in [
        (Actor::Anonymous, false),
        (person(&[]), false),
        (person(&[Role::Admin, Role::PlatformEngineer]), false),
        (SYSTEM, false),
        (person(&[Role::Auditor]), true),
    ] {
        let cx = cx(&db, actor);
        let listed = ops::list(&cx, &filter, Cursor::Newest, 50).await;
        assert_eq!(listed.is_ok(), allowed, "{listed:?}");
        assert_eq!(ops::standing(&cx).await.is_ok(), allowed);
        let got = ops::get(&cx, 1).await;
        assert_eq!(matches!(got, Err(Error::NotFound)), allowed, "{got:?}");
        ops::drain(&cx.as_system("test")).await.expect("drains");
        let events = sqlx::query_scalar!("select canonical from audit.event")
            .fetch_all(&db)
            .await;
        let events = events.expect("reads");
        assert_eq!(events.len(), usize::from(allowed));
        for event in events {
            assert!(
                event.contains(r#""action":"session.ended""#) && !event.contains("rosa"),
                "{event}"
            );
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn pages_and_filters_find_what_they_should(db: PgPool) {
    let auditor = cx(&db, person(&[Role::Auditor]));
    fill(&cx(&db, SYSTEM), 7).await;
    let list = async |filter: Filter, cursor| {
        let page = ops::list(&auditor, &filter, cursor, 3)
            .await
            .expect("lists");
        let places: Vec<i64> = page.entries.iter().map(|entry| entry.seq).collect();
        (places, page.newer, page.older, page.matching)
    };
    let all = Filter::default;
    assert_eq!(
        list(all(), Cursor::Newest).await,
        (vec![7, 6, 5], false, true, 7)
    );
    assert_eq!(
        list(all(), Cursor::OlderThan(5)).await,
        (vec![4, 3, 2], true, true, 7)
    );
    assert_eq!(
        list(all(), Cursor::OlderThan(2)).await,
        (vec![1], true, false, 7)
    );
    assert_eq!(
        list(all(), Cursor::NewerThan(1)).await,
        (vec![4, 3, 2], true, true, 7)
    );
    assert_eq!(
        list(all(), Cursor::NewerThan(4)).await,
        (vec![7, 6, 5], false, true, 7)
    );
    let none = (vec![], false, false, 0);
    let hash = sqlx::query_scalar!("select encode(hash, 'hex') from audit.event where seq = 4")
        .fetch_one(&db)
        .await;
    let hash = hash.expect("reads").expect("a hash");
    for (filter, places) in [
        (
            Filter {
                target: "3".into(),
                ..all()
            },
            vec![4],
        ),
        (
            Filter {
                actor: "test".into(),
                target: " 3 ".into(),
                ..all()
            },
            vec![4],
        ),
        (
            Filter {
                action: "session.sign_out".into(),
                outcome: "success".into(),
                to: "2099-01-01".into(),
                target: "0".into(),
                ..all()
            },
            vec![1],
        ),
        (
            Filter {
                text: hash[..10].to_uppercase(),
                ..all()
            },
            vec![4],
        ),
        (
            Filter {
                text: r#""id":"6""#.into(),
                from: "2020-01-01T10:00".into(),
                ..all()
            },
            vec![7],
        ),
    ] {
        let matching = i64::try_from(places.len()).expect("few");
        assert_eq!(
            list(filter.clone(), Cursor::Newest).await,
            (places, false, false, matching),
            "{filter:?}"
        );
    }
    for filter in [
        Filter {
            outcome: "denied".into(),
            ..all()
        },
        Filter {
            to: "2020-01-01".into(),
            ..all()
        },
        Filter {
            from: "2099-01-01".into(),
            ..all()
        },
        Filter {
            text: "canary-agent".into(),
            ..all()
        },
    ] {
        assert_eq!(
            list(filter.clone(), Cursor::Newest).await,
            none,
            "{filter:?}"
        );
    }
    for filter in [
        Filter {
            outcome: "good".into(),
            ..all()
        },
        Filter {
            from: "18.11.2026".into(),
            ..all()
        },
        Filter {
            from: "2026-11-19".into(),
            to: "2026-11-18".into(),
            ..all()
        },
        Filter {
            actor: "x".repeat(201),
            ..all()
        },
    ] {
        let refused = ops::list(&auditor, &filter, Cursor::Newest, 3).await;
        assert!(
            matches!(refused, Err(Error::Invalid { .. })),
            "{filter:?}: {refused:?}"
        );
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_64_an_erased_note_leaves_the_chain_sound(db: PgPool) {
    let auditor = cx(&db, person(&[Role::Auditor]));
    fill(&auditor, 2).await;
    let detail = ops::get(&auditor, 1).await.expect("is there");
    assert_eq!(
        detail.note,
        Note::Open(vec![("agent".into(), "canary-agent".into())])
    );
    assert!(detail.fits);
    let bare = sqlx::query("select audit.erase(1, '{}')")
        .execute(&db)
        .await;
    assert!(bare.is_err(), "an erasure is an event");
    let event = Event::new(&auditor, Kind::NoteErased, Outcome::Success).on("event", 1);
    let (canonical, _) = ops::prepare(&auditor, &event).expect("canonical");
    sqlx::query("select audit.erase(1, $1)")
        .bind(canonical)
        .execute(&db)
        .await
        .expect("erases");
    assert_eq!(ops::get(&auditor, 1).await.map(|d| d.note), Ok(Note::Gone));
    ops::ask_verification(&auditor).await.expect("asks");
    let done = verified(&auditor).await;
    assert_eq!(done.state, VerificationState::Sound, "{done:?}");
    let standing = ops::standing(&auditor).await.expect("stands");
    assert_eq!(standing.verified.as_ref(), Some(&done));
    assert_eq!(standing.alarms(), [Alarm::NoCheckpoint]);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_64_events_hold_no_name_address_or_agent(db: PgPool) {
    let mut cx = cx(&db, person(&[Role::Auditor]));
    cx.origin = std::sync::Arc::new(crate::cx::Origin {
        ip: Some("203.0.113.9".parse().expect("an address")),
        agent: Some("canary-agent".into()),
    });
    let event = Event::new(&cx, Kind::SignInFailed, Outcome::Failure)
        .on("person", "rosa@canary.example")
        .with("reason", "Rosa Canary said so")
        .with("rule", "x".repeat(300))
        .deciding("policy", "it's \"quoted\"");
    let mut tx = cx.begin().await.expect("begins");
    ops::append(&cx, &mut tx, &event).await.expect("appends");
    tx.commit().await.expect("commits");
    let text = sqlx::query_scalar!("select canonical from audit.event")
        .fetch_one(&db)
        .await;
    let text = text.expect("reads").to_lowercase();
    for canary in ["rosa", "canary", "203.0.113", "agent", "quoted", "@", "xxx"] {
        assert!(!text.contains(canary), "{canary} in {text}");
    }
    let Ok(detail) = ops::get(&cx, 1).await else {
        panic!("is there")
    };
    let Note::Open(note) = detail.note else {
        panic!("has a note")
    };
    assert!(
        note.contains(&("target".into(), "rosa@canary.example".into())),
        "{note:?}"
    );
}
