//! Home: who am I, and what needs me.

mod page;
mod roles;

pub(crate) use page::page;
pub(crate) use roles::GrantList;
