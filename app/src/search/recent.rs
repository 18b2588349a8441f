//! Where the person went from the palette, kept in this browser only.

use serde::{Deserialize, Serialize};

use super::hit::Hit;
use crate::{browser, links, ui::Glyph, wire};

const KEY: &str = "gc-recent";
const KEPT: usize = 5;

#[derive(Serialize, Deserialize)]
struct Recent {
    title: String,
    href: String,
}

/// The last few, newest first.
pub(super) fn recent() -> Vec<Hit> {
    read()
        .into_iter()
        .filter(|recent| links::is_local(&recent.href))
        .map(|recent| Hit {
            group: "Recent",
            glyph: Glyph::History,
            title: recent.title,
            sub: String::new(),
            href: recent.href,
        })
        .collect()
}

/// Puts one on top.
pub(super) fn remember(hit: &Hit) {
    let mut kept = read();
    kept.retain(|recent| recent.href != hit.href);
    kept.insert(
        0,
        Recent {
            title: hit.title.clone(),
            href: hit.href.clone(),
        },
    );
    kept.truncate(KEPT);
    if let Ok(json) = serde_json::to_string(&kept) {
        browser::store(KEY, Some(&json));
    }
}

fn read() -> Vec<Recent> {
    browser::stored(KEY)
        .and_then(|json| wire::read(&json).ok())
        .unwrap_or_default()
}
