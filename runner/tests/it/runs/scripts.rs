//! Scripts, declared tools, calls.

use platform::jobs::{AttemptState, Operation, wire::PlanRef};
use serde_json::{Value, json};
use uuid::Uuid;

use super::site::{Site, step};

fn python(run: &str) -> Value {
    json!({"run": format!("#!/usr/bin/python3\n{run}"), "json": true, "input": {"size": 3}})
}

#[test]
fn a_script_previews_and_then_carries_its_plan_out() {
    let site = Site::start();
    let run = r#"
import json, sys
request = json.load(sys.stdin)
print("looking around", flush=True)
if request["operation"] == "plan":
    print(json.dumps({"plan": {"version": 1, "tool": {"name": "mine", "version": "1.0"}, "resources": [
        {"address": "disk", "type": "disk", "action": "add", "after": {"size": request["input"]["size"]}}]}}))
else:
    size = request["plan"]["resources"][0]["after"]["size"]
    entry = {"address": "disk", "action": "create", "phase": "complete", "id_value": "d-1"}
    print(json.dumps({"journal": [entry]}), flush=True)
    print(json.dumps({"outputs": {"size": size}}))
"#;
    if !std::path::Path::new("/usr/bin/python3").exists() {
        eprintln!("skipped: no /usr/bin/python3");
        return;
    }
    let run = python(run);
    let plan = step("script", Operation::Plan, run.clone());
    site.fake.offer(&plan);
    let (finish, seen) = site.fake.finished(plan.attempt);
    assert_eq!(
        finish.state,
        AttemptState::Succeeded,
        "{:?} {}",
        finish.error,
        seen.lossy()
    );
    assert_eq!(finish.changes, Some(true));
    assert_eq!(seen.lossy(), "looking around\n");
    let made = seen.plan.expect("a plan");

    let mut apply = step("script", Operation::Apply, run);
    apply.plan = Some(PlanRef {
        id: Uuid::nil(),
        digest: made["digest"].as_str().expect("a digest").to_owned(),
        file_sha256: None,
        model: made["model"].clone(),
    });
    site.fake.offer(&apply);
    let (finish, seen) = site.fake.finished(apply.attempt);
    assert_eq!(finish.outputs["size"], 3, "{}", seen.lossy());
    assert_eq!(seen.journal[&0].id_value.as_deref(), Some("d-1"));
}

#[test]
fn a_script_that_cannot_preview_declares_its_effects() {
    let site = Site::start();
    let run =
        r#"echo '{"effects": [{"address": "cache", "action": "remove", "note": "all of it"}]}'"#;
    let one = step("script", Operation::Plan, json!({"run": run, "json": true}));
    let none = step(
        "script",
        Operation::Plan,
        json!({"run": "true", "json": true}),
    );
    site.fake.offer(&one);
    site.fake.offer(&none);
    let (_, seen) = site.fake.finished(one.attempt);
    let plan = seen.plan.expect("a plan");
    assert_eq!(plan["model"]["resources"][0]["reasons"][0], "all of it");
    let (finish, _) = site.fake.finished(none.attempt);
    assert!(finish.error.expect("said").contains("answered no plan"));
}

#[test]
fn a_declared_tool_previews_by_its_diff() {
    let site = Site::start();
    let commands = json!({
        "plan": [{"name": "diff", "argv": ["diff", "-u", "-N", "old", "new"], "ok": [0], "changes": [1], "output": "diff"}],
        "apply": [{"name": "copy", "argv": ["cp", "new", "old"]}, {"name": "show", "argv": ["cat", "old"]}],
    });
    let spec = json!({"files": {"old": "a\n", "new": "b\n"}, "commands": commands});
    let plan = step("declared", Operation::Plan, spec.clone());
    site.fake.offer(&plan);
    let (finish, seen) = site.fake.finished(plan.attempt);
    assert_eq!((finish.exit_code, finish.changes), (Some(1), Some(true)));
    let made = seen.plan.clone().expect("a plan");
    assert_eq!(made["model"]["resources"][0]["address"], "new");
    assert!(seen.lossy().contains("+b"), "{}", seen.lossy());
    let apply = step("declared", Operation::Apply, spec);
    site.fake.offer(&apply);
    let (finish, seen) = site.fake.finished(apply.attempt);
    assert_eq!(seen.lossy(), "b\n");
    let names: Vec<&str> = finish.phases.iter().map(|phase| &*phase.name).collect();
    assert_eq!(names, ["copy", "show"]);
}

#[test]
fn a_call_begins_something_and_is_asked_about_until_it_is_done() {
    let site = Site::start();
    let base = format!("http://{}/somewhere/else", site.fake.address);
    let spec = json!({
        "method": "POST", "url": format!("{base}/begin"), "body": {"key": "{secret:KEY}"},
        "poll": {"url": format!("{base}/run/{{/run/id}}"), "every_s": 0, "pointer": "/state", "done": ["done"]},
        "outputs": {"url": "/url"},
    });
    let mut one = step("http", Operation::Action, spec);
    one.secrets
        .insert("KEY".to_owned(), "a-key-nobody-sees".to_owned());
    site.fake.offer(&one);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(
        finish.state,
        AttemptState::Succeeded,
        "{:?} {}",
        finish.error,
        seen.lossy()
    );
    assert_eq!(finish.outputs["url"], "https://made.example");
    assert_eq!(
        site.fake.elsewhere(),
        (br#"{"key":"a-key-nobody-sees"}"#.to_vec(), 2)
    );
    let away = step(
        "http",
        Operation::Check,
        json!({"method": "GET", "url": format!("{base}/no")}),
    );
    let inside = step(
        "http",
        Operation::Check,
        json!({"method": "GET", "url": "http://169.254.169.254/"}),
    );
    site.fake.offer(&away);
    site.fake.offer(&inside);
    let (finish, _) = site.fake.finished(away.attempt);
    assert_eq!(
        finish.error_class,
        Some(platform::jobs::ErrorClass::Transient)
    );
    let (finish, _) = site.fake.finished(inside.attempt);
    assert!(
        finish
            .error
            .expect("said")
            .contains("not an address that may be called")
    );
}
