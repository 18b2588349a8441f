//! `groundcrew serve`: start-up in order, and the way down again.

use crate::config::Config;

/// Runs the portal until it is asked to stop.
pub async fn run(config: Config) -> anyhow::Result<()> {
    anyhow::bail!("listening on {} is not wired yet", config.listen)
}
