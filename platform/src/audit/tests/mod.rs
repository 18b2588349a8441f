//! The chain holds: what is appended can be read, checked and not be changed.

mod append;
mod denials;
mod export;
mod guards;
mod list;
mod tamper;
mod vectors;
mod verifications;

use std::sync::Arc;

use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops,
        view::Verification,
    },
    people::{Actor, Authentication, Grants, GroupsClaim, Person, PersonId, Role},
    secrets::Keyring,
};

/// A context on a test's database: reader and application are the same superuser.
pub(super) fn cx(db: &PgPool, actor: Actor) -> Cx {
    Cx::new(db.clone(), db.clone(), Arc::new(Keyring::generate()), actor)
}

/// The portal itself.
pub(super) const SYSTEM: Actor = Actor::System("test");

/// Somebody with these portal-wide roles.
pub(super) fn person(roles: &[Role]) -> Actor {
    Actor::Person(Box::new(Person {
        id: PersonId(Uuid::now_v7()),
        name: "Rosa Canary".to_owned(),
        grants: Grants {
            roles: roles.iter().copied().collect(),
            ..Grants::default()
        },
        groups_claim: GroupsClaim::Present,
        session: Uuid::now_v7(),
        authentication: Authentication::default(),
    }))
}

/// Appends `n` sign-outs, each with a note.
pub(super) async fn fill(cx: &Cx, n: usize) {
    for at in 0..n {
        let event = Event::new(cx, Kind::SignOut, Outcome::Success)
            .on("session", at)
            .noting("agent", "canary-agent");
        let mut tx = cx.begin().await.expect("begins");
        ops::append(cx, &mut tx, &event).await.expect("appends");
        tx.commit().await.expect("commits");
    }
}

/// Asks for a verification, does it as a server would, and answers how it ended.
pub(super) async fn verified(cx: &Cx) -> Verification {
    let system = cx.as_system("audit");
    ops::ask_verification(cx).await.expect("asks");
    let claimed = ops::claim_verification(&system).await.expect("claims");
    let claimed = claimed.expect("one waits");
    ops::perform_verification(&system, claimed)
        .await
        .expect("performs");
    let standing = ops::health(&system).await.expect("stands");
    standing.verification.expect("there is one")
}
