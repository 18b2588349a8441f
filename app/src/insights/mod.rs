//! Insights: what all this costs and how well it flows.

mod show;

pub(crate) use show::show;
