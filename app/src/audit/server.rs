//! Server functions of the Audit page. By POST where the chain is read, because that is an event
//! itself, and a function by GET writes nothing.

use crate::prelude::*;
use platform::audit::view::{Cursor, Detail, Filter, Page, Standing, Verification};
use serde::{Deserialize, Serialize};
use server_fn::codec::{GetUrl, Json, PostUrl};

use crate::{AppError, wire::Answers};

/// Which page of which events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// The filter.
    pub(crate) filter: Filter,
    /// Where in the list.
    pub(crate) cursor: Cursor,
}

/// A page of events, and how the chain stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// The events.
    pub(crate) page: Page,
    /// The chain.
    pub(crate) standing: Standing,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Its place in the chain.
    pub(crate) seq: i64,
}

/// A page of the events that match.
#[server(name = ListEvents, prefix = "/fn", endpoint = "audit/list", input = Json, output = Answers)]
pub(crate) async fn list(input: Ask) -> Result<Listed, AppError> {
    use platform::audit::ops;
    let cx = crate::context::cx()?;
    Ok(Listed {
        page: ops::list(&cx, &input.filter, input.cursor, 50).await?,
        standing: ops::standing(&cx).await?,
    })
}

/// One event in full.
#[server(name = ShowEvent, prefix = "/fn", endpoint = "audit/show", input = Json, output = Answers)]
pub(crate) async fn show(input: Which) -> Result<Detail, AppError> {
    let cx = crate::context::cx()?;
    Ok(platform::audit::ops::get(&cx, input.seq).await?)
}

/// Asks for a verification of the chain.
#[server(name = VerifyNow, prefix = "/fn", endpoint = "audit/verify", input = PostUrl, output = Answers)]
pub(crate) async fn verify() -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    Ok(platform::audit::ops::ask_verification(&cx).await?)
}

/// How far the newest verification is, or how it ended.
#[server(name = Newest, prefix = "/fn", endpoint = "audit/verification", input = GetUrl, output = Answers)]
pub(crate) async fn verification() -> Result<Option<Verification>, AppError> {
    let cx = crate::context::cx()?;
    Ok(platform::audit::ops::verification(&cx).await?)
}
