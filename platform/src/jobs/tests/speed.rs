//! How fast the queue is without HTTP and without processes: `cargo test -p platform -- --ignored
//! --nocapture how_many_jobs_a_second`.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use tokio::task::JoinSet;

use super::{Portal, claim, echo, ended, ops, pass};
use crate::jobs::{AttemptState, spec::JobSpec};

const JOBS: u32 = 1_000;
const BESIDE: u32 = 4;

#[ignore = "prints figures; holds nothing to them"]
#[sqlx::test(migrations = "../migrations")]
async fn how_many_jobs_a_second(db: PgPool) {
    let portal = Portal::new(&db);
    let spec = JobSpec::parse(&echo("payments")).expect("a job");
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..BESIDE {
        let (cx, spec) = (portal.system.clone(), spec.clone());
        tasks.spawn(async move {
            for _ in 0..JOBS / BESIDE {
                ops::enqueue(&cx, &spec, None).await.expect("accepted");
            }
        });
    }
    tasks.join_all().await;
    say("enqueue", begun.elapsed());

    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..BESIDE {
        let worker = portal.worker("default", "{}").await;
        let portal = Portal {
            system: portal.system.clone(),
        };
        tasks.spawn(async move {
            let mut spent = [Duration::ZERO; 3];
            loop {
                let at = Instant::now();
                let given = claim(&worker, 8).await;
                spent[0] += at.elapsed();
                if given.is_empty() {
                    return spent;
                }
                for one in &given {
                    let attempt = portal.attempt(one).await;
                    let at = Instant::now();
                    pass(&attempt).await;
                    spent[1] += at.elapsed();
                    let at = Instant::now();
                    let end = ended(AttemptState::Succeeded);
                    ops::finish(&attempt, end).await.expect("ends");
                    spent[2] += at.elapsed();
                }
            }
        });
    }
    let spent = tasks.join_all().await;
    say("claim, gate, finish", begun.elapsed());
    for (at, what) in ["claim", "gate", "finish"].iter().enumerate() {
        let sum: Duration = spent.iter().map(|of| of[at]).sum();
        println!(
            "  {what}: {:.2} ms a job",
            sum.as_secs_f64() * 1e3 / f64::from(JOBS)
        );
    }
}

fn say(what: &str, took: Duration) {
    println!(
        "{what}: {:.0} a second",
        f64::from(JOBS) / took.as_secs_f64()
    );
}
