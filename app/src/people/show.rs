//! A person: name, teams, roles; for an admin also how they sign in.

use crate::prelude::*;
use leptos_router::hooks::use_params_map;
use platform::{
    Error,
    people::{Entry, PersonId},
    policy::Action,
};
use uuid::Uuid;

use super::{
    admin::ForAdmin,
    server::{Whom, shown},
};
use crate::{
    AppError,
    answer::ask,
    context,
    home::GrantList,
    page::loaded,
    routes::offered,
    ui::{ButtonLink, Glyph, PageHead, Section},
};

/// The page.
pub(crate) fn show() -> AnyView {
    let params = use_params_map();
    let id = move || {
        params
            .read()
            .get("id")
            .and_then(|id| id.parse::<Uuid>().ok())
    };
    let person = ask(id, |id| async move {
        match id {
            Some(id) => shown(Whom { id: PersonId(id) }).await,
            None => Err(AppError::from(Error::NotFound)),
        }
    });
    loaded("Person", person, work)
}

fn work(person: Entry) -> AnyView {
    let me = context::me();
    let mine = person.id.0 == me.id;
    let admin = offered(&me, Action::PersonAdmin);
    let standing = context::viewer().standing(&person.grants);
    let meta = move || {
        standing
            .iter()
            .map(|what| view! { <span>{what.clone()}</span> }.into_any())
            .collect::<Vec<_>>()
    };
    let actions = move || {
        mine.then(|| {
            view! { <ButtonLink href="/sessions" icon=Glyph::Shield>"My sessions"</ButtonLink> }
        })
    };
    view! {
        <div class="page page--narrow">
            <PageHead title=person.name.clone() meta actions />
            <div class="stack stack--md">
                <Section title="Teams and roles" id="h-roles">
                    <GrantList grants=person.grants.clone() />
                </Section>
                {admin.then(|| view! { <ForAdmin id=person.id mine /> })}
            </div>
        </div>
    }
    .into_any()
}
