//! A step whose end is not known: what was found, and what a person decides on.

use crate::prelude::*;
use platform::{
    jobs::view::{Decision, Shown, ShownReconcile, ShownStep},
    plans::{Found, Reconciled, ShownPlan},
};

use super::{ask::Question, words};
use crate::{
    links::still,
    sheet::Place,
    ui::{
        ButtonLink, Callout, Card, Column, Glyph, Look, PlanSum, PlanView, Section, Table, Tag, Td,
        Th, Time, Tone, Tr,
    },
};

/// The section of one step; `plan` is the new plan, laid out, where there is one.
pub(crate) fn draw(
    shown: &Shown,
    step: &ShownStep,
    known: &ShownReconcile,
    plan: Option<ShownPlan>,
) -> AnyView {
    let report: Option<Reconciled> = known
        .report
        .clone()
        .and_then(|report| serde_json::from_value(report).ok());
    let looking = known.job.map(|job| {
        view! { <a href=format!("/jobs/{job}")>{words::job(job)}</a> }
    });
    let summary = match (&report, known.job) {
        (Some(report), _) => said(report),
        (None, Some(_)) => "A job that only reads is finding out what was done. This page shows what it finds; until a person decides, nothing else may change this stack.".to_owned(),
        (None, None) => "Its driver cannot find out what was done. Look at the thing itself, then say whether it was done.".to_owned(),
    };
    let found = report.map(|report| findings(&report));
    let plan = plan.map(|plan| {
        view! {
            <h3>"What is left, as a new plan"</h3>
            <p>
                <PlanSum summary=plan.summary />
            </p>
            <PlanView plan />
        }
    });
    let decision = decision(shown, step, known);
    view! {
        <Section title=format!("Unknown end of {}", step.title) id=format!("h-end-{}", step.name)>
            <Card pad=true>
                <div class="stack stack--sm">
                    <p>{summary} " " {looking.map(|job| view! { "See " {job} "." })}</p>
                    {found}
                    {plan}
                    {decision}
                </div>
            </Card>
        </Section>
    }
    .into_any()
}

/// The finding in one sentence.
fn said(report: &Reconciled) -> String {
    let (recovered, ambiguous, remaining) = (
        report.recovered.len(),
        report.ambiguous.len(),
        report.remaining.len() + report.errored.len(),
    );
    let mut text = format!("{recovered} recovered, {ambiguous} ambiguous, {remaining} remaining. ");
    text.push_str(if !report.ambiguous.is_empty() {
        "Look at what is ambiguous before you decide: it was begun, and nobody knows whether it was done."
    } else if !report.subset {
        "The new plan does more than was approved: read it before you accept it."
    } else if report.changes {
        "Nothing is ambiguous and the new plan does only what was approved."
    } else {
        "Nothing is ambiguous and nothing is left to do."
    });
    text
}

fn findings(report: &Reconciled) -> AnyView {
    let kinds = [
        ("Ambiguous", Tone::Danger, Glyph::Alert, &report.ambiguous),
        ("Failed", Tone::Danger, Glyph::StateFailed, &report.errored),
        (
            "Remaining",
            Tone::Neutral,
            Glyph::StateQueued,
            &report.remaining,
        ),
        ("Recovered", Tone::Ok, Glyph::StateDone, &report.recovered),
    ];
    let rows: Vec<_> = kinds
        .into_iter()
        .flat_map(|(word, tone, glyph, found)| {
            found.iter().map(move |one| row(one, word, tone, glyph))
        })
        .collect();
    let columns = vec![
        Column::new("Resource"),
        Column::new("Finding"),
        Column::new("Action"),
        Column::new("Id in the world"),
    ];
    let beyond = report.beyond.join(", ");
    let beyond = (!beyond.is_empty()).then(|| {
        view! {
            <Callout tone=Tone::Warn title="Not in the approved plan">
                {beyond}
            </Callout>
        }
    });
    let notes: Vec<_> = report
        .notes
        .iter()
        .map(|note| view! { <li>{note.clone()}</li> })
        .collect();
    view! {
        <Table caption="What was found" columns compact=true>
            {rows}
        </Table>
        {beyond}
        {(!notes.is_empty()).then(|| view! { <ul class="bullets">{notes}</ul> })}
    }
    .into_any()
}

