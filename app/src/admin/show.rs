//! The page.

use crate::prelude::*;
use platform::{people::Role, repository::Overview};

use super::{
    mapping::{Issuers, Mapping},
    repository::Repository,
    server::overview,
};
use crate::{
    answer::ask,
    context,
    page::loaded,
    ui::{Button, Glyph, PageHead},
};

/// The page.
pub(crate) fn show() -> AnyView {
    loaded("Admin", ask(|| (), |()| overview()), work)
}

fn work(overview: Overview) -> AnyView {
    let version = context::viewer().version;
    let company = overview.company.clone();
    let may_sync = context::me().grants.has(Role::PlatformEngineer);
    let actions = move || {
        may_sync.then(|| {
            view! {
                <form method="post" action="/fn/admin/sync">
                    <Button kind="submit" icon=Glyph::Refresh>
                        "Sync now"
                    </Button>
                </form>
            }
        })
    };
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
                actions
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
