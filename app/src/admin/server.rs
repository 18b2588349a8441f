//! The server functions: one operation each.

use crate::prelude::*;
use platform::repository::Overview;
use server_fn::codec::GetUrl;

use crate::{AppError, wire::Answers};

/// How the platform repository stands and what it says.
#[server(name = Show, prefix = "/fn", endpoint = "admin/show", input = GetUrl, output = Answers)]
pub(crate) async fn overview() -> Result<Overview, AppError> {
    let cx = crate::context::cx()?;
    let organisation = crate::context::organisation();
    let status = crate::context::repository();
    Ok(platform::repository::ops::overview(&cx, &organisation, status).await?)
}

/// Has the platform repository looked at now.
#[server(name = Sync, prefix = "/fn", endpoint = "admin/sync", output = Answers)]
pub(crate) async fn sync() -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    platform::repository::ops::ask_sync(&cx).await?;
    crate::context::sync_now();
    crate::context::redirect("/admin?done=sync_asked");
    Ok(())
}
