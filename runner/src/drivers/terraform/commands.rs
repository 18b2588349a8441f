//! The command lines.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use platform::jobs::{ErrorClass, Operation, spec::Terraform as Spec};

use super::{
    super::{At, Phase, Refusal, Stdout, python::on_path},
    ALL_OUTPUTS, PLAN_FILE, SHOWN, STATE, folder,
};

/// Which binary, and the environment every call of it has.
pub(super) struct Tool<'a> {
    at: &'a At,
    binary: PathBuf,
    env: BTreeMap<String, String>,
}

impl<'a> Tool<'a> {
    /// The one the step names, or the one this machine has.
    pub(super) fn new(at: &'a At, spec: &Spec) -> Result<Self, Refusal> {
        let names: &[&str] = match spec.tool.as_deref() {
            Some("terraform") => &["terraform"],
            Some("tofu") => &["tofu"],
            Some(other) => {
                return Err(Refusal::permanent(format!(
                    "{other} is neither terraform nor tofu"
                )));
            }
            None => &["terraform", "tofu"],
        };
        let binary = names
            .iter()
            .find_map(|name| on_path(at, name))
            .ok_or_else(|| Refusal {
                class: ErrorClass::NoTool,
                why: format!(
                    "this worker has no {}: install it and let PATH name it",
                    names.join(" and no ")
                ),
            })?;
        Ok(Self {
            at,
            binary,
            env: environment(at, spec)?,
        })
    }

    /// `terraform` or `tofu`.
    pub(super) fn name(&self) -> &'static str {
        match self.binary.file_name().and_then(|name| name.to_str()) {
            Some("tofu") => "tofu",
            _ => "terraform",
        }
    }

    /// Downloads nothing that is in the mirror, and says what it cannot find.
    pub(super) fn init(&self) -> Phase {
        self.phase("init", &["init", "-input=false", "-no-color"])
    }

    /// None where the module has nothing to download.
    pub(super) fn init_unless_bare(&self, spec: &Spec) -> Result<Vec<Phase>, Refusal> {
        if folder::is_bare(spec) && folder::pretend_init(self.at)? {
            return Ok(Vec::new());
        }
        Ok(vec![self.init()])
    }

    pub(super) fn plan(&self, spec: &Spec, extra: &[&str]) -> Phase {
        let out = format!("-out={PLAN_FILE}");
        let mut words = vec![
            "plan",
            "-json",
            "-input=false",
            "-lock=false",
            "-detailed-exitcode",
            folder::VARIABLES_OPTION,
            &out,
        ];
        words.extend(extra);
        let parallelism = parallelism(spec);
        words.extend(parallelism.as_deref());
        let mut phase = self.phase("plan", &words).stdout(Stdout::Lines);
        phase.ok = match self.at.assignment.step.operation {
            _ if folder::has(self.at, super::UNPREPARED) => vec![0, 1, 2],
            Operation::Reconcile if folder::has_imports(self.at) => vec![0, 1, 2],
            _ => vec![0, 2],
        };
        phase
    }

    /// After a try without `init`.
    pub(super) fn plan_again(&self, spec: &Spec, operation: Operation) -> Phase {
        match operation {
            Operation::Drift => self.plan(spec, &["-refresh-only"]),
            _ if spec.destroy => self.plan(spec, &["-destroy"]),
            _ => self.plan(spec, &[]),
        }
    }

    pub(super) fn show_plan(&self) -> Phase {
        let mut phase = self.phase("show", &["show", "-json", "-no-color", PLAN_FILE]);
        phase.stdout = Stdout::File(SHOWN.to_owned());
        phase
    }

    pub(super) fn show_state(&self) -> Phase {
        let mut phase = self.phase("state", &["show", "-json", "-no-color"]);
        phase.stdout = Stdout::File(STATE.to_owned());
        phase
    }

    pub(super) fn apply(&self, spec: &Spec) -> Phase {
        let parallelism = parallelism(spec);
        let mut words = vec!["apply", "-json", "-input=false", "-lock-timeout=5s"];
        words.extend(parallelism.as_deref());
        words.push(PLAN_FILE);
        self.phase("apply", &words).stdout(Stdout::Lines)
    }

    pub(super) fn output(&self) -> Phase {
        let mut phase = self.phase("output", &["output", "-json", "-no-color"]);
        phase.stdout = Stdout::File(ALL_OUTPUTS.to_owned());
        phase
    }

    fn phase(&self, name: &str, words: &[&str]) -> Phase {
        let argv: Vec<OsString> = std::iter::once(self.binary.clone().into_os_string())
            .chain(words.iter().map(OsString::from))
            .collect();
        let mut phase = Phase::new(name, argv);
        phase.env = self.env.clone();
        phase.read.extend(self.at.mirror.clone());
        phase.read.push(self.binary.clone());
        phase
    }
}

fn parallelism(spec: &Spec) -> Option<String> {
    spec.parallelism
        .map(|count| format!("-parallelism={count}"))
}

fn environment(at: &At, spec: &Spec) -> Result<BTreeMap<String, String>, Refusal> {
    let mut env = spec.environment.clone();
    for (name, secret) in &at.assignment.secrets {
        // Secrets of earlier steps are called `step.output`: no names of variables.
        if is_variable(name) {
            env.insert(name.clone(), secret.clone());
        }
    }
    let address = at.state_address.as_ref().ok_or_else(|| {
        Refusal::permanent("terraform needs a stack: its state is kept under the stack's name")
    })?;
    for name in [
        "TF_HTTP_ADDRESS",
        "TF_HTTP_LOCK_ADDRESS",
        "TF_HTTP_UNLOCK_ADDRESS",
    ] {
        env.insert(name.to_owned(), address.clone());
    }
    let config = at.work.join(folder::CLI_CONFIG);
    let own = [
        ("TF_HTTP_USERNAME", "attempt"),
        ("TF_HTTP_PASSWORD", &*at.assignment.token),
        ("TF_HTTP_LOCK_METHOD", "LOCK"),
        ("TF_HTTP_UNLOCK_METHOD", "UNLOCK"),
        // A server that restarts is waited for; the shim's fence ends it if that takes too long.
        ("TF_HTTP_RETRY_MAX", "6"),
        ("TF_HTTP_RETRY_WAIT_MIN", "1"),
        ("TF_HTTP_RETRY_WAIT_MAX", "5"),
        ("TF_CLI_CONFIG_FILE", &*config.to_string_lossy()),
        ("TF_IN_AUTOMATION", "1"),
        ("TF_INPUT", "0"),
        ("CHECKPOINT_DISABLE", "1"),
    ];
    env.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(env)
}

fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
