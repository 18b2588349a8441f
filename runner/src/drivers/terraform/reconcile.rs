//! Finding out what an attempt of unknown end has done: from its journal, the state and the plan it
//! carried out. Nothing is changed; what is there and not in the state is imported by a new plan,
//! which needs its own approval.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use platform::{
    jobs::{
        Operation,
        spec::Terraform as Spec,
        wire::{JournalEntry, RECONCILE_UNKNOWN},
    },
    plans::{Found, Plan, Reconciled, compare},
};
use serde::Deserialize;

use super::{
    super::{After, At, Refusal},
    STATE,
    commands::Tool,
    folder, planned,
};

/// What is known so far, in the private folder.
const NOTES: &str = "reconcile.json";

#[derive(Default, Deserialize)]
struct State {
    #[serde(default)]
    values: Values,
}

#[derive(Default, Deserialize)]
struct Values {
    #[serde(default)]
    root_module: Module,
}

#[derive(Default, Deserialize)]
struct Module {
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    child_modules: Vec<Module>,
}

#[derive(Deserialize)]
struct Resource {
    address: String,
}

/// After the state was shown: what the journal says, and imports for what the state does not know.
pub(super) fn prepare(at: &At, tool: &Tool<'_>, spec: &Spec) -> Result<After, Refusal> {
    let state: State = serde_json::from_slice(&at.captured(STATE)?)
        .map_err(|error| Refusal::permanent(format!("the state is not understood: {error}")))?;
    let mut known = BTreeSet::new();
    addresses(&state.values.root_module, &mut known);
    let journal = journal(at)?;
    let approved = approved(at);
    let mut found = sort_out(&journal, &known, approved.as_ref());
    if approved.is_none() {
        found
            .notes
            .push("The plan that was carried out is not known.".to_owned());
    }
    if left_state(at) {
        let note = "The attempt left a state it could not write (errored.tfstate, kept as evidence): compare it before you accept anything.";
        found.notes.push(note.to_owned());
    }
    keep(at, &found)?;
    let blocks = imports(&found);
    if !blocks.is_empty() {
        folder::write_imports(at, &blocks)?;
    }
    let text = format!("From the journal: {}.\n", counts(&found));
    Ok(After {
        text: text.into_bytes(),
        more: vec![tool.plan_again(spec, Operation::Reconcile)],
        ..After::default()
    })
}

/// The tool refused to plan with the imports: once more without them, which says so.
pub(super) fn without_imports(at: &At, tool: &Tool<'_>, spec: &Spec) -> Result<After, Refusal> {
    if !folder::remove_imports(at) {
        return Err(Refusal::permanent("no plan was made; the log says why"));
    }
    let mut found = kept(at)?;
    for one in &mut found.recovered {
        if std::mem::take(&mut one.import) {
            found.notes.push(format!(
                "{} exists ({}) and could not be imported: import or remove it by hand, or the new plan makes it twice.",
                one.address,
                one.id.as_deref().unwrap_or("id unknown"),
            ));
            found.ambiguous.push(one.clone());
        }
    }
    let ambiguous: BTreeSet<String> = found
        .ambiguous
        .iter()
        .map(|one| one.address.clone())
        .collect();
    found
        .recovered
        .retain(|one| !ambiguous.contains(&one.address));
    keep(at, &found)?;
    Ok(After {
        more: vec![tool.plan_again(spec, Operation::Reconcile)],
        ..After::default()
    })
}

/// After the new plan was shown: the report, and the plan.
pub(super) fn report(at: &At, tool: &Tool<'_>) -> Result<After, Refusal> {
    let mut found = kept(at)?;
    let mut after = planned(at, tool, Operation::Reconcile)?;
    let plan = after
        .plan
        .as_ref()
        .and_then(|plan| Plan::try_from(&plan.model).ok());
    if let (Some(new), Some(old)) = (plan, approved(at)) {
        let compared = compare(&old, &new);
        found.subset = compared.subset;
        found.beyond = compared.added;
        found
            .beyond
            .extend(compared.differs.into_iter().map(|one| one.address));
        if found.subset {
            found.beyond.clear();
        }
    }
    found.changes = after.changes == Some(true);
    after
        .text
        .extend(format!("Found: {}.\n", counts(&found)).bytes());
    after.report = serde_json::to_value(&found).ok();
    Ok(after)
}

