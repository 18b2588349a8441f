//! The log of an attempt: a window of its lines, folded by phase.

use crate::prelude::*;
use platform::{
    jobs::{AttemptState, view::ShownAttempt, wire::PhaseRun},
    logs::{Found, Lines},
};

use super::words;
use crate::{
    links::encode,
    sheet::markup,
    ui::{
        ButtonLink, Glyph, Icon, IconButton, Log, LogBlock, LogLine, LogMore, LogPhase, LogSource,
        Look, Size, Tone,
    },
};

/// Lines of a page of the log.
pub(crate) const PAGE: u32 = 250;

/// A window of the log of an attempt.
pub(crate) struct Window {
    /// Address of the page with step and attempt chosen, to which fields of a query are added.
    pub(crate) here: String,
    pub(crate) attempt: ShownAttempt,
    pub(crate) lines: Lines,
    pub(crate) search: String,
    /// Matches from the first shown line on; none when nothing is searched for.
    pub(crate) found: Option<Found>,
}

/// The first line to show: around the line of the address, else the end of what runs or went wrong,
/// else the beginning.
pub(crate) fn first_line(attempt: &ShownAttempt, line: Option<i64>, from: Option<i64>) -> i64 {
    let page = i64::from(PAGE);
    match (line, from) {
        (Some(line), _) => (line - 50).max(1),
        (None, Some(from)) => from.max(1),
        (None, None) if attempt.state == AttemptState::Succeeded => 1,
        (None, None) => (attempt.log_lines - page + 1).max(1),
    }
}

/// Rows of lines, for the script.
pub(crate) fn rows(lines: Lines, search: &str, address: &str) -> AnyView {
    let (lines, search, address) = (shown(lines.lines), search.to_owned(), address.to_owned());
    view! { <crate::ui::LogLines lines search address /> }.into_any()
}

/// Rows of a piece of a log as a stream carries it, which may begin and end inside a line; the script
/// joins a row to the one of the same number that is there.
pub fn chunk(first: i64, text: &str) -> String {
    let mut lines: Vec<LogLine> = (first..)
        .zip(text.split('\n'))
        .map(|(number, text)| LogLine {
            number,
            text: text.to_owned(),
        })
        .collect();
    // What follows the last line end is the beginning of a line only when something stands there.
    if lines.last().is_some_and(|line| line.text.is_empty()) {
        lines.pop();
    }
    Owner::new().with(|| markup(view! { <crate::ui::LogLines lines /> }.into_any()))
}

fn shown(lines: Vec<platform::logs::Line>) -> Vec<LogLine> {
    lines
        .into_iter()
        .map(|line| LogLine {
            number: line.number,
            text: if line.cut {
                line.text + " …"
            } else {
                line.text
            },
        })
        .collect()
}

impl Window {
    /// The log with its tools.
    pub(crate) fn draw(self) -> AnyView {
        let Self {
            here,
            attempt,
            lines,
            search,
            found,
        } = self;
        let id = attempt.id;
        let running = attempt.state == AttemptState::Running;
        let (total, bytes, complete) = (lines.total, lines.bytes, lines.complete);
        let lines_chunks = lines.chunks;
        let lines = shown(lines.lines);
        let (first, last) = (
            lines.first().map_or(1, |line| line.number),
            lines.last().map_or(0, |line| line.number),
        );
        let source = LogSource {
            lines: format!("/fn/jobs/lines?input%5Battempt%5D={id}"),
            find: format!("/fn/jobs/find?input%5Battempt%5D={id}"),
            live: (!complete).then(|| live(id, lines_chunks)),
            page: format!("{here}&line="),
            total,
            follow: running,
        };
        let page = i64::from(PAGE);
        let earlier = (first > 1).then(|| {
            let href = format!("{here}&from={}", (first - page).max(1));
            view! {
                <LogMore href which="earlier">
                    {format!("Earlier lines, {} before these", words::count(first - 1, "line"))}
                </LogMore>
            }
        });
        let later = (last < total).then(|| {
            let href = format!("{here}&from={}", last + 1);
            view! {
                <LogMore href which="later">
                    {format!("Later lines, {} after these", words::count(total - last, "line"))}
                </LogMore>
            }
        });
        let content = phases(&attempt.phases, lines, total, &search, &here);
        let nothing = (total == 0).then(|| {
            let text = if complete {
                "This attempt wrote nothing."
            } else {
                "Nothing written yet."
            };
            view! { <p class="log__none">{text}</p> }
        });
        let bar = bar(here, search, found, first, id, running);
        let foot = move || {
            let (tone, glyph, word) = if complete {
                (Tone::Neutral, Glyph::StateCheck, "Complete")
            } else {
                (
                    Tone::Neutral,
                    Glyph::StateEmpty,
                    "As of now; reload for more",
                )
            };
            view! {
                <span class="status" data-tone=tone.as_str() data-log-state="" role="status">
                    <Icon glyph />
                    <span>{word}</span>
                </span>
                <span class="tnum" data-log-total="">
                    {words::count(total, "line")}
                </span>
                <span class="tnum">{words::bytes(bytes)}</span>
                <span class="spacer"></span>
                <span>"Secrets are masked on the worker, before the first byte leaves it"</span>
            }
        };
        view! {
            <Log
                label=format!("Log of attempt {}", attempt.number)
                tools=move || bar.run()
                foot
                source
            >
                {earlier}
                {nothing}
                {content}
                {later}
            </Log>
        }
        .into_any()
    }
}

/// The stream of what comes after the chunks that were read.
fn live(attempt: uuid::Uuid, chunks: i64) -> String {
    match chunks {
        0 => format!("/streams/logs/{attempt}"),
        many => format!("/streams/logs/{attempt}?after={}", many - 1),
    }
}

