//! Running a job by hand: its steps as YAML, checked before anything is written.

use crate::prelude::*;

use crate::{
    sheet::{Place, Sheet},
    ui::{Button, ButtonLink, Card, Glyph, Look, PageHead, Tab, Tabs, TextArea},
    viewer::Viewer,
};

/// Name in the address, word, text. `TEAM` stands for a team of the reader.
const EXAMPLES: [(&str, &str, &str); 3] = [
    ("echo", "Four steps", include_str!("examples/echo.yaml")),
    ("plan", "Plan and apply", include_str!("examples/plan.yaml")),
    (
        "failing",
        "Failure and retry",
        include_str!("examples/failing.yaml"),
    ),
];

/// The page.
pub(crate) fn draw(place: &Place, viewer: &Viewer) -> Sheet {
    let wanted = place.field("example");
    let (name, _, text) = EXAMPLES
        .into_iter()
        .find(|(name, ..)| *name == wanted)
        .unwrap_or(EXAMPLES[0]);
    let mine = viewer
        .me
        .as_ref()
        .and_then(|me| me.grants.teams.keys().next().cloned());
    let team = mine
        .or_else(|| viewer.teams.keys().next().cloned())
        .unwrap_or_else(|| "platform".to_owned());
    let tabs = EXAMPLES
        .into_iter()
        .map(|(one, word, _)| Tab {
            word: word.to_owned(),
            href: format!("/jobs/new?example={one}"),
            count: None,
            current: one == name,
        })
        .collect();
    let view = view! {
        <div class="page page--narrow">
            <PageHead title="Run a job" />
            <div class="stack stack--md">
                <p class="lede">
                    "For platform engineers: a job by hand, as the portal makes them from requests. The examples use the driver echo, which only waits and prints."
                </p>
                <Tabs label="Examples" tabs />
                <Card pad=true>
                    <form method="post" action="/fn/jobs/create" data-inline="" class="stack stack--sm">
                        <TextArea
                            id="job-text"
                            name="input[text]"
                            label="Job, as YAML or JSON"
                            value=text.replace("TEAM", &team)
                            help="Steps with driver, operation, needs, stack, plan, labels, spec, secrets. What is wrong is named by step and field.".to_owned()
                        />
                        <div data-error="" role="alert"></div>
                        <div class="row">
                            <span class="spacer"></span>
                            <ButtonLink href="/jobs">"Back to jobs"</ButtonLink>
                            <Button kind="submit" look=Look::Primary icon=Glyph::Play>
                                "Run this job"
                            </Button>
                        </div>
                    </form>
                </Card>
            </div>
        </div>
    };
    Sheet::draw("Run a job", view.into_any())
}

#[cfg(test)]
mod tests {
    use platform::jobs::spec::JobSpec;

    #[test]
    fn every_example_is_a_job_that_is_taken() {
        for (name, _, text) in super::EXAMPLES {
            let spec = JobSpec::parse(&text.replace("TEAM", "payments"));
            let checked = spec.and_then(|spec| spec.check().map(|_| ()));
            assert_eq!(checked, Ok(()), "{name}");
        }
    }
}
