//! Who gets what, and when.

use sqlx::PgPool;

use super::{CHANGE, Portal, claim, claim_one, echo, ended, ops, pass, succeed};
use crate::jobs::{AttemptState, spec::JobSpec, wait::Waiting};

#[sqlx::test(migrations = "../migrations")]
async fn a_job_goes_from_the_queue_to_its_end(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal.made(&echo("payments")).await;
    assert_eq!(portal.job_state(job).await, "queued");
    let given = claim_one(&worker, "only").await;
    assert_eq!((given.number, given.epoch), (1, None));
    assert!(given.token.starts_with("gca_"));
    assert_eq!(portal.job_state(job).await, "running");
    assert!(claim(&worker, 5).await.is_empty(), "handed out once");
    succeed(&portal, &given).await.expect("ends");
    assert_eq!(portal.job_state(job).await, "succeeded");
    assert_eq!(portal.steps(job).await, "only succeeded");
    let left: i64 = sqlx::query_scalar("select count(*) from queue")
        .fetch_one(&db)
        .await
        .expect("counted");
    assert_eq!(left, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn independent_steps_run_beside_each_other_and_joins_wait_for_all(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal
        .made(
            "
title: Diamond
team: payments
steps:
  - {name: first, driver: echo, operation: check, secrets: {PIN: long enough}}
  - {name: left, driver: echo, operation: check, needs: [first]}
  - {name: right, driver: echo, operation: check, needs: [first]}
  - {name: last, driver: echo, operation: check, needs: [left, right]}
",
        )
        .await;
    let first = claim_one(&worker, "first").await;
    assert_eq!(first.secrets["PIN"], "long enough");
    let attempt = portal.attempt(&first).await;
    pass(&attempt).await;
    let mut end = ended(AttemptState::Succeeded);
    end.outputs.insert("host".to_owned(), "db.local".into());
    end.secret_outputs
        .insert("password".to_owned(), "correct horse".to_owned());
    end.secret_outputs
        .insert("pin".to_owned(), "1234567".to_owned());
    ops::finish(&attempt, end).await.expect("ends");

    let both = claim(&worker, 5).await;
    assert_eq!(both.len(), 2);
    assert_eq!(both[0].inputs["first"]["host"], "db.local");
    assert_eq!(both[0].secrets["first.password"], "correct horse");
    assert!(
        !both[0].secrets.contains_key("first.pin"),
        "security_55: too short to be masked"
    );
    succeed(&portal, &both[0]).await.expect("ends");
    assert!(
        claim(&worker, 5).await.is_empty(),
        "one of two is not enough"
    );
    succeed(&portal, &both[1]).await.expect("ends");
    let last = claim_one(&worker, "last").await;
    succeed(&portal, &last).await.expect("ends");
    assert_eq!(portal.job_state(job).await, "succeeded");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_worker_gets_only_its_pool_and_what_its_labels_allow(db: PgPool) {
    let portal = Portal::new(&db);
    let eu = portal
        .worker("default", r#"{"zone": "eu", "os": "linux"}"#)
        .await;
    let other = portal.worker("gpu", r#"{"zone": "us"}"#).await;
    let spec = |label: &str, pool: &str| {
        JobSpec::parse(&format!(
            "{{title: t, team: a, pool: {pool}, steps: [{{name: s, driver: echo, operation: check, labels: {{{label}}}}}]}}"
        ))
        .expect("a job")
    };
    let unable = async |label: &str, pool: &str| {
        let made = ops::enqueue(&portal.system, &spec(label, pool), None).await;
        made.expect("accepted")
            .unable
            .pop()
            .map(|unable| unable.why)
    };
    let missing = |pool: &str, labels: &[&str]| Waiting::NoLabel {
        pool: pool.to_owned(),
        missing: labels.iter().map(|label| (*label).to_owned()).collect(),
    };
    assert_eq!(unable("zone: eu", "default").await, None);
    assert_eq!(
        unable("zone: us", "default").await,
        Some(missing("default", &["zone=us"]))
    );
    assert_eq!(unable("zone: us", "gpu").await, None);
    assert_eq!(
        unable("", "moon").await,
        Some(Waiting::NoWorker {
            pool: "moon".to_owned()
        })
    );
    assert_eq!(claim(&eu, 9).await.len(), 1);
    assert_eq!(claim(&other, 9).await.len(), 1);
    portal.run("update worker set drained_at = now()").await;
    assert_eq!(
        unable("zone: eu", "default").await,
        Some(Waiting::Drained {
            pool: "default".to_owned()
        })
    );
    assert!(claim(&eu, 9).await.is_empty(), "drained");
}

#[sqlx::test(migrations = "../migrations")]
async fn no_team_starves_another(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    for _ in 0..40 {
        portal.made(&echo("greedy")).await;
    }
    for _ in 0..5 {
        portal.made(&echo("modest")).await;
    }
    let mut teams = Vec::new();
    for _ in 0..6 {
        teams.extend(
            claim(&worker, 2)
                .await
                .into_iter()
                .map(|given| given.job.team),
        );
    }
    let modest = teams.iter().filter(|team| *team == "modest").count();
    assert_eq!(modest, 5, "turn by turn: {teams:?}");
    // A team that comes late does not get what it never asked for.
    for _ in 0..20 {
        portal.made(&echo("late")).await;
    }
    let next = claim(&worker, 10).await;
    let late = next.iter().filter(|given| given.job.team == "late").count();
    assert!((4..=6).contains(&late), "{late} of 10");
}

#[sqlx::test(migrations = "../migrations")]
async fn limits_hold_however_many_claim_at_once(db: PgPool) {
    let portal = Portal::new(&db);
    portal
        .run("insert into runner_limit values ('team', 'a', 2), ('pool', 'default', 5), ('background', '', 1)")
        .await;
    for _ in 0..9 {
        portal.made(&echo("a")).await;
        portal.made(&echo("b")).await;
        portal
            .made(&echo("c").replace("team", "background: true\nteam"))
            .await;
    }
    let mut claims = Vec::new();
    for _ in 0..6 {
        let worker = portal.worker("default", "{}").await;
        claims.push(tokio::spawn(async move { claim(&worker, 4).await }));
    }
    let mut teams = Vec::new();
    for one in claims {
        teams.extend(
            one.await
                .expect("claims")
                .into_iter()
                .map(|given| given.job.team),
        );
    }
    let count = |team: &str| teams.iter().filter(|other| *other == team).count();
    assert_eq!(teams.len(), 5, "{teams:?}");
    assert!(count("a") <= 2 && count("c") <= 1, "{teams:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn one_job_at_a_time_changes_an_environment(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = |stack: &str| {
        format!(
            "{{title: t, team: a, environment: prod, steps: [{{name: {stack}, driver: http, operation: action, stack: {stack}, spec: {{method: GET, url: 'http://x'}}}}]}}"
        )
    };
    portal.made(&job("one")).await;
    portal.made(&job("two")).await;
    portal
        .made(&job("free").replace("environment: prod", "environment: prod, shared: true"))
        .await;
    portal.made(&job("look").replace("action", "check")).await;
    let names = |given: &[crate::jobs::wire::Assignment]| {
        let mut names: Vec<_> = given.iter().map(|one| one.step.name.clone()).collect();
        names.sort();
        names
    };
    let given = claim(&worker, 9).await;
    assert_eq!(names(&given), ["free", "look", "one"]);
    assert!(claim(&worker, 9).await.is_empty());
    let one = given
        .iter()
        .find(|given| given.step.name == "one")
        .expect("there");
    succeed(&portal, one).await.expect("ends");
    claim_one(&worker, "two").await;
}

#[sqlx::test(migrations = "../migrations")]
async fn one_writer_at_a_time_holds_a_stack_and_readers_wait_for_it(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let step = |name: &str, operation: &str| {
        format!(
            "{{title: t, team: a, steps: [{{name: {name}, driver: echo, operation: {operation}, stack: s}}]}}"
        )
    };
    portal.made(&step("first", "action")).await;
    portal.made(&step("second", "destroy")).await;
    portal.made(&step("look", "drift")).await;
    let mut both = claim(&worker, 2).await;
    assert_eq!(
        both.len(),
        1,
        "two writers of one stack are not handed out together"
    );
    let first = both.remove(0);
    assert_eq!((&*first.step.name, first.epoch), ("first", Some(1)));
    assert!(claim(&worker, 9).await.is_empty());
    succeed(&portal, &first).await.expect("ends");
    let second = claim(&worker, 1).await.remove(0);
    assert_eq!(second.epoch, Some(2));
}

#[sqlx::test(migrations = "../migrations")]
async fn the_same_key_makes_one_job(db: PgPool) {
    let portal = Portal::new(&db);
    let spec = JobSpec::parse(CHANGE).expect("a job");
    let made = async || {
        ops::enqueue(&portal.system, &spec, Some("k"))
            .await
            .expect("accepted")
    };
    assert_eq!(made().await.id, made().await.id);
    let other = JobSpec::parse(&echo("payments")).expect("a job");
    assert!(
        ops::enqueue(&portal.system, &other, Some("k"))
            .await
            .is_err()
    );
}
