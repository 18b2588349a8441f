//! What the pages of stacks say.

use platform::{
    policy::Action,
    stacks::{Listed, Page, Shown, Version},
    step_up::Purpose,
};

use crate::{
    jobs::draw::{ask::Question, words},
    links::{encode, still},
    prelude::*,
    routes::offered,
    sheet::{Place, Sheet},
    ui::{
        Badge, Button, ButtonLink, Callout, Card, Cell, Column, Empty, Fact, Facts, Field, Glyph,
        Look, PageHead, Pager, SearchField, Section, Size, Status, Table, Td, Th, Time, Tone,
        Toolbar, Tr,
    },
    viewer::Viewer,
};

/// Picture, tone and word of what stands in the way of a change.
fn state(stack: &Listed) -> (Glyph, Tone, &'static str) {
    if stack.frozen.is_some() {
        (Glyph::Lock, Tone::Warn, "Held")
    } else if stack.held_by.is_some() {
        (Glyph::StateRunning, Tone::Info, "Being changed")
    } else {
        (Glyph::StateDone, Tone::Ok, "Free")
    }
}

/// All stacks, by name.
pub(super) fn list(page: Page, text: &str, viewer: &Viewer) -> Sheet {
    let last = page.stacks.last().map(|stack| stack.name.clone());
    let next = last
        .filter(|_| page.more)
        .map(|last| format!("/stacks?text={}&after={}", encode(text), encode(&last)));
    let empty = page.stacks.is_empty();
    let rows: Vec<_> = page
        .stacks
        .into_iter()
        .map(|one| row(one, viewer))
        .collect();
    let columns = vec![
        Column::new("Stack"),
        Column::new("State"),
        Column::new("Team"),
        Column::new("Environment"),
    ];
    let content = if empty {
        let (title, words) = if text.is_empty() {
            (
                "No stacks yet",
                "A stack is made by the first job that changes a resource. Here stands who may change it now, and every version of its state.",
            )
        } else {
            ("No stack matches", "Text is looked for in names.")
        };
        view! {
            <Card>
                <Empty glyph=Glyph::Database title>
                    {words}
                </Empty>
            </Card>
        }
        .into_any()
    } else {
        let foot = move || {
            view! {
                <span class="spacer"></span>
                <Pager previous=None next=next.clone() />
            }
        };
        view! {
            <Table caption="Stacks, by name" columns foot>
                {rows}
            </Table>
        }
        .into_any()
    };
    let text = text.to_owned();
    let view = view! {
        <div class="page">
            <PageHead title="Stacks" />
            <Toolbar label="Stacks" action="/stacks">
                <SearchField
                    id="stacks-text"
                    name="text"
                    label="Filter stacks by name"
                    placeholder="Part of a name"
                    value=text
                />
                <Button kind="submit">"Filter"</Button>
            </Toolbar>
            {content}
        </div>
    };
    Sheet::draw("Stacks", view.into_any())
}

fn row(stack: Listed, viewer: &Viewer) -> AnyView {
    let team = viewer.team(&stack.team);
    let (glyph, tone, word) = state(&stack);
    let by = stack.held_by.map(|job| {
        view! {
            <span class="sub">
                "by " <a href=format!("/jobs/{job}")>{words::job(job)}</a>
            </span>
        }
    });
    view! {
        <Tr>
            <Th>
                <a class="mono" href=format!("/stacks/{}", stack.id)>
                    {stack.name}
                </a>
            </Th>
            <td role="cell" data-label="State">
                <Status tone glyph word />
                {by}
            </td>
            <Td label="Team">{team}</Td>
            <Td label="Environment">{stack.environment}</Td>
        </Tr>
    }
    .into_any()
}

