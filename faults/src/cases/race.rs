//! Two servers start the same plans, a thousand of them: each is carried out by one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use platform::{
    Cx,
    database::{Login, pool},
    jobs::{
        AttemptState, ops,
        wire::{Assignment, Finish, Hello, PROTOCOL, PlanMade, Start},
    },
    plans, workers,
};
use serde_json::json;

use super::{Case, Done, case};
use crate::{cluster::Cluster, jobs::Job, world::World};

/// Plans.
const PLANS: usize = 1000;
/// Claims on each server at the same time.
const AT_ONCE: usize = 4;
/// Steps asked for by each.
const FREE: u32 = 8;

pub(super) fn waves() -> Vec<Vec<Case>> {
    vec![vec![case!(
        "two servers",
        "start the same 1,000 plans",
        race
    )]]
}

async fn race(world: Arc<World>) -> Result<Done> {
    let (first, second) = (server(&world, 0).await?, server(&world, 1).await?);
    stream::iter(0..PLANS)
        .map(|n| {
            let stack = format!("race-{n}");
            let step = |name: &str| {
                json!({ "name": name, "driver": "echo", "operation": name, "stack": stack })
            };
            let mut apply = step("apply");
            apply["needs"] = json!(["plan"]);
            apply["plan"] = json!("plan");
            let job = Job::new("race").on("race").step(step("plan")).step(apply);
            let world = Arc::clone(&world);
            async move { job.submit_quietly(&world).await }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    let mut applies = Vec::new();
    while applies.len() < PLANS {
        let servers = [&first, &second]
            .into_iter()
            .cycle()
            .take(AT_ONCE * 2)
            .cloned();
        let given = stream::iter(servers)
            .map(|server| async move { ops::claim(&server, FREE).await })
            .buffer_unordered(AT_ONCE * 2)
            .try_concat()
            .await?;
        ensure!(
            !given.is_empty(),
            "{} of {PLANS} were handed out",
            applies.len()
        );
        let ran = stream::iter(given).map(|given| run(first.clone(), given));
        let ran: Vec<Assignment> = ran.buffer_unordered(AT_ONCE).try_collect().await?;
        applies.extend(ran.into_iter().filter(|one| one.step.name == "apply"));
    }
    let plans = applies
        .iter()
        .filter_map(|one| one.plan.as_ref().map(|plan| plan.id));
    let different = plans.collect::<BTreeSet<_>>().len();
    ensure!(
        applies.len() == PLANS,
        "{} starts of {PLANS} plans",
        applies.len()
    );
    ensure!(
        different == PLANS,
        "{different} plans started {PLANS} times"
    );
    Ok(Done::Held)
}

/// What a server does for a worker of its own, on its own way to the database.
async fn server(world: &World, n: u16) -> Result<Cx> {
    let port = world.plan.ports + 11 + n;
    let url = Cluster::url("groundcrew_portal", port, "groundcrew");
    let mut cx = world.cx.clone();
    cx.db = pool(&Login::new(url.parse()?), 10);
    let token = workers::ops::add(&world.cx, &format!("race-{n}"), "default", 1).await?;
    let actor = workers::ops::find_by_token(&cx.db, &token).await?;
    cx.actor = actor.context("the worker just made")?;
    let hello = Hello {
        protocol: PROTOCOL,
        version: String::new(),
        labels: BTreeMap::from([("w".to_owned(), "race".to_owned())]),
        capacity: FREE,
        warnings: Vec::new(),
        clock_ms: 0,
        running: Vec::new(),
        load_1m: 0.0,
    };
    workers::ops::hello(&cx, &hello).await?;
    Ok(cx)
}

/// What a shim does.
async fn run(mut cx: Cx, given: Assignment) -> Result<Assignment> {
    let actor = workers::ops::find_by_token(&cx.db, &given.token).await?;
    cx.actor = actor.context("the attempt just made")?;
    ops::gate(&cx, Start { shim_pid: 1 }).await?;
    if given.step.name == "plan" {
        let model = json!({
            "version": 1, "tool": { "name": "echo", "version": "1.0" }, "resources": [],
        });
        let digest = plans::check(&model)
            .map_err(|why| anyhow::anyhow!("{why}"))?
            .digest;
        let made = PlanMade {
            model,
            digest,
            based_on_serial: None,
            file_sha256: None,
        };
        ops::keep_plan(&cx, made).await?;
    }
    ops::finish(&cx, succeeded()).await?;
    Ok(given)
}

fn succeeded() -> Finish {
    Finish {
        state: AttemptState::Succeeded,
        exit_code: Some(0),
        error_class: None,
        error: None,
        log_chunks: 0,
        log_bytes: 0,
        // Of nothing.
        log_sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".to_owned(),
        journal_entries: 0,
        phases: Vec::new(),
        outputs: BTreeMap::new(),
        secret_outputs: BTreeMap::new(),
        changes: None,
        report: None,
    }
}
