//! Change sets against the AWS API of moto.
//!
//! moto says nothing of single resources in its events, detects no drift and shows no property values:
//! those are held by unit tests over AWS's own examples.

use platform::{
    jobs::{ErrorClass, Operation, wire::RECONCILE_UNKNOWN},
    plans::{Effect, Reconciled},
};
use runner::drivers::cloudformation::CloudFormation;
use serde_json::{Value, json};

use super::{
    bench::{Ran, Try, run},
    have,
    moto::{Moto, signed_in},
    state::StateServer,
};

fn spec(moto: &Moto, queues: &[&str]) -> Value {
    let queue = |name: &&str| {
        let resource = json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": format!("{name}-${{Tier}}")}}});
        ((*name).to_owned(), resource)
    };
    let resources: serde_json::Map<String, Value> = queues.iter().map(queue).collect();
    json!({"name": "orders", "region": "eu-west-1", "endpoint": moto.address(), "parameters": {"Tier": "dev"},
        "template": {"Parameters": {"Tier": {"Type": "String"}}, "Resources": resources}})
}

fn go(operation: Operation, spec: &Value, plan: Option<&Ran>) -> Ran {
    let mut one = signed_in(Try::new(operation, spec.clone()));
    one.plan = plan.map(Ran::approved);
    run(&CloudFormation, &StateServer::start(), one)
}

#[test]
fn a_stack_is_proposed_made_changed_and_removed() {
    if !have("aws") || !have("moto_server") {
        return;
    }
    let moto = Moto::start();
    let first = go(Operation::Plan, &spec(&moto, &["Jobs", "Mails"]), None);
    let model = first.model();
    let actions = |ran: &Ran| -> Vec<(String, Effect)> {
        ran.model()
            .resources
            .iter()
            .map(|one| (one.address.clone(), one.action))
            .collect()
    };
    assert_eq!(
        actions(&first),
        [
            ("Jobs".to_owned(), Effect::Add),
            ("Mails".to_owned(), Effect::Add)
        ]
    );
    assert_eq!(model.resources[0].kind, "AWS::SQS::Queue");
    assert_eq!(first.phases, ["look", "propose", "wait", "describe"]);

    let made = go(
        Operation::Apply,
        &spec(&moto, &["Jobs", "Mails"]),
        Some(&first),
    );
    made.succeeded();
    assert!(made.log.contains("CREATE_COMPLETE orders"), "{}", made.log);

    let second = go(Operation::Plan, &spec(&moto, &["Jobs", "Files"]), None);
    assert_eq!(
        actions(&second),
        [
            ("Files".to_owned(), Effect::Add),
            ("Mails".to_owned(), Effect::Remove)
        ]
    );
    go(
        Operation::Apply,
        &spec(&moto, &["Jobs", "Files"]),
        Some(&second),
    )
    .succeeded();

    let mut gone = spec(&moto, &["Jobs", "Files"]);
    gone["destroy"] = json!(true);
    let removal = go(Operation::Plan, &gone, None);
    assert_eq!(
        actions(&removal),
        [
            ("Files".to_owned(), Effect::Remove),
            ("Jobs".to_owned(), Effect::Remove)
        ]
    );
    // Somebody adds to the stack in between: what was approved is not what would go.
    let third = go(
        Operation::Plan,
        &spec(&moto, &["Jobs", "Files", "New"]),
        None,
    );
    go(
        Operation::Apply,
        &spec(&moto, &["Jobs", "Files", "New"]),
        Some(&third),
    )
    .succeeded();
    let refused = go(Operation::Destroy, &gone, Some(&removal));
    assert_eq!(
        refused.error().0,
        ErrorClass::StalePlan,
        "{:?}",
        refused.error()
    );
    assert_eq!(refused.phases, ["resources"]);
    let removal = go(Operation::Plan, &gone, None);
    go(Operation::Destroy, &gone, Some(&removal)).succeeded();
    let nothing = go(Operation::Plan, &gone, None);
    assert!(!nothing.model().has_effects());
}

#[test]
fn security_57_a_parameter_that_is_secret_changes_the_digest_and_shows_nowhere() {
    if !have("aws") || !have("moto_server") {
        return;
    }
    let moto = Moto::start();
    let mut spec = spec(&moto, &["Jobs"]);
    spec["template"]["Parameters"]["Password"] = json!({"Type": "String", "NoEcho": true});
    let plan = |secret: &str| {
        let one = signed_in(Try::new(Operation::Plan, spec.clone())).secret("Password", secret);
        run(&CloudFormation, &StateServer::start(), one)
    };
    let (one, other) = (plan("first-canary-1a2b"), plan("other-canary-3c4d"));
    let digest = |ran: &Ran| ran.plan.as_ref().expect("a plan").digest.clone();
    assert_ne!(digest(&one), digest(&other));
    for ran in [&one, &other] {
        let model = ran.plan.as_ref().expect("a plan").model.to_string();
        assert!(
            !model.contains("canary") && !ran.log.contains("canary"),
            "{model}\n{}",
            ran.log
        );
    }
}

#[test]
fn a_reconcile_asks_aws_what_is_there() {
    if !have("aws") || !have("moto_server") {
        return;
    }
    let moto = Moto::start();
    let first = go(Operation::Plan, &spec(&moto, &["Jobs"]), None);
    go(Operation::Apply, &spec(&moto, &["Jobs"]), Some(&first)).succeeded();
    let mut one = signed_in(Try::new(
        Operation::Reconcile,
        spec(&moto, &["Jobs", "Mails"]),
    ));
    one.plan = Some(first.approved());
    one.inputs
        .insert(RECONCILE_UNKNOWN.to_owned(), json!({"journal": []}));
    let ran = run(&CloudFormation, &StateServer::start(), one);
    let report: Reconciled =
        serde_json::from_value(ran.succeeded().after.report.clone().expect("a report"))
            .expect("one");
    assert_eq!(report.recovered.len(), 1, "{report:?}");
    assert_eq!(report.recovered[0].address, "Jobs");
    assert!(
        report.changes && !report.subset && report.beyond == ["Mails"],
        "{report:?}"
    );
}

#[test]
fn what_aws_refuses_is_said() {
    if !have("aws") || !have("moto_server") {
        return;
    }
    let moto = Moto::start();
    let mut broken = spec(&moto, &["Jobs"]);
    broken["template"] = json!("{ this is no template");
    let ran = go(Operation::Plan, &broken, None);
    assert_eq!(ran.error().0, ErrorClass::Permanent, "{}", ran.log);
    assert!(ran.error().1.contains("propose"), "{:?}", ran.error());
    broken["name"] = json!("orders'] | [0");
    assert!(
        go(Operation::Plan, &broken, None)
            .error()
            .1
            .contains("letters, digits")
    );
    let mut away = spec(&moto, &["Jobs"]);
    away["endpoint"] = json!("http://127.0.0.1:9");
    let ran = go(Operation::Plan, &away, None);
    assert_eq!(ran.error().0, ErrorClass::Transient, "{:?}", ran.error());
}
