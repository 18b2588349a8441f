//! What goes wrong, and what people are told.

use platform::jobs::{ErrorClass, Operation};
use runner::drivers::terraform::Terraform;
use serde_json::json;

use super::{
    bench::{Try, run},
    have,
    state::StateServer,
    terraform::{apply, module, plan},
};

const ONE: &str = "resource \"terraform_data\" \"one\" { input = 1 }\n";

#[test]
fn hcl_that_does_not_parse_is_named_by_file_and_line() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let ran = plan(
        &state,
        &module("resource \"terraform_data\" \"x\" {\n  input = \n}\n"),
    );
    let (class, text) = ran.error();
    assert_eq!(*class, ErrorClass::Permanent);
    assert!(
        text.contains("Invalid expression") && text.contains("main.tf line 2"),
        "{text}"
    );
}

#[test]
fn a_provider_nobody_has_is_named() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let main = "terraform {\n  required_providers {\n    nope = { source = \"example/nope\" }\n  }\n}\nresource \"nope_x\" \"y\" {}\n";
    let ran = plan(&state, &module(main));
    let (class, text) = ran.error();
    assert_eq!(*class, ErrorClass::Permanent, "{text}");
    assert!(
        text.contains("example/nope") && text.contains("mirror"),
        "{text}"
    );
    assert_eq!(ran.phases, ["init"]);
}

#[test]
fn a_tool_too_old_for_the_module_is_no_tool() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let ran = plan(
        &state,
        &module("terraform {\n  required_version = \">= 99\"\n}\n"),
    );
    assert_eq!(ran.error().0, ErrorClass::NoTool, "{:?}", ran.error());
}

#[test]
fn a_state_that_moved_makes_the_plan_stale() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let first = plan(&state, &module(ONE));
    let second = plan(&state, &module(ONE));
    apply(&state, &module(ONE), &first).succeeded();
    let before = state.state();
    let late = apply(&state, &module(ONE), &second);
    assert_eq!(late.error().0, ErrorClass::StalePlan, "{:?}", late.error());
    assert!(late.journal.is_empty());
    assert_eq!(state.state(), before);
}

#[test]
fn security_57_a_plan_file_swapped_after_approval_is_not_applied() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let approved = plan(&state, &module(ONE)).approved();
    let other = plan(
        &state,
        &module("resource \"terraform_data\" \"evil\" { input = 1 }\n"),
    );
    // The database's row says one file, the sealed bytes are another's.
    let mut swapped = Try::new(Operation::Apply, module(ONE)).plan(approved.clone());
    swapped.file_instead = Some(other.file);
    let ran = run(&Terraform, &state, swapped);
    let (class, text) = ran.error();
    assert_eq!(*class, ErrorClass::StalePlan);
    assert!(text.contains("not the one that was approved"), "{text}");
    assert!(
        ran.phases.is_empty() && state.state().is_none(),
        "nothing was started"
    );
    let without = Try::new(Operation::Apply, module(ONE));
    assert_eq!(
        run(&Terraform, &state, without).error().0,
        ErrorClass::StalePlan
    );
    run(
        &Terraform,
        &state,
        Try::new(Operation::Apply, module(ONE)).plan(approved),
    )
    .succeeded();
}

#[test]
fn a_second_process_meets_the_lock() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let made = plan(&state, &module(ONE));
    state.hold_lock(true);
    plan(&state, &module(ONE)).succeeded();
    let ran = apply(&state, &module(ONE), &made);
    let (class, text) = ran.error();
    assert_eq!(*class, ErrorClass::Transient, "{text}");
    assert!(text.contains("ID=other"), "{text}");
    assert!(ran.journal.is_empty() && state.state().is_none());
    state.hold_lock(false);
    apply(&state, &module(ONE), &made).succeeded();
}

#[test]
fn a_state_that_cannot_be_written_is_kept_as_evidence() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let made = plan(&state, &module(ONE));
    state.refuse_writes();
    let ran = apply(&state, &module(ONE), &made);
    assert_eq!(ran.error().0, ErrorClass::Permanent, "{:?}", ran.error());
    assert_eq!(ran.evidence, ["errored.tfstate"]);
    assert!(ran.journal.iter().any(|one| one.phase == "complete"));
}

#[test]
fn a_plan_over_32_mib_is_refused_in_words() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    // 60 resources of a million letters: 60 MB of plan.
    let main = "variable \"text\" { type = string }\nresource \"terraform_data\" \"large\" {\n  count = 60\n  input = var.text\n}\n";
    let mut spec = module(main);
    spec["variables"] = json!({"text": "x".repeat(1_000_000)});
    let ran = plan(&state, &spec);
    let (class, text) = ran.error();
    assert_eq!(*class, ErrorClass::Permanent);
    assert!(text.contains("larger than 32 MiB"), "{text}");
}

#[test]
fn a_tool_nobody_has_is_said_before_anything_runs() {
    let state = StateServer::start();
    let mut spec = module(ONE);
    spec["tool"] = json!("pulumi");
    assert!(
        plan(&state, &spec)
            .error()
            .1
            .contains("neither terraform nor tofu")
    );
}
