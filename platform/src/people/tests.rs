//! Finding people.

use std::{collections::BTreeSet, sync::Arc};

use sqlx::PgPool;

use super::{Actor, Authentication, Grants, GroupsClaim, Person, PersonId, ops};
use crate::{
    Cx, Error,
    secrets::{Keyring, random},
    sessions::{self, SignIn},
};

fn context(db: &PgPool, actor: Actor) -> Cx {
    Cx::new(db.clone(), db.clone(), Arc::new(Keyring::generate()), actor)
}

fn actor(functions: &[&str]) -> Actor {
    Actor::Person(Box::new(Person {
        id: PersonId(uuid::Uuid::nil()),
        name: "P".to_owned(),
        grants: Grants {
            functions: functions.iter().map(|name| (*name).to_owned()).collect(),
            ..Grants::default()
        },
        groups_claim: GroupsClaim::Present,
        session: uuid::Uuid::nil(),
        authentication: Authentication::default(),
    }))
}

async fn known(db: &PgPool, name: &str) {
    let sign_in = SignIn {
        issuer: "corp".to_owned(),
        iss: "https://login.example.com".to_owned(),
        sub: name.to_owned(),
        sid: None,
        authentication: Authentication::default(),
        issued_at: 0,
        id_token: "a.b.c".to_owned(),
        name: name.to_owned(),
        email: None,
        groups: BTreeSet::new(),
        groups_claim: GroupsClaim::Missing,
        grants: Grants::default(),
    };
    sessions::ops::open(
        &context(db, Actor::System("test")),
        &sign_in,
        random(),
        None,
    )
    .await
    .expect("answered")
    .expect("opened");
}

#[sqlx::test(migrations = "../migrations")]
async fn people_are_found_by_the_beginning_of_a_name_or_a_word_of_it(db: PgPool) {
    for name in ["Dana Developer", "Lee Lead", "100% Proof", "Under_score"] {
        known(&db, name).await;
    }
    let cx = context(&db, actor(&["security"]));
    for (text, found) in [
        ("dan", vec!["Dana Developer"]),
        ("DEV", vec!["Dana Developer"]),
        (" l", vec!["Lee Lead"]),
        ("100%", vec!["100% Proof"]),
        ("%", vec![]),
        ("_", vec![]),
        ("under_", vec!["Under_score"]),
        ("ana", vec![]),
        ("", vec![]),
        ("\\", vec![]),
    ] {
        let names: Vec<String> = ops::search(&cx, text)
            .await
            .expect("found")
            .into_iter()
            .map(|p| p.name)
            .collect();
        assert_eq!(names, found, "{text:?}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn whoever_has_no_role_finds_and_sees_nobody(db: PgPool) {
    known(&db, "Dana Developer").await;
    let nobody = context(&db, actor(&[]));
    assert!(matches!(
        ops::search(&nobody, "dana").await,
        Err(Error::Forbidden { .. })
    ));
    let id = PersonId(uuid::Uuid::nil());
    assert!(matches!(
        ops::show(&nobody, id).await,
        Err(Error::Forbidden { .. })
    ));
    let anonymous = context(&db, Actor::Anonymous);
    assert!(matches!(
        ops::search(&anonymous, "dana").await,
        Err(Error::Unauthenticated)
    ));
}
