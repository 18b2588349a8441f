//! Faults at random, under load: what nobody thought of.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;

use crate::{
    jobs::Job,
    proxy::Way,
    signals,
    table::{Came, Table},
    world::World,
};

/// Most jobs on their way at once.
const AT_ONCE: i64 = 12;

/// Injects `faults` faults, one after the other, while jobs keep coming.
pub(crate) async fn run(
    world: &Arc<World>,
    table: &Table,
    faults: usize,
    most: Duration,
    seed: u64,
) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn(load(Arc::clone(world), Arc::clone(&stop)));
    let begun = tokio::time::Instant::now();
    let mut random = Random(seed);
    for n in 0..faults {
        if begun.elapsed() > most {
            eprintln!("! time is over after {n} of {faults} faults");
            break;
        }
        let (class, done) = one(world, &mut random).await;
        match done {
            Ok(true) => table.add(class, "at random", Came::Held),
            // Nothing was there to break just now: no fault, and none is counted.
            Ok(false) => {}
            Err(why) => table.add(class, "at random", Came::Broke(format!("{why:#}"))),
        }
        if n % 50 == 49 {
            eprintln!(
                "· {} faults after {:.0} s",
                table.injected(),
                begun.elapsed().as_secs_f64()
            );
        }
        tokio::time::sleep(Duration::from_millis(100 + random.below(600))).await;
    }
    stop.store(true, Ordering::SeqCst);
    let submitted = load.await?;
    eprintln!("· {submitted} jobs were handed in");
    heal(world).await
}

/// One fault; false when there was nothing to break.
async fn one(world: &Arc<World>, random: &mut Random) -> (&'static str, Result<bool>) {
    let worker = &world.workers[random.index(world.workers.len())];
    let attempts = worker.attempts();
    let attempt = (!attempts.is_empty()).then(|| attempts[random.index(attempts.len())]);
    let short = Duration::from_millis(200 + random.below(2800));
    match random.below(100) {
        0..=24 => {
            let shim = attempt.and_then(|attempt| worker.shim(attempt));
            shim.into_iter().for_each(signals::kill_hard);
            ("kill -9 shim", Ok(shim.is_some()))
        }
        25..=46 => {
            let tools = attempt
                .map(|attempt| worker.tools(attempt))
                .unwrap_or_default();
            let tool = (!tools.is_empty()).then(|| tools[random.index(tools.len())]);
            tool.into_iter().for_each(signals::kill_hard);
            ("kill -9 tool", Ok(tool.is_some()))
        }
        47..=61 => {
            let killed = worker.kill().await;
            tokio::time::sleep(short / 4).await;
            (
                "kill -9 worker",
                killed.and(worker.start().await).map(|()| true),
            )
        }
        62..=64 => {
            let lost = worker.lose_machine().await;
            tokio::time::sleep(short).await;
            (
                "kill -9 worker, shims, tools",
                lost.and(worker.start().await).map(|()| true),
            )
        }
        65..=69 => {
            let n = random.index(world.servers.len());
            (
                "kill -9 server",
                world.kill_server(n, short).await.map(|()| true),
            )
        }
        70..=71 => (
            "kill -9 PostgreSQL",
            world.kill_database(short).await.map(|()| true),
        ),
        72..=78 => {
            world.to_database[random.index(2)].cut();
            ("database connections cut", Ok(true))
        }
        79..=88 => {
            worker.way.cut();
            ("worker connections cut", Ok(true))
        }
        89..=91 => {
            worker.way.set(Way::Refused);
            tokio::time::sleep(short).await;
            worker.way.set(Way::Open);
            ("worker connections refused", Ok(true))
        }
        92..=93 => {
            worker.way.set(Way::Slow(Duration::from_millis(100)));
            tokio::time::sleep(short).await;
            worker.way.set(Way::Open);
            ("worker connections slow", Ok(true))
        }
        94..=96 => {
            worker.way.fail("/log/");
            tokio::time::sleep(short).await;
            worker.way.pass();
            ("log endpoint fails", Ok(true))
        }
        _ => {
            let shim = attempt.and_then(|attempt| worker.shim(attempt));
            if let Some(shim) = shim {
                later(shim, random);
            }
            ("SIGSTOP shim", Ok(shim.is_some()))
        }
    }
}

/// Freezes a shim, for a moment or for longer than its lease, and lets it go on.
fn later(shim: i32, random: &mut Random) {
    let wait = Duration::from_secs([1, 5, 15, 30][random.index(4)]);
    signals::freeze(shim);
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        signals::thaw(shim);
    });
}

/// Everything stands again.
async fn heal(world: &Arc<World>) -> Result<()> {
    for worker in &world.workers {
        worker.way.pass();
        worker.way.set(Way::Open);
        worker.start().await?;
    }
    for server in &world.servers {
        server.lock().await.start()?;
    }
    Ok(())
}

/// Jobs of all kinds, each with effects of its own.
async fn load(world: Arc<World>, stop: Arc<AtomicBool>) -> u64 {
    const LIVE: &str = "select count(*) from job where state in ('queued', 'running')";
    let handed_in = AtomicU64::new(0);
    while !stop.load(Ordering::SeqCst) {
        let live = sqlx::query_scalar::<_, i64>(LIVE)
            .fetch_one(&world.db)
            .await;
        if live.is_ok_and(|live| live < AT_ONCE) {
            let n = handed_in.fetch_add(1, Ordering::SeqCst);
            if submit(&world, n).await.is_err() {
                // The database is away: what was refused was not accepted.
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        } else {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    handed_in.load(Ordering::SeqCst)
}

async fn submit(world: &World, n: u64) -> Result<()> {
    let ledger = &world.ledger;
    let job = match n % 5 {
        0 => Job::new("soak").terraform(ledger, &format!("soak-{n}"), &["a", "b"], 1),
        1 | 2 => Job::new("soak").script(
            ledger,
            "act",
            &[&format!("once.{n}.a"), &format!("once.{n}.b")],
            false,
        ),
        3 => Job::new("soak").script(ledger, "act", &[&format!("retry.{n}.a")], true),
        _ => Job::new("soak").step(serde_json::json!({
            "name": "talk", "driver": "echo", "operation": "check",
            "spec": { "lines": 300, "duration_ms": 1500, "line": "line {n} of a log nobody may lose" },
        })),
    };
    job.submit(world).await.map(|_| ())
}

/// The same numbers for the same seed (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    fn index(&mut self, most: usize) -> usize {
        usize::try_from(self.below(most as u64)).unwrap_or_default()
    }
}
