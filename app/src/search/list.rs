//! What was found, under its headings.

use crate::prelude::*;

use super::hit::Hit;
use crate::ui::{Glyph, Icon};

/// The id of the option at a place in the list.
pub(super) fn option_id(at: usize) -> String {
    format!("palette-{at}")
}

/// The list of the palette.
#[component]
pub(super) fn Listed(
    /// What was found.
    hits: Memo<Vec<Hit>>,
    /// Which one Enter takes.
    selected: RwSignal<usize>,
    /// Takes one; the flag asks for a new tab.
    go: Callback<(Hit, bool)>,
) -> AnyView {
    let groups = move || {
        let mut groups: Vec<(&'static str, Vec<(usize, Hit)>)> = Vec::new();
        for (at, hit) in hits.get().into_iter().enumerate() {
            match groups.last_mut() {
                Some((name, listed)) if *name == hit.group => listed.push((at, hit)),
                _ => groups.push((hit.group, vec![(at, hit)])),
            }
        }
        groups
            .into_iter()
            .map(|(name, listed)| {
                let options: Vec<_> = listed
                    .into_iter()
                    .map(|(at, hit)| view! { <Choice at hit selected go /> }.into_any())
                    .collect();
                view! {
                    <div role="group" aria-label=name>
                        <p class="palette__group" aria-hidden="true">
                            {name}
                        </p>
                        {options}
                    </div>
                }
                .into_any()
            })
            .collect::<Vec<_>>()
    };
    view! {
        <div
            class="palette__list"
            id="palette-list"
            role="listbox"
            aria-label="Results"
            tabindex="-1"
        >
            {groups}
        </div>
    }
    .into_any()
}

#[component]
fn Choice(at: usize, hit: Hit, selected: RwSignal<usize>, go: Callback<(Hit, bool)>) -> AnyView {
    let here = move || selected.get() == at;
    let glyph = hit.glyph;
    let title = hit.title.clone();
    let sub = (!hit.sub.is_empty()).then(|| hit.sub.clone());
    view! {
        <div
            role="option"
            class="opt"
            id=option_id(at)
            aria-selected=move || if here() { "true" } else { "false" }
            on:mousemove=move |_| selected.set(at)
            on:click=move |event| go.run((hit.clone(), event.ctrl_key() || event.meta_key()))
        >
            <Icon glyph />
            <span class="opt__main">
                <span>{title}</span>
                {sub.map(|sub| view! { <small>{sub}</small> })}
            </span>
            <Show when=here>
                <span class="opt__hint">"Open " <Icon glyph=Glyph::Enter /></span>
            </Show>
        </div>
    }
    .into_any()
}
