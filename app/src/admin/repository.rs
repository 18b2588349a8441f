//! The platform repository: which version is live, and what keeps a newer one from it.

use crate::prelude::*;
use platform::repository::{Finding, Status};

use crate::ui::{BarFact, Callout, Column, FactBar, Section, Table, Td, Th, Time, Tone, Tr};

/// The section.
#[component]
pub(super) fn Repository(status: Status) -> AnyView {
    let since = match status.live_since {
        Some(at) => view! { <Time at /> }.into_any(),
        None => "never".into_any(),
    };
    let checked = match status.checked_at {
        Some(at) => view! { <Time at /> }.into_any(),
        None => "never".into_any(),
    };
    let verdict = verdict(&status);
    view! {
        <Section title="Platform repository" id="h-repository">
            <div class="stack stack--sm">
                {verdict}
                <FactBar>
                    <BarFact term="Live version">
                        <span class="mono">{status.version.clone()}</span>
                    </BarFact>
                    <BarFact term="Live since">{since}</BarFact>
                    <BarFact term="Last looked at">{checked}</BarFact>
                    <BarFact term="Folder">
                        <span class="mono">{status.folder.clone()}</span>
                    </BarFact>
                </FactBar>
            </div>
        </Section>
    }
    .into_any()
}

/// Whether what is in the folder is what is live; if not, every reason with its place.
fn verdict(status: &Status) -> AnyView {
    if status.findings.is_empty() {
        return view! {
            <Callout tone=Tone::Ok title="What is in the folder is live">
                "Changes count within seconds of being saved, for people who are signed in too."
            </Callout>
        }
        .into_any();
    }
    let count = status.findings.len();
    let noun = if count == 1 {
        "mistake keeps"
    } else {
        "mistakes keep"
    };
    let title = format!("{count} {noun} the folder's content from going live");
    let rows: Vec<_> = status.findings.iter().map(row).collect();
    let columns = vec![
        Column::new("Place"),
        Column::new("What is wrong"),
        Column::new("Why, and what to do"),
    ];
    view! {
        <Callout tone=Tone::Danger title=title>
            {format!("Version {} stays live: roles and teams are as they were.", status.version)}
        </Callout>
        <Table caption="Mistakes in the platform repository" columns>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(finding: &Finding) -> AnyView {
    let place = if finding.line == 0 {
        finding.file.clone()
    } else {
        format!("{}:{}:{}", finding.file, finding.line, finding.column)
    };
    let code = finding.code.clone();
    let Finding {
        what, why, hint, ..
    } = finding.clone();
    let hint = (!hint.is_empty()).then(|| view! { <p>{hint}</p> });
    view! {
        <Tr>
            <Th sub=code>
                <span class="mono">{place}</span>
            </Th>
            <Td label="What is wrong">{what}</Td>
            <Td label="Why, and what to do">{why} {hint}</Td>
        </Tr>
    }
    .into_any()
}
