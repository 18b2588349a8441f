//! What a person sees.
pub mod ui;
