//! What somebody hands in: a job as YAML or JSON, checked before anything is written.
//!
//! Errors name the step and the field: `steps[1].needs: no step is called "plan2"`.

mod check;
mod drivers;
mod graph;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use check::{Checked, CheckedStep};
pub use drivers::{
    Ansible, CloudFormation, Command, Declared, Driver, Echo, Hostile, Http, Module, Poll, Script,
    Terraform,
};

use super::Operation;
use crate::error::{Error, Result};

/// A job, as handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSpec {
    /// What it is for, 1 to 200 characters.
    pub title: String,
    /// The team that owns it.
    pub team: String,
    /// The environment it works on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Workers of this pool run it.
    #[serde(default = "default_pool")]
    pub pool: String,
    /// Drift and other work nobody waits for; has a limit of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub background: bool,
    /// Whether it may work on its environment beside others.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shared: bool,
    /// Its steps; at most 100.
    pub steps: Vec<StepSpec>,
}

/// A step, as handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// Its name in the job.
    pub name: String,
    /// What people call it; its name where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Driver by name.
    pub driver: String,
    /// What it does.
    pub operation: Operation,
    /// The stack it works on, by name; made where it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// Steps that must have succeeded, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The step whose plan it carries out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Labels its worker must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The driver's own words.
    #[serde(default)]
    pub spec: serde_json::Value,
    /// Secret inputs by name; at least 8 characters each, else they could not be masked.
    #[serde(default, skip_serializing)]
    pub secrets: BTreeMap<String, String>,
    /// `safe`: an action that may be started more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Most seconds from the first process to the end.
    #[serde(default = "default_wall")]
    pub wall_s: u32,
    /// Most seconds without output.
    #[serde(default = "default_silence")]
    pub silence_s: u32,
    /// Seconds between interrupt and kill.
    #[serde(default = "default_grace")]
    pub grace_s: u32,
    /// Most attempts, where it may be retried.
    #[serde(default = "default_attempts")]
    pub max_attempts: u32,
}

/// Whether an action may be started more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// It may.
    Safe,
}

impl JobSpec {
    /// Reads YAML or JSON.
    pub fn parse(text: &str) -> Result<Self> {
        serde_saphyr::from_str(text).map_err(|error| Error::invalid("job", error.to_string()))
    }

    /// Checks everything that can be checked without the database.
    pub fn check(&self) -> Result<Checked> {
        check::check(self)
    }
}

fn default_pool() -> String {
    "default".to_owned()
}

const fn default_wall() -> u32 {
    1_800
}

const fn default_silence() -> u32 {
    900
}

const fn default_grace() -> u32 {
    30
}

const fn default_attempts() -> u32 {
    3
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
