//! Catalog: templates people may request.

mod list;

pub(crate) use list::list;
