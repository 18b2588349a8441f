//! What the page of workers says.

use platform::{
    policy::Action,
    workers::{Listed, Standing},
};

use crate::{
    jobs::draw::{ask::Question, look::Look as State, words},
    links::still,
    prelude::*,
    routes::offered,
    sheet::{Place, Sheet},
    ui::{
        Button, ButtonLink, Callout, Card, Cell, Column, CopyLine, Empty, Field, Glyph, Look,
        PageHead, Section, Size, Status, Table, Tag, Td, Th, Time, Tone, Tr,
    },
    viewer::Me,
};

/// Clocks that differ by more are said so.
const SKEW_MS: u64 = 2_000;

/// The page.
pub(super) fn draw(workers: &[Listed], place: &Place, me: &Me) -> Sheet {
    let live = workers
        .iter()
        .filter(|worker| worker.standing == Standing::Live)
        .count();
    let meta = move || view! { <span>{format!("{live} live")}</span> };
    let actions = || {
        view! {
            <ButtonLink href="/jobs/queue" icon=Glyph::Queue>
                "See queue"
            </ButtonLink>
            <ButtonLink href="#h-add" icon=Glyph::Plus>
                "Add a worker"
            </ButtonLink>
        }
    };
    let silent: Vec<_> = workers
        .iter()
        .filter(|worker| worker.standing == Standing::Silent)
        .map(silence)
        .collect();
    let warnings: Vec<_> = workers.iter().filter_map(warnings).collect();
    let adds = offered(me, Action::WorkerAdd).then(add);
    let view = view! {
        <div class="page" data-every="5">
            {question(workers, place)}
            <PageHead title="Workers" meta actions />
            <div class="stack stack--md">
                <div class="stack stack--sm" data-part="workers">
                    {silent}
                    {table(workers)}
                    {warnings}
                </div>
                {adds}
            </div>
        </div>
    };
    Sheet::draw("Workers", view.into_any())
}

const fn standing(standing: Standing) -> State {
    let (glyph, tone, word) = match standing {
        Standing::Live => (Glyph::StateDone, Tone::Ok, "Live"),
        Standing::Drained => (Glyph::StatePaused, Tone::Warn, "Drained"),
        Standing::Silent => (Glyph::StateFailed, Tone::Danger, "Silent"),
        Standing::New => (Glyph::StateEmpty, Tone::Neutral, "Never heard of"),
        Standing::Expired => (Glyph::StateClock, Tone::Danger, "Token expired"),
        Standing::Revoked => (Glyph::StateBan, Tone::Neutral, "Revoked"),
    };
    State {
        glyph,
        tone,
        word,
        running: false,
    }
}

fn silence(worker: &Listed) -> AnyView {
    let title = format!("{} has gone silent", worker.name);
    let last = worker.last_seen_at.map(|at| {
        view! {
            "It last said hello "
            <Time at />
            ". "
        }
    });
    let text = match worker.running {
        0 => "It ran nothing.".to_owned(),
        1 => "It ran 1 attempt, which its own shim carries on or ends.".to_owned(),
        many => format!("It ran {many} attempts, which their own shims carry on or end."),
    };
    view! {
        <Callout tone=Tone::Danger title>
            {last}
            {text}
        </Callout>
    }
    .into_any()
}

/// What the machine of a worker lacks.
fn warnings(worker: &Listed) -> Option<AnyView> {
    if worker.warnings.is_empty() || worker.standing == Standing::Revoked {
        return None;
    }
    let lines: Vec<_> = worker
        .warnings
        .iter()
        .map(|warning| view! { <li>{warning.clone()}</li> })
        .collect();
    let title = format!("What the machine of {} lacks", worker.name);
    Some(
        view! {
            <Callout tone=Tone::Warn title>
                <ul class="bullets">{lines}</ul>
            </Callout>
        }
        .into_any(),
    )
}

