//! Every cell of the matrix, against a reviewed snapshot.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Action, Relation, decide};
use crate::{
    error::Error,
    people::{Actor, Authentication, Grants, GroupsClaim, Person, PersonId, Role, TeamRole},
};

fn person(grants: Grants) -> Actor {
    Actor::Person(Box::new(Person {
        id: PersonId(Uuid::nil()),
        name: "P".to_owned(),
        grants,
        groups_claim: GroupsClaim::Present,
        session: Uuid::nil(),
        authentication: Authentication::default(),
    }))
}

fn member(role: TeamRole) -> Actor {
    person(Grants {
        teams: BTreeMap::from([("payments".to_owned(), BTreeSet::from([role]))]),
        ..Grants::default()
    })
}

fn holder(role: Role) -> Actor {
    person(Grants {
        roles: BTreeSet::from([role]),
        ..Grants::default()
    })
}

fn personas() -> Vec<(&'static str, Actor)> {
    vec![
        ("anonymous", Actor::Anonymous),
        ("nobody", person(Grants::default())),
        ("developer", member(TeamRole::Developer)),
        ("lead", member(TeamRole::TeamLead)),
        ("on-call", member(TeamRole::OnCall)),
        ("platform", holder(Role::PlatformEngineer)),
        ("auditor", holder(Role::Auditor)),
        ("admin", holder(Role::Admin)),
        ("system", Actor::System("test")),
    ]
}

const RELATIONS: [(&str, Relation); 4] = [
    ("", Relation::NONE),
    (
        "own",
        Relation {
            own: true,
            current: false,
            fresh: false,
        },
    ),
    (
        "this",
        Relation {
            own: true,
            current: true,
            fresh: false,
        },
    ),
    (
        "fresh",
        Relation {
            own: false,
            current: false,
            fresh: true,
        },
    ),
];

/// One line an action, one cell a persona: for each relation `y`es, `n`o, `s`tep-up, `l`og in.
fn matrix() -> String {
    let mut out = String::new();
    for action in Action::ALL {
        out.push_str(action.name());
        for (name, actor) in personas() {
            let cell: String = RELATIONS
                .iter()
                .map(|(_, relation)| match decide(&actor, *action, *relation) {
                    Ok(()) => 'y',
                    Err(Error::StepUpRequired) => 's',
                    Err(Error::Unauthenticated) => 'l',
                    Err(_) => 'n',
                })
                .collect();
            out.extend([" ", name, ":", &cell]);
        }
        out.push('\n');
    }
    out
}

#[test]
fn security_43_every_cell_of_the_matrix_is_as_reviewed() {
    insta::assert_snapshot!(matrix(), @r"
    portal.view anonymous:llll nobody:yyyy developer:yyyy lead:yyyy on-call:yyyy platform:yyyy auditor:yyyy admin:yyyy system:nnnn
    search anonymous:llll nobody:nnnn developer:yyyy lead:yyyy on-call:yyyy platform:yyyy auditor:yyyy admin:yyyy system:nnnn
    person.view anonymous:llll nobody:nnnn developer:yyyy lead:yyyy on-call:yyyy platform:yyyy auditor:yyyy admin:yyyy system:nnnn
    person.admin anonymous:llll nobody:nnnn developer:nnnn lead:nnnn on-call:nnnn platform:nnnn auditor:nnnn admin:yyyy system:nnnn
    person.disable anonymous:llll nobody:nnnn developer:nnnn lead:nnnn on-call:nnnn platform:nnnn auditor:nnnn admin:sssy system:nnnn
    session.list anonymous:llll nobody:yyyy developer:yyyy lead:yyyy on-call:yyyy platform:yyyy auditor:yyyy admin:yyyy system:nnnn
    session.end anonymous:llll nobody:nsyn developer:nsyn lead:nsyn on-call:nsyn platform:nsyn auditor:nsyn admin:ssyy system:nnnn
    session.keep anonymous:llll nobody:nnnn developer:nnnn lead:nnnn on-call:nnnn platform:nnnn auditor:nnnn admin:nnnn system:yyyy
    audit.read anonymous:llll nobody:nnnn developer:nnnn lead:nnnn on-call:nnnn platform:nnnn auditor:yyyy admin:nnnn system:nnnn
    audit.export anonymous:llll nobody:nnnn developer:nnnn lead:nnnn on-call:nnnn platform:nnnn auditor:yyyy admin:nnnn system:nnnn
    audit.verify anonymous:llll nobody:nnnn developer:nnnn lead:nnnn on-call:nnnn platform:nnnn auditor:yyyy admin:nnnn system:yyyy
    audit.keep anonymous:llll nobody:nnnn developer:nnnn lead:nnnn on-call:nnnn platform:nnnn auditor:nnnn admin:nnnn system:yyyy
    repository.sync anonymous:llll nobody:nnnn developer:nnnn lead:nnnn on-call:nnnn platform:yyyy auditor:nnnn admin:nnnn system:yyyy
    repository.view anonymous:llll nobody:nnnn developer:nnnn lead:nnnn on-call:nnnn platform:yyyy auditor:nnnn admin:yyyy system:nnnn
    admin.view anonymous:llll nobody:nnnn developer:nnnn lead:nnnn on-call:nnnn platform:yyyy auditor:nnnn admin:yyyy system:nnnn
    ");
}

#[test]
fn security_43_the_auditor_acts_on_exports_and_own_sessions_only() {
    let auditor = holder(Role::Auditor);
    let reading = [
        Action::PortalView,
        Action::Search,
        Action::PersonView,
        Action::SessionList,
        Action::AuditRead,
        Action::AuditExport,
        Action::AuditVerify,
    ];
    for action in Action::ALL
        .iter()
        .filter(|action| !reading.contains(action))
    {
        assert!(
            decide(&auditor, *action, Relation::NONE).is_err(),
            "{}",
            action.name()
        );
    }
}

#[test]
fn all_lists_every_action_once() {
    let names: BTreeSet<&str> = Action::ALL.iter().map(|action| action.name()).collect();
    assert_eq!(names.len(), Action::ALL.len());
}

#[test]
fn a_refusal_says_what_is_missing() {
    let error = decide(
        &member(TeamRole::Developer),
        Action::AdminView,
        Relation::NONE,
    );
    assert_eq!(
        error,
        Err(Error::forbidden(
            "needs the role platform engineer or the role admin"
        ))
    );
}
