//! The server functions: pages, drawn; the act, as a plain form.

use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;
use uuid::Uuid;

use crate::{
    AppError,
    prelude::*,
    sheet::{Place, Sheet},
    wire::Answers,
};

/// Stacks by name.
#[server(name = ListStacks, prefix = "/fn", endpoint = "stacks/list", input = GetUrl, output = Answers)]
pub(crate) async fn listed(input: Place) -> Result<Sheet, AppError> {
    let cx = crate::context::cx()?;
    let (text, after) = (input.field("text"), input.field("after"));
    let page = platform::stacks::ops::list(&cx, &text, &after).await?;
    let viewer = crate::context::viewer_of_request();
    Ok(super::draw::list(page, &text, &viewer))
}

/// One stack, and the versions of its state for those who may see them.
#[server(name = ShowStack, prefix = "/fn", endpoint = "stacks/show", input = GetUrl, output = Answers)]
pub(crate) async fn shown(input: Place) -> Result<Sheet, AppError> {
    use platform::{Error, policy::Action, stacks::ops};
    let cx = crate::context::cx()?;
    let id: Uuid = input.id.parse().map_err(|_| Error::NotFound)?;
    let shown = ops::show(&cx, id).await?;
    let viewer = crate::context::viewer_of_request();
    let me = viewer.me.clone().unwrap_or_default();
    let versions = if crate::routes::offered(&me, Action::StateView) {
        Some(ops::history(&cx, id, input.number("before")).await?)
    } else {
        None
    };
    Ok(super::draw::show(&shown, versions, &input, &viewer))
}

/// Whose lock is broken, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Break {
    stack: Uuid,
    reason: String,
}

/// In the browser a form sends it and nothing builds it; the compiler would call it dead there.
const _: fn(Uuid, String) -> Break = |stack, reason| Break { stack, reason };

/// Takes a stack from whoever holds it.
#[server(name = BreakLock, prefix = "/fn", endpoint = "stacks/break_lock", output = Answers)]
pub(crate) async fn break_lock(input: Break) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    platform::stacks::ops::break_lock(&cx, input.stack, &input.reason).await?;
    crate::context::redirect(&format!("/stacks/{}?done=lock_broken", input.stack));
    Ok(())
}
