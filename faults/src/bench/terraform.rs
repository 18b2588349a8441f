//! Terraform through the runner against the same commands by hand.

use std::{fs, path::Path, sync::Arc, time::Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{Figure, queue::done, share};
use crate::{jobs::Job, world::World};

const SAMPLES: usize = 7;
const MODULE: &str = "resource \"terraform_data\" \"one\" {\n  input = \"one\"\n}\n";

pub(super) async fn measure(
    world: &Arc<World>,
    figures: &mut Vec<Figure>,
    raw: &mut Value,
) -> Result<()> {
    const TOOK: &str = "select extract(epoch from finished_at - made_at)::float8 * 1000
        from job where id = $1";
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for n in 0..SAMPLES {
        let folder = world.base.join(format!("bare-{n}"));
        fs::create_dir(&folder)?;
        fs::write(folder.join("main.tf"), MODULE)?;
        let from = Instant::now();
        terraform(&folder, &["init", "-input=false"]).await?;
        terraform(&folder, &["plan", "-input=false", "-out=plan"]).await?;
        terraform(&folder, &["apply", "-input=false", "plan"]).await?;
        bare.push(from.elapsed().as_secs_f64() * 1000.0);

        let spec = json!({ "module": { "files": { "main.tf": MODULE } } });
        let stack = format!("bench-{n}");
        let step = |name: &str| {
            json!({
                "name": name, "driver": "terraform", "operation": name, "stack": stack, "spec": spec,
            })
        };
        let mut apply = step("apply");
        apply["needs"] = json!(["plan"]);
        apply["plan"] = json!("plan");
        let job = Job::new("terraform")
            .bare_step(step("plan"))
            .bare_step(apply);
        let job = job.submit(world).await?;
        done(world, job).await?;
        ours.push(
            sqlx::query_scalar(TOOK)
                .bind(job)
                .fetch_one(&world.db)
                .await?,
        );
    }
    let (bare_p50, ours_p50) = (share(&mut bare, 0.5), share(&mut ours, 0.5));
    raw["terraform"] = json!({ "bare_ms": bare, "ours_ms": ours });
    let ratio = ours_p50 / bare_p50;
    figures.push(Figure::new(
        "init, plan, apply of one terraform_data, against by hand",
        format!("{ours_p50:.0} / {bare_p50:.0} ms = {ratio:.2} ×"),
        "≤ 1.5 ×",
        ratio <= 1.5,
    ));
    Ok(())
}

async fn terraform(folder: &Path, arguments: &[&str]) -> Result<()> {
    let output = Command::new("terraform")
        .args(arguments)
        .current_dir(folder)
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .await?;
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "terraform: {wrong}");
    Ok(())
}
