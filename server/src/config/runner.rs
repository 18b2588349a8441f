//! Settings of the runner's part in a server.

use clap::Args;

/// The worker inside the server, and how long logs are kept.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Runner")]
pub struct RunnerSettings {
    /// Run no worker inside this server; `groundcrew work` runs them elsewhere.
    #[arg(long, env = "GROUNDCREW_NO_WORKER")]
    pub no_worker: bool,
    /// Pool the worker inside this server takes work from.
    #[arg(
        long,
        env = "GROUNDCREW_WORKER_POOL",
        value_name = "POOL",
        default_value = "default"
    )]
    pub worker_pool: String,
    /// A label of the worker inside this server, `zone=eu`; may be repeated.
    #[arg(
        long = "worker-label",
        env = "GROUNDCREW_WORKER_LABELS",
        value_name = "KEY=VALUE",
        value_delimiter = ',',
        value_parser = label
    )]
    pub worker_labels: Vec<(String, String)>,
    /// Most attempts the worker inside this server runs at once.
    #[arg(
        long,
        env = "GROUNDCREW_WORKER_CAPACITY",
        value_name = "NUMBER",
        default_value = "4",
        value_parser = clap::value_parser!(u32).range(1..=1024)
    )]
    pub worker_capacity: u32,
    /// Days logs are kept; then a day's logs are dropped whole.
    #[arg(
        long,
        env = "GROUNDCREW_LOG_DAYS",
        value_name = "DAYS",
        default_value = "90",
        value_parser = clap::value_parser!(u16).range(2..=3650)
    )]
    pub log_days: u16,
}

/// Reads `key=value`.
pub fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| "expected KEY=VALUE, such as zone=eu".to_owned())?;
    if key.is_empty() || key.len() > 64 || value.len() > 128 {
        return Err("a key has 1 to 64 bytes, a value at most 128".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}
