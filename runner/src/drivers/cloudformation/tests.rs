//! What moto does not say, by the shapes of AWS's API reference.

use platform::{
    jobs::{
        Class, Operation,
        wire::{Assignment, JobRef, Limits, StackRef, StepRef, Timing},
    },
    plans::Effect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{changes, events, plan_file::PlanFile};
use crate::drivers::At;

fn at(folder: &tempfile::TempDir) -> At {
    let path = folder.path().to_owned();
    At {
        internal: Vec::new(),
        assignment: Assignment {
            attempt: Uuid::nil(),
            number: 1,
            token: String::new(),
            epoch: None,
            job: JobRef {
                id: Uuid::nil(),
                number: 1,
                title: String::new(),
                team: String::new(),
                environment: None,
            },
            step: StepRef {
                id: Uuid::nil(),
                name: String::new(),
                driver: "cloudformation".to_owned(),
                operation: Operation::Plan,
                class: Class::Retry,
            },
            spec: json!({}),
            secrets: [("Password".to_owned(), "hidden-canary-77".to_owned())].into(),
            inputs: [].into(),
            stack: Some(StackRef {
                id: Uuid::nil(),
                name: "orders".to_owned(),
                serial: None,
                plan_key: "07".repeat(32),
            }),
            plan: None,
            limits: Limits {
                wall_s: 60,
                silence_s: 60,
                grace_s: 5,
            },
            timing: Timing::default(),
        },
        work: path.clone(),
        private: path.clone(),
        vault: path,
        plan_file: None,
        state_address: None,
        binary: "groundcrew".into(),
        path: String::new(),
        mirror: None,
    }
}

fn read(changes: &[Value]) -> (platform::plans::Plan, PlanFile) {
    let folder = tempfile::tempdir().expect("a folder");
    let changes: Vec<Value> = changes
        .iter()
        .map(|one| json!({"Type": "Resource", "ResourceChange": one}))
        .collect();
    let set = json!({"ChangeSetId": "arn:set", "StackId": "arn:stack", "Status": "CREATE_COMPLETE", "Changes": changes});
    changes::read(&at(&folder), set.to_string().as_bytes()).expect("a plan")
}

#[test]
fn property_values_replacement_and_what_is_retained() {
    let (plan, file) = read(&[
        json!({"Action": "Modify", "LogicalResourceId": "Db", "PhysicalResourceId": "db-1", "ResourceType": "AWS::RDS::DBInstance",
            "Replacement": "True",
            "Details": [{"Target": {"Attribute": "Properties", "Name": "Engine", "RequiresRecreation": "Always"}}],
            "BeforeContext": "{\"Properties\":{\"Engine\":\"a\",\"Key\":\"hidden-canary-77\"}}",
            "AfterContext": "{\"Properties\":{\"Engine\":\"b\",\"Key\":\"hidden-canary-77\"}}"}),
        json!({"Action": "Modify", "LogicalResourceId": "Fn", "ResourceType": "AWS::Lambda::Function", "Replacement": "Conditional"}),
        json!({"Action": "Modify", "LogicalResourceId": "Queue", "ResourceType": "AWS::SQS::Queue", "Replacement": "False",
            "Details": [{"Target": {"Attribute": "Tags"}}]}),
        json!({"Action": "Remove", "LogicalResourceId": "Old", "ResourceType": "AWS::S3::Bucket", "PolicyAction": "Retain", "PhysicalResourceId": "old"}),
    ]);
    let found: Vec<_> = plan
        .resources
        .iter()
        .map(|one| (one.address.as_str(), one.action))
        .collect();
    assert_eq!(
        found,
        [
            ("Db", Effect::Replace),
            ("Fn", Effect::Replace),
            ("Old", Effect::Forget),
            ("Queue", Effect::Change)
        ]
    );
    assert_eq!(
        plan.resources[0].reasons,
        ["cannot be updated in place: Properties.Engine"]
    );
    let after = plan.resources[0].after.as_ref().expect("after");
    assert_eq!(after["resource"]["Properties"]["Engine"], "b");
    assert!(plan.resources[1].reasons[0].contains("may be replaced"));
    assert!(
        plan.resources[3].after.as_ref().expect("after")["resource"]
            .get("Tags")
            .is_some()
    );
    let text = serde_json::to_string(&plan).expect("JSON");
    assert!(!text.contains("canary"), "{text}");
    assert!(matches!(file, PlanFile::Execute { change_set, .. } if change_set == "arn:set"));
}

#[test]
fn a_change_set_without_changes_is_an_empty_plan_and_a_broken_one_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let answer = |reason: &str| {
        let set = json!({"Status": "FAILED", "StatusReason": reason});
        changes::read(&at(&folder), set.to_string().as_bytes())
    };
    let none = "The submitted information didn't contain changes. Submit different information to create a change set.";
    assert!(!answer(none).expect("a plan").0.has_effects());
    assert!(
        answer("Template error: x").is_err_and(|refusal| refusal.why.contains("Template error"))
    );
}