/// The journal of the attempt of unknown end.
pub(in super::super) fn journal(at: &At) -> Result<Vec<JournalEntry>, Refusal> {
    let unknown = at.assignment.inputs.get(RECONCILE_UNKNOWN);
    let journal = unknown.and_then(|unknown| unknown.get("journal")).cloned();
    journal
        .map_or(Ok(Vec::new()), serde_json::from_value)
        .map_err(|error| Refusal::permanent(format!("the journal is not understood: {error}")))
}

/// Whether the attempt left a state behind that never became the stack's.
fn left_state(at: &At) -> bool {
    let unknown = at.assignment.inputs.get(RECONCILE_UNKNOWN);
    let evidence = unknown.and_then(|unknown| unknown.get("evidence")?.as_array());
    evidence.is_some_and(|names| names.iter().any(|name| name == "errored.tfstate"))
}

fn approved(at: &At) -> Option<Plan> {
    Plan::try_from(&at.assignment.plan.as_ref()?.model).ok()
}

fn addresses(module: &Module, into: &mut BTreeSet<String>) {
    into.extend(module.resources.iter().map(|one| one.address.clone()));
    for child in &module.child_modules {
        addresses(child, into);
    }
}

/// Sorts the resources of the plan by what the journal and the state say of them.
pub(super) fn sort_out(
    journal: &[JournalEntry],
    state: &BTreeSet<String>,
    approved: Option<&Plan>,
) -> Reconciled {
    let mut last: BTreeMap<&str, &JournalEntry> = BTreeMap::new();
    for entry in journal {
        last.insert(&entry.address, entry);
    }
    let mut found = Reconciled::default();
    for (address, entry) in &last {
        let in_state = state.contains(*address);
        let mut one = Found {
            address: (*address).to_owned(),
            action: entry.action.clone(),
            id: entry.id_value.clone(),
            import: false,
        };
        match (entry.phase.as_str(), entry.action.as_str()) {
            ("complete", "create") if !in_state => {
                one.import = one.id.is_some();
                if one.import {
                    &mut found.recovered
                } else {
                    &mut found.ambiguous
                }
                .push(one);
            }
            // Half of a replacement: the new one was not begun.
            ("complete", "delete") if replaced(approved, address) && !in_state => {
                "create".clone_into(&mut one.action);
                found.remaining.push(one);
            }
            // The state was written after the journal's last word.
            ("start", "create") if in_state => found.recovered.push(one),
            ("complete", _) => found.recovered.push(one),
            ("errored", _) => found.errored.push(one),
            _ => found.ambiguous.push(one),
        }
    }
    for change in approved.iter().flat_map(|plan| &plan.resources) {
        if change.has_effect() && !last.contains_key(change.address.as_str()) {
            found.remaining.push(Found {
                address: change.address.clone(),
                action: change.action.name().to_owned(),
                ..Found::default()
            });
        }
    }
    found
}

fn replaced(approved: Option<&Plan>, address: &str) -> bool {
    let mut changes = approved.iter().flat_map(|plan| &plan.resources);
    changes.any(|one| one.address == address && one.action == platform::plans::Effect::Replace)
}

fn imports(found: &Reconciled) -> String {
    let mut out = String::new();
    for one in found.recovered.iter().filter(|one| one.import) {
        let id = folder::text(one.id.as_deref().unwrap_or_default());
        let _ = writeln!(out, "import {{\n  to = {}\n  id = {id}\n}}", one.address);
    }
    out
}

fn counts(found: &Reconciled) -> String {
    let imported = found.recovered.iter().filter(|one| one.import).count();
    format!(
        "{} done ({imported} to import), {} ambiguous, {} failed, {} not begun",
        found.recovered.len(),
        found.ambiguous.len(),
        found.errored.len(),
        found.remaining.len()
    )
}

fn keep(at: &At, found: &Reconciled) -> Result<(), Refusal> {
    let json = serde_json::to_vec(found).map_err(|error| Refusal::permanent(error.to_string()))?;
    std::fs::write(at.private.join(NOTES), json).map_err(|error| Refusal::machine(NOTES, &error))
}

fn kept(at: &At) -> Result<Reconciled, Refusal> {
    serde_json::from_slice(&at.captured(NOTES)?)
        .map_err(|error| Refusal::permanent(format!("{NOTES}: {error}")))
}
