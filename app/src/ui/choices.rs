//! One of up to five values, each with its consequence; and yes or no.

use crate::prelude::*;

use super::field::{FieldError, described_by};

/// One value of [`Choices`].
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub word: String,
    /// What follows from it: "1 team lead".
    pub note: String,
    /// Why it cannot be chosen is said in the note.
    pub disabled: bool,
}

/// One of up to five values.
#[component]
pub fn Choices(
    /// A unique id.
    #[prop(into)]
    id: String,
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// The values.
    choices: Vec<Choice>,
    /// The chosen value.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with the choice.
    #[prop(optional, into)]
    error: Option<String>,
) -> AnyView {
    let described = described_by(&id, error.is_some(), false);
    let choices: Vec<_> = choices
        .into_iter()
        .map(|choice| {
            let checked = choice.value == value;
            let note = (!choice.note.is_empty()).then(|| view! { <small>{choice.note}</small> });
            view! {
                <label>
                    <input
                        type="radio"
                        name=name.clone()
                        value=choice.value
                        checked=checked
                        disabled=choice.disabled
                    />
                    {choice.word}
                    {note}
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="field" aria-describedby=described>
            <legend>{label}</legend>
            <div class="choices">{choices}</div>
            {error.map(|error| view! { <FieldError id=format!("{id}-e") text=error /> })}
        </fieldset>
    }
    .into_any()
}

/// Yes or no, taking effect with the form.
#[component]
pub fn Switch(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What is switched.
    #[prop(into)]
    label: String,
    /// What follows from it.
    #[prop(optional, into)]
    note: Option<String>,
    /// Whether it is on.
    #[prop(optional)]
    checked: bool,
) -> AnyView {
    view! {
        <label class="switch">
            <input type="checkbox" role="switch" name=name checked=checked />
            <span>
                <span class="strong">{label}</span>
                {note.map(|note| view! { <br /> <span class="muted">{note}</span> })}
            </span>
        </label>
    }
    .into_any()
}

/// A box to tick.
#[component]
pub fn Checkbox(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// The value that is sent when ticked.
    #[prop(default = "on".to_owned(), into)]
    value: String,
    /// What is agreed to.
    #[prop(into)]
    label: String,
    /// Whether it is ticked.
    #[prop(optional)]
    checked: bool,
) -> AnyView {
    view! {
        <label class="check">
            <input type="checkbox" name=name value=value checked=checked />
            <span>{label}</span>
        </label>
    }
    .into_any()
}
