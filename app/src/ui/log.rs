//! What a job printed: lines with addresses, folded by step.

use crate::prelude::*;

use super::{Glyph, Icon, Tone};

/// How a line is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Output.
    #[default]
    Plain,
    /// The command itself.
    Command,
    /// It says that something is done.
    Ok,
    /// A warning.
    Warn,
    /// An error.
    Error,
}

impl Level {
    fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Command => Some("cmd"),
            Self::Ok => Some("ok"),
            Self::Warn => Some("warn"),
            Self::Error => Some("err"),
        }
    }
}

/// One line of a log.
#[derive(Clone, Debug, Default)]
pub struct LogLine {
    /// Its number in the whole log, from 1.
    pub number: u64,
    /// The time of day it was written, `14:28:41`.
    pub time: String,
    /// How it is meant.
    pub level: Level,
    /// What it says, masked before it came here.
    pub text: String,
}

/// A log. Inside: [`LogStep`]s or [`LogLines`]. It is silent to screen readers;
/// announce changes of step elsewhere.
#[component]
pub fn Log(
    /// What printed it.
    #[prop(into)]
    label: String,
    /// Tools above the lines.
    #[prop(optional, into)]
    tools: Option<ViewFn>,
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
    view! {
        <div class="log">
            {tools}
            <div class="log__body" role="log" aria-live="off" aria-label=label tabindex="0">
                {children.run()}
            </div>
        </div>
    }
    .into_any()
}

/// The lines of one step, folded or not.
#[component]
pub fn LogStep(
    /// Its name.
    #[prop(into)]
    title: String,
    /// How it is meant.
    tone: Tone,
    /// Its picture.
    glyph: Glyph,
    /// How long it took, or takes: "2 min 41 s".
    #[prop(into)]
    duration: String,
    /// Whether it is running.
    #[prop(optional)]
    running: bool,
    /// Whether it is unfolded.
    #[prop(optional)]
    open: bool,
    /// Its lines.
    lines: Vec<LogLine>,
) -> AnyView {
    view! {
        <details open=open>
            <summary>
                <span class="chev">
                    <Icon glyph=Glyph::ChevronRight />
                </span>
                <Icon glyph tone spin=running />
                {title}
                <span class="dur">{duration}</span>
            </summary>
            <LogLines lines />
        </details>
    }
    .into_any()
}

/// Lines, each with its address.
#[component]
pub fn LogLines(
    /// The lines, in order.
    lines: Vec<LogLine>,
) -> impl IntoView {
    lines
        .into_iter()
        .map(|line| {
            let id = format!("L{}", line.number);
            view! {
                <div class="ln" data-lvl=line.level.as_str() id=id.clone()>
                    <a href=format!("#{id}")>{line.number.to_string()}</a>
                    <time>{line.time}</time>
                    <span>{line.text}</span>
                </div>
            }
        })
        .collect::<Vec<_>>()
}
