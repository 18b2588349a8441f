//! Search: pages and people, from the palette and on its own page.

mod hit;
mod list;
mod page;
mod palette;
mod recent;
mod server;

pub(crate) use page::page;
pub(crate) use palette::Palette;