/// Lines under the phases they belong to; those before the first phase stand free.
fn phases(
    phases: &[PhaseRun],
    lines: Vec<LogLine>,
    total: i64,
    search: &str,
    here: &str,
) -> AnyView {
    let address = format!("{here}&line=");
    let block = |lines: Vec<LogLine>| {
        let (search, address) = (search.to_owned(), address.clone());
        (!lines.is_empty()).then(|| view! { <LogBlock lines search address /> })
    };
    let starts: Vec<i64> = phases.iter().map(|phase| phase.first_line).collect();
    let within = |from: i64, to: i64| -> Vec<LogLine> {
        let inside = |line: &&LogLine| (from..=to).contains(&line.number);
        lines.iter().filter(inside).cloned().collect()
    };
    let head = starts.first().map_or(i64::MAX, |first| first - 1);
    let folds: Vec<_> = phases
        .iter()
        .enumerate()
        .map(|(at, phase)| {
            let end = starts.get(at + 1).map_or(total, |next| next - 1);
            let inside = within(phase.first_line, end);
            let (glyph, tone) = match phase.exit_code {
                Some(0) => (Glyph::StateDone, Tone::Ok),
                Some(_) => (Glyph::StateFailed, Tone::Danger),
                None => (Glyph::StateRunning, Tone::Info),
            };
            let exit = match phase.exit_code {
                Some(0) | None => String::new(),
                Some(code) => format!(", exit code {code}"),
            };
            let duration = format!("{}{exit}", words::duration_ms(phase.ran_ms));
            let (range, open) = ((phase.first_line, end), !inside.is_empty());
            let (title, href) = (
                phase.name.clone(),
                format!("{here}&from={}", phase.first_line),
            );
            let inside = block(inside);
            view! {
                <LogPhase title tone glyph duration range open href>
                    {inside}
                </LogPhase>
            }
        })
        .collect();
    let free = block(within(1, head));
    view! {
        {free}
        {folds}
    }
    .into_any()
}

/// Search, folding, following, download.
fn bar(
    here: String,
    search: String,
    found: Option<Found>,
    first: i64,
    attempt: uuid::Uuid,
    running: bool,
) -> ViewFn {
    let (path, query) = here.split_once('?').unwrap_or((&here, ""));
    let kept: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let path = path.to_owned();
    ViewFn::from(move || {
        let hidden: Vec<_> = kept
            .iter()
            .map(|(name, value)| {
                view! { <input type="hidden" name=name.clone() value=value.clone() /> }
            })
            .collect();
        let next = found.as_ref().map(|found| {
            let next = found.hits.first().map(|hit| hit.line);
            match next {
                Some(line) => {
                    let href = format!("{here}&q={}&line={line}#L{line}", encode(&search));
                    view! {
                        <a class="btn btn--ghost btn--sm" data-plain="" href=href>
                            {format!("Next match, line {line}")}
                        </a>
                    }
                    .into_any()
                }
                None if first > 1 => {
                    let href = format!("{here}&q={}&from=1", encode(&search));
                    view! {
                        <a class="btn btn--ghost btn--sm" data-plain="" href=href>
                            "Search from the start"
                        </a>
                    }
                    .into_any()
                }
                None => view! { <span data-plain="">"No match"</span> }.into_any(),
            }
        });
        view! {
            <form class="log__search" role="search" method="get" action=path.clone()>
                {hidden}
                <div class="input-icon">
                    <Icon glyph=Glyph::Search />
                    <label class="sr-only" for="log-search">
                        "Search in log"
                    </label>
                    <input
                        class="input input--sm"
                        id="log-search"
                        type="search"
                        name="q"
                        maxlength="200"
                        value=search.clone()
                        placeholder="Search in log"
                        data-filter=""
                    />
                </div>
            </form>
            <span class="tiny muted tnum" role="status" data-log-hits=""></span>
            {next}
            <span data-script="" class="row">
                <IconButton
                    glyph=Glyph::ArrowUp
                    label="Previous match"
                    small=true
                    attr:data-log-act="previous"
                />
                <IconButton
                    glyph=Glyph::ArrowDown
                    label="Next match"
                    small=true
                    attr:data-log-act="next"
                />
            </span>
            <span class="spacer"></span>
            <span data-script="" class="row">
                <button class="btn btn--ghost btn--sm" type="button" data-log-act="fold">
                    <Icon glyph=Glyph::Fold />
                    "Fold all"
                </button>
                <button
                    class="btn btn--ghost btn--sm"
                    type="button"
                    data-log-act="follow"
                    aria-pressed=if running { "true" } else { "false" }
                >
                    <Icon glyph=Glyph::Follow />
                    "Follow"
                </button>
            </span>
            <ButtonLink
                href=format!("/downloads/logs/{attempt}")
                look=Look::Ghost
                size=Size::Small
                icon=Glyph::Download
                attr:download=""
                attr:rel="external"
            >
                "Download"
            </ButtonLink>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::chunk;

    #[test]
    fn security_36_a_piece_of_a_log_becomes_rows_that_do_nothing() {
        let rows = chunk(7, "end of seven\n\u{1b}[31m<b>eight</b>\u{7}\n\nten");
        let at = |number: i64| rows.contains(&format!("id=\"L{number}\""));
        assert!([7, 8, 9, 10].into_iter().all(at) && !at(11), "{rows}");
        assert!(
            rows.contains("a-red") && rows.contains("&lt;b&gt;eight"),
            "{rows}"
        );
        assert!(!rows.contains(['\u{1b}', '\u{7}']), "{rows}");
        assert!(
            !chunk(1, "one\n").contains("L2"),
            "a line end begins no row"
        );
        assert!(chunk(3, "\n").contains("L3"), "an empty line is one");
    }
}
