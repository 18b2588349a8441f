//! Places in a job's life where time can be stopped.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use uuid::Uuid;

use crate::{jobs, jobs::Job, worker::Worker, world::World};

/// Longest a step may take when nothing is lost.
pub(super) const SOON: Duration = Duration::from_secs(60);
/// Lease, grace and the reaper's round, and some for a busy machine.
pub(super) const LOST: Duration = Duration::from_secs(60);

/// The machine has no Terraform: the case is skipped by its name.
#[derive(Debug)]
pub(super) struct NoTerraform;

impl std::fmt::Display for NoTerraform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no terraform and no tofu on PATH")
    }
}

impl std::error::Error for NoTerraform {}

/// Whether the real thing is there.
pub(super) fn has_terraform() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| {
        ["terraform", "tofu"]
            .iter()
            .any(|name| folder.join(name).is_file())
    })
}

/// A job stopped somewhere.
pub(super) struct Stopped {
    pub(super) world: Arc<World>,
    pub(super) job: Uuid,
    /// Step that is stopped.
    pub(super) step: &'static str,
    /// Its attempt.
    pub(super) attempt: Uuid,
    key: String,
    worker: usize,
}

impl Stopped {
    /// An apply of two resources, in the middle of its `resource`, one of `a` and `b`: at `a` no
    /// state has been written yet, at `b` one resource is done.
    pub(super) async fn in_apply(
        world: &Arc<World>,
        worker: usize,
        stack: &str,
        resource: &str,
    ) -> Result<Self> {
        ensure!(has_terraform(), NoTerraform);
        let key = format!("tf.{stack}.{resource}.1");
        world.ledger.hold(&key);
        let job = Job::new(stack)
            .on(&world.workers[worker].name)
            .terraform(&world.ledger, stack, &["a", "b"], 1)
            .submit(world)
            .await?;
        if let Err(why) = world.ledger.arrived(&key).await {
            let told = jobs::reason(world, job, "plan").await?
                + &jobs::reason(world, job, "apply").await?;
            return Err(why.context(told));
        }
        Self::at(world, worker, job, "apply", key).await
    }

    /// A script that does two things once, in the middle of the first.
    pub(super) async fn in_script(
        world: &Arc<World>,
        worker: usize,
        name: &str,
        safe: bool,
    ) -> Result<Self> {
        let kind = if safe { "retry" } else { "once" };
        let key = format!("{kind}.{name}.a");
        world.ledger.hold(&key);
        let job = script(world, worker, name, safe).await?;
        world.ledger.arrived(&key).await?;
        Self::at(world, worker, job, "act", key).await
    }

    /// A script whose attempt is stopped at a request: `start` is the gate, `finish` the end.
    pub(super) async fn at_request(
        world: &Arc<World>,
        worker: usize,
        name: &str,
        request: &str,
    ) -> Result<Self> {
        let way = &world.workers[worker].way;
        way.hold(&format!("/{request} "));
        let job = script(world, worker, name, false).await?;
        let stopped = Self::at(world, worker, job, "act", String::new()).await?;
        // Others of this worker may be held as well: reconciles of what was broken before.
        let ours = format!("{}/{request} ", stopped.attempt);
        if let Err(why) = way.caught(&ours).await {
            let told = jobs::reason(world, job, "act").await?;
            return Err(why.context(told));
        }
        Ok(stopped)
    }

    async fn at(
        world: &Arc<World>,
        worker: usize,
        job: Uuid,
        step: &'static str,
        key: String,
    ) -> Result<Self> {
        let attempt = jobs::running(world, job, step).await?;
        Ok(Self {
            world: Arc::clone(world),
            job,
            step,
            attempt,
            key,
            worker,
        })
    }

    /// The worker it is on.
    pub(super) fn worker(&self) -> &Worker {
        &self.world.workers[self.worker]
    }

    /// Its shim.
    pub(super) fn shim(&self) -> Result<i32> {
        let shim = self.worker().shim(self.attempt);
        shim.context("no living shim in the attempt's folder")
    }

    /// Lets time go on; a request that was held is cut instead.
    pub(super) fn release(&self) {
        if self.key.is_empty() {
            self.worker().way.cut();
            self.worker().way.pass();
        } else {
            self.world.ledger.release(&self.key);
        }
    }

    /// Waits until its step has ended like that.
    pub(super) async fn becomes(&self, state: &str, most: Duration) -> Result<()> {
        let ends = [
            "succeeded",
            "failed",
            "cancelled",
            "indeterminate",
            "skipped",
        ];
        let is = jobs::becomes(&self.world, self.job, self.step, &ends, most).await?;
        let why = jobs::reason(&self.world, self.job, self.step).await?;
        ensure!(is == state, "the step is {is}, not {state}: {why}");
        Ok(())
    }
}

async fn script(world: &World, worker: usize, name: &str, safe: bool) -> Result<Uuid> {
    let kind = if safe { "retry" } else { "once" };
    let keys = [format!("{kind}.{name}.a"), format!("{kind}.{name}.b")];
    Job::new(name)
        .on(&world.workers[worker].name)
        .script(&world.ledger, "act", &[&keys[0], &keys[1]], safe)
        .submit(world)
        .await
}
