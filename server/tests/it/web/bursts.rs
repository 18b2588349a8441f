//! Bursts over a limit.

use std::net::SocketAddr;

use axum::{
    extract::ConnectInfo,
    http::{Method, StatusCode, header},
};
use platform::people::{Actor, Authentication, Grants, GroupsClaim, Person, PersonId};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Probes, probes, probes_on, request, state};

fn person() -> Actor {
    Actor::Person(Box::new(Person {
        id: PersonId(Uuid::now_v7()),
        name: "Ines".to_owned(),
        grants: Grants::default(),
        groups_claim: GroupsClaim::Present,
        session: Uuid::now_v7(),
        authentication: Authentication::default(),
    }))
}

async fn events(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar("select canonical from audit.event order by seq")
        .fetch_all(db)
        .await
        .expect("the superuser of the test reads the chain")
}

#[sqlx::test(migrations = "../migrations")]
async fn security_42_reports_over_the_limit_of_an_address(db: PgPool) {
    let probes = probes(db.clone(), Actor::Anonymous);
    let report = async |address: [u8; 4]| {
        let mut report = request(Method::POST, "/reports/csp", &[], "[]");
        let peer = SocketAddr::from((address, 1));
        report.extensions_mut().insert(ConnectInfo(peer));
        probes.send(report).await
    };
    for _ in 0..30 {
        assert_eq!(
            report([192, 0, 2, 1]).await.status(),
            StatusCode::NO_CONTENT
        );
    }
    for _ in 0..5 {
        let answer = report([192, 0, 2, 1]).await;
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        let after = answer.headers()[header::RETRY_AFTER]
            .to_str()
            .expect("text");
        assert!((1..=60).contains(&after.parse::<u32>().expect("seconds")));
    }
    assert_eq!(
        report([192, 0, 2, 2]).await.status(),
        StatusCode::NO_CONTENT
    );
    let events = events(&db).await;
    assert_eq!(events.len(), 1, "one event a window: {events:?}");
    assert!(
        events[0].contains("limit.hit") && events[0].contains("report"),
        "{events:?}"
    );
    assert!(
        !events[0].contains("192.0.2.1"),
        "an address is personal data: {events:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_42_searches_of_one_person_leave_their_office_alone(db: PgPool) {
    let (one, other) = (person(), person());
    let id = one.person().map(|person| person.id.0.to_string());
    let state = state(db.clone());
    let (one, other) = (probes_on(state.clone(), one), probes_on(state, other));
    let search = async |probes: &Probes| probes.get("/fn/search/find", &[]).await.status();
    for _ in 0..60 {
        assert_eq!(search(&one).await, StatusCode::OK);
    }
    for _ in 0..5 {
        assert_eq!(search(&one).await, StatusCode::TOO_MANY_REQUESTS);
    }
    // Same address, same counters, other person.
    assert_eq!(search(&other).await, StatusCode::OK);
    let events = events(&db).await;
    assert_eq!(events.len(), 1, "one event a window: {events:?}");
    assert!(
        events[0].contains(&id.expect("a person")),
        "it names who: {events:?}"
    );
}
