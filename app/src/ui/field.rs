//! Form fields: a visible label, help and error joined to the control, and the
//! error said in words: "Must look like CC-1234, for example CC-4471".

use crate::prelude::*;

use super::{Glyph, Icon, classes};

/// Label, control, error and help, one under the other.
#[component]
pub fn Field(
    /// The id of the control.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What is wrong with the value.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// What to write here, and what it is for.
    #[prop(optional_no_strip, into)]
    help: Option<String>,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
    /// Whether it takes both columns of a form.
    #[prop(optional)]
    wide: bool,
    /// The control; give it [`described_by`] of the same id.
    children: Children,
) -> AnyView {
    view! {
        <div class=classes(["field", if wide { "span-2" } else { "" }])>
            <label for=id.clone()>
                {label}
                {optional.then(|| view! { <span class="label__opt">"optional"</span> })}
            </label>
            {children.run()}
            {error.map(|error| view! { <FieldError id=format!("{id}-e") text=error /> })}
            {help
                .map(|help| {
                    view! {
                        <p class="help" id=format!("{id}-h")>
                            {help}
                        </p>
                    }
                })}
        </div>
    }
    .into_any()
}

/// What is wrong with a value.
#[component]
pub(super) fn FieldError(id: String, text: String) -> AnyView {
    view! {
        <p class="error" id=id>
            <Icon glyph=Glyph::StateX />
            <span>{text}</span>
        </p>
    }
    .into_any()
}

/// The value of `aria-describedby` for a control in a [`Field`].
pub fn described_by(id: &str, error: bool, help: bool) -> Option<String> {
    let error = error.then(|| format!("{id}-e"));
    let help = help.then(|| format!("{id}-h"));
    let ids: Vec<_> = error.into_iter().chain(help).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// A line of text.
#[component]
pub fn TextField(
    /// The id of the control.
    #[prop(into)]
    id: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Its value.
    #[prop(optional, into)]
    value: String,
    /// The `type` attribute.
    #[prop(default = "text")]
    kind: &'static str,
    /// What is wrong with the value.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// What to write here, and what it is for.
    #[prop(optional_no_strip, into)]
    help: Option<String>,
    /// A unit at its end: "GB".
    #[prop(optional, into)]
    unit: Option<String>,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
    /// For names of the machine.
    #[prop(optional)]
    mono: bool,
    /// Whether it takes both columns of a form.
    #[prop(optional)]
    wide: bool,
) -> AnyView {
    let described = described_by(&id, error.is_some(), help.is_some());
    let input = view! {
        <input
            class=classes(["input", if mono { "mono" } else { "" }])
            id=id.clone()
            name=name
            type=kind
            value=value
            required=!optional
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described
        />
    };
    let control = match unit {
        Some(unit) => view! {
            <div class="affix">{input} <span class="affix__end">{unit}</span></div>
        }
        .into_any(),
        None => input.into_any(),
    };
    view! {
        <Field id label error help optional wide>
            {control}
        </Field>
    }
    .into_any()
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// The id of the control.
    #[prop(into)]
    id: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Its value.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with the value.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// What to write here, and what it is for.
    #[prop(optional_no_strip, into)]
    help: Option<String>,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
) -> AnyView {
    let described = described_by(&id, error.is_some(), help.is_some());
    let invalid = error.is_some().then_some("true");
    view! {
        <Field id=id.clone() label error help optional wide=true>
            <textarea
                class="textarea"
                id=id
                name=name
                required=!optional
                aria-invalid=invalid
                aria-describedby=described
                inner_html=escape(&value)
            ></textarea>
        </Field>
    }
    .into_any()
}

/// One of more values than [`Choices`](super::Choices) can show.
#[component]
pub fn SelectField(
    /// The id of the control.
    #[prop(into)]
    id: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Value and word of each option.
    options: Vec<(String, String)>,
    /// The chosen value.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with the value.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// What it is for.
    #[prop(optional_no_strip, into)]
    help: Option<String>,
) -> AnyView {
    let described = described_by(&id, error.is_some(), help.is_some());
    let invalid = error.is_some().then_some("true");
    let options: Vec<_> = options
        .into_iter()
        .map(|(key, word)| {
            let selected = key == value;
            view! {
                <option value=key selected=selected>
                    {word}
                </option>
            }
            .into_any()
        })
        .collect();
    view! {
        <Field id=id.clone() label error help>
            <select
                class="select"
                id=id
                name=name
                aria-invalid=invalid
                aria-describedby=described
            >
                {options}
            </select>
        </Field>
    }
    .into_any()
}

/// Leptos writes the children of a text area as they are, so that its content
/// could close the element and go on as markup. As inner HTML, escaped here, it
/// reads the same on the server and in the browser.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
