//! A plan as text, for logs: made from the plan model, so that it shows no more than a page does.

use std::fmt::Write as _;

use super::{Attribute, Effect, Plan, Shown, ShownResource, show};

/// Most lines; a log is no place for ten thousand resources.
const LINES: usize = 2_000;

/// One paragraph per resource, then the counts.
pub fn text(plan: &Plan) -> String {
    let shown = show(plan);
    let mut out = String::new();
    let mut lines = 0;
    for one in &shown.resources {
        lines += one.attributes.len() + 3;
        if lines > LINES {
            let _ = writeln!(out, "… and more: the plan's page shows them all\n");
            break;
        }
        resource(&mut out, one);
    }
    if !shown.drift.is_empty() {
        let _ = writeln!(out, "Changed outside since the last apply:\n");
        for one in shown.drift.iter().take(LINES / 10) {
            resource(&mut out, one);
        }
    }
    for one in &shown.outputs {
        let _ = write!(out, "output ");
        attribute(&mut out, one, "");
    }
    let _ = writeln!(out, "Plan: {}.", shown.summary);
    out
}

fn resource(out: &mut String, one: &ShownResource) {
    let _ = write!(
        out,
        "{} {} ({})",
        sign(one.action),
        one.address,
        one.action.name()
    );
    if let Some(from) = &one.moved_from {
        let _ = write!(out, ", moved from {from}");
    }
    if let Some(id) = &one.import_id {
        let _ = write!(out, ", found as {id}");
    }
    for reason in &one.reasons {
        let _ = write!(out, ", {reason}");
    }
    out.push('\n');
    for line in &one.attributes {
        attribute(out, line, "    ");
    }
    match (one.unchanged, one.left_out) {
        (_, 1..) => {
            let _ = writeln!(out, "    … and {} more attributes", one.left_out);
        }
        (1.., 0) if one.action != Effect::None => {
            let _ = writeln!(out, "    ({} unchanged)", one.unchanged);
        }
        _ => {}
    }
    out.push('\n');
}

fn attribute(out: &mut String, line: &Attribute, indent: &str) {
    let _ = write!(out, "{indent}{}: ", line.path);
    match (&line.before, &line.after) {
        (None, Some(after)) => value(out, after),
        (Some(before), None) => {
            value(out, before);
            out.push_str(" → gone");
        }
        (Some(before), Some(after)) => {
            value(out, before);
            out.push_str(" → ");
            value(out, after);
        }
        (None, None) => {}
    }
    out.push('\n');
}

fn value(out: &mut String, one: &Shown) {
    match one {
        Shown::Text(text) => {
            let short: String = text.chars().take(200).collect();
            let _ = write!(out, "{short:?}");
            if short.len() < text.len() {
                out.push('…');
            }
        }
        Shown::Secret => out.push_str("(secret)"),
        Shown::Unknown => out.push_str("(known after apply)"),
    }
}

const fn sign(effect: Effect) -> &'static str {
    match effect {
        Effect::Add => "+",
        Effect::Change => "~",
        Effect::Replace => "±",
        Effect::Remove => "-",
        Effect::Import => "⇐",
        Effect::Forget => "⇒",
        Effect::Read => "?",
        Effect::None => "=",
    }
}