fn row(found: &Found, word: &'static str, tone: Tone, glyph: Glyph) -> AnyView {
    let found = found.clone();
    let import = found
        .import
        .then(|| view! { " " <Tag text="Will be imported" /> });
    view! {
        <Tr>
            <Th>
                <code>{found.address}</code>
            </Th>
            <td role="cell" data-label="Finding">
                <crate::ui::Status tone glyph word />
            </td>
            <Td label="Action">{found.action}</Td>
            <td role="cell" data-label="Id in the world">
                {found.id.map(|id| view! { <code>{id}</code> })}
                {import}
            </td>
        </Tr>
    }
    .into_any()
}

fn decision(shown: &Shown, step: &ShownStep, known: &ShownReconcile) -> AnyView {
    if let (Some(decision), Some(at)) = (known.decision, known.decided_at) {
        let what = match decision {
            Decision::Accepted => "The new plan was accepted",
            Decision::ResolvedSucceeded => "Declared done",
            Decision::ResolvedFailed => "Declared failed",
        };
        let by = known
            .decided_by
            .clone()
            .unwrap_or_else(|| "somebody".into());
        let reason = known.reason.clone().unwrap_or_default();
        return view! {
            <Callout tone=Tone::Ok title=format!("{what} by {by}")>
                {reason}
                " "
                <Time at exact=true />
            </Callout>
        }
        .into_any();
    }
    if !shown.can.decide {
        return view! {
            <p class="muted">
                "Leads of the owning team and platform engineers decide. Until then nothing may change this stack."
            </p>
        }
        .into_any();
    }
    let ask = |what: &str| format!("/jobs/{}?step={}&ask={what}", shown.job.number, step.name);
    let accept = known.plan.is_some().then(|| {
        view! {
            <ButtonLink {..still()} href=ask("accept") look=Look::Primary>
                "Accept the new plan"
            </ButtonLink>
        }
    });
    view! {
        <div class="row">
            <ButtonLink {..still()} href=ask("done")>
                "Declare it done"
            </ButtonLink>
            <ButtonLink {..still()} href=ask("failed") look=Look::Danger>
                "Declare it failed"
            </ButtonLink>
            {accept}
        </div>
    }
    .into_any()
}

/// The question an address asks about a step of unknown end.
pub(crate) fn question(shown: &Shown, step: &ShownStep, place: &Place) -> Option<AnyView> {
    let known = step.reconcile.as_ref()?;
    if !shown.can.decide || known.decision.is_some() {
        return None;
    }
    let back = format!("/jobs/{}?step={}", shown.job.number, step.name);
    let (decision, title, text, button, look) = match &*place.field("ask") {
        "accept" if known.plan.is_some() => (
            "accepted",
            "Accept the new plan",
            "What is left is carried out once, exactly as the new plan says, imports included. The stack is free again when it is done.",
            "Accept the new plan",
            Look::Primary,
        ),
        "done" => (
            "resolved_succeeded",
            "Declare it done",
            "The step counts as succeeded and the job goes on. Nothing is carried out; the state stays as it is, so look at the thing itself first.",
            "Declare it done",
            Look::DangerSolid,
        ),
        "failed" => (
            "resolved_failed",
            "Declare it failed",
            "The step counts as failed and what needs it is skipped. What was done stays in the world; the next plan shows the difference.",
            "Declare it failed",
            Look::DangerSolid,
        ),
        _ => return None,
    };
    let question = Question {
        title: title.to_owned(),
        text: text.to_owned(),
        action: "/fn/jobs/decide",
        fields: vec![
            ("number", shown.job.number.to_string()),
            ("step", step.id.to_string()),
            ("decision", decision.to_owned()),
        ],
        reason: true,
        button,
        look,
        back: (back, "Decide later"),
    };
    Some(question.draw())
}
