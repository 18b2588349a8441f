//! The palette: type, arrows, Enter. Opens over any page with Ctrl or Cmd and K.

use std::time::Duration;

use leptos::{ev::KeyboardEvent, html, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    hit::{Hit, pages},
    list::{Listed, option_id},
    recent::{recent, remember},
    server::{Query, find, people_hits},
};
use crate::{
    browser, context,
    prelude::*,
    ui::{Glyph, Icon},
};

/// Pause after the last key before people are searched.
const PAUSE: Duration = Duration::from_millis(150);

/// The palette, in the page only while it is open.
#[component]
pub(crate) fn Palette(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> AnyView {
    view! {
        <Show when=move || open.get()>
            <OpenPalette open />
        </Show>
    }
    .into_any()
}

#[component]
fn OpenPalette(open: RwSignal<bool>) -> AnyView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| browser::show_modal(dialog.get()));
    let text = RwSignal::new(String::new());
    let people = RwSignal::new(Vec::<Hit>::new());
    let selected = RwSignal::new(0_usize);
    let hits = found(text, people);
    let mut ask = debounce(PAUSE, move |asked: String| ask_people(asked, text, people));
    let go = opener(dialog);
    let on_key = {
        let go = go.clone();
        move |event: KeyboardEvent| {
            let last = hits.with(Vec::len).saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" => selected.update(|at| *at = if *at >= last { 0 } else { *at + 1 }),
                "ArrowUp" => selected.update(|at| *at = if *at == 0 { last } else { *at - 1 }),
                "Enter" => {
                    if let Some(hit) = hits.with(|hits| hits.get(selected.get_untracked()).cloned())
                    {
                        go(&hit, event.ctrl_key() || event.meta_key());
                    }
                }
                _ => return,
            }
            event.prevent_default();
            browser::reveal(&option_id(selected.get_untracked()));
        }
    };
    let count = move || match hits.with(Vec::len) {
        0 => "Nothing found".to_owned(),
        1 => "1 result".to_owned(),
        n => format!("{n} results"),
    };
    view! {
        <dialog
            class="palette"
            node_ref=dialog
            aria-label="Search Groundcrew"
            on:close=move |_| open.set(false)
            on:click=move |event| close_outside(&event, dialog)
        >
            <div class="palette__top">
                <Icon glyph=Glyph::Search />
                <input
                    role="combobox"
                    autofocus
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-autocomplete="list"
                    aria-activedescendant=move || option_id(selected.get())
                    aria-label="Search pages and people"
                    placeholder="Search pages and people"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="100"
                    on:input=move |event| {
                        text.set(event_target_value(&event));
                        selected.set(0);
                        ask(event_target_value(&event));
                    }
                    on:keydown=on_key
                />
                <kbd class="kbd">"Esc"</kbd>
            </div>
            <Listed hits selected go=Callback::new(move |(hit, tab): (Hit, bool)| go(&hit, tab)) />
            <p class="palette__foot keyhints">
                <span>
                    <kbd class="kbd">"↑"</kbd>
                    <kbd class="kbd">"↓"</kbd>
                    " move"
                </span>
                <span>
                    <kbd class="kbd">"Enter"</kbd>
                    " open"
                </span>
                <span>
                    <kbd class="kbd">"Ctrl Enter"</kbd>
                    " new tab"
                </span>
                <span class="spacer"></span>
                <span role="status">{count}</span>
            </p>
        </dialog>
    }
    .into_any()
}

/// Recent places first while nothing is typed, then pages, then people.
fn found(text: RwSignal<String>, people: RwSignal<Vec<Hit>>) -> Memo<Vec<Hit>> {
    let me = context::me();
    let last = recent();
    Memo::new(move |_| {
        let text = text.get();
        let text = text.trim();
        let mut hits = if text.is_empty() {
            last.clone()
        } else {
            Vec::new()
        };
        let known = hits.len();
        hits.extend(pages(text, &me));
        let recent: Vec<String> = hits[..known].iter().map(|hit| hit.href.clone()).collect();
        let mut at = 0;
        hits.retain(|hit| {
            at += 1;
            at <= known || !recent.contains(&hit.href)
        });
        hits.extend(people.get());
        hits
    })
}

/// Asks for people, and takes the answer only if it is still what is typed.
fn ask_people(asked: String, text: RwSignal<String>, people: RwSignal<Vec<Hit>>) {
    let wanted = asked.trim().to_owned();
    if wanted.chars().count() < 2 {
        people.set(Vec::new());
        return;
    }
    let session = context::session();
    spawn_local(async move {
        let answer = find(Query { text: wanted }).await;
        if text.try_get_untracked() != Some(asked) {
            return;
        }
        match answer {
            Ok(found) => people.set(people_hits(found)),
            Err(error) => {
                people.set(Vec::new());
                if error.error == platform::Error::Unauthenticated {
                    session.ended.set(true);
                }
            }
        }
    });
}

/// What happens with the one chosen.
fn opener(dialog: NodeRef<html::Dialog>) -> impl Fn(&Hit, bool) + Clone + Send + Sync + 'static {
    let navigate = use_navigate();
    move |hit: &Hit, tab: bool| {
        remember(hit);
        close(dialog);
        if tab {
            browser::open_tab(&hit.href);
        } else {
            navigate(&hit.href, NavigateOptions::default());
        }
    }
}

/// Closes it the browser's way, so that the focus goes back to where it was.
fn close(dialog: NodeRef<html::Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        dialog.close();
    }
}

/// A click on the backdrop is a click on the dialog itself.
fn close_outside(event: &leptos::ev::MouseEvent, dialog: NodeRef<html::Dialog>) {
    let outside = dialog
        .get_untracked()
        .is_some_and(|dialog| event.target().is_some_and(|target| target == dialog.into()));
    if outside {
        close(dialog);
    }
}
