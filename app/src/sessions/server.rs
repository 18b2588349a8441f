//! The server functions: one operation each. Acts are plain forms, so that they work without
//! script and load a fresh page after.

use crate::prelude::*;
use platform::sessions::Session;
use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;
use uuid::Uuid;

use crate::{AppError, wire::Answers};

/// My live sessions.
#[server(name = List, prefix = "/fn", endpoint = "sessions/list", input = GetUrl, output = Answers)]
pub(crate) async fn listed() -> Result<Vec<Session>, AppError> {
    let cx = crate::context::cx()?;
    Ok(platform::sessions::ops::list(&cx).await?)
}

/// Which session.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Its label.
    label: Uuid,
}

/// In the browser a form sends it and nothing builds it; the compiler would call it dead there.
const _: fn(Uuid) -> Which = |label| Which { label };

/// Ends a session. Ending the one in use leads to the sign-in page.
#[server(name = End, prefix = "/fn", endpoint = "sessions/end", output = Answers)]
pub(crate) async fn end(input: Which) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    platform::sessions::ops::end(&cx, input.label).await?;
    let mine = cx
        .person()
        .is_ok_and(|person| person.session == input.label);
    crate::context::redirect(if mine {
        "/sign-in?signed_out=here"
    } else {
        "/sessions?done=session_ended"
    });
    Ok(())
}

/// Ends all my sessions but the one in use.
#[server(name = EndOthers, prefix = "/fn", endpoint = "sessions/end_others", output = Answers)]
pub(crate) async fn end_others() -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    platform::sessions::ops::end_all_others(&cx).await?;
    crate::context::redirect("/sessions?done=sessions_ended");
    Ok(())
}
