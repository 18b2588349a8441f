//! The whole life of a stack.

use platform::{
    jobs::Operation,
    plans::{Effect, compare},
};
use runner::drivers::terraform::Terraform;
use serde_json::{Value, json};

use super::{
    bench::{Ran, Try, run},
    have,
    state::StateServer,
};

pub(super) fn module(main: &str) -> Value {
    json!({"module": {"files": {"main.tf": main}}})
}

pub(super) fn plan(state: &StateServer, spec: &Value) -> Ran {
    run(&Terraform, state, Try::new(Operation::Plan, spec.clone()))
}

pub(super) fn apply(state: &StateServer, spec: &Value, plan: &Ran) -> Ran {
    run(
        &Terraform,
        state,
        Try::new(Operation::Apply, spec.clone()).plan(plan.approved()),
    )
}

const MAIN: &str = r#"
variable "size" { type = number }
resource "terraform_data" "one" {
  input = { size = var.size, ratio = 0.30000000000000004, big = 12345678901234567890123 }
}
resource "terraform_data" "two" {
  for_each         = toset(["a b", "c"])
  input            = terraform_data.one.output.size
  triggers_replace = [var.size]
}
output "size" { value = terraform_data.one.output.size }
"#;

fn sized(size: u32) -> Value {
    json!({"module": {"files": {"main.tf": MAIN}}, "variables": {"size": size}})
}

#[test]
fn plan_apply_and_drift() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let first = plan(&state, &sized(1));
    let model = first.model();
    assert_eq!(
        first.phases,
        ["plan", "show"],
        "nothing to download: no init"
    );
    assert_eq!(
        state.requests(),
        ["GET"; 1].map(str::to_owned),
        "a plan only reads, once"
    );
    let addresses: Vec<_> = model
        .resources
        .iter()
        .map(|one| one.address.as_str())
        .collect();
    assert_eq!(
        addresses,
        [
            "terraform_data.one",
            "terraform_data.two[\"a b\"]",
            "terraform_data.two[\"c\"]"
        ]
    );
    assert!(model.resources.iter().all(|one| one.action == Effect::Add));
    let after = model.resources[0].after.as_ref().expect("after");
    assert_eq!(
        after["input"]["big"],
        json!({"$number": "12345678901234567890123"})
    );
    assert_eq!(after["id"], json!({"$unknown": "terraform_data.one.id"}));
    assert_eq!(first.plan.as_ref().expect("a plan").based_on_serial, None);
    assert_eq!(first.after.changes, Some(true));

    let again = plan(&state, &sized(1));
    assert!(compare(&model, &again.model()).same);
    assert_eq!(
        again.plan.as_ref().map(|plan| &plan.digest),
        first.plan.as_ref().map(|plan| &plan.digest)
    );

    let applied = apply(&state, &sized(1), &first);
    applied.succeeded();
    assert_eq!(applied.phases, ["apply"]);
    assert_eq!(applied.after.outputs["size"], json!(1));
    let entry = |address: &str, phase: &str| {
        applied
            .journal
            .iter()
            .any(|one| one.address == address && one.phase == phase && one.action == "create")
    };
    assert!(
        entry("terraform_data.two[\"a b\"]", "start")
            && entry("terraform_data.two[\"a b\"]", "complete")
    );
    assert!(
        applied
            .journal
            .iter()
            .filter(|one| one.phase == "complete")
            .all(|one| one.id_value.is_some())
    );
    assert!(state.serial().is_some());

    let drift = run(&Terraform, &state, Try::new(Operation::Drift, sized(1)));
    assert_eq!(drift.succeeded().after.changes, Some(false));
}

#[test]
fn a_change_says_why_it_replaces_and_a_removal_is_applied_as_planned() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    apply(&state, &sized(1), &plan(&state, &sized(1))).succeeded();
    let change = plan(&state, &sized(2));
    let actions: Vec<_> = change
        .model()
        .resources
        .iter()
        .map(|one| one.action)
        .collect();
    assert_eq!(actions, [Effect::Change, Effect::Replace, Effect::Replace]);
    assert_eq!(
        change.model().resources[1].reasons,
        ["cannot be updated in place: triggers_replace"]
    );
    assert_eq!(
        change.plan.as_ref().expect("a plan").based_on_serial,
        state.serial()
    );
    assert!(
        change.log.contains("Plan: 1 to change, 2 to replace."),
        "{}",
        change.log
    );

    let mut gone = sized(1);
    gone["destroy"] = json!(true);
    let removal = plan(&state, &gone);
    assert!(
        removal
            .model()
            .resources
            .iter()
            .all(|one| one.action == Effect::Remove)
    );
    let destroyed = run(
        &Terraform,
        &state,
        Try::new(Operation::Destroy, gone).plan(removal.approved()),
    );
    destroyed.succeeded();
    assert!(state.resources().is_empty());
    assert_eq!(plan(&state, &sized(1)).model().resources.len(), 3);
}

#[test]
fn a_plan_without_changes_says_so() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let made = plan(&state, &sized(1));
    apply(&state, &sized(1), &made).succeeded();
    let nothing = plan(&state, &sized(1));
    assert!(!nothing.model().has_effects());
    assert_eq!(nothing.after.changes, Some(false));
    let check = run(&Terraform, &state, Try::new(Operation::Check, sized(1)));
    assert_eq!(check.succeeded().after.changes, Some(false));
    assert!(check.plan.is_none());
}

#[test]
fn a_module_that_is_not_bare_gets_its_init() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let spec = json!({"module": {"files": {
        "main.tf": "module \"part\" { source = \"./part\" }\nterraform {\n  backend \"local\" {}\n}\n",
        "part/main.tf": "resource \"terraform_data\" \"deep\" { input = 1 }\n",
    }}});
    let made = plan(&state, &spec);
    assert_eq!(
        made.model().resources[0].address,
        "module.part.terraform_data.deep"
    );
    assert_eq!(made.phases, ["init", "plan", "show"]);
    apply(&state, &spec, &made).succeeded();
    assert_eq!(state.resources(), ["terraform_data.deep"]);
}
