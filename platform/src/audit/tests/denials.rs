//! A refused act is on the record; a flood of them is two events.

use sqlx::PgPool;
use uuid::Uuid;

use super::{SYSTEM, cx, person, verified};
use crate::{
    Cx, Error,
    audit::{
        canonical,
        event::Target,
        ops::{self, refused},
        view::VerificationState,
    },
    people::{self, PersonId, Role},
    policy::Action,
};

/// Denials on record: act, why, object, count.
async fn denials(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select concat_ws(' ', payload #>> '{detail,act}', payload #>> '{detail,why}',
           payload #>> '{target,type}', payload #>> '{target,id}', payload ->> 'count', payload #>> '{detail,objects}')
         from audit.event where payload ->> 'action' = 'denied' and payload ->> 'outcome' = 'denied' order by seq",
    )
    .fetch_all(db)
    .await
    .expect("listed")
}

async fn minute_is_over(db: &PgPool) {
    sqlx::query("update denial set minute = minute - interval '2 minutes'")
        .execute(db)
        .await
        .expect("aged");
}

/// Somebody with a row in the table, to be disabled.
async fn somebody(db: &PgPool) -> PersonId {
    let id = Uuid::now_v7();
    sqlx::raw_sql("alter table person disable trigger all")
        .execute(db)
        .await
        .expect("a superuser may");
    sqlx::query(
        "insert into person (id, iss, sub, name, groups_claim)
         values ($1, 'https://id.example', $1::text, 'Canary Name', 'present')",
    )
    .bind(id)
    .execute(db)
    .await
    .expect("inserted");
    PersonId(id)
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refused_act_names_its_object_and_changes_nothing(db: PgPool) {
    let victim = somebody(&db).await;
    let developer = cx(&db, person(&[]));
    let refused = people::ops::disable(&developer, victim).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    let admin = cx(&db, person(&[Role::Admin]));
    let refused = people::ops::disable(&admin, victim).await;
    assert_eq!(refused, Err(Error::StepUpRequired));
    assert_eq!(
        denials(&db).await,
        [
            format!("person.disable forbidden person {}", victim.0),
            format!("person.disable step_up_required person {}", victim.0),
        ]
    );
    let disabled: i64 =
        sqlx::query_scalar("select count(*) from person where disabled_at is not null")
            .fetch_one(&db)
            .await
            .expect("counted");
    assert_eq!(disabled, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_flood_is_two_events_with_the_right_count(db: PgPool) {
    let developer = cx(&db, person(&[]));
    let system = cx(&db, SYSTEM);
    let flood = (0..50).map(|_| {
        let developer = developer.clone();
        tokio::spawn(async move { developer.may(Action::AuditExport).await })
    });
    for one in flood.collect::<Vec<_>>() {
        assert!(one.await.expect("runs").is_err());
    }
    assert_eq!(denials(&db).await, ["audit.export forbidden"]);
    assert_eq!(ops::settle_denials(&system).await, Ok(0), "the minute runs");
    minute_is_over(&db).await;
    assert_eq!(ops::settle_denials(&system).await, Ok(1));
    assert_eq!(ops::settle_denials(&system).await, Ok(0));
    assert_eq!(
        denials(&db).await,
        ["audit.export forbidden", "audit.export forbidden 49"]
    );
    let both: Vec<String> = sqlx::query_scalar("select canonical from audit.event order by seq")
        .fetch_all(&db)
        .await
        .expect("listed");
    let actors = both.iter().map(|text| {
        let event = canonical::parse(text).expect("canonical");
        event.text_at(&["actor", "id"]).map(str::to_owned)
    });
    let who = developer.person().expect("a person").id.0.to_string();
    assert_eq!(actors.collect::<Vec<_>>(), [Some(who.clone()), Some(who)]);
    assert_eq!(verified(&system).await.state, VerificationState::Sound);

    let other = cx(&db, person(&[]));
    assert!(other.may(Action::AuditExport).await.is_err());
    assert!(developer.may(Action::AuditExport).await.is_err());
    assert_eq!(denials(&db).await.len(), 4, "another actor, another minute");
}

#[sqlx::test(migrations = "../migrations")]
async fn objects_beyond_the_first_thirty_of_a_minute_are_counted_together(db: PgPool) {
    let developer = cx(&db, person(&[]));
    for _ in 0..40 {
        let target = Some(Target::new("session", Uuid::now_v7()));
        let error = Error::forbidden("needs a role");
        refused(&developer, Action::SessionEnd, target, &error).await;
    }
    let written = denials(&db).await;
    assert_eq!(written.len(), 31);
    assert_eq!(written[30], "session.end forbidden many");
    minute_is_over(&db).await;
    assert_eq!(ops::settle_denials(&cx(&db, SYSTEM)).await, Ok(1));
    assert_eq!(denials(&db).await[31], "session.end forbidden 9 many");
}

#[sqlx::test(migrations = "../migrations")]
async fn reads_and_visitors_are_not_on_the_record(db: PgPool) {
    let developer = cx(&db, person(&[]));
    for action in Action::ALL.iter().filter(|action| !action.acts()) {
        let _ = developer.may(*action).await; // some are allowed
    }
    let visitor = cx(&db, crate::people::Actor::Anonymous);
    for action in Action::ALL {
        assert_eq!(visitor.may(*action).await, Err(Error::Unauthenticated));
    }
    assert_eq!(denials(&db).await, Vec::<String>::new());
}

#[sqlx::test(migrations = "../migrations")]
async fn each_act_leaves_its_refusal_whoever_asks(db: PgPool) {
    let everybody = [person(&[]), SYSTEM, person(&[Role::Auditor])];
    for actor in everybody {
        let cx: Cx = cx(&db, actor);
        let mut wanted = Vec::new();
        let before = denials(&db).await.len();
        for action in Action::ALL.iter().filter(|action| action.acts()) {
            if let Err(error) = cx.may(*action).await {
                wanted.push(format!("{} {}", action.name(), error.code()));
            }
        }
        assert!(!wanted.is_empty());
        assert_eq!(denials(&db).await[before..], wanted);
    }
}
