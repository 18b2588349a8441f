//! A list of words in a form. Taking one away is sending the form, so it works
//! without a script.

use crate::prelude::*;

use super::{Glyph, Icon};

/// Words, each with a button that takes it away, and a box to add one.
#[component]
pub fn Tokens(
    /// The id of the box.
    #[prop(into)]
    id: String,
    /// The name of the words in the form; the one taken away is sent as `remove`.
    #[prop(into)]
    name: String,
    /// What they are: "May be called by".
    #[prop(into)]
    label: String,
    /// What the box adds: "Add a caller".
    #[prop(into)]
    add: String,
    /// The words.
    values: Vec<String>,
) -> AnyView {
    let heading = format!("{id}-label");
    let words: Vec<_> = values
        .into_iter()
        .map(|value| {
            view! {
                <span class="tag">
                    {value.clone()} <input type="hidden" name=name.clone() value=value.clone() />
                    <button type="submit" name="remove" value=value.clone()>
                        <Icon glyph=Glyph::X />
                        <span class="sr-only">{format!("Remove {value}")}</span>
                    </button>
                </span>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="field">
            <span class="label" id=heading.clone()>
                {label}
            </span>
            <div class="tokens" role="group" aria-labelledby=heading.clone()>
                {words}
                <label class="sr-only" for=id.clone()>
                    {add.clone()}
                </label>
                <input id=id.clone() name=name.clone() placeholder=add.clone() />
            </div>
        </div>
    }
    .into_any()
}
