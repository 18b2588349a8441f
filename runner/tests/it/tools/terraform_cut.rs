//! An apply that is killed, and what reconcile makes of it.

use platform::{
    jobs::{Operation, wire::RECONCILE_UNKNOWN},
    plans::{Effect, Reconciled},
};
use runner::drivers::terraform::Terraform;
use serde_json::json;

use super::{
    bench::{Ran, Try, run},
    have,
    state::StateServer,
    terraform::{apply, module, plan},
};

/// One after the other; the second takes long enough to be killed in.
const CHAIN: &str = r#"
resource "terraform_data" "first" { input = 1 }
resource "terraform_data" "second" {
  input      = 2
  depends_on = [terraform_data.first]
  provisioner "local-exec" { command = "sleep 3" }
}
resource "terraform_data" "third" {
  input      = 3
  depends_on = [terraform_data.second]
}
"#;

fn reconcile(state: &StateServer, made: &Ran, cut: &Ran) -> (Ran, Reconciled) {
    let mut one = Try::new(Operation::Reconcile, module(CHAIN)).plan(made.approved());
    one.inputs.insert(
        RECONCILE_UNKNOWN.to_owned(),
        json!({"journal": cut.journal, "evidence": []}),
    );
    let ran = run(&Terraform, state, one);
    ran.succeeded();
    let report = ran.after.report.clone().expect("a report");
    let report = serde_json::from_value(report).expect("a report");
    (ran, report)
}

#[test]
fn a_killed_apply_is_sorted_into_done_ambiguous_and_not_begun() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let made = plan(&state, &module(CHAIN));
    let mut one = Try::new(Operation::Apply, module(CHAIN)).plan(made.approved());
    // The provisioner has begun: the first is done and not in the state, the second nobody knows.
    one.kill_at = Some("provision_start".to_owned());
    let cut = run(&Terraform, &state, one);
    assert!(cut.failed.is_some());
    assert!(
        state.state().is_none(),
        "killed before the first write of the state"
    );

    let (ran, report) = reconcile(&state, &made, &cut);
    assert_eq!(ran.phases, ["init", "state", "plan", "show"]);
    let names = |found: &[platform::plans::Found]| -> Vec<String> {
        found.iter().map(|one| one.address.clone()).collect()
    };
    assert_eq!(names(&report.recovered), ["terraform_data.first"]);
    assert!(report.recovered[0].import && report.recovered[0].id.is_some());
    assert_eq!(names(&report.ambiguous), ["terraform_data.second"]);
    assert_eq!(names(&report.remaining), ["terraform_data.third"]);
    assert!(!report.is_plain() && report.changes);
    assert!(
        !state
            .requests()
            .iter()
            .skip(2)
            .any(|method| method == "POST"),
        "nothing was written"
    );

    // The new plan imports what is there; approved, it brings the stack to its end.
    let plan = ran.model();
    let first = plan
        .resources
        .iter()
        .find(|one| one.address == "terraform_data.first");
    let first = first.expect("the first is in the plan");
    assert_eq!(first.import_id, report.recovered[0].id);
    assert!(
        matches!(first.action, Effect::Import | Effect::Change),
        "{first:?}"
    );
    state.hold_lock(false);
    apply(&state, &module(CHAIN), &ran).succeeded();
    assert_eq!(state.resources().len(), 3);
}

#[test]
fn nothing_is_left_when_the_state_knows_everything() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let made = plan(&state, &module(CHAIN));
    let whole = apply(&state, &module(CHAIN), &made);
    let (ran, report) = reconcile(&state, &made, &whole);
    assert_eq!(report.recovered.len(), 3);
    assert!(report.recovered.iter().all(|one| !one.import));
    assert!(report.is_plain() && !report.changes && !ran.model().has_effects());
}

#[test]
fn an_import_the_tool_refuses_is_said_and_left_to_a_person() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let made = plan(&state, &module(CHAIN));
    let mut cut = Ran {
        plan: made.plan.clone(),
        file: made.file.clone(),
        ..Ran::default()
    };
    // An address the module does not have cannot be imported.
    for (address, id) in [
        ("terraform_data.first", "one"),
        ("terraform_data.nowhere", "two"),
    ] {
        cut.journal.push(platform::jobs::wire::JournalEntry {
            address: address.to_owned(),
            action: "create".to_owned(),
            phase: "complete".to_owned(),
            id_value: Some(id.to_owned()),
        });
    }
    let (ran, report) = reconcile(&state, &made, &cut);
    assert_eq!(
        ran.phases,
        ["init", "state", "plan", "plan", "show"],
        "{}",
        ran.log
    );
    assert_eq!(report.ambiguous.len(), 2, "{report:?}");
    assert_eq!(report.notes.len(), 2);
    assert!(!report.is_plain());
}
