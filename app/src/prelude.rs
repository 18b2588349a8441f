//! What a file that draws something starts with: everything of Leptos, its type-erased views
//! replaced by ours.

pub(crate) use leptos::prelude::*;

pub(crate) use crate::view::{AnyView, Children, IntoAny, Show, ViewFn};
