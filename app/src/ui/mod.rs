//! What the interface is made of: one component per file, its style under the
//! same name in `style/ui/`. Components know nothing of the domain; pages give
//! them a tone, a glyph and a word.

mod avatar;
mod badge;
mod button;
mod callout;
mod card;
mod chart;
mod checks;
mod chip;
mod choices;
mod code;
mod copyline;
mod dialog;
mod empty;
mod error_summary;
mod facts;
mod field;
mod glyph;
mod icon;
mod iconbtn;
mod log;
mod menu;
mod meter;
mod number;
mod page_head;
mod pager;
mod plan;
mod rows;
mod search_field;
mod skeleton;
mod stages;
mod status;
mod steps;
mod table;
mod tabs;
mod tag;
mod time;
mod timeline;
mod tokens;
mod tone;

#[cfg(test)]
mod tests;

pub use avatar::*;
pub use badge::*;
pub use button::*;
pub use callout::*;
pub use card::*;
pub use chart::*;
pub use checks::*;
pub use chip::*;
pub use choices::*;
pub use code::*;
pub use copyline::*;
pub use dialog::*;
pub use empty::*;
pub use error_summary::*;
pub use facts::*;
pub use field::*;
pub use glyph::*;
pub use icon::*;
pub use iconbtn::*;
pub use log::*;
pub use menu::*;
pub use meter::*;
pub use number::*;
pub use page_head::*;
pub use pager::*;
pub use plan::*;
pub use rows::*;
pub use search_field::*;
pub use skeleton::*;
pub use stages::*;
pub use status::*;
pub use steps::*;
pub use table::*;
pub use tabs::*;
pub use tag::*;
pub use time::*;
pub use timeline::*;
pub use tokens::*;
pub use tone::*;

/// Joins the class names that are not empty.
fn classes<const N: usize>(parts: [&str; N]) -> String {
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}
