//! Jobs to break, and looking at what became of them.

use std::{fmt::Write as _, time::Duration};

use anyhow::{Context as _, Result, bail};
use platform::jobs;
use serde_json::{Value, json};
use sqlx::Row as _;
use uuid::Uuid;

use crate::{ledger::Ledger, logs::CANARY, world::World};

/// A job by its steps, for one worker or for any.
pub(crate) struct Job {
    title: String,
    worker: Option<String>,
    steps: Vec<Value>,
}

impl Job {
    /// Without steps.
    pub(crate) fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            worker: None,
            steps: Vec::new(),
        }
    }

    /// Only for this worker.
    pub(crate) fn on(mut self, worker: &str) -> Self {
        self.worker = Some(worker.to_owned());
        self
    }

    /// Adds a step as it stands in a job file.
    pub(crate) fn step(mut self, mut step: Value) -> Self {
        if let Some(worker) = &self.worker {
            step["labels"] = json!({ "w": worker });
        }
        step["secrets"] = json!({ "TF_VAR_canary": CANARY });
        step["wall_s"] = json!(600);
        step["grace_s"] = json!(5);
        self.steps.push(step);
        self
    }

    /// Plan and apply of `resources`, one after the other, each calling the ledger as
    /// `tf.STACK.RESOURCE.VERSION` when it is made.
    pub(crate) fn terraform(
        self,
        ledger: &Ledger,
        stack: &str,
        resources: &[&str],
        version: u32,
    ) -> Self {
        let spec = json!({ "module": { "files": { "main.tf": module(ledger, stack, resources, version) } } });
        self.step(json!({
            "name": "plan", "driver": "terraform", "operation": "plan", "stack": stack, "spec": spec,
        }))
        .step(json!({
            "name": "apply", "driver": "terraform", "operation": "apply", "stack": stack, "spec": spec,
            "needs": ["plan"], "plan": "plan",
        }))
    }

    /// A script that calls the ledger for each key, one after the other.
    pub(crate) fn script(self, ledger: &Ledger, name: &str, keys: &[&str], safe: bool) -> Self {
        let calls: Vec<String> = keys
            .iter()
            .map(|key| format!("{}\necho {key}\n", ledger.call(key)))
            .collect();
        let run = format!(
            "#!/bin/bash\nset -e\necho \"$TF_VAR_canary\"\n{}",
            calls.concat()
        );
        let mut step = json!({
            "name": name, "driver": "script", "operation": "action", "spec": { "run": run },
        });
        if safe {
            step["retry"] = json!("safe");
        }
        self.step(step)
    }

    /// What a step waits for, instead of what was said.
    pub(crate) fn needs(&mut self, step: &str, needs: &[&str]) {
        for known in &mut self.steps {
            if known["name"] == step {
                known["needs"] = json!(needs);
            }
        }
    }

    /// Adds a step and nothing of its own.
    pub(crate) fn bare_step(mut self, step: Value) -> Self {
        self.steps.push(step);
        self
    }

    /// Hands it in and tells the servers.
    pub(crate) async fn submit(self, world: &World) -> Result<Uuid> {
        let id = self.submit_quietly(world).await?;
        wake(world).await?;
        Ok(id)
    }

    /// Hands it in: it is found by whoever looks.
    pub(crate) async fn submit_quietly(self, world: &World) -> Result<Uuid> {
        let job = json!({ "title": self.title, "team": "payments", "steps": self.steps });
        let spec = serde_json::from_value(job)?;
        Ok(jobs::ops::enqueue(&world.cx, &spec, None).await?.id)
    }
}

/// Tells the servers that the pool has work, as another server would.
pub(crate) async fn wake(world: &World) -> Result<()> {
    const TELL: &str =
        "select pg_notify('groundcrew', '00000000-0000-0000-0000-000000000000 pdefault')";
    sqlx::query(TELL).execute(&world.db).await?;
    Ok(())
}

/// A module whose resources call the ledger when they are made, each after the one before.
fn module(ledger: &Ledger, stack: &str, resources: &[&str], version: u32) -> String {
    let mut text = "variable \"canary\" {\n  type = string\n  sensitive = true\n}\n".to_owned();
    let mut before = None;
    for resource in resources {
        let call = ledger.call(&format!("tf.{stack}.{resource}.{version}"));
        let after = before.map_or(String::new(), |name| {
            format!("  depends_on = [terraform_data.{name}]\n")
        });
        let quoted = serde_json::to_string(&call)
            .expect("text")
            .replace("${", "$${");
        write!(
            text,
            "resource \"terraform_data\" \"{resource}\" {{\n{after}  \
             input = {version}\n  triggers_replace = {version}\n  \
             provisioner \"local-exec\" {{\n    interpreter = [\"/bin/bash\", \"-c\"]\n    \
             command = {quoted}\n  }}\n}}\n"
        )
        .expect("a string");
        before = Some(*resource);
    }
    text
}

/// Where a step of a job stands: its state and the attempt it has, if it has one.
pub(crate) async fn step(world: &World, job: Uuid, name: &str) -> Result<(String, Option<Uuid>)> {
    const NOW: &str = "select state, (select attempt.id from attempt where step_id = step.id
        order by number desc limit 1) from step where job_id = $1 and name = $2";
    let row = sqlx::query(NOW)
        .bind(job)
        .bind(name)
        .fetch_one(&world.db)
        .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// Waits until a step has an attempt that is running and answers it.
pub(crate) async fn running(world: &World, job: Uuid, name: &str) -> Result<Uuid> {
    let mut state = String::new();
    for _ in 0..600 {
        let (now, attempt) = step(world, job, name).await?;
        if let ("running", Some(attempt)) = (&*now, attempt) {
            return Ok(attempt);
        }
        state = now;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("step {name} is {state} after a minute, not running")
}

/// Waits until a step is in one of these states and answers which.
pub(crate) async fn becomes(
    world: &World,
    job: Uuid,
    name: &str,
    wanted: &[&str],
    most: Duration,
) -> Result<String> {
    let begun = tokio::time::Instant::now();
    loop {
        // The database may be the thing that is broken.
        let now = step(world, job, name).await.map(|(state, _)| state);
        if let Ok(now) = &now
            && wanted.contains(&&**now)
        {
            return Ok(now.clone());
        }
        if begun.elapsed() > most {
            let now = now.context("the step's state")?;
            let why = reason(world, job, name).await.unwrap_or_default();
            bail!(
                "step {name} is {now} after {most:?}, expected {}; {why}",
                wanted.join(" or ")
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What is known about why.
pub(crate) async fn reason(world: &World, job: Uuid, name: &str) -> Result<String> {
    const WHY: &str = "select concat_ws(', ', step.error_class, step.error, (
          select string_agg(format('attempt %s: %s %s %s', number, attempt.state, end_reason, attempt.error), '; ' order by number)
          from attempt where step_id = step.id))
        from step where job_id = $1 and name = $2";
    let row = sqlx::query(WHY).bind(job).bind(name);
    Ok(row.fetch_one(&world.db).await?.try_get(0)?)
}
