//! The server functions: the page, drawn; acts, as plain forms.

use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;
use uuid::Uuid;

use crate::{
    AppError,
    prelude::*,
    sheet::{Place, Sheet},
    wire::Answers,
};

/// All workers.
#[server(name = ListWorkers, prefix = "/fn", endpoint = "workers/list", input = GetUrl, output = Answers)]
pub(crate) async fn listed(input: Place) -> Result<Sheet, AppError> {
    let cx = crate::context::cx()?;
    let workers = platform::workers::ops::list(&cx).await?;
    let me = crate::context::viewer_of_request().me.unwrap_or_default();
    Ok(super::draw::draw(&workers, &input, &me))
}

/// A new worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWorker {
    name: String,
    pool: String,
    days: u16,
}

/// In the browser a form sends it and nothing builds it; the compiler would call it dead there.
const _: fn(String, String, u16) -> NewWorker = |name, pool, days| NewWorker { name, pool, days };

/// Makes a worker; its token is in the answer and nowhere else.
#[server(name = AddWorker, prefix = "/fn", endpoint = "workers/add", output = Answers)]
pub(crate) async fn add(input: NewWorker) -> Result<String, AppError> {
    let cx = crate::context::cx()?;
    Ok(platform::workers::ops::add(&cx, &input.name, &input.pool, input.days).await?)
}

/// Which worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    worker: Uuid,
}

const _: fn(Uuid) -> Which = |worker| Which { worker };

/// Gives a worker no more work.
#[server(name = DrainWorker, prefix = "/fn", endpoint = "workers/drain", output = Answers)]
pub(crate) async fn drain(input: Which) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    platform::workers::ops::drain(&cx, input.worker, true).await?;
    crate::context::redirect("/workers?done=worker_drained");
    Ok(())
}

/// Gives a worker work again.
#[server(name = ResumeWorker, prefix = "/fn", endpoint = "workers/resume", output = Answers)]
pub(crate) async fn resume(input: Which) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    platform::workers::ops::drain(&cx, input.worker, false).await?;
    crate::context::redirect("/workers?done=worker_resumed");
    Ok(())
}

/// Ends a worker's token.
#[server(name = RevokeWorker, prefix = "/fn", endpoint = "workers/revoke", output = Answers)]
pub(crate) async fn revoke(input: Which) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    platform::workers::ops::revoke(&cx, input.worker).await?;
    crate::context::redirect("/workers?done=worker_revoked");
    Ok(())
}
