//! Playbooks on this machine.

use platform::{
    jobs::{ErrorClass, Operation},
    plans::{Effect, value::is_sensitive},
};
use runner::drivers::ansible::Ansible;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    bench::{Ran, Try, run},
    have,
    state::StateServer,
};

const PLAYBOOK: &str = r#"
- hosts: all
  gather_facts: false
  tasks:
    - name: Make the folder
      ansible.builtin.file: {path: "{{ folder }}/site", state: directory, mode: "0750"}
    - name: Write the settings
      ansible.builtin.copy: {dest: "{{ folder }}/site/settings", content: "size={{ size }}\nkey={{ api_key }}\n", mode: "0640"}
    - name: Write each
      ansible.builtin.copy: {dest: "{{ folder }}/{{ item }}", content: "{{ item }}", mode: "0640"}
      loop: [a, b]
    - name: Remove the old
      ansible.builtin.file: {path: "{{ folder }}/old", state: absent}
    - name: Keep it quiet
      ansible.builtin.copy: {dest: "{{ folder }}/hidden", content: "{{ api_key }}", mode: "0600"}
      no_log: true
"#;

const SECRET: &str = "ansible-canary-5f1e";

fn spec(folder: &TempDir, size: u32) -> Value {
    json!({"playbook": "site.yml", "files": {"site.yml": PLAYBOOK},
        "variables": {"folder": folder.path(), "size": size}})
}

fn go(operation: Operation, spec: &Value, plan: Option<&Ran>) -> Ran {
    let mut one = Try::new(operation, spec.clone()).secret("api_key", SECRET);
    one.plan = plan.map(Ran::approved);
    run(&Ansible, &StateServer::start(), one)
}

#[test]
fn check_run_and_check_again_shows_nothing() {
    if !have("ansible-playbook") {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("old"), "x").expect("written");
    let made = go(Operation::Plan, &spec(&folder, 1), None);
    let plan = made.model();
    let found: Vec<_> = plan
        .resources
        .iter()
        .map(|one| (one.address.as_str(), one.action))
        .collect();
    assert_eq!(
        found,
        [
            ("localhost/Keep it quiet", Effect::Change),
            ("localhost/Make the folder", Effect::Add),
            ("localhost/Remove the old", Effect::Remove),
            ("localhost/Write each [a]", Effect::Add),
            ("localhost/Write each [b]", Effect::Add),
            ("localhost/Write the settings", Effect::Add),
        ],
        "{}",
        made.log
    );
    assert!(
        plan.resources[5].after.as_ref().is_some_and(is_sensitive),
        "{:?}",
        plan.resources[5]
    );
    assert_eq!(plan.resources[0].reasons, ["hidden by no_log"]);
    assert_eq!(plan.tool.name, "ansible");
    assert!(
        !folder.path().join("site").exists(),
        "a check changes nothing"
    );

    let applied = go(Operation::Apply, &spec(&folder, 1), Some(&made));
    applied.succeeded();
    assert_eq!(applied.phases, ["check", "run"]);
    let content = std::fs::read_to_string(folder.path().join("site/settings")).expect("written");
    assert_eq!(content, format!("size=1\nkey={SECRET}\n"));
    let done = |address: &str, phase: &str| {
        applied
            .journal
            .iter()
            .any(|one| one.address == address && one.phase == phase)
    };
    assert!(
        done("localhost/Make the folder", "start") && done("localhost/Make the folder", "complete")
    );

    let again = go(Operation::Plan, &spec(&folder, 1), None);
    assert!(!again.model().has_effects(), "{}", again.log);
    assert_eq!(
        go(Operation::Drift, &spec(&folder, 1), None)
            .succeeded()
            .after
            .changes,
        Some(false)
    );
    std::fs::write(folder.path().join("a"), "changed by hand").expect("written");
    assert_eq!(
        go(Operation::Drift, &spec(&folder, 1), None)
            .succeeded()
            .after
            .changes,
        Some(true)
    );
    for ran in [&made, &applied, &again] {
        assert!(!ran.log.contains(SECRET), "{}", ran.log);
        assert!(
            !ran.plan
                .as_ref()
                .map(|plan| plan.model.to_string())
                .unwrap_or_default()
                .contains(SECRET)
        );
    }
}

#[test]
fn security_57_another_secret_is_another_plan_also_under_no_log() {
    if !have("ansible-playbook") {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let quiet = "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: Quiet\n      ansible.builtin.copy: {dest: \"{{ folder }}/x\", content: \"{{ api_key }}\"}\n      no_log: true\n";
    let spec = json!({"playbook": "site.yml", "files": {"site.yml": quiet}, "variables": {"folder": folder.path()}});
    let digest = |secret: &str| {
        let one = Try::new(Operation::Plan, spec.clone()).secret("api_key", secret);
        let ran = run(&Ansible, &StateServer::start(), one);
        ran.succeeded().plan.clone().expect("a plan").digest
    };
    assert_eq!(digest("secret-number-one"), digest("secret-number-one"));
    assert_ne!(digest("secret-number-one"), digest("secret-number-two"));
}

#[test]
fn a_machine_that_moved_since_approval_is_not_touched() {
    if !have("ansible-playbook") {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let made = go(Operation::Plan, &spec(&folder, 1), None);
    std::fs::write(folder.path().join("a"), "somebody else was here").expect("written");
    let other = go(Operation::Apply, &spec(&folder, 2), Some(&made));
    assert!(
        other.error().1.contains("not those that were approved"),
        "{:?}",
        other.error()
    );
    let ran = go(Operation::Apply, &spec(&folder, 1), Some(&made));
    let (class, text) = ran.error();
    assert_eq!(*class, ErrorClass::StalePlan);
    assert!(text.contains("localhost/Write each [a]"), "{text}");
    assert_eq!(ran.phases, ["check"]);
    assert!(!folder.path().join("site").exists());
}

#[test]
fn a_task_that_cannot_be_previewed_and_one_that_fails_say_so() {
    if !have("ansible-playbook") {
        return;
    }
    let playbook = "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: Act\n      ansible.builtin.command: {argv: [\"false\"]}\n";
    let spec = json!({"playbook": "site.yml", "files": {"site.yml": playbook}});
    let made = go(Operation::Plan, &spec, None);
    assert_eq!(
        made.model().resources[0].reasons,
        ["cannot be previewed"],
        "{}",
        made.log
    );
    let ran = go(Operation::Apply, &spec, Some(&made));
    let (class, text) = ran.error();
    assert_eq!(*class, ErrorClass::Permanent);
    assert!(
        text.contains("a task failed") && text.contains("localhost"),
        "{text}"
    );
    assert!(
        ran.journal
            .iter()
            .any(|one| one.address == "localhost/Act" && one.phase == "errored")
    );
}

#[test]
fn a_playbook_that_does_not_parse_is_named() {
    if !have("ansible-playbook") {
        return;
    }
    let spec =
        json!({"playbook": "site.yml", "files": {"site.yml": "- hosts: all\n  taskss: [\n"}});
    let ran = go(Operation::Plan, &spec, None);
    assert!(
        ran.error().1.contains("ERROR"),
        "{:?} {}",
        ran.error(),
        ran.log
    );
}
