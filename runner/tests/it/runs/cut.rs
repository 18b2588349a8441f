//! Workers and shims killed in the middle.

use nix::sys::signal::Signal;
use platform::jobs::{AttemptState, ErrorClass, Operation};
use runner::processes;
use serde_json::json;

use super::site::{Site, script, step, wait_for};

#[test]
fn a_killed_worker_leaves_a_clean_run() {
    let mut site = Site::start();
    let spec = json!({"duration_ms": 2_000, "lines": 20, "line": "line {n}"});
    let one = step("echo", Operation::Action, spec);
    site.fake.offer(&one);
    site.fake
        .wait(one.attempt, "lines", |seen| !seen.log.is_empty());
    site.kill_worker();
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Succeeded);
    let lines: Vec<String> = (1..=20).map(|n| format!("line {n}\n")).collect();
    let lines = lines.concat();
    assert_eq!(seen.lossy(), lines);
    assert!(
        site.folder(one.attempt).exists(),
        "nobody has cleaned up yet"
    );
    site.restart_worker();
    site.gone(one.attempt);
    assert_eq!(site.fake.seen(one.attempt).starts, 1);
}

#[test]
fn a_worker_adopts_the_shims_of_the_one_before() {
    let mut site = Site::start();
    let one = step(
        "echo",
        Operation::Action,
        json!({"duration_ms": 3_000, "lines": 3}),
    );
    site.fake.offer(&one);
    site.child(one.attempt);
    site.kill_worker();
    site.restart_worker();
    wait_for("the adoption", || {
        let running = site.fake.hello()?.running;
        running.contains(&one.attempt).then_some(())
    });
    let (finish, _) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Succeeded);
    site.gone(one.attempt);
}

#[test]
fn a_killed_shim_interrupts_its_child_and_the_worker_says_what_is_known() {
    let site = Site::start();
    let run = "trap 'echo tidied up; exit 1' INT; for n in $(seq 1 40); do echo \"line $n\"; done; \
               sleep 60 & wait";
    let mut once = script(Operation::Action, run);
    let mut again = script(Operation::Check, run);
    for one in [&mut once, &mut again] {
        one.secrets
            .insert("PASSWORD".to_owned(), "tidied up".to_owned());
        site.fake.offer(one);
    }
    for one in [&once, &again] {
        site.fake.wait(one.attempt, "lines", |seen| {
            seen.lossy().contains("line 40")
        });
        let child = site.child(one.attempt);
        processes::signal(site.shim(one.attempt), Signal::SIGKILL);
        wait_for("the child's end", || {
            processes::entry(child).is_none().then_some(())
        });
    }
    let (finish, seen) = site.fake.finished(once.attempt);
    assert_eq!(finish.state, AttemptState::Indeterminate);
    assert_eq!(seen.conflicts, 0);
    let text = seen.lossy();
    assert!(
        text.contains("line 40\n***\n"),
        "masked after the death too: {text}"
    );
    assert!(text.contains("the shim of this attempt died"), "{text}");
    let (finish, _) = site.fake.finished(again.attempt);
    assert_eq!(
        (finish.state, finish.error_class),
        (AttemptState::Failed, Some(ErrorClass::Machine))
    );
    site.gone(once.attempt);
    site.gone(again.attempt);
}

#[test]
fn what_a_dead_shim_left_running_is_ended() {
    let site = Site::start();
    let spec =
        json!({"duration_ms": 60_000, "stubborn": true, "hostile": ["fork_twice"], "lines": 600});
    let mut one = step("echo", Operation::Action, spec);
    one.limits.grace_s = 1;
    site.fake.offer(&one);
    let shim = site.shim(one.attempt);
    wait_for("the family", || {
        (processes::descendants(shim).len() >= 2).then_some(())
    });
    let family = processes::descendants(shim);
    processes::signal(shim, Signal::SIGKILL);
    let (finish, _) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Indeterminate);
    for pid in family {
        assert!(
            processes::entry(pid).is_none_or(|one| one.zombie),
            "{pid} lives"
        );
    }
    site.gone(one.attempt);
}

#[test]
fn worker_and_shim_killed_together_are_finished_by_the_next_worker() {
    let mut site = Site::start();
    let one = step(
        "echo",
        Operation::Apply,
        json!({"duration_ms": 60_000, "lines": 600, "resources": ["a", "b", "c"]}),
    );
    site.fake.offer(&one);
    site.fake
        .wait(one.attempt, "the journal", |seen| !seen.journal.is_empty());
    let shim = site.shim(one.attempt);
    site.kill_worker();
    processes::signal(shim, Signal::SIGKILL);
    site.restart_worker();
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Indeterminate);
    assert_eq!(seen.journal[&0].address, "a");
    assert_eq!(seen.conflicts, 0);
    assert!(seen.lossy().contains("interrupted"), "{}", seen.lossy());
    site.gone(one.attempt);
}
