//! What each driver is told, in its own words. Nothing unknown is taken.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::jobs::{ErrorClass, Operation};

/// The drivers there are.
#[derive(Clone, Debug, PartialEq)]
pub enum Driver {
    /// Does nothing, for a while: demos, tests, benchmarks.
    Echo(Echo),
    /// Terraform or `OpenTofu`.
    Terraform(Terraform),
    /// A script.
    Script(Script),
    /// A playbook.
    Ansible(Ansible),
    /// One call.
    Http(Http),
    /// A stack of AWS `CloudFormation`.
    CloudFormation(CloudFormation),
    /// A tool declared by its commands.
    Declared(Declared),
}

/// Does nothing, for a while.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Echo {
    /// How long it runs, milliseconds.
    pub duration_ms: u64,
    /// How many lines it writes, spread over that time.
    pub lines: u64,
    /// What each line says; `{n}` is its number.
    pub line: Option<String>,
    /// Bytes each line is filled up to.
    pub line_bytes: u32,
    /// Exit code.
    pub exit: i32,
    /// How a failure counts.
    pub error_class: Option<ErrorClass>,
    /// Fails only in the first so many attempts; 0: in all of them, where `exit` is not 0.
    pub fail_first: u32,
    /// Goes on after an interrupt: only a kill ends it.
    pub stubborn: bool,
    /// Runs inside the worker, without a process: for the benchmark of the queue alone.
    pub inline: bool,
    /// Outputs.
    pub outputs: BTreeMap<String, Value>,
    /// Names of secret inputs it hands on as secret outputs.
    pub secret_outputs: Vec<String>,
    /// For plan, drift and check: whether there is anything to change.
    pub changes: Option<bool>,
    /// Resources its plan names; each is reported done in the journal when it is carried out.
    pub resources: Vec<String>,
    /// What it does to those who run it, in this order, before its lines.
    pub hostile: Vec<Hostile>,
}

/// What a tool may do to those who run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hostile {
    /// Writes NUL, invalid UTF-8 and every other byte.
    Bytes,
    /// Writes a line of 10 MB.
    LongLine,
    /// Writes sequences that move cursors, set titles, link, and turn text around.
    Ansi,
    /// Writes its secrets: as they are, encoded, across lines.
    Secrets,
    /// Leaves a process behind that nobody waits for.
    ForkTwice,
    /// Writes until its disk is full, and frees it again.
    FillDisk,
}

/// Terraform or `OpenTofu`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terraform {
    /// The root module.
    pub module: Module,
    /// Input variables that are no secrets; secret ones are secrets named `TF_VAR_…`.
    #[serde(default)]
    pub variables: BTreeMap<String, Value>,
    /// `terraform` or `tofu`; whichever the worker has where nothing is said.
    #[serde(default)]
    pub tool: Option<String>,
    /// Environment of the tool, no secrets.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Resources changed at once.
    #[serde(default)]
    pub parallelism: Option<u16>,
    /// A plan of removing everything.
    #[serde(default)]
    pub destroy: bool,
}

/// Files of a module, a playbook or a script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Content by path below the working folder.
    pub files: BTreeMap<String, String>,
}

/// A script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The script; its first line may name an interpreter.
    pub run: String,
    /// Files beside it.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Its arguments, no secrets.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Its environment, no secrets.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Speaks JSON: the request on its standard input, the answer as its last line.
    #[serde(default)]
    pub json: bool,
    /// What it is told on standard input beside that.
    #[serde(default)]
    pub input: Value,
    /// Says itself that it has no preview: an apply without a plan is taken.
    #[serde(default)]
    pub no_preview: bool,
}

/// A playbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ansible {
    /// Path of the playbook among the files.
    pub playbook: String,
    /// Content by path below the working folder.
    pub files: BTreeMap<String, String>,
    /// Path of the inventory among the files; the worker's own machine where nothing is said.
    #[serde(default)]
    pub inventory: Option<String>,
    /// Variables that are no secrets; secret ones are secrets by their name.
    #[serde(default)]
    pub variables: BTreeMap<String, Value>,
    /// Only these hosts.
    #[serde(default)]
    pub limit: Option<String>,
    /// Only these tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Environment of the tool, no secrets.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD`.
    pub method: String,
    /// Address, `http` or `https`.
    pub url: String,
    /// Headers, no secrets; `{secret:NAME}` stands for a secret input.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Body: text as it is, anything else as JSON.
    #[serde(default)]
    pub body: Option<Value>,
    /// Status codes that are success; 200 to 299 where nothing is said.
    #[serde(default)]
    pub expect: Vec<u16>,
    /// Most seconds for the answer.
    #[serde(default = "default_timeout")]
    pub timeout_s: u32,
    /// Outputs, by JSON pointer into the answer; the last one where it asks again.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
    /// Where the call only begins something: how to ask whether it is done.
    #[serde(default)]
    pub poll: Option<Poll>,
}

