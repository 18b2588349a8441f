//! The worker's machine misbehaves: its disk is full, its clock is wrong.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use anyhow::{Result, ensure};

use super::{
    Case, Done, case,
    points::{LOST, NoTerraform, SOON, has_terraform},
};
use crate::{
    jobs::{self, Job},
    worker::Worker,
    world::World,
};

pub(super) fn waves() -> Vec<Vec<Case>> {
    vec![vec![
        case!("disk full", "in a script", disk_full),
        case!("clock", "of the worker, an hour ahead", clock),
    ]]
}

/// Nothing can be written any more in the middle of a script. How it ends may be anything honest;
/// the worker goes on when there is room again.
async fn disk_full(world: Arc<World>) -> Result<Done> {
    let folder = world.base.join("workers").join("w4");
    fs::create_dir_all(&folder)?;
    let Some(_small) = Small::mount(&folder) else {
        return Ok(Done::Skipped(
            "no small filesystem can be mounted here".to_owned(),
        ));
    };
    let port = world.plan.ports + 34;
    let worker = Worker::begin_in(&world, "w4", port, BTreeMap::new(), folder.clone()).await?;
    let keys = ["once.disk-full.a", "once.disk-full.b"];
    world.ledger.hold(keys[0]);
    let job = Job::new("disk-full")
        .on("w4")
        .script(&world.ledger, "act", &keys, false)
        .submit(&world)
        .await?;
    world.ledger.arrived(keys[0]).await?;
    let filler = folder.join("filler");
    // Ends with the error that is wanted.
    let _ = fs::write(&filler, vec![0; 64 * 1024 * 1024]);
    world.ledger.release(keys[0]);
    let ends = ["succeeded", "failed", "indeterminate"];
    let ended = jobs::becomes(&world, job, "act", &ends, LOST).await;
    fs::remove_file(&filler)?;
    let ended = ended?;
    eprintln!("  with a full disk the step {ended}");
    worker.start().await?;
    let after = Job::new("disk-free")
        .on("w4")
        .script(&world.ledger, "act", &["once.disk-free.a"], false)
        .submit(&world)
        .await?;
    let after = jobs::becomes(&world, after, "act", &["succeeded"], SOON).await;
    worker.program.lock().await.stop().await;
    after?;
    Ok(Done::Held)
}

/// Leases are the database's and the monotonic clock's: a wrong wall clock changes nothing.
async fn clock(world: Arc<World>) -> Result<Done> {
    ensure!(has_terraform(), NoTerraform);
    let Some(library) = faketime() else {
        return Ok(Done::Skipped("libfaketime is not installed".to_owned()));
    };
    let port = world.plan.ports + 35;
    let environment = BTreeMap::from([
        ("LD_PRELOAD".to_owned(), library.display().to_string()),
        ("FAKETIME".to_owned(), "+1h".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC".to_owned(), "1".to_owned()),
    ]);
    let worker = Worker::begin(&world, "w5", port, environment).await?;
    let job = Job::new("clock")
        .on("w5")
        .terraform(&world.ledger, "clock", &["a", "b"], 1)
        .submit(&world)
        .await?;
    let ended = jobs::becomes(&world, job, "apply", &["succeeded"], SOON).await;
    let skew: i64 = sqlx::query_scalar("select skew_ms from worker where name = 'w5'")
        .fetch_one(&world.db)
        .await?;
    worker.program.lock().await.stop().await;
    ended?;
    ensure!(
        skew.abs() > 3_000_000,
        "the skew shown is {skew} ms: the clock was not moved"
    );
    Ok(Done::Held)
}

/// A small filesystem, unmounted when dropped.
struct Small(PathBuf);

impl Small {
    fn mount(folder: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16m,mode=0755", "tmpfs"])
            .arg(folder)
            .output();
        let mounted = mounted.is_ok_and(|output| output.status.success());
        mounted.then(|| Self(folder.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Lazily: a shim that is still there keeps it until it ends.
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

fn faketime() -> Option<PathBuf> {
    const FILE: &str = "faketime/libfaketimeMT.so.1";
    let machine = std::env::consts::ARCH;
    [
        format!("/usr/lib/{machine}-linux-gnu/{FILE}"),
        format!("/usr/lib/{FILE}"),
    ]
    .into_iter()
    .map(PathBuf::from)
    .find(|path| path.exists())
}
