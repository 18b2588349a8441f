//! Tools declared by their commands: what to run for each operation, what the exit codes mean, how
//! the output becomes our plan. For everything with a preview that needs no driver of its own.
//!
//! ```yaml
//! driver: declared
//! operation: plan
//! spec:
//!   files: {app.yaml: "…"}
//!   commands:
//!     plan:
//!       - {name: diff, argv: [kubectl, diff, -f, app.yaml], ok: [0], changes: [1], output: diff}
//!     apply:
//!       - {name: apply, argv: [kubectl, apply, -f, app.yaml]}
//! ```

mod diff;
#[cfg(test)]
mod tests;

use platform::jobs::{
    Operation,
    spec::{Command, Declared as Words},
};

use super::{After, At, Driver, Phase, Planned, Refusal, Stdout, script};

/// The driver.
pub(super) struct Declared;

impl Driver for Declared {
    fn name(&self) -> &'static str {
        "declared"
    }

    fn prepare(&self, at: &At) -> Result<Vec<Phase>, Refusal> {
        let words: Words = at.spec()?;
        for (name, content) in &words.files {
            at.write(name, content.as_bytes())?;
        }
        let operation = at.assignment.step.operation;
        let commands = words.commands.get(&operation).ok_or_else(|| {
            Refusal::permanent(format!("no command is declared for {}", operation.name()))
        })?;
        let environment = script::environment(at, &words.environment);
        commands
            .iter()
            .map(|command| {
                let mut phase = Phase::new(&command.name, command.argv.iter().cloned());
                phase.env.clone_from(&environment);
                phase.ok = command.ok.iter().chain(&command.changes).copied().collect();
                match command.output.as_deref() {
                    None => {}
                    Some("json" | "diff") => phase.stdout = Stdout::File(captured(command)),
                    Some(other) => {
                        return Err(Refusal::permanent(format!(
                            "{}: no output is called {other:?}; there are json and diff",
                            command.name
                        )));
                    }
                }
                Ok(phase)
            })
            .collect()
    }

    fn after(&self, at: &At, phase: &str, exit: i32) -> Result<After, Refusal> {
        let words: Words = at.spec()?;
        let operation = at.assignment.step.operation;
        let commands = words.commands.get(&operation).map(Vec::as_slice);
        let command = commands
            .unwrap_or_default()
            .iter()
            .find(|one| one.name == phase);
        let Some(command) = command else {
            return Ok(After::default());
        };
        let mut after = After::default();
        if !command.changes.is_empty() {
            after.changes = Some(command.changes.contains(&exit));
        }
        let Some(output) = &command.output else {
            return Ok(after);
        };
        let bytes = at.captured(&captured(command))?;
        let serial = at.assignment.stack.as_ref().and_then(|stack| stack.serial);
        let planned = if output == "json" {
            let model = serde_json::from_slice(&bytes).map_err(|why| {
                Refusal::permanent(format!("{phase} wrote no plan in the plan model: {why}"))
            })?;
            script::planned(model, serial)?
        } else {
            after.text.clone_from(&bytes);
            let tool = command.argv.first().map_or("declared", String::as_str);
            Planned::new(
                &diff::plan(tool, &String::from_utf8_lossy(&bytes)),
                serial,
                None,
            )?
        };
        if operation == Operation::Plan {
            after.plan = Some(planned);
        }
        Ok(after)
    }
}

fn captured(command: &Command) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!(
        "output-{}",
        command.name.chars().map(plain).collect::<String>()
    )
}
