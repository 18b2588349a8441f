//! What a job may say, and what it is told where it may not.

use super::JobSpec;
use crate::Error;

const GOOD: &str = r#"
title: Make the preview database
team: payments
environment: preview-4127
steps:
  - name: plan
    driver: terraform
    operation: plan
    stack: payments/preview-4127/database
    labels: {zone: eu}
    spec: {module: {files: {main.tf: ""}}, variables: {size: small}}
    secrets: {TF_VAR_password: "correct horse"}
  - name: apply
    driver: terraform
    operation: apply
    stack: payments/preview-4127/database
    needs: [plan]
    plan: plan
    spec: {module: {files: {main.tf: ""}}}
"#;

fn refusal(text: &str) -> String {
    match JobSpec::parse(text).and_then(|job| job.check()) {
        Err(Error::Invalid { field, why }) => format!("{field}: {why}"),
        other => panic!("{other:?}\n{text}"),
    }
}

#[test]
fn the_example_of_the_design_is_accepted() {
    let job = JobSpec::parse(GOOD).expect("reads");
    let checked = job.check().expect("holds");
    assert_eq!(checked.steps[1].plan, Some(0));
    assert_eq!(checked.steps[1].column, 1);
    assert_eq!(job.pool, "default");
    let text = serde_json::to_string(&job).expect("writes");
    assert!(!text.contains("correct horse"), "secrets are never written");
    JobSpec::parse(&text).expect("JSON reads as well");
}

#[test]
fn what_is_wrong_is_named_by_step_and_field() {
    for (from, to, said) in [
        (
            "needs: [plan]",
            "needs: [plan2]",
            "steps[1].needs: no step is called \"plan2\"",
        ),
        (
            "needs: [plan]",
            "needs: [apply]",
            "steps[1].needs: these steps need each other: apply → apply",
        ),
        (
            "name: apply",
            "name: plan",
            "steps[1].name: another step is called \"plan\"",
        ),
        (
            "plan: plan\n",
            "grace_s: 1\n",
            "steps[1].plan: an apply carries a plan out: name the step that makes it",
        ),
        (
            "needs: [plan]",
            "needs: []",
            "steps[1].plan: the step it names must come before it: add it to `needs`",
        ),
        (
            "driver: terraform\n    operation: apply",
            "driver: echo\n    operation: apply",
            "steps[1].spec: unknown field `module`",
        ),
        (
            "operation: apply",
            "operation: action",
            "steps[1].operation: terraform can do plan, apply, destroy, drift, check",
        ),
        (
            "variables: {size",
            "varables: {size",
            "steps[0].spec: unknown field `varables`",
        ),
        (
            "correct horse",
            "sh0rt",
            "steps[0].secrets.TF_VAR_password: a secret of fewer than 8 characters",
        ),
        (
            "main.tf: \"\"}}, v",
            "../x: \"\"}}, v",
            "steps[0].spec: \"../x\" is no path below the working folder",
        ),
        (
            "    labels: {zone: eu}",
            "    wall_s: 0",
            "steps[0].wall_s: 1 to 86400",
        ),
        (
            "driver: terraform\n    operation: plan",
            "driver: pulumi\n    operation: plan",
            "steps[0].driver: no driver is called \"pulumi\"",
        ),
        (
            "stack: payments/preview-4127/database\n    labels",
            "labels",
            "steps[0].stack: a stack is needed",
        ),
        (
            "    plan: plan\n",
            "    plan: plan\n    retry: safe\n",
            "steps[1].retry: what changes a stack is started at most once",
        ),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let said_now = refusal(&GOOD.replace(from, to));
        assert!(said_now.starts_with(said), "{said_now}\nwanted {said}");
    }
    assert!(refusal(&GOOD.replace("title:", "titel:")).contains("titel"));
}

#[test]
fn a_longer_cycle_is_named_by_its_members() {
    let step = |name: &str, needs: &str| {
        format!("  - {{name: {name}, driver: echo, operation: check, needs: [{needs}]}}\n")
    };
    let text = format!(
        "title: t\nteam: t\nsteps:\n{}{}{}{}",
        step("a", ""),
        step("b", "a, d"),
        step("c", "b"),
        step("d", "c")
    );
    assert_eq!(
        refusal(&text),
        "steps[1].needs: these steps need each other: b → d → c → b"
    );
}

#[test]
fn a_plan_is_carried_out_by_one_step_only() {
    let again = GOOD.replace("\"\"}}}\n", "\"\"}}}\n  - {name: again, driver: terraform, operation: apply, stack: payments/preview-4127/database, needs: [plan], plan: plan, spec: {module: {files: {}}}}\n");
    assert!(refusal(&again).starts_with("steps[2].plan: another step carries this plan out"));
}