/// Asking again until something is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// Address; `{/pointer}` stands for a value of the first answer.
    pub url: String,
    /// Seconds between questions.
    #[serde(default = "default_every")]
    pub every_s: u32,
    /// Where the answer says how far it is, as a JSON pointer.
    pub pointer: String,
    /// Values that mean: done.
    pub done: Vec<Value>,
    /// Values that mean: failed. Any other means: ask again.
    #[serde(default)]
    pub failed: Vec<Value>,
}

/// A stack of AWS `CloudFormation`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloudFormation {
    /// Name of the stack at AWS.
    pub name: String,
    /// The template, as JSON or as text.
    pub template: Value,
    /// Parameters that are no secrets; secret ones are secrets by their name.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Region.
    pub region: String,
    /// Capabilities granted, such as `CAPABILITY_IAM`.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Another address than AWS's own: a test's.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// A plan of removing the stack.
    #[serde(default)]
    pub destroy: bool,
}

/// A tool declared by its commands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Content by path below the working folder.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Environment of the tool, no secrets.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Commands of each operation, one after the other.
    pub commands: BTreeMap<Operation, Vec<Command>>,
    /// It cannot preview: an apply without a plan is taken, and policy sees high risk.
    #[serde(default)]
    pub no_preview: bool,
}

/// One command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Name of the phase.
    pub name: String,
    /// Program and arguments; no shell.
    pub argv: Vec<String>,
    /// Exit codes that are success.
    #[serde(default = "default_ok")]
    pub ok: Vec<i32>,
    /// Exit codes that mean: there is something to change.
    #[serde(default)]
    pub changes: Vec<i32>,
    /// How its standard output becomes the plan: `json` (our plan model), `diff` or nothing.
    #[serde(default)]
    pub output: Option<String>,
}

const fn default_every() -> u32 {
    5
}

const fn default_timeout() -> u32 {
    30
}

fn default_ok() -> Vec<i32> {
    vec![0]
}

impl Driver {
    /// All names.
    pub const NAMES: &[&str] = &[
        "echo",
        "terraform",
        "script",
        "ansible",
        "http",
        "cloudformation",
        "declared",
    ];

    /// Reads a step's `spec` in the words of the driver; nothing when there is no such driver.
    pub fn read(name: &str, spec: &Value) -> Option<Result<Self, serde_json::Error>> {
        let spec = if spec.is_null() {
            Value::Object(serde_json::Map::new())
        } else {
            spec.clone()
        };
        Some(match name {
            "echo" => serde_json::from_value(spec).map(Self::Echo),
            "terraform" => serde_json::from_value(spec).map(Self::Terraform),
            "script" => serde_json::from_value(spec).map(Self::Script),
            "ansible" => serde_json::from_value(spec).map(Self::Ansible),
            "http" => serde_json::from_value(spec).map(Self::Http),
            "cloudformation" => serde_json::from_value(spec).map(Self::CloudFormation),
            "declared" => serde_json::from_value(spec).map(Self::Declared),
            _ => return None,
        })
    }

    /// What it can do.
    pub fn operations(&self) -> Vec<Operation> {
        use Operation::{Action, Apply, Check, Destroy, Drift, Plan};
        match self {
            Self::Terraform(_) => vec![Plan, Apply, Destroy, Drift, Check],
            Self::Echo(_) | Self::Script(_) => vec![Plan, Apply, Destroy, Drift, Check, Action],
            Self::Ansible(_) => vec![Plan, Apply, Drift, Check, Action],
            Self::Http(_) => vec![Check, Action],
            Self::CloudFormation(_) => vec![Plan, Apply, Destroy, Drift],
            Self::Declared(declared) => declared.commands.keys().copied().collect(),
        }
    }

    /// Whether it can say before what it would do.
    pub fn previews(&self) -> bool {
        match self {
            Self::Echo(_) | Self::Terraform(_) | Self::Ansible(_) | Self::CloudFormation(_) => true,
            Self::Script(script) => !script.no_preview,
            Self::Http(_) => false,
            Self::Declared(declared) => !declared.no_preview,
        }
    }

    /// Whether every operation of it is about a stack.
    pub const fn needs_stack(&self) -> bool {
        matches!(self, Self::Terraform(_) | Self::CloudFormation(_))
    }

    /// Whether it can find out what an attempt of unknown end has done.
    pub const fn reconciles(&self) -> bool {
        matches!(
            self,
            Self::Echo(_) | Self::Terraform(_) | Self::CloudFormation(_)
        )
    }

    /// Files it brings, for the check of their paths.
    pub fn files(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            Self::Terraform(one) => Some(&one.module.files),
            Self::Script(one) => Some(&one.files),
            Self::Ansible(one) => Some(&one.files),
            Self::Declared(one) => Some(&one.files),
            Self::Echo(_) | Self::Http(_) | Self::CloudFormation(_) => None,
        }
    }
}
