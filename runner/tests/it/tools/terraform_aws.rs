//! The AWS provider against moto: real resources of a real provider, drift included.
//!
//! Needs the provider from a mirror (`GROUNDCREW_WORKER_MIRROR`); some 650 MB of memory while it runs.

use std::process::Command;

use platform::{jobs::Operation, plans::Effect};
use runner::drivers::terraform::Terraform;
use serde_json::{Value, json};

use super::{
    bench::{Ran, Try, run},
    have, mirror,
    moto::{Moto, signed_in},
    state::StateServer,
};

const MAIN: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "endpoint" { type = string }
provider "aws" {
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true
  endpoints {
    dynamodb = var.endpoint
    ec2      = var.endpoint
    iam      = var.endpoint
    s3       = var.endpoint
    sqs      = var.endpoint
    sts      = var.endpoint
  }
}
resource "aws_s3_bucket" "logs" {
  bucket = "groundcrew-logs"
  tags   = { team = "payments" }
}
resource "aws_sqs_queue" "jobs" { name = "jobs" }
resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
output "queue" { value = aws_sqs_queue.jobs.url }
"#;

fn go(
    moto: &Moto,
    state: &StateServer,
    operation: Operation,
    destroy: bool,
    plan: Option<&Ran>,
) -> Ran {
    let spec = json!({"module": {"files": {"main.tf": MAIN}}, "variables": {"endpoint": moto.address()}, "destroy": destroy});
    let mut one = signed_in(Try::new(operation, spec));
    one.plan = plan.map(Ran::approved);
    run(&Terraform, state, one)
}

fn aws(moto: &Moto, words: &[&str]) {
    let status = Command::new("aws")
        .args(words)
        .env("AWS_ENDPOINT_URL", moto.address())
        .env("AWS_ACCESS_KEY_ID", "x")
        .env("AWS_SECRET_ACCESS_KEY", "x")
        .env("AWS_DEFAULT_REGION", "eu-west-1")
        .env_remove("AWS_CA_BUNDLE")
        .status()
        .expect("aws starts");
    assert!(status.success());
}

#[test]
fn s3_sqs_dynamodb_vpc_and_iam_from_plan_to_destroy() {
    if !have("terraform") || !have("moto_server") || !have("aws") {
        return;
    }
    let provider = "registry.terraform.io/hashicorp/aws";
    if !mirror().is_some_and(|folder| folder.join(provider).is_dir()) {
        eprintln!("skipped: no mirror with {provider}");
        return;
    }
    let (moto, state) = (Moto::start(), StateServer::start());
    let made = go(&moto, &state, Operation::Plan, false, None);
    let kinds: Vec<String> = made
        .model()
        .resources
        .iter()
        .map(|one| one.kind.clone())
        .collect();
    assert_eq!(
        kinds,
        [
            "aws_dynamodb_table",
            "aws_iam_role",
            "aws_s3_bucket",
            "aws_sqs_queue",
            "aws_vpc"
        ]
    );
    assert_eq!(made.phases, ["init", "plan", "show"]);

    let applied = go(&moto, &state, Operation::Apply, false, Some(&made));
    applied.succeeded();
    assert_eq!(applied.phases, ["init", "apply"]);
    assert_eq!(
        applied
            .journal
            .iter()
            .filter(|one| one.phase == "complete" && one.id_value.is_some())
            .count(),
        5
    );
    assert!(
        applied.after.outputs["queue"]
            .as_str()
            .is_some_and(|url| url.ends_with("/jobs"))
    );

    let drift = go(&moto, &state, Operation::Drift, false, None);
    assert_eq!(
        drift.succeeded().after.changes,
        Some(false),
        "{}",
        drift.log
    );
    let tags = "TagSet=[{Key=team,Value=somebody-else}]";
    aws(
        &moto,
        &[
            "s3api",
            "put-bucket-tagging",
            "--bucket",
            "groundcrew-logs",
            "--tagging",
            tags,
        ],
    );
    let drift = go(&moto, &state, Operation::Drift, false, None);
    assert_eq!(drift.succeeded().after.changes, Some(true));
    let found: &Value = &drift.after.outputs["drift"];
    assert_eq!(found[0]["address"], "aws_s3_bucket.logs", "{found}");
    assert!(found.to_string().contains("somebody-else"));

    let removal = go(&moto, &state, Operation::Plan, true, None);
    assert!(
        removal
            .model()
            .resources
            .iter()
            .all(|one| one.action == Effect::Remove)
    );
    go(&moto, &state, Operation::Destroy, true, Some(&removal)).succeeded();
    assert!(state.resources().is_empty());
}
