//! Every cell of the matrix, against a reviewed snapshot.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Action, Relation, decide};
use crate::{
    error::Error,
    jobs::{
        Class, Operation,
        actor::{AttemptActor, WorkerActor},
    },
    people::{Actor, Authentication, Grants, GroupsClaim, Person, PersonId, Place, Role, TeamRole},
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
        ("worker", worker()),
        ("attempt", attempt()),
    ]
}

fn worker() -> Actor {
    Actor::Worker(Box::new(WorkerActor {
        id: Uuid::nil(),
        name: "w".to_owned(),
        pool: "default".to_owned(),
        labels: BTreeMap::new(),
    }))
}

fn attempt() -> Actor {
    Actor::Attempt(Box::new(AttemptActor {
        id: Uuid::nil(),
        step: Uuid::nil(),
        job: Uuid::nil(),
        worker: Uuid::nil(),
        stack: None,
        epoch: None,
        operation: Operation::Plan,
        class: Class::Retry,
    }))
}

const RELATIONS: [(&str, Relation); 6] = [
    ("", Relation::NONE),
    (
        "own",
        Relation {
            own: true,
            current: false,
            fresh: false,
            team: Place::Outside,
        },
    ),
    (
        "this",
        Relation {
            own: true,
            current: true,
            fresh: false,
            team: Place::Outside,
        },
    ),
    (
        "fresh",
        Relation {
            own: false,
            current: false,
            fresh: true,
            team: Place::Outside,
        },
    ),
    (
        "team",
        Relation {
            team: Place::Member,
            ..Relation::NONE
        },
    ),
    (
        "lead",
        Relation {
            team: Place::Lead,
            ..Relation::NONE
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
    portal.view anonymous:llllll nobody:yyyyyy developer:yyyyyy lead:yyyyyy on-call:yyyyyy platform:yyyyyy auditor:yyyyyy admin:yyyyyy system:nnnnnn worker:nnnnnn attempt:nnnnnn
    search anonymous:llllll nobody:nnnnnn developer:yyyyyy lead:yyyyyy on-call:yyyyyy platform:yyyyyy auditor:yyyyyy admin:yyyyyy system:nnnnnn worker:nnnnnn attempt:nnnnnn
    person.view anonymous:llllll nobody:nnnnnn developer:yyyyyy lead:yyyyyy on-call:yyyyyy platform:yyyyyy auditor:yyyyyy admin:yyyyyy system:nnnnnn worker:nnnnnn attempt:nnnnnn
    person.admin anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:yyyyyy system:nnnnnn worker:nnnnnn attempt:nnnnnn
    person.disable anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:sssyss system:nnnnnn worker:nnnnnn attempt:nnnnnn
    session.list anonymous:llllll nobody:yyyyyy developer:yyyyyy lead:yyyyyy on-call:yyyyyy platform:yyyyyy auditor:yyyyyy admin:yyyyyy system:nnnnnn worker:nnnnnn attempt:nnnnnn
    session.end anonymous:llllll nobody:nsynnn developer:nsynnn lead:nsynnn on-call:nsynnn platform:nsynnn auditor:nsynnn admin:ssyyss system:nnnnnn worker:nnnnnn attempt:nnnnnn
    session.keep anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:nnnnnn system:yyyyyy worker:nnnnnn attempt:nnnnnn
    audit.read anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:yyyyyy admin:nnnnnn system:nnnnnn worker:nnnnnn attempt:nnnnnn
    audit.export anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:yyyyyy admin:nnnnnn system:nnnnnn worker:nnnnnn attempt:nnnnnn
    audit.verify anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:yyyyyy admin:nnnnnn system:yyyyyy worker:nnnnnn attempt:nnnnnn
    audit.keep anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:nnnnnn system:yyyyyy worker:nnnnnn attempt:nnnnnn
    repository.sync anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:yyyyyy auditor:nnnnnn admin:nnnnnn system:yyyyyy worker:nnnnnn attempt:nnnnnn
    repository.view anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:yyyyyy auditor:nnnnnn admin:yyyyyy system:nnnnnn worker:nnnnnn attempt:nnnnnn
    admin.view anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:yyyyyy auditor:nnnnnn admin:yyyyyy system:nnnnnn worker:nnnnnn attempt:nnnnnn
    job.list anonymous:llllll nobody:nnnnnn developer:yyyyyy lead:yyyyyy on-call:yyyyyy platform:yyyyyy auditor:yyyyyy admin:yyyyyy system:nnnnnn worker:nnnnnn attempt:nnnnnn
    job.view anonymous:llllll nobody:nnnnyy developer:nnnnyy lead:nnnnyy on-call:yyyyyy platform:yyyyyy auditor:yyyyyy admin:nnnnyy system:yyyyyy worker:nnnnnn attempt:nnnnnn
    log.view anonymous:llllll nobody:nnnnyy developer:nnnnyy lead:nnnnyy on-call:yyyyyy platform:yyyyyy auditor:yyyyyy admin:nnnnyy system:yyyyyy worker:nnnnnn attempt:nnnnnn
    job.create anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:yyyyyy auditor:nnnnnn admin:nnnnnn system:yyyyyy worker:nnnnnn attempt:nnnnnn
    job.cancel anonymous:llllll nobody:nyynny developer:nyynny lead:nyynny on-call:yyyyyy platform:yyyyyy auditor:nyynny admin:nyynny system:nnnnnn worker:nnnnnn attempt:nnnnnn
    job.retry anonymous:llllll nobody:nyynny developer:nyynny lead:nyynny on-call:nyynny platform:yyyyyy auditor:nyynny admin:nyynny system:nnnnnn worker:nnnnnn attempt:nnnnnn
    job.keep anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:nnnnnn system:yyyyyy worker:nnnnnn attempt:nnnnnn
    reconcile.decide anonymous:llllll nobody:nnnnny developer:nnnnny lead:nnnnny on-call:nnnnny platform:yyyyyy auditor:nnnnny admin:nnnnny system:nnnnnn worker:nnnnnn attempt:nnnnnn
    stack.list anonymous:llllll nobody:nnnnnn developer:yyyyyy lead:yyyyyy on-call:yyyyyy platform:yyyyyy auditor:yyyyyy admin:yyyyyy system:nnnnnn worker:nnnnnn attempt:nnnnnn
    stack.view anonymous:llllll nobody:nnnnyy developer:nnnnyy lead:nnnnyy on-call:yyyyyy platform:yyyyyy auditor:yyyyyy admin:nnnnyy system:yyyyyy worker:nnnnnn attempt:nnnnnn
    stack.break_lock anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:sssyss auditor:nnnnnn admin:nnnnnn system:nnnnnn worker:nnnnnn attempt:nnnnnn
    state.view anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:yyyyyy auditor:nnnnnn admin:nnnnnn system:nnnnnn worker:nnnnnn attempt:nnnnnn
    state.download anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:sssyss auditor:nnnnnn admin:nnnnnn system:nnnnnn worker:nnnnnn attempt:nnnnnn
    worker.view anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:yyyyyy auditor:nnnnnn admin:nnnnnn system:nnnnnn worker:nnnnnn attempt:nnnnnn
    worker.add anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:yyyyyy auditor:nnnnnn admin:nnnnnn system:yyyyyy worker:nnnnnn attempt:nnnnnn
    worker.drain anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:yyyyyy auditor:nnnnnn admin:nnnnnn system:nnnnnn worker:nnnnnn attempt:nnnnnn
    worker.revoke anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:yyyyyy auditor:nnnnnn admin:nnnnnn system:nnnnnn worker:nnnnnn attempt:nnnnnn
    worker.hello anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:nnnnnn system:nnnnnn worker:yyyyyy attempt:nnnnnn
    worker.claim anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:nnnnnn system:nnnnnn worker:yyyyyy attempt:nnnnnn
    attempt.report anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:nnnnnn system:nnnnnn worker:nnnnnn attempt:nyynnn
    attempt.state anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:nnnnnn system:nnnnnn worker:nnnnnn attempt:nyynnn
    log.keep anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:nnnnnn system:yyyyyy worker:nnnnnn attempt:nnnnnn
    secret.rewrap anonymous:llllll nobody:nnnnnn developer:nnnnnn lead:nnnnnn on-call:nnnnnn platform:nnnnnn auditor:nnnnnn admin:nnnnnn system:yyyyyy worker:nnnnnn attempt:nnnnnn
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
        Action::JobList,
        Action::JobView,
        Action::LogView,
        Action::StackList,
        Action::StackView,
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
