//! Keys that work everywhere, and the sheet that lists them. Single keys count only while no field
//! has the focus, and can be turned off (WCAG 2.1.4).

use leptos::{
    ev::{self, KeyboardEvent},
    html,
    wasm_bindgen::JsCast as _,
    web_sys,
};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::{
    browser, context,
    prelude::*,
    routes::PAGES,
    ui::{Button, Glyph, Icon, Kbd, Look},
};

const TURNED_OFF: &str = "gc-keys-off";

/// Listens on the window while the frame is there.
pub(super) fn listen(palette_open: RwSignal<bool>, sheet_open: RwSignal<bool>) {
    let navigate = use_navigate();
    let me = context::me();
    let after_g = StoredValue::new(false);
    Effect::new(move |_| {
        let navigate = navigate.clone();
        let me = me.clone();
        let handle = window_event_listener(ev::keydown, move |event| {
            let waiting = after_g.get_value();
            after_g.set_value(false);
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                palette_open.update(|open| *open = !*open);
                return;
            }
            if !counts(&event) {
                return;
            }
            let key = event.key();
            if waiting {
                let wanted = |page: &&crate::routes::Page| {
                    page.key.is_some_and(|k| key == k.to_string()) && page.offered_to(&me)
                };
                if let Some(page) = PAGES.iter().find(wanted) {
                    event.prevent_default();
                    navigate(page.path, NavigateOptions::default());
                }
                return;
            }
            match key.as_str() {
                "g" => after_g.set_value(true),
                "?" => {
                    event.prevent_default();
                    sheet_open.set(true);
                }
                "/" if browser::focus("main [data-filter]") => event.prevent_default(),
                _ => {}
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// Whether a single key is meant for the portal.
fn counts(event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return false;
    }
    let typing = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| {
            element
                .closest("input, textarea, select, [contenteditable], dialog")
                .ok()
                .flatten()
                .is_some()
        });
    !typing && browser::stored(TURNED_OFF).is_none()
}

/// The sheet that lists the keys.
#[component]
pub(super) fn Sheet(
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> AnyView {
    view! {
        <Show when=move || open.get()>
            <OpenSheet open />
        </Show>
    }
    .into_any()
}

#[component]
fn OpenSheet(open: RwSignal<bool>) -> AnyView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| browser::show_modal(dialog.get()));
    let me = context::me();
    let jumps: Vec<_> = PAGES
        .iter()
        .filter(|page| page.offered_to(&me))
        .filter_map(|page| Some((page.key?, page.title)))
        .map(|(key, title)| view! { <Keys keys=vec!["G".into(), key.to_uppercase().to_string()] what=format!("Go to {title}") /> }.into_any())
        .collect();
    let off = browser::stored(TURNED_OFF).is_some();
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-labelledby="keys-title"
            on:close=move |_| open.set(false)
        >
            <header>
                <h2 id="keys-title">"Keyboard shortcuts"</h2>
            </header>
            <div class="dialog__body">
                <dl class="facts">
                    <Keys keys=vec!["Ctrl K".into(), "⌘ K".into()] what="Search or jump to" />
                    <Keys keys=vec!["/".into()] what="Filter the list" />
                    <Keys keys=vec!["?".into()] what="This sheet" />
                    {jumps}
                    <Keys keys=vec!["N".into()] what="Next match in a log" />
                    <Keys keys=vec!["Shift N".into()] what="Match before in a log" />
                    <Keys keys=vec!["F".into()] what="Follow a log" />
                    <Keys keys=vec!["Esc".into()] what="Close, clear" />
                </dl>
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=off
                        on:change=move |event| {
                            browser::store(TURNED_OFF, event_target_checked(&event).then_some("1"));
                        }
                    />
                    <span>"Turn single keys off in this browser"</span>
                </label>
            </div>
            <footer>
                <Button look=Look::Ghost on:click=move |_| open.set(false)>
                    <Icon glyph=Glyph::X />
                    "Close"
                </Button>
            </footer>
        </dialog>
    }
    .into_any()
}

#[component]
fn Keys(keys: Vec<String>, #[prop(into)] what: String) -> AnyView {
    let keys: Vec<_> = keys
        .into_iter()
        .map(|key| view! { <Kbd key /> " " }.into_any())
        .collect();
    view! {
        <dt>{keys}</dt>
        <dd>{what}</dd>
    }
    .into_any()
}
