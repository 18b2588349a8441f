//! What a job printed: lines with addresses, folded by phase. `style/static/log.js` loads further
//! lines, follows and searches; without a script there are links that do the same page by page.

mod ansi;
mod line;

pub use ansi::{LINE_SHOWN, Span, spans};
pub use line::*;

use crate::prelude::*;

use super::{Glyph, Icon, Tone};

/// What the script needs to go on with a log.
#[derive(Clone, Debug, Default)]
pub struct LogSource {
    /// Address of more lines: a GET with `from`, `count` and `search` appended as a query.
    pub lines: String,
    /// Address of the events that tell of new lines; none once the log has ended.
    pub live: Option<String>,
    /// Address of the next match: a GET with `search`, `from` and `back`.
    pub find: String,
    /// The address of a line is this and its number.
    pub page: String,
    /// Lines there are now.
    pub total: i64,
    /// Whether to begin by following the end.
    pub follow: bool,
}

/// A log. Inside: [`LogPhase`]s or [`LogBlock`]s. It is silent to screen readers;
/// announce changes of step elsewhere.
#[component]
pub fn Log(
    /// What printed it.
    #[prop(into)]
    label: String,
    /// Tools above the lines.
    #[prop(optional, into)]
    tools: Option<ViewFn>,
    /// What stands under the lines.
    #[prop(optional, into)]
    foot: Option<ViewFn>,
    /// Where more comes from.
    #[prop(optional)]
    source: LogSource,
    /// The lines.
    children: Children,
) -> AnyView {
    let tools = tools.map(|tools| {
        view! {
            <div class="log__bar" role="toolbar" aria-label="Log tools">
                {tools.run()}
            </div>
        }
    });
    let foot = foot.map(|foot| view! { <div class="log__foot">{foot.run()}</div> });
    view! {
        <div
            class="log"
            data-log=source.lines
            data-live=source.live
            data-find=source.find
            data-page=source.page
            data-total=source.total.to_string()
            data-follow=source.follow.then_some("")
        >
            {tools}
            <div class="log__body" role="log" aria-live="off" aria-label=label tabindex="0">
                {children.run()}
            </div>
            {foot}
        </div>
    }
    .into_any()
}

/// What one command of a driver printed, folded or not.
#[component]
pub fn LogPhase(
    /// Its name.
    #[prop(into)]
    title: String,
    /// How it is meant.
    tone: Tone,
    /// Its picture.
    glyph: Glyph,
    /// How long it took: "2 min 41 s".
    #[prop(into)]
    duration: String,
    /// Numbers of its first and last line.
    range: (i64, i64),
    /// Whether it is unfolded.
    #[prop(optional)]
    open: bool,
    /// The page that begins with its first line, for whoever has no script.
    #[prop(into)]
    href: String,
    /// Its [`LogBlock`]s that are here.
    children: Children,
) -> AnyView {
    let (first, last) = range;
    view! {
        <details
            class="log__phase"
            open=open
            data-first=first.to_string()
            data-last=last.to_string()
        >
            <summary>
                <span class="chev">
                    <Icon glyph=Glyph::ChevronRight />
                </span>
                <Icon glyph tone />
                {title}
                <span class="dur">{duration}</span>
            </summary>
            <a class="log__jump" href=href>
                {format!("Lines {first} to {last}")}
            </a>
            {children.run()}
        </details>
    }
    .into_any()
}

/// Lines that arrived together: what the script adds and takes away as one.
#[component]
pub fn LogBlock(
    /// The lines, in order, at least one.
    lines: Vec<LogLine>,
    /// What is searched for, empty for nothing.
    #[prop(optional, into)]
    search: String,
    /// The address of a line is this and its number.
    #[prop(optional, into)]
    address: String,
) -> AnyView {
    let first = lines.first().map(|line| line.number.to_string());
    let last = lines.last().map(|line| line.number.to_string());
    view! {
        <div class="log__block" data-first=first data-last=last>
            <LogLines lines search address />
        </div>
    }
    .into_any()
}

/// The way to lines that are not here.
#[component]
pub fn LogMore(
    /// Where it goes.
    #[prop(into)]
    href: String,
    /// `earlier` or `later`.
    which: &'static str,
    /// What it says: "400 earlier lines".
    children: Children,
) -> AnyView {
    view! {
        <a class="log__more" href=href data-more=which>
            {children.run()}
        </a>
    }
    .into_any()
}