/// One stack. `versions` is none for those who may not see them.
pub(super) fn show(
    shown: &Shown,
    versions: Option<Vec<Version>>,
    place: &Place,
    viewer: &Viewer,
) -> Sheet {
    let stack = &shown.listed;
    let (glyph, tone, word) = state(stack);
    let frozen = stack.frozen.clone().map(|why| {
        view! {
            <Callout tone=Tone::Warn title="Nothing may change this stack now">
                {why}
            </Callout>
        }
    });
    let me = viewer.me.clone().unwrap_or_default();
    let breaks =
        offered(&me, Action::StackBreakLock) && (stack.held_by.is_some() || shown.lock.is_some());
    let states = match versions {
        Some(versions) => history(stack, versions, place),
        None => view! {
            <p class="muted">"Platform engineers see the versions of its state."</p>
        }
        .into_any(),
    };
    let view = view! {
        <div class="page page--narrow">
            {question(stack, place)}
            <PageHead
                title=stack.name.clone()
                badge=move || view! { <Badge tone glyph word /> }
            />
            <div class="stack stack--md">
                {frozen}
                {facts(shown, viewer)}
                {breaks.then(|| lock(stack))}
                <Section title="State" id="h-state">
                    {states}
                </Section>
            </div>
        </div>
    };
    Sheet::draw(stack.name.clone(), view.into_any())
}

fn facts(shown: &Shown, viewer: &Viewer) -> AnyView {
    let stack = &shown.listed;
    let holder = match stack.held_by {
        Some(job) => view! {
            <a href=format!("/jobs/{job}")>{words::job(job)}</a>
        }
        .into_any(),
        None => "Nobody".into_any(),
    };
    let locked = shown.lock.clone().map(|lock| {
        view! {
            <Fact term="Lock of its tool">{format!("{}, since {}", lock.operation, lock.created)}</Fact>
        }
    });
    let lineage = shown.lineage.clone().map(|lineage| {
        view! {
            <Fact term="Lineage">
                <code>{lineage}</code>
            </Fact>
        }
    });
    let serial = shown
        .serial
        .map_or_else(|| "None yet".to_owned(), |serial| serial.to_string());
    let (team, environment) = (viewer.team(&stack.team), stack.environment.clone());
    let changed = words::count(shown.epoch, "time");
    view! {
        <Card pad=true>
            <Facts>
                <Fact term="Team">{team}</Fact>
                <Fact term="Environment">{environment}</Fact>
                <Fact term="Changed now by">{holder}</Fact>
                {locked}
                <Fact term="Changed hands">{changed}</Fact>
                <Fact term="Serial">{serial}</Fact>
                {lineage}
            </Facts>
        </Card>
    }
    .into_any()
}

/// First the fresh sign-in; the question with the reason comes after.
fn lock(stack: &Listed) -> AnyView {
    let purpose = Purpose::new(Action::StackBreakLock, stack.id).to_string();
    let back = format!("/stacks/{}?ask=break", stack.id);
    view! {
        <Callout tone=Tone::Warn title="Take the stack from whoever holds it">
            <p>
                "Whatever the holder writes afterwards is refused, so this is safe for the state; what its tool has begun in the world goes on or stops there. For a holder that will not come back."
            </p>
            <form method="post" action="/auth/step-up">
                <input type="hidden" name="purpose" value=purpose />
                <input type="hidden" name="return_to" value=back />
                <Button kind="submit" look=Look::Danger>
                    "Confirm who you are first"
                </Button>
            </form>
        </Callout>
    }
    .into_any()
}

fn question(stack: &Listed, place: &Place) -> Option<AnyView> {
    let back = format!("/stacks/{}", stack.id);
    let question = match &*place.field("ask") {
        "break" => Question {
            title: format!("Break the lock of {}", stack.name),
            text: "Its epoch is raised: the holder can write no more, and the next job may take it. It cannot be undone.".to_owned(),
            action: "/fn/stacks/break_lock",
            fields: vec![("stack", stack.id.to_string())],
            reason: true,
            button: "Break lock",
            look: Look::DangerSolid,
            back: (back, "Leave it"),
        },
        "download" => return place.number("serial").map(|serial| download(stack, serial)),
        _ => return None,
    };
    Some(question.draw())
}

