//! Light, dark or as the system: `style/static/theme.js` does it before the first paint, so that
//! no page flashes; these radios are all it needs.

use crate::prelude::*;

use crate::ui::{Glyph, Icon};

/// The switch.
#[component]
pub(super) fn ThemeSwitch() -> AnyView {
    let choices = [
        ("light", "Light", Glyph::Sun),
        ("dark", "Dark", Glyph::Moon),
        ("auto", "Auto", Glyph::Monitor),
    ];
    let radios: Vec<_> = choices
        .into_iter()
        .map(|(value, word, glyph)| {
            view! {
                <label title=word>
                    <Icon glyph />
                    <input type="radio" name="theme" value=value />
                    <span class="sr-only">{word}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="theme" data-theme-switch>
            <legend class="sr-only">"Theme"</legend>
            {radios}
        </fieldset>
    }
    .into_any()
}
