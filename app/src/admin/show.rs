//! The page.

use crate::prelude::*;
use platform::repository::Overview;

use super::{
    mapping::{Issuers, Mapping},
    repository::Repository,
    server::overview,
};
use crate::{answer::ask, context, page::loaded, ui::PageHead};

/// The page.
pub(crate) fn show() -> AnyView {
    loaded("Admin", ask(|| (), |()| overview()), work)
}

fn work(overview: Overview) -> AnyView {
    let version = context::viewer().version;
    let company = overview.company.clone();
    view! {
        <div class="page">
            <PageHead
                title="Admin"
                meta=move || {
                    view! {
                        <span>{company.clone()}</span>
                        <span>{format!("Groundcrew {version}")}</span>
                    }
                }
            />
            <div class="stack">
                <Repository status=overview.status.clone() />
                <Issuers issuers=overview.issuers.clone() />
                <Mapping overview />
            </div>
        </div>
    }
    .into_any()
}
