use super::*;

#[test]
fn lines_that_are_answers_are_told_from_lines_that_are_not() {
    assert!(Answer::read(b"{\"changes\": true}").is_some());
    assert!(Answer::read(b"  {\"outputs\": {\"url\": \"x\"}} ").is_some());
    for line in [
        "{}",
        "plain",
        "{\"level\": \"info\"}",
        "{\"changes\":",
        "[1]",
        "",
    ] {
        assert!(Answer::read(line.as_bytes()).is_none(), "{line}");
    }
    let journal =
        br#"{"journal":[{"address":"a","action":"create","phase":"start","id_value":null}]}"#;
    let answer = Answer::read(journal).expect("an answer");
    assert!(answer.only_journal());
    assert_eq!(answer.journal.len(), 1);
}

#[test]
fn declared_effects_become_a_plan_that_the_server_takes() {
    let line = br#"{"effects":[{"address":"b","action":"remove","note":"with its data"},{"address":"a","action":"add"}]}"#;
    let planned = Answer::read(line)
        .expect("an answer")
        .plan(Some(3))
        .expect("fine")
        .expect("a plan");
    let checked = plans::check(&planned.model).expect("keeps to the model");
    assert_eq!(checked.digest, planned.digest);
    assert_eq!(checked.plan.resources[0].address, "a");
    assert_eq!(planned.based_on_serial, Some(3));
}

#[test]
fn a_plan_that_is_none_is_refused() {
    let answer = Answer::read(br#"{"plan": {"version": 7}}"#).expect("an answer");
    assert!(answer.plan(None).is_err());
}
