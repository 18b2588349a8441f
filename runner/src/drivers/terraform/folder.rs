//! What lies in the working folder before the tool starts.

use platform::jobs::spec::Terraform as Spec;
use serde_json::json;

use super::{
    super::{At, Refusal},
    UNPREPARED,
};

/// The tool's own configuration: where providers come from.
pub(super) const CLI_CONFIG: &str = "groundcrew.tfrc";
/// Input variables that are no secrets.
const VARIABLES: &str = "groundcrew.tfvars.json";
/// How a plan is told of them.
pub(super) const VARIABLES_OPTION: &str = "-var-file=groundcrew.tfvars.json";
/// Imports a reconcile proposes.
const IMPORTS: &str = "groundcrew_imports.tf";
/// Replaces whatever backend the module names: state is kept by the portal.
const BACKEND: &str = "terraform {\n  backend \"http\" {}\n}\n";

pub(super) fn lay_out(at: &At, spec: &Spec) -> Result<(), Refusal> {
    for (name, content) in &spec.module.files {
        at.write(name, content.as_bytes())?;
    }
    at.write("groundcrew_override.tf", BACKEND.as_bytes())?;
    at.write(VARIABLES, json!(spec.variables).to_string().as_bytes())?;
    at.write(CLI_CONFIG, cli_config(at).as_bytes())?;
    Ok(())
}

/// With a mirror nothing is asked of a registry; without one the tool's own rules hold.
fn cli_config(at: &At) -> String {
    let Some(mirror) = &at.mirror else {
        return "# no provider mirror is set for this worker\n".to_owned();
    };
    format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = {}\n  }}\n}}\n",
        text(&mirror.to_string_lossy())
    )
}

/// A text in HCL.
pub(super) fn text(plain: &str) -> String {
    let mut out = String::from("\"");
    let mut letters = plain.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if letters.peek() == Some(&'{') => out.extend([letter, letter]),
            plain => out.push(plain),
        }
    }
    out.push('"');
    out
}

/// Whether the module needs nothing but what is built into the tool. Rather too often no: a word in a
/// comment is enough.
pub(super) fn is_bare(spec: &Spec) -> bool {
    spec.module.files.iter().all(|(name, content)| {
        let ends = |end: &str| name.ends_with(end);
        if ends(".tf.json") || ends(".tofu") || ends(".lock.hcl") {
            return false;
        }
        !ends(".tf") || (name.contains('/') || is_bare_file(content))
    })
}

fn is_bare_file(content: &str) -> bool {
    let words: Vec<&str> = content
        .split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '-')))
        .filter(|word| !word.is_empty())
        .collect();
    let named = |word: &str| {
        matches!(
            word,
            "module" | "provider" | "required_providers" | "backend" | "cloud"
        )
    };
    !words.iter().any(|word| named(word))
        && words.windows(2).all(|pair| {
            !matches!(
                pair[0],
                "resource" | "data" | "ephemeral" | "list" | "action"
            ) || pair[1].starts_with("terraform_")
        })
}

/// Leaves what `init` would leave for a bare module. Tools of another version see that it is not
/// theirs and ask for `init`, which they then get.
pub(super) fn pretend_init(at: &At) -> Result<bool, Refusal> {
    let config: serde_json::Map<String, serde_json::Value> = [
        "address",
        "client_ca_certificate_pem",
        "client_certificate_pem",
        "client_private_key_pem",
        "lock_address",
        "lock_method",
        "password",
        "retry_max",
        "retry_wait_max",
        "retry_wait_min",
        "skip_cert_verification",
        "unlock_address",
        "unlock_method",
        "update_method",
        "username",
    ]
    .map(|name| (name.to_owned(), serde_json::Value::Null))
    .into_iter()
    .collect();
    // The hash of an empty `backend "http" {}`, as Terraform writes it.
    let known = json!({
        "version": 3,
        "backend": {"type": "http", "config": config, "hash": 3_307_601_501_u32},
    });
    at.write(".terraform/terraform.tfstate", known.to_string().as_bytes())?;
    std::fs::write(at.private.join(UNPREPARED), b"")
        .map_err(|error| Refusal::machine(UNPREPARED, &error))?;
    Ok(true)
}

pub(super) fn has(at: &At, mark: &str) -> bool {
    at.private.join(mark).exists()
}

/// Removes a mark; whether it was there.
pub(super) fn forget(at: &At, mark: &str) -> bool {
    let there = std::fs::remove_file(at.private.join(mark)).is_ok();
    if there && mark == UNPREPARED {
        let _ = std::fs::remove_dir_all(at.work.join(".terraform"));
    }
    there
}

pub(super) fn write_imports(at: &At, blocks: &str) -> Result<(), Refusal> {
    at.write(IMPORTS, blocks.as_bytes()).map(drop)
}

pub(super) fn has_imports(at: &At) -> bool {
    at.work.join(IMPORTS).exists()
}

/// Whether there were any.
pub(super) fn remove_imports(at: &At) -> bool {
    std::fs::remove_file(at.work.join(IMPORTS)).is_ok()
}
