//! The runner's figures, each beside its goal (RUNNER.md, "Speed"), with graphile-worker and the
//! floor of PostgreSQL itself measured in the same run on the same cluster.

mod floor;
mod logs;
mod losses;
mod queue;
mod terraform;

use std::{fs, path::Path, sync::Arc};

use anyhow::Result;
use serde_json::{Value, json};

use crate::world::World;

/// One figure: what, how much, the goal in words, whether it was reached.
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) value: String,
    pub(crate) goal: String,
    pub(crate) reached: Option<bool>,
}

impl Figure {
    /// With a goal.
    pub(crate) fn new(what: &str, value: String, goal: &str, reached: bool) -> Self {
        Self {
            what: what.to_owned(),
            value,
            goal: goal.to_owned(),
            reached: Some(reached),
        }
    }

    /// To compare with.
    pub(crate) fn beside(what: &str, value: String) -> Self {
        Self {
            what: what.to_owned(),
            value,
            goal: String::new(),
            reached: None,
        }
    }
}

/// Measures, prints a table, keeps the raw figures. Answers whether all goals were reached.
pub(crate) async fn run(world: &Arc<World>, queue_folder: &Path, out: &Path) -> Result<bool> {
    let mut raw = json!({});
    let mut figures = Vec::new();
    floor::measure(world, &mut figures, &mut raw).await?;
    let theirs = floor::graphile(world, queue_folder, &mut figures, &mut raw).await;
    let theirs = theirs.unwrap_or_else(|why| {
        eprintln!("! graphile-worker: {why:#}");
        Value::Null
    });
    queue::measure(world, &theirs, &mut figures, &mut raw).await?;
    logs::measure(world, &mut figures, &mut raw).await?;
    terraform::measure(world, &mut figures, &mut raw).await?;
    losses::measure(world, &mut figures, &mut raw).await?;
    raw["table"] = figures.iter().map(row).collect();
    fs::create_dir_all(out)?;
    let file = out.join("runner.json");
    fs::write(&file, serde_json::to_string_pretty(&raw)?)?;
    print(&figures);
    println!("\nRaw figures: {}", file.display());
    Ok(figures.iter().all(|figure| figure.reached != Some(false)))
}

fn row(figure: &Figure) -> Value {
    json!({ "what": figure.what, "value": figure.value, "goal": figure.goal, "reached": figure.reached })
}

fn print(figures: &[Figure]) {
    println!("\n{:<58}{:>24}   goal", "runner", "measured");
    for figure in figures {
        let mark = match figure.reached {
            Some(true) => "✓ ",
            Some(false) => "✗ ",
            None => "",
        };
        println!(
            "{:<58}{:>24}   {mark}{}",
            figure.what, figure.value, figure.goal
        );
    }
}

/// The value below which this share of them lies.
pub(crate) fn share(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index into a short list"
    )]
    let at = (values.len() as f64 * share) as usize;
    values
        .get(at.min(values.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}
