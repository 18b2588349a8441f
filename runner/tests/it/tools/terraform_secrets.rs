//! Secrets in plans, logs, outputs and plan files.

use platform::{jobs::Operation, plans::value::is_sensitive};
use runner::drivers::terraform::Terraform;
use serde_json::{Value, json};

use super::{
    bench::{Ran, Try, run},
    have,
    state::StateServer,
};

const FIRST: &str = "first-canary-93c1";
const OTHER: &str = "other-canary-7d20";

const MAIN: &str = r#"
variable "password" {
  type      = string
  sensitive = true
}
resource "terraform_data" "db" {
  input = { user = "app", password = var.password }
}
output "dsn" {
  value     = "postgres://app:${terraform_data.db.output.password}@db"
  sensitive = true
}
output "user" { value = "app" }
"#;

fn spec() -> Value {
    json!({"module": {"files": {"main.tf": MAIN}}})
}

fn plan(state: &StateServer, password: &str) -> Ran {
    run(
        &Terraform,
        state,
        Try::new(Operation::Plan, spec()).secret("TF_VAR_password", password),
    )
}

#[test]
fn security_57_only_a_secret_changed_is_another_digest() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let (one, same, other) = (
        plan(&state, FIRST),
        plan(&state, FIRST),
        plan(&state, OTHER),
    );
    let digest = |ran: &Ran| ran.plan.as_ref().expect("a plan").digest.clone();
    assert_eq!(digest(&one), digest(&same));
    assert_ne!(digest(&one), digest(&other));
    let password = &one.model().resources[0].after.clone().expect("after")["input"]["password"];
    assert!(is_sensitive(password));
}

#[test]
fn security_55_no_secret_in_plan_log_journal_or_open_outputs() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let first = plan(&state, FIRST);
    let one = Try::new(Operation::Apply, spec())
        .secret("TF_VAR_password", FIRST)
        .plan(first.approved());
    let applied = run(&Terraform, &state, one);
    applied.succeeded();
    let dsn = format!("postgres://app:{FIRST}@db");
    assert_eq!(applied.after.secret_outputs["dsn"], dsn);
    assert_eq!(
        applied.after.outputs,
        [("user".to_owned(), json!("app"))].into()
    );

    // The new try knows the new password only; the old one stands in the state, in `output` without
    // the tool's mark.
    let second = plan(&state, OTHER);
    assert!(
        second.after.secrets.contains(&FIRST.to_owned()),
        "learnt from the plan"
    );
    let mut drift = Try::new(Operation::Drift, spec());
    drift
        .secrets
        .insert("TF_VAR_password".to_owned(), OTHER.to_owned());
    let drift = run(&Terraform, &state, drift);
    for ran in [&first, &applied, &second, &drift] {
        let model = ran
            .plan
            .as_ref()
            .map(|plan| plan.model.to_string())
            .unwrap_or_default();
        let journal = format!("{:?}", ran.journal);
        for secret in [FIRST, OTHER] {
            assert!(!model.contains(secret), "{model}");
            assert!(!ran.log.contains(secret), "{}", ran.log);
            assert!(!journal.contains(secret));
            assert!(!json!(ran.after.outputs).to_string().contains(secret));
        }
    }
    assert!(second.log.contains("(secret) → (secret)"), "{}", second.log);
}

#[test]
fn the_attempts_token_is_in_no_plan_file() {
    if !have("terraform") {
        return;
    }
    let state = StateServer::start();
    let (_, file) = plan(&state, FIRST).approved();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(file)).expect("a zip");
    for index in 0..zip.len() {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut zip.by_index(index).expect("an entry"), &mut bytes)
            .expect("read");
        assert!(!String::from_utf8_lossy(&bytes).contains(super::state::TOKEN));
    }
}