/// The reason for taking a state away; the browser keeps the file.
fn download(stack: &Listed, serial: i64) -> AnyView {
    let action = format!("/downloads/states/{}/{serial}", stack.id);
    view! {
        <dialog class="dialog" id="ask" open=true data-modal="" aria-labelledby="ask-title">
            <form method="post" action=action>
                <header>
                    <h2 id="ask-title">{format!("Download state {serial} of {}", stack.name)}</h2>
                </header>
                <div class="dialog__body">
                    <p>
                        "A state may hold secrets in clear. Who took it and why stands on the record; the file is yours to keep safe."
                    </p>
                    <Field id="ask-reason" label="Reason">
                        <input class="input" id="ask-reason" name="reason" required=true maxlength="500" />
                    </Field>
                </div>
                <footer>
                    <ButtonLink {..still()} href=format!("/stacks/{}", stack.id)>
                        "Leave it"
                    </ButtonLink>
                    <Button kind="submit" look=Look::Primary>
                        "Download state"
                    </Button>
                </footer>
            </form>
        </dialog>
    }
    .into_any()
}

fn history(stack: &Listed, versions: Vec<Version>, place: &Place) -> AnyView {
    if versions.is_empty() {
        return view! {
            <Card>
                <Empty glyph=Glyph::History title="No state yet">
                    "The first apply writes the first version. Every version is kept, encrypted."
                </Empty>
            </Card>
        }
        .into_any();
    }
    let id = stack.id;
    let first = place
        .number("before")
        .is_some()
        .then(|| format!("/stacks/{id}"));
    let older = versions
        .last()
        .filter(|_| versions.len() == 50)
        .map(|last| format!("/stacks/{id}?before={}", last.serial));
    let rows: Vec<_> = versions.into_iter().map(|one| version(id, one)).collect();
    let columns = vec![
        Column::number("Serial"),
        Column::new("Written"),
        Column::new("By"),
        Column::number("Size"),
        Column::new("SHA-256"),
        Column::actions("Download"),
    ];
    let foot = move || {
        view! {
            <span class="spacer"></span>
            <Pager
                previous=first.clone()
                next=older.clone()
                previous_word="Newest"
                next_word="Older"
            />
        }
    };
    view! {
        <Table caption="Versions of the state, newest first" columns compact=true foot>
            {rows}
        </Table>
    }
    .into_any()
}

fn version(stack: uuid::Uuid, one: Version) -> AnyView {
    let by = match (one.job, one.step) {
        (Some(job), Some(step)) => view! {
            <a href=format!("/jobs/{job}?step={step}")>{words::job(job)}</a>
            ", "
            {step}
        }
        .into_any(),
        _ => "unknown".into_any(),
    };
    let purpose =
        Purpose::new(Action::StateDownload, format!("{stack}.{}", one.serial)).to_string();
    let back = format!("/stacks/{stack}?ask=download&serial={}", one.serial);
    let named = format!(" serial {}", one.serial);
    view! {
        <Tr>
            <Th>{one.serial.to_string()}</Th>
            <Td label="Written">
                <Time at=one.made_at />
            </Td>
            <Td label="By">{by}</Td>
            <td role="cell" class="num" data-label="Size">
                {words::bytes(i64::from(one.size))}
            </td>
            <td role="cell" data-label="SHA-256">
                <code title=one.sha256.clone()>{words::short(&one.sha256)}</code>
            </td>
            <Td cell=Cell::Actions>
                <form method="post" action="/auth/step-up">
                    <input type="hidden" name="purpose" value=purpose />
                    <input type="hidden" name="return_to" value=back />
                    <Button kind="submit" size=Size::Small icon=Glyph::Download>
                        "Download"
                        <span class="sr-only">{named}</span>
                    </Button>
                </form>
            </Td>
        </Tr>
    }
    .into_any()
}
