//! The server functions: one operation each.

use crate::prelude::*;
use platform::{
    people::{Entry, PersonId, Shown},
    sessions::Session,
};
use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;

use crate::{AppError, wire::Answers};

/// Whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whom {
    /// The person.
    pub(crate) id: PersonId,
}

/// What everybody may know of a person.
#[server(name = Show, prefix = "/fn", endpoint = "people/show", input = GetUrl, output = Answers)]
pub(crate) async fn shown(input: Whom) -> Result<Entry, AppError> {
    let cx = crate::context::cx()?;
    let organisation = crate::context::organisation();
    Ok(platform::people::ops::entry(&cx, &organisation, input.id).await?)
}

/// What an admin may know of a person.
#[server(name = ShowAdmin, prefix = "/fn", endpoint = "people/admin", input = GetUrl, output = Answers)]
pub(crate) async fn shown_to_admin(input: Whom) -> Result<Shown, AppError> {
    let cx = crate::context::cx()?;
    Ok(platform::people::ops::show(&cx, input.id).await?)
}

/// Where a person is signed in, for an admin.
#[server(name = Sessions, prefix = "/fn", endpoint = "people/sessions", input = GetUrl, output = Answers)]
pub(crate) async fn sessions_of(input: Whom) -> Result<Vec<Session>, AppError> {
    let cx = crate::context::cx()?;
    Ok(platform::sessions::ops::list_of(&cx, input.id).await?)
}

/// Stops a person from using the portal.
#[server(name = Disable, prefix = "/fn", endpoint = "people/disable", output = Answers)]
pub(crate) async fn disable(input: Whom) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    platform::people::ops::disable(&cx, input.id).await?;
    crate::context::redirect(&format!("/people/{}?done=person_disabled", input.id.0));
    Ok(())
}

/// Lets a person back in.
#[server(name = Enable, prefix = "/fn", endpoint = "people/enable", output = Answers)]
pub(crate) async fn enable(input: Whom) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    platform::people::ops::enable(&cx, input.id).await?;
    crate::context::redirect(&format!("/people/{}?done=person_enabled", input.id.0));
    Ok(())
}
