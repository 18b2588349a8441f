//! The command lines.

use std::{collections::BTreeMap, ffi::OsString};

use platform::jobs::spec::CloudFormation as Spec;
use serde_json::{Value, json};

use super::super::{
    At, Phase, Refusal, Stdout,
    python::{Program, program},
};

/// Captured answers, in the private folder.
pub(super) const STACK: &str = "stack.json";
pub(super) const CHANGES: &str = "changes.json";
pub(super) const RESOURCES: &str = "resources.json";
pub(super) const EVENTS: &str = "events.json";
pub(super) const OUTCOME: &str = "outcome.json";
pub(super) const DETECTION: &str = "detection.json";
pub(super) const DRIFTS: &str = "drifts.json";

/// What is read of each event.
const EVENT: &str = "StackEvents[].[EventId,LogicalResourceId,PhysicalResourceId,ResourceType,ResourceStatus,ResourceStatusReason]";

/// Until the stack is no longer changing: its events, one list per line. Five answers in a row may
/// get lost. `$1` is the program, `$2` the stack.
const WATCH: &str = r#"lost=0
while :; do
  if status=$("$1" cloudformation describe-stacks --stack-name "$2" --query 'Stacks[0].StackStatus' --output text); then
    lost=0
    "$1" cloudformation describe-stack-events --stack-name "$2" --max-items 200 --query "$3" --output json | tr -d '\n'
    echo
    case $status in *_IN_PROGRESS) ;; *) exit 0 ;; esac
  else
    lost=$((lost + 1))
    [ "$lost" -lt 5 ] || exit 3
  fi
  sleep 3
done
"#;

/// Until the detection has ended. `$2` is its id.
const WATCH_DRIFT: &str = r#"while :; do
  status=$("$1" cloudformation describe-stack-drift-detection-status --stack-drift-detection-id "$2" --query DetectionStatus --output text) || exit 3
  case $status in DETECTION_COMPLETE) exit 0 ;; DETECTION_FAILED) echo "the detection failed"; exit 4 ;; esac
  sleep 3
done
"#;

/// The `aws` command for one stack.
pub(super) struct Aws<'a> {
    at: &'a At,
    program: Program,
    env: BTreeMap<String, String>,
    name: String,
}