#[test]
fn events_are_told_once_oldest_first_and_kept_in_the_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = at(&folder);
    let event = |id: &str, status: &str| {
        json!([
            id,
            "Queue",
            "https://queue",
            "AWS::SQS::Queue",
            status,
            null
        ])
    };
    let stack = json!([
        "0",
        "orders",
        "arn:aws:cloudformation:eu-west-1:1:stack/orders/1",
        "AWS::CloudFormation::Stack",
        "CREATE_IN_PROGRESS",
        "User Initiated"
    ]);
    events::remember(
        &at,
        json!([event("old", "DELETE_COMPLETE")])
            .to_string()
            .as_bytes(),
    );
    let first = events::hear(
        &at,
        json!([
            event("1", "CREATE_IN_PROGRESS"),
            stack,
            event("old", "DELETE_COMPLETE")
        ])
        .to_string()
        .as_bytes(),
    );
    let text = String::from_utf8(first.text.expect("text")).expect("UTF-8");
    assert_eq!(
        text,
        "CREATE_IN_PROGRESS orders (AWS::CloudFormation::Stack): User Initiated\nCREATE_IN_PROGRESS Queue (AWS::SQS::Queue)"
    );
    assert_eq!(first.journal.len(), 1);
    let second = events::hear(
        &at,
        json!([
            event("2", "CREATE_FAILED"),
            event("1", "CREATE_IN_PROGRESS"),
            stack
        ])
        .to_string()
        .as_bytes(),
    );
    assert_eq!(
        (
            second.journal[0].action.as_str(),
            second.journal[0].phase.as_str()
        ),
        ("create", "errored")
    );
    assert!(events::hear(&at, b"").text.is_none());
}

#[test]
fn a_drift_says_what_was_declared_and_what_was_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let answer = json!({"StackResourceDrifts": [
        {"LogicalResourceId": "Queue", "ResourceType": "AWS::SQS::Queue", "StackResourceDriftStatus": "MODIFIED",
         "ExpectedProperties": "{\"DelaySeconds\":0}", "ActualProperties": "{\"DelaySeconds\":5}"},
        {"LogicalResourceId": "Bucket", "ResourceType": "AWS::S3::Bucket", "StackResourceDriftStatus": "DELETED",
         "ExpectedProperties": "{}"}]});
    let plan = changes::drift(&at(&folder), answer.to_string().as_bytes()).expect("a plan");
    let found: Vec<_> = plan
        .drift
        .iter()
        .map(|one| (one.address.as_str(), one.action))
        .collect();
    assert_eq!(
        found,
        [("Bucket", Effect::Remove), ("Queue", Effect::Change)]
    );
    assert_eq!(plan.drift[1].after, Some(json!({"DelaySeconds": 5})));
}
