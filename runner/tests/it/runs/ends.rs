//! How attempts end.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use platform::jobs::{AttemptState, Cancel, ErrorClass, Operation};
use runner::processes;
use serde_json::json;

use super::site::{QUICK, Site, script, step, wait_for};

#[test]
fn echo_runs_to_its_end() {
    let site = Site::start();
    let spec = json!({"duration_ms": 50, "lines": 3, "line": "hello {n}", "outputs": {"url": "x"}});
    let one = step("echo", Operation::Check, spec);
    site.fake.offer(&one);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Succeeded, "{:?}", finish.error);
    assert_eq!(finish.exit_code, Some(0));
    assert_eq!(seen.lossy(), "hello 1\nhello 2\nhello 3\n");
    assert_eq!(finish.log_bytes, 24);
    assert_eq!(finish.outputs["url"], "x");
    assert_eq!(finish.phases[0].name, "echo");
    assert_eq!((seen.starts, seen.conflicts), (1, 0));
    site.gone(one.attempt);
}

#[test]
fn a_failing_tool_fails_and_a_missing_one_is_named() {
    let site = Site::start();
    let failing = script(Operation::Check, "echo no disk for you >&2; exit 3");
    let missing = script(Operation::Action, "#!/nowhere/at-all\n");
    let unknown = step("abacus", Operation::Check, json!({}));
    for one in [&failing, &missing, &unknown] {
        site.fake.offer(one);
    }
    let (finish, _) = site.fake.finished(failing.attempt);
    assert_eq!(finish.error_class, Some(ErrorClass::Permanent));
    assert!(finish.error.expect("said").contains("no disk for you"));
    for one in [missing, unknown] {
        let (finish, _) = site.fake.finished(one.attempt);
        assert_eq!(finish.state, AttemptState::Failed);
        assert_eq!(
            finish.error_class,
            Some(ErrorClass::NoTool),
            "{:?}",
            finish.error
        );
    }
}

#[test]
fn a_cancel_interrupts_and_what_ends_by_itself_is_not_in_doubt() {
    let site = Site::start();
    let mut one = script(
        Operation::Action,
        "trap 'echo tidying up; exit 9' INT; echo ready; sleep 60 & wait",
    );
    one.timing = QUICK;
    site.fake.offer(&one);
    site.fake
        .wait(one.attempt, "ready", |seen| seen.lossy().contains("ready"));
    site.fake
        .change(one.attempt, |seen| seen.cancel = Some(Cancel::Interrupt));
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Cancelled, "{:?}", finish.error);
    assert_eq!(finish.exit_code, Some(9));
    assert!(seen.lossy().contains("tidying up"), "{}", seen.lossy());
    site.gone(one.attempt);
}

#[test]
fn who_ignores_an_interrupt_is_killed_after_the_grace_and_is_in_doubt() {
    let site = Site::start();
    let spec = json!({"duration_ms": 60_000, "stubborn": true, "lines": 100});
    let mut one = step("echo", Operation::Action, spec);
    one.timing = QUICK;
    one.limits.grace_s = 1;
    site.fake.offer(&one);
    site.fake
        .wait(one.attempt, "lines", |seen| !seen.log.is_empty());
    site.fake
        .change(one.attempt, |seen| seen.cancel = Some(Cancel::Interrupt));
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Indeterminate);
    assert_eq!(finish.error_class, Some(ErrorClass::Cancelled));
    assert!(seen.lossy().contains("not stopping"), "{}", seen.lossy());
}

#[test]
fn force_kills_at_once_whoever_forked_twice_too() {
    let site = Site::start();
    let spec =
        json!({"duration_ms": 60_000, "stubborn": true, "hostile": ["fork_twice"], "lines": 1000});
    let mut one = step("echo", Operation::Check, spec);
    one.timing = QUICK;
    one.limits.grace_s = 60;
    site.fake.offer(&one);
    let shim = site.shim(one.attempt);
    wait_for("the one that forked twice", || {
        (processes::descendants(shim).len() >= 2).then_some(())
    });
    let family = processes::descendants(shim);
    site.fake
        .change(one.attempt, |seen| seen.cancel = Some(Cancel::Force));
    let (finish, _) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Cancelled);
    for pid in family {
        assert!(
            processes::entry(pid).is_none_or(|one| one.zombie),
            "{pid} lives"
        );
    }
    site.gone(one.attempt);
}

#[test]
fn what_a_tool_leaves_behind_is_ended_and_said() {
    let site = Site::start();
    let one = step("echo", Operation::Check, json!({"hostile": ["fork_twice"]}));
    site.fake.offer(&one);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Succeeded);
    assert!(
        seen.lossy()
            .contains("ended 1 processes the tool left behind"),
        "{}",
        seen.lossy()
    );
    site.gone(one.attempt);
}

