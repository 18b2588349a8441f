//! The server function: people by name.

use crate::prelude::*;
use platform::people::Listed;
use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;

use super::hit::Hit;
use crate::{AppError, ui::Glyph, wire::Answers};

/// What is searched for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// The text as typed.
    pub(crate) text: String,
}

/// People whose name, or a word of it, begins with the text.
#[server(name = Find, prefix = "/fn", endpoint = "search/find", input = GetUrl, output = Answers)]
pub(crate) async fn find(input: Query) -> Result<Vec<Listed>, AppError> {
    let cx = crate::context::cx()?;
    Ok(platform::people::ops::search(&cx, &input.text).await?)
}

/// People as things found.
pub(super) fn people_hits(found: Vec<Listed>) -> Vec<Hit> {
    found
        .into_iter()
        .map(|person| Hit {
            group: "People",
            glyph: Glyph::User,
            title: person.name,
            sub: String::new(),
            href: format!("/people/{}", person.id.0),
        })
        .collect()
}