impl<'a> Aws<'a> {
    pub(super) fn new(at: &'a At, spec: &Spec) -> Result<Self, Refusal> {
        let legal = spec
            .name
            .starts_with(|letter: char| letter.is_ascii_alphabetic())
            && spec.name.len() <= 128
            && spec
                .name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !legal {
            return Err(Refusal::permanent(
                "name: letters, digits and -, beginning with a letter, at most 128",
            ));
        }
        let mut env: BTreeMap<String, String> = [
            ("AWS_DEFAULT_REGION", spec.region.as_str()),
            ("AWS_REGION", &spec.region),
            ("AWS_PAGER", ""),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        if let Some(endpoint) = &spec.endpoint {
            env.insert("AWS_ENDPOINT_URL".to_owned(), endpoint.clone());
        }
        let secrets = at
            .assignment
            .secrets
            .iter()
            .filter(|(name, _)| is_credential(name));
        env.extend(secrets.map(|(name, secret)| (name.clone(), secret.clone())));
        Ok(Self {
            at,
            program: program(at, "aws")?,
            env,
            name: spec.name.clone(),
        })
    }

    /// Whether the stack is there; a stack that is not is no error.
    pub(super) fn look(&self) -> Phase {
        let query = format!(
            "StackSummaries[?StackName=='{}' && StackStatus!='DELETE_COMPLETE'].[StackId,StackStatus]",
            self.name
        );
        self.captured("look", STACK, &["list-stacks", "--query", &query])
    }

    pub(super) fn propose(&self, spec: &Spec, new: bool) -> Result<Vec<Phase>, Refusal> {
        let template = match &spec.template {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        self.at.write("groundcrew_template", template.as_bytes())?;
        let secrets = self.at.assignment.secrets.iter();
        let secrets = secrets.filter(|(name, _)| !is_credential(name) && !name.contains('.'));
        let parameters: Vec<Value> = spec
            .parameters
            .iter()
            .chain(secrets)
            .map(|(name, value)| json!({"ParameterKey": name, "ParameterValue": value}))
            .collect();
        let parameters = self
            .at
            .write_secret("parameters.json", json!(parameters).to_string().as_bytes())?;
        let tags: Vec<Value> = spec
            .tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        let (parameters, tags) = (
            format!("file://{}", parameters.to_string_lossy()),
            json!(tags).to_string(),
        );
        let set = format!("groundcrew-{}", self.at.assignment.attempt.simple());
        let mut words = vec![
            "create-change-set",
            "--stack-name",
            &self.name,
            "--change-set-name",
            &set,
            "--change-set-type",
            if new { "CREATE" } else { "UPDATE" },
            "--template-body",
            "file://groundcrew_template",
            "--parameters",
            &parameters,
            "--tags",
            &tags,
        ];
        if !spec.capabilities.is_empty() {
            words.push("--capabilities");
            words.extend(spec.capabilities.iter().map(String::as_str));
        }
        let of_set = |first: &[&'static str]| {
            let mut words = first.to_vec();
            words.extend(["--stack-name", &self.name, "--change-set-name", &set]);
            words.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let as_words = |words: &[String]| {
            words
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("\n")
        };
        let wait = as_words(&of_set(&["wait", "change-set-create-complete"]));
        let describe = as_words(&of_set(&[
            "describe-change-set",
            "--include-property-values",
        ]));
        // A change set without changes fails to be made; the description says why.
        let wait = self
            .phase("wait", &wait.split('\n').collect::<Vec<_>>())
            .ok(&[0, 254, 255]);
        Ok(vec![
            self.phase("propose", &words),
            wait,
            self.captured(
                "describe",
                CHANGES,
                &describe.split('\n').collect::<Vec<_>>(),
            ),
        ])
    }

    pub(super) fn resources(&self, stack: &str) -> Phase {
        self.captured(
            "resources",
            RESOURCES,
            &["list-stack-resources", "--stack-name", stack],
        )
    }

    pub(super) fn events_before(&self, stack: &str) -> Phase {
        let words = [
            "describe-stack-events",
            "--stack-name",
            stack,
            "--max-items",
            "200",
            "--query",
            EVENT,
        ];
        self.captured("before", EVENTS, &words)
    }

    pub(super) fn execute(&self, change_set: &str) -> Phase {
        self.phase(
            "execute",
            &["execute-change-set", "--change-set-name", change_set],
        )
    }

    pub(super) fn delete(&self, stack: &str) -> Phase {
        self.phase("delete", &["delete-stack", "--stack-name", stack])
    }

    pub(super) fn watch(&self, stack: &str) -> Phase {
        let mut phase = self.script("watch", WATCH, stack);
        phase.stdout = Stdout::Lines;
        phase
    }

    pub(super) fn outcome(&self, stack: &str) -> Phase {
        self.captured(
            "outcome",
            OUTCOME,
            &["describe-stacks", "--stack-name", stack],
        )
    }

    pub(super) fn detect_drift(&self) -> Phase {
        self.captured(
            "detect",
            DETECTION,
            &["detect-stack-drift", "--stack-name", &self.name],
        )
    }

    pub(super) fn watch_drift(&self, detection: &str) -> Phase {
        self.script("watch-drift", WATCH_DRIFT, detection)
    }

    pub(super) fn drifts(&self) -> Phase {
        let words = [
            "describe-stack-resource-drifts",
            "--stack-name",
            &self.name,
            "--stack-resource-drift-status-filters",
            "MODIFIED",
            "DELETED",
        ];
        self.captured("drifts", DRIFTS, &words)
    }

    fn captured(&self, name: &str, file: &str, words: &[&str]) -> Phase {
        self.phase(name, words)
            .stdout(Stdout::File(file.to_owned()))
    }

    fn phase(&self, name: &str, words: &[&str]) -> Phase {
        let mut argv: Vec<OsString> = vec![self.program.path.clone().into()];
        argv.push("cloudformation".into());
        argv.extend(words.iter().map(OsString::from));
        argv.extend(["--output".into(), "json".into()]);
        self.with(Phase::new(name, argv))
    }

    fn script(&self, name: &str, script: &str, object: &str) -> Phase {
        let argv: Vec<OsString> = vec![
            "sh".into(),
            "-c".into(),
            script.into(),
            "sh".into(),
            self.program.path.clone().into(),
            object.into(),
            EVENT.into(),
        ];
        self.with(Phase::new(name, argv))
    }

    fn with(&self, mut phase: Phase) -> Phase {
        phase.env = self.env.clone();
        phase.read.clone_from(&self.program.needs);
        phase
    }
}

/// Secrets for the command itself; all others are parameters of the stack.
fn is_credential(name: &str) -> bool {
    name.starts_with("AWS_")
}
