//! What everybody stands on is taken away: servers, PostgreSQL, the ways to it.

use std::{sync::Arc, time::Duration};

use anyhow::Result;

use super::{
    Case, Done, case,
    kills::once_each,
    points::{LOST, SOON, Stopped},
};
use crate::{proxy::Way, world::World};

pub(super) fn waves() -> Vec<Vec<Case>> {
    vec![
        vec![case!("kill -9 server", "one of two, in apply", one_server)],
        vec![case!(
            "kill -9 server",
            "both, in apply, 3 s away",
            both_servers
        )],
        vec![case!(
            "kill -9 PostgreSQL",
            "in apply, 2 s away",
            database_briefly
        )],
        vec![case!(
            "database refused",
            "in apply, shorter than the fence",
            database_refused
        )],
        vec![case!(
            "database cut",
            "every 300 ms, a whole job",
            database_cut
        )],
        vec![case!(
            "kill -9 PostgreSQL",
            "away longer than the fence",
            database_long
        )],
    ]
}

async fn one_server(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 0, "one-server", "a").await?;
    let away = Duration::from_secs(3);
    let (killed, ()) = tokio::join!(world.kill_server(0, away), async { stopped.release() });
    killed?;
    stopped.becomes("succeeded", SOON).await?;
    once_each(&world, "tf.one-server.a.1", "tf.one-server.b.1")
}

async fn both_servers(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 1, "both-servers", "a").await?;
    let away = Duration::from_secs(3);
    let (first, second, ()) = tokio::join!(
        world.kill_server(0, away),
        world.kill_server(1, away),
        async { stopped.release() }
    );
    first?;
    second?;
    stopped.becomes("succeeded", SOON).await?;
    once_each(&world, "tf.both-servers.a.1", "tf.both-servers.b.1")
}

async fn database_briefly(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 2, "database-briefly", "a").await?;
    let (killed, ()) = tokio::join!(world.kill_database(Duration::from_secs(2)), async {
        stopped.release();
    });
    killed?;
    stopped.becomes("succeeded", SOON).await?;
    once_each(&world, "tf.database-briefly.a.1", "tf.database-briefly.b.1")
}

async fn database_refused(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 0, "database-refused", "a").await?;
    for way in &world.to_database {
        way.set(Way::Refused);
    }
    stopped.release();
    tokio::time::sleep(Duration::from_secs(5)).await;
    for way in &world.to_database {
        way.set(Way::Open);
    }
    stopped.becomes("succeeded", SOON).await?;
    once_each(&world, "tf.database-refused.a.1", "tf.database-refused.b.1")
}

async fn database_cut(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 1, "database-cut", "a").await?;
    stopped.release();
    for _ in 0..10 {
        for way in &world.to_database {
            way.cut();
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    stopped.becomes("succeeded", SOON).await?;
    once_each(&world, "tf.database-cut.a.1", "tf.database-cut.b.1")
}

/// One that may not be repeated becomes a person's question; one that may is tried again.
async fn database_long(world: Arc<World>) -> Result<Done> {
    let (once, safe) = tokio::join!(
        Stopped::in_script(&world, 0, "database-long", false),
        Stopped::in_script(&world, 1, "database-long-safe", true)
    );
    let (once, safe) = (once?, safe?);
    world.kill_database(Duration::from_secs(16)).await?;
    once.release();
    safe.release();
    once.becomes("indeterminate", LOST).await?;
    safe.becomes("succeeded", LOST).await?;
    Ok(Done::Held)
}
