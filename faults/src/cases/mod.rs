//! The deterministic set: each fault at a named place, each with the end the contract gives it.

mod ground;
mod kills;
mod machine;
mod plans;
mod points;
mod race;
mod ways;

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use anyhow::Result;

use crate::{
    after_quiet,
    table::{Came, Table},
    world::World,
};

/// How a case ends: as it should, or not at all on this machine.
pub(crate) enum Done {
    /// It held.
    Held,
    /// This machine cannot do it.
    Skipped(String),
}

/// A case that runs.
type Running = Pin<Box<dyn Future<Output = Result<Done>> + Send>>;

/// A case: what breaks, where, and how to do it.
pub(crate) struct Case {
    class: &'static str,
    point: &'static str,
    run: fn(Arc<World>) -> Running,
}

/// Makes a [`Case`] of an async function.
macro_rules! case {
    ($class:literal, $point:literal, $run:expr) => {
        $crate::cases::Case {
            class: $class,
            point: $point,
            run: |world| Box::pin($run(world)),
        }
    };
}
use case;

/// Cases that run beside each other, as each has a worker of its own.
fn waves() -> Vec<Vec<Case>> {
    let mut waves = vec![];
    waves.extend(kills::waves());
    waves.extend(ways::waves());
    waves.extend(plans::waves());
    waves.extend(race::waves());
    waves.extend(machine::waves());
    waves.extend(ground::waves());
    waves
}

/// Runs those whose class or place holds `only`, and asks after each wave.
pub(crate) async fn run(world: &Arc<World>, table: &Table, only: Option<&str>) {
    for wave in waves() {
        let mut running = tokio::task::JoinSet::new();
        for case in wave {
            let wanted = |only: &str| case.class.contains(only) || case.point.contains(only);
            if only.is_some_and(|only| !wanted(only)) {
                continue;
            }
            let world = Arc::clone(world);
            running.spawn(async move {
                let begun = tokio::time::Instant::now();
                let done = (case.run)(world).await;
                eprintln!(
                    "· {}, {}: {:.1} s",
                    case.class,
                    case.point,
                    begun.elapsed().as_secs_f64()
                );
                (case.class, case.point, done)
            });
        }
        while let Some(ended) = running.join_next().await {
            let (class, point, came) = match ended {
                Ok((class, point, Ok(Done::Held))) => (class, point, Came::Held),
                Ok((class, point, Ok(Done::Skipped(why)))) => (class, point, Came::Skipped(why)),
                Ok((class, point, Err(why))) if why.is::<points::NoTerraform>() => {
                    (class, point, Came::Skipped(why.to_string()))
                }
                Ok((class, point, Err(why))) => (class, point, Came::Broke(format!("{why:#}"))),
                Err(why) => ("a case", "panicked", Came::Broke(why.to_string())),
            };
            table.add(class, point, came);
        }
        repair(world).await;
    }
}

/// Everything stands again before the next wave.
async fn repair(world: &Arc<World>) {
    world.ledger.release_all();
    for worker in &world.workers {
        worker.way.pass();
        worker.way.set(crate::proxy::Way::Open);
        if let Err(why) = worker.start().await {
            eprintln!("! {}: {why:#}", worker.name);
        }
    }
}

/// Waits for quiet and adds one row per thing that must hold.
pub(crate) async fn ask(world: &World, table: &Table, most: Duration) {
    if let Err(why) = after_quiet::quiet(&world.db, most).await {
        table.add(
            "after quiet",
            "it becomes quiet",
            Came::Broke(format!("{why:#}")),
        );
    }
    if let Err(why) = after_quiet::sent(&world.db, most).await {
        table.add(
            "after quiet",
            "logs arrive",
            Came::Broke(format!("{why:#}")),
        );
    }
    match after_quiet::ask(world).await {
        Err(why) => table.add(
            "after quiet",
            "can be asked",
            Came::Broke(format!("{why:#}")),
        ),
        Ok(answers) => {
            for (what, wrong) in answers {
                let came = match wrong.len() {
                    0 => Came::Held,
                    count => Came::Broke(format!("{count}: {}", wrong[..count.min(5)].join(" | "))),
                };
                table.add("after quiet", what, came);
            }
        }
    }
}