fn table(workers: &[Listed]) -> AnyView {
    if workers.is_empty() {
        return view! {
            <Card>
                <Empty glyph=Glyph::Server title="No workers yet">
                    "The portal runs one of its own unless it was started with --no-worker. Add others for networks it cannot reach."
                </Empty>
            </Card>
        }
        .into_any();
    }
    let columns = vec![
        Column::new("Worker"),
        Column::new("State"),
        Column::new("Labels"),
        Column::number("Running"),
        Column::number("Load"),
        Column::new("Version"),
        Column::new("Last hello"),
        Column::new("Last claim"),
        Column::actions("Actions"),
    ];
    let rows: Vec<_> = workers.iter().map(row).collect();
    view! {
        <Table caption="Workers" columns compact=true>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(worker: &Listed) -> AnyView {
    let state = standing(worker.standing);
    let labels: Vec<_> = worker
        .labels
        .iter()
        .map(|(name, value)| {
            let text = format!("{name}={value}");
            view! { <Tag text mono=true /> " " }
        })
        .collect();
    let load = worker
        .load_percent
        .map(|percent| format!("{}.{:02}", percent / 100, percent % 100));
    let skew = (worker.skew_ms.unsigned_abs() > SKEW_MS).then(|| {
        let off = words::duration_ms(worker.skew_ms.saturating_abs());
        format!("clock is off by {off}")
    });
    let (until, expires) = (worker.lease_until, worker.expires_at);
    let lease = until
        .filter(|_| worker.standing == Standing::Live)
        .map(|at| {
            view! {
                <span class="sub">
                    "lease until "
                    <Time at exact=true />
                </span>
            }
        });
    let moment = |at: Option<platform::time::Timestamp>| match at {
        Some(at) => view! { <Time at /> }.into_any(),
        None => "never".into_any(),
    };
    let version = if worker.version.is_empty() {
        "unknown".to_owned()
    } else {
        worker.version.clone()
    };
    let (name, pool) = (worker.name.clone(), format!("pool {}", worker.pool));
    let running = format!("{} of {}", worker.running, worker.capacity);
    let (seen, claimed) = (moment(worker.last_seen_at), moment(worker.last_claim_at));
    let acts = acts(worker);
    view! {
        <Tr>
            <Th sub=pool>{name}</Th>
            <td role="cell" data-label="State">
                <Status tone=state.tone glyph=state.glyph word=state.word />
                <span class="sub">"token until " <Time at=expires /></span>
            </td>
            <Td label="Labels">{labels}</Td>
            <td role="cell" class="num" data-label="Running">
                {running}
            </td>
            <td role="cell" class="num" data-label="Load">
                {load}
            </td>
            <td role="cell" data-label="Version">
                <code>{version}</code>
                {skew.map(|skew| view! { <span class="sub t-warn">{skew}</span> })}
            </td>
            <td role="cell" data-label="Last hello">
                {seen}
                {lease}
            </td>
            <Td label="Last claim">{claimed}</Td>
            <Td cell=Cell::Actions>{acts}</Td>
        </Tr>
    }
    .into_any()
}

fn acts(worker: &Listed) -> AnyView {
    if matches!(worker.standing, Standing::Revoked | Standing::Expired) {
        return ().into_any();
    }
    let (action, word) = if worker.standing == Standing::Drained {
        ("/fn/workers/resume", "Give work again")
    } else {
        ("/fn/workers/drain", "Drain")
    };
    let id = worker.id.to_string();
    let named = format!(" {}", worker.name);
    let also = named.clone();
    view! {
        <div class="row">
            <form method="post" action=action>
                <input type="hidden" name="input[worker]" value=id.clone() />
                <Button kind="submit" size=Size::Small>
                    {word}
                    <span class="sr-only">{also}</span>
                </Button>
            </form>
            <ButtonLink {..still()}
                href=format!("/workers?ask=revoke&worker={id}")
                size=Size::Small
                look=Look::Danger
            >
                "Revoke"
                <span class="sr-only">{named}</span>
            </ButtonLink>
        </div>
    }
    .into_any()
}

fn question(workers: &[Listed], place: &Place) -> Option<AnyView> {
    if place.field("ask") != "revoke" {
        return None;
    }
    let wanted = place.field("worker");
    let worker = workers
        .iter()
        .find(|worker| worker.id.to_string() == wanted)?;
    let running = match worker.running {
        0 => "It runs nothing now.".to_owned(),
        many => format!(
            "It runs {many} now: their leases end too, and a step that changes something will have an unknown end. Drain it first if it can wait."
        ),
    };
    let question = Question {
        title: format!("Revoke {}", worker.name),
        text: format!(
            "Its token ends at once and cannot be brought back; the machine needs a new one. {running}"
        ),
        action: "/fn/workers/revoke",
        fields: vec![("worker", wanted)],
        reason: false,
        button: "Revoke worker",
        look: Look::DangerSolid,
        back: ("/workers".to_owned(), "Keep it"),
    };
    Some(question.draw())
}

/// The form for another worker. The answer holds the token, so it is shown by script and never stands
/// in an address or a page that can be loaded again.
fn add() -> AnyView {
    let field = |id: &'static str,
                 name: &'static str,
                 label: &'static str,
                 value: &'static str,
                 help: &'static str| {
        let kind = if name == "days" { "number" } else { "text" };
        view! {
            <Field id label help=help.to_owned()>
                <input
                    class="input mono"
                    id=id
                    name=format!("input[{name}]")
                    type=kind
                    value=value
                    required=true
                    maxlength="64"
                    aria-describedby=format!("{id}-h")
                />
            </Field>
        }
    };
    view! {
        <Section title="Add a worker" id="h-add">
            <Card pad=true>
                <form
                    method="post"
                    action="/fn/workers/add"
                    data-inline=""
                    data-script=""
                    class="stack stack--sm"
                >
                    {field("worker-name", "name", "Name", "", "Lower-case letters, digits, dots and dashes: runner-eu-1")}
                    {field("worker-pool", "pool", "Pool", "default", "It takes steps of this pool only")}
                    {field("worker-days", "days", "Days its token lives", "90", "1 to 365")}
                    <div data-error="" role="alert"></div>
                    <div class="row">
                        <Button kind="submit" look=Look::Primary>
                            "Make token"
                        </Button>
                    </div>
                    <div data-result="" hidden=true role="status">
                        <Callout tone=Tone::Ok title="The token, shown this once">
                            <CopyLine what="token" value="token" />
                            <p>
                                "Keep it in a file only the worker can read, then start the worker with "
                                <code>"groundcrew work --server URL --token-file FILE"</code>
                                ". Whoever has it can take work of this pool."
                            </p>
                        </Callout>
                    </div>
                </form>
                <noscript>
                    <p>
                        "Without a script, make the token on the server: "
                        <code>"groundcrew worker add NAME --pool POOL"</code>
                    </p>
                </noscript>
            </Card>
        </Section>
    }
    .into_any()
}
