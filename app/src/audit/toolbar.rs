//! The filter: a form of the address.

use crate::prelude::*;
use platform::audit::{
    kind::{Kind, Outcome},
    view::Filter,
};

use super::{address, look};
use crate::ui::{Button, Chip, ChipMenu, Field, SearchField, Toolbar};

/// A field that is set is a chip that removes it; another one opens its control.
#[component]
pub(super) fn Filters(
    /// The filter in use.
    filter: Filter,
) -> AnyView {
    let time = match (&*filter.from, &*filter.to) {
        ("", "") => String::new(),
        (from, "") => format!("from {from}"),
        ("", to) => format!("to {to}"),
        (from, to) => format!("{from} to {to}"),
    };
    let time_form = || {
        view! {
            {input("from", "From, UTC", "date")} {input("to", "To and with, UTC", "date")}
        }
        .into_any()
    };
    let actions = || {
        let options = Kind::ALL.iter().map(|kind| (kind.name(), kind.label()));
        select("action", "Action", options.collect())
    };
    let outcomes = || {
        let options = Outcome::ALL
            .iter()
            .map(|outcome| (outcome.name(), outcome.name()));
        select("outcome", "Result", options.collect())
    };
    let actor = || input("actor", "Id of a person, or a part of the portal", "text");
    let target = || input("target", "Id of the object", "text");
    let action_shown = look::label(&filter.action).map_or(filter.action.clone(), str::to_owned);
    view! {
        <Toolbar label="Audit events" action="/audit">
            <SearchField
                id="audit-text"
                name="text"
                label="Filter events by text or hash"
                placeholder="Id, action, rule or hash"
                value=filter.text.clone()
            />
            {part(&filter, "Time", time, &["from", "to"], time_form)}
            {part(&filter, "Actor", look::short(&filter.actor), &["actor"], actor)}
            {part(&filter, "Action", action_shown, &["action"], actions)}
            {part(&filter, "Object", look::short(&filter.target), &["target"], target)}
            {part(&filter, "Result", filter.outcome.clone(), &["outcome"], outcomes)}
            <Button kind="submit">"Filter"</Button>
        </Toolbar>
    }
    .into_any()
}

fn part(
    filter: &Filter,
    label: &'static str,
    shown: String,
    names: &'static [&'static str],
    control: impl FnOnce() -> AnyView + Send + 'static,
) -> AnyView {
    if shown.is_empty() {
        let id = format!("audit-{}", label.to_lowercase());
        return view! {
            <ChipMenu id label>
                <div class="menu__form">
                    {control()} <Button kind="submit">"Filter"</Button>
                </div>
            </ChipMenu>
        }
        .into_any();
    }
    let kept: Vec<_> = filter
        .fields()
        .into_iter()
        .filter(|(name, value)| names.contains(name) && !value.is_empty())
        .map(|(name, value)| {
            view! { <input type="hidden" name=name value=value.to_owned() /> }.into_any()
        })
        .collect();
    view! {
        {kept}
        <Chip label value=shown href=address::without(filter, names) />
    }
    .into_any()
}

fn input(name: &'static str, label: &'static str, kind: &'static str) -> AnyView {
    let id = format!("audit-field-{name}");
    view! {
        <Field id=id.clone() label>
            <input class="input" id=id name=name type=kind maxlength="200" />
        </Field>
    }
    .into_any()
}

fn select(
    name: &'static str,
    label: &'static str,
    options: Vec<(&'static str, &'static str)>,
) -> AnyView {
    let id = format!("audit-field-{name}");
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, word)| view! { <option value=value>{word}</option> }.into_any())
        .collect();
    view! {
        <Field id=id.clone() label>
            <select class="select" id=id name=name>
                <option value="">"Any"</option>
                {options}
            </select>
        </Field>
    }
    .into_any()
}
