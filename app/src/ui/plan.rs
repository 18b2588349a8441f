//! What a tool says it would do: sign, colour and word together, attributes before and after,
//! secrets masked.

use crate::prelude::*;
use platform::plans::{Attribute, Effect, Shown, ShownPlan, ShownResource, Summary};

use super::{Glyph, Icon, Tone, classes};

/// Resources unfolded at first; the others are one click away.
const OPEN: usize = 3;

/// A plan in numbers: `+2 to add ~1 to change -0 to remove`.
#[component]
pub fn PlanSum(
    /// The numbers.
    summary: Summary,
) -> AnyView {
    let always = [
        ("+", summary.add, "to add", Tone::Ok),
        ("~", summary.change, "to change", Tone::Warn),
        ("-", summary.remove, "to remove", Tone::Danger),
    ];
    let some = [
        ("±", summary.replace, "to replace", Tone::Danger),
        ("→", summary.import, "to import", Tone::Info),
        ("←", summary.forget, "to forget", Tone::Warn),
        ("»", summary.moved, "to move", Tone::Info),
    ];
    let parts: Vec<_> = always
        .into_iter()
        .chain(some.into_iter().filter(|(_, count, ..)| *count > 0))
        .map(|(sign, count, words, tone)| {
            let tone = if count == 0 { Tone::Neutral } else { tone };
            view! {
                <span class=tone.text_class()>
                    <b>{format!("{sign}{count}")}</b>
                    {words}
                </span>
            }
        })
        .collect();
    view! { <span class="plan-sum">{parts}</span> }.into_any()
}

/// A whole plan.
#[component]
pub fn PlanView(
    /// The plan, laid out.
    plan: ShownPlan,
) -> AnyView {
    let few = plan.resources.len() <= OPEN;
    let resources: Vec<_> = plan
        .resources
        .into_iter()
        .map(|one| resource(one, few))
        .collect();
    let nothing = resources.is_empty().then(|| {
        view! { <p class="plan__none">"No resource changes."</p> }
    });
    let outputs = (!plan.outputs.is_empty()).then(|| {
        view! {
            <details open=few>
                <summary>
                    <Chevron />
                    <Op action=Effect::Change />
                    <span>"Outputs"</span>
                    <span class="sum-note">{format!("{} change", plan.outputs.len())}</span>
                </summary>
                {diff("Changes to outputs", plan.outputs, 0, 0)}
            </details>
        }
    });
    let drift = (!plan.drift.is_empty()).then(|| {
        let count = plan.drift.len();
        let drift: Vec<_> = plan
            .drift
            .into_iter()
            .map(|one| resource(one, false))
            .collect();
        view! {
            <details>
                <summary>
                    <Chevron />
                    <Icon glyph=Glyph::Drift />
                    <span>"Changed outside Groundcrew since the last apply"</span>
                    <span class="sum-note">{format!("{count} resources")}</span>
                </summary>
                <div class="plan plan--inner">{drift}</div>
            </details>
        }
    });
    let tool = format!("Planned by {} {}", plan.tool.name, plan.tool.version);
    view! {
        <div class="card card--clip plan">{nothing} {resources} {outputs} {drift}</div>
        <p class="small muted">{tool}</p>
    }
    .into_any()
}

#[component]
fn Chevron() -> AnyView {
    view! {
        <span class="chev">
            <Icon glyph=Glyph::ChevronRight />
        </span>
    }
    .into_any()
}

/// Sign and colour of what happens, with its word to hear.
#[component]
fn Op(action: Effect) -> AnyView {
    let (op, glyph, word) = match action {
        Effect::Add => ("add", Glyph::Plus, "add"),
        Effect::Change => ("change", Glyph::Tilde, "change"),
        Effect::Replace => ("destroy", Glyph::Refresh, "replace"),
        Effect::Remove => ("destroy", Glyph::Minus, "remove"),
        Effect::Read => ("read", Glyph::Eye, "read later"),
        Effect::Import => ("import", Glyph::ArrowRight, "import"),
        Effect::Forget => ("change", Glyph::ArrowLeft, "forget"),
        Effect::None => ("read", Glyph::ArrowRight, "move"),
    };
    view! {
        <span class="op" data-op=op>
            <Icon glyph />
            <span class="sr-only">{word}</span>
        </span>
    }
    .into_any()
}

fn resource(one: ShownResource, open: bool) -> AnyView {
    let count = one.attributes.len();
    let mut notes: Vec<String> = Vec::new();
    notes.push(match one.action {
        Effect::Add => "new".to_owned(),
        Effect::Change if count == 1 => "1 attribute".to_owned(),
        Effect::Change => format!("{count} attributes"),
        Effect::Replace => "removed and made anew".to_owned(),
        Effect::Remove => "removed".to_owned(),
        Effect::Read => "read later".to_owned(),
        Effect::Import => "taken over".to_owned(),
        Effect::Forget => "stays, no longer managed".to_owned(),
        Effect::None => "moved".to_owned(),
    });
    notes.extend(one.import_id.map(|id| format!("by id {id}")));
    notes.extend(one.moved_from.map(|from| format!("was {from}")));
    notes.extend(one.reasons);
    let label = format!("Attributes of {}", one.address);
    let destroys = matches!(one.action, Effect::Remove | Effect::Replace);
    view! {
        <details open=open class=classes([if destroys { "plan__danger" } else { "" }])>
            <summary>
                <Chevron />
                <Op action=one.action />
                <code class="truncate">{one.address}</code>
                <span class="sum-note">{notes.join(", ")}</span>
            </summary>
            {diff(&label, one.attributes, one.unchanged, one.left_out)}
        </details>
    }
    .into_any()
}

fn diff(label: &str, attributes: Vec<Attribute>, unchanged: u32, left_out: u32) -> AnyView {
    let width = attributes
        .iter()
        .map(|one| one.path.chars().count().min(40))
        .max()
        .unwrap_or_default();
    let lines: Vec<_> = attributes
        .into_iter()
        .flat_map(|one| {
            let changed = one.before.is_some() && one.after.is_some();
            let path = one.path;
            let before = one
                .before
                .map(|value| line("del", "-", &path, width, value, changed));
            let after = one
                .after
                .map(|value| line("add", "+", &path, width, value, changed));
            [before, after].into_iter().flatten().collect::<Vec<_>>()
        })
        .collect();
    let rest = |count: u32, words: &str| {
        (count > 0).then(|| {
            view! {
                <tr>
                    <td></td>
                    <td>{format!("# {count} {words}")}</td>
                </tr>
            }
        })
    };
    view! {
        <div class="diff" tabindex="0" role="region" aria-label=label.to_owned()>
            <table>
                <tbody>
                    {lines} {rest(unchanged, "unchanged, not shown")}
                    {rest(left_out, "more changed, beyond what a page shows")}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

fn line(
    op: &'static str,
    sign: &'static str,
    path: &str,
    width: usize,
    value: Shown,
    changed: bool,
) -> AnyView {
    let value = match value {
        Shown::Text(text) => {
            let class = if changed { "hl" } else { "" };
            view! { <span class=class>{text}</span> }.into_any()
        }
        Shown::Secret => view! {
            <span class="masked">
                "secret"{if changed { ", changes" } else { "" }}
            </span>
        }
        .into_any(),
        Shown::Unknown => view! { <i>"known after the change"</i> }.into_any(),
    };
    view! {
        <tr data-op=op>
            <td>{sign}</td>
            <td>{format!("{path:width$} = ")} {value}</td>
        </tr>
    }
    .into_any()
}
