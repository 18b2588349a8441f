//! The driver `echo` without a process: what the queue alone can do.

use std::time::Duration;

use platform::jobs::{
    AttemptState,
    spec::Echo,
    wire::{Assignment, Renew, Start},
};
use sha2::{Digest as _, Sha256};
use tokio::time::{sleep, timeout};

use super::start::nothing_ran;
use crate::{
    client::{Refused, Server},
    drive::echo,
    mask::Patterns,
};

/// Whether a step asks for it.
pub(super) fn is_meant(assignment: &Assignment) -> bool {
    assignment.step.driver == "echo"
        && assignment.spec.get("inline") == Some(&serde_json::Value::Bool(true))
}

/// Runs it to its end.
pub(super) async fn run(server: &Server, assignment: Assignment) {
    let server = server.with_token(&assignment.token);
    let attempt = assignment.attempt;
    let Ok(echo) = serde_json::from_value::<Echo>(assignment.spec.clone()) else {
        return;
    };
    let start = Start {
        shim_pid: std::process::id(),
    };
    while let Err(refused) = server.start(attempt, start).await {
        if !refused.is_away() {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    let every = Duration::from_millis(assignment.timing.renew_ms);
    let mut left = Duration::from_millis(echo.duration_ms);
    while left > every {
        sleep(every).await;
        left -= every;
        let renewed = server.renew(attempt, &Renew::default(), every).await;
        if matches!(renewed, Err(Refused::Gone | Refused::Unknown)) {
            return;
        }
    }
    sleep(left).await;

    let mut log = Vec::new();
    for number in 1..=echo.lines.min(500) {
        log.extend_from_slice(&echo::line(&echo, number));
    }
    log.truncate(platform::jobs::wire::LOG_CHUNK);
    let patterns = Patterns::new(assignment.secrets.values().cloned());
    let log = if assignment.secrets.is_empty() {
        log
    } else {
        patterns.text(&String::from_utf8_lossy(&log)).into_bytes()
    };
    let mut finish = nothing_ran(platform::jobs::ErrorClass::Permanent, String::new());
    let fails = echo::fails(&echo, assignment.number);
    finish.exit_code = Some(if fails { echo.exit } else { 0 });
    if fails {
        finish.error_class = Some(
            echo.error_class
                .unwrap_or(platform::jobs::ErrorClass::Permanent),
        );
        finish.error = Some(format!("echo ended with exit code {}", echo.exit));
    } else {
        finish.state = AttemptState::Succeeded;
        (finish.error_class, finish.error) = (None, None);
        finish.outputs = echo.outputs.clone();
    }
    finish.log_chunks = i64::from(!log.is_empty());
    finish.log_bytes = i64::try_from(log.len()).unwrap_or_default();
    finish.log_sha256 = hex::encode(Sha256::digest(&log));
    if !log.is_empty() {
        let send = async {
            while let Err(Refused::Away(_)) = server.log(attempt, 0, log.clone()).await {
                sleep(Duration::from_millis(100)).await;
            }
        };
        let _ = timeout(Duration::from_secs(600), send).await;
    }
    while let Err(Refused::Away(_)) = server.finish(attempt, &finish).await {
        sleep(Duration::from_millis(100)).await;
    }
}