#[test]
fn time_and_silence_have_limits() {
    let site = Site::start();
    let mut long = script(Operation::Check, "while sleep 0.1; do echo on; done");
    long.limits.wall_s = 1;
    let mut still = script(Operation::Check, "sleep 60");
    still.limits.silence_s = 1;
    site.fake.offer(&long);
    site.fake.offer(&still);
    let (finish, _) = site.fake.finished(long.attempt);
    assert_eq!(finish.error_class, Some(ErrorClass::TimedOut));
    let (finish, _) = site.fake.finished(still.attempt);
    assert_eq!(finish.error_class, Some(ErrorClass::Silent));
}

#[test]
fn a_kill_from_outside_leaves_what_may_be_done_once_in_doubt() {
    let site = Site::start();
    let once = script(Operation::Action, "kill -9 $$");
    let again = script(Operation::Check, "kill -9 $$");
    site.fake.offer(&once);
    site.fake.offer(&again);
    let (finish, _) = site.fake.finished(once.attempt);
    assert_eq!(finish.state, AttemptState::Indeterminate);
    let (finish, _) = site.fake.finished(again.attempt);
    assert_eq!(
        (finish.state, finish.error_class),
        (AttemptState::Failed, Some(ErrorClass::Machine))
    );
}

#[test]
fn a_server_away_for_longer_than_the_fence_stops_the_child_and_hears_the_end_later() {
    let site = Site::start();
    let mut one = script(
        Operation::Action,
        "trap 'echo stopped; exit 4' INT; echo ready; sleep 60 & wait",
    );
    one.timing = QUICK;
    site.fake.offer(&one);
    site.fake
        .wait(one.attempt, "ready", |seen| seen.lossy().contains("ready"));
    let child = site.child(one.attempt);
    site.fake.away(true);
    let began = Instant::now();
    wait_for("the fence", || {
        processes::entry(child).is_none().then_some(())
    });
    assert!(
        began.elapsed() >= Duration::from_millis(1_000),
        "too early: {:?}",
        began.elapsed()
    );
    site.fake.away(false);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(
        finish.error_class,
        Some(ErrorClass::Fenced),
        "{:?}",
        finish.error
    );
    assert_eq!(finish.state, AttemptState::Failed);
    assert!(seen.lossy().contains("stopped"), "{}", seen.lossy());
}

#[test]
fn an_attempt_given_away_stops_and_its_log_is_kept() {
    let site = Site::start();
    let mut one = script(
        Operation::Action,
        "trap 'echo stopped; exit 4' INT; echo ready; sleep 60 & wait",
    );
    one.timing = QUICK;
    site.fake.offer(&one);
    site.fake
        .wait(one.attempt, "ready", |seen| seen.lossy().contains("ready"));
    site.fake.change(one.attempt, |seen| seen.gone = true);
    site.gone(one.attempt);
    let seen = site.fake.seen(one.attempt);
    assert!(seen.finish.is_none());
    assert!(seen.lossy().contains("stopped"), "{}", seen.lossy());
}

#[test]
fn a_shim_that_slept_past_the_fence_stops_its_child_when_it_wakes() {
    let site = Site::start();
    let mut one = script(
        Operation::Action,
        "trap 'exit 4' INT; echo ready; sleep 60 & wait",
    );
    one.timing = QUICK;
    site.fake.offer(&one);
    site.fake
        .wait(one.attempt, "ready", |seen| seen.lossy().contains("ready"));
    let (shim, child) = (site.shim(one.attempt), site.child(one.attempt));
    processes::signal(shim, Signal::SIGSTOP);
    std::thread::sleep(Duration::from_millis(QUICK.fence_ms + 500));
    assert!(processes::entry(child).is_some(), "nobody watches it now");
    processes::signal(shim, Signal::SIGCONT);
    let (finish, _) = site.fake.finished(one.attempt);
    assert_eq!(
        finish.error_class,
        Some(ErrorClass::Fenced),
        "{:?}",
        finish.error
    );
}

#[test]
fn a_tool_that_fills_the_disk_ends_like_any_other() {
    let data = tempfile::tempdir().expect("a folder");
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"])
        .arg(data.path())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no filesystem of our own can be mounted here");
        return;
    }
    let path = data.path().to_owned();
    let site = Site::start_in(data);
    let spec = json!({"hostile": ["fill_disk"], "lines": 20, "line_bytes": 5000});
    let one = step("echo", Operation::Action, spec);
    site.fake.offer(&one);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(
        finish.state,
        AttemptState::Succeeded,
        "{:?} {}",
        finish.error,
        seen.lossy()
    );
    assert!(seen.lossy().contains("line 20."));
    site.gone(one.attempt);
    drop(site);
    let unmounted = std::process::Command::new("umount")
        .arg("-l")
        .arg(path)
        .status();
    assert!(unmounted.is_ok_and(|status| status.success()));
}
