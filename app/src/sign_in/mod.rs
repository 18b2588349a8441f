//! The sign-in page: one button per identity provider, and what went wrong the last time.

mod page;

pub(crate) use page::page;
