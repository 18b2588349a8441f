//! What stands inside a component: drawn once, or as often as asked.

use std::sync::Arc;

use leptos::{
    children::{ChildrenOptContainer, ToChildren},
    prelude::{IntoView, RenderHtml},
};

use super::{AnyView, IntoAny};

/// What stands between the tags of a component.
pub struct Children(Box<dyn FnOnce() -> AnyView + Send>);

impl Children {
    /// Draws it.
    pub fn run(self) -> AnyView {
        (self.0)()
    }
}

impl<F, C> ToChildren<F> for Children
where
    F: FnOnce() -> C + Send + 'static,
    C: RenderHtml + Send + 'static,
{
    fn to_children(draw: F) -> Self {
        Self(Box::new(move || draw().into_any()))
    }
}

impl<T> ToChildren<ChildrenOptContainer<T>> for Children
where
    T: IntoView + Send + 'static,
{
    fn to_children(text: ChildrenOptContainer<T>) -> Self {
        Self(Box::new(move || text.0.into_any()))
    }
}

/// A part of a component that is given as a closure.
#[derive(Clone)]
pub struct ViewFn(Arc<dyn Fn() -> AnyView + Send + Sync>);

impl ViewFn {
    /// Draws it.
    pub fn run(&self) -> AnyView {
        (self.0)()
    }
}

impl<F, C> From<F> for ViewFn
where
    F: Fn() -> C + Send + Sync + 'static,
    C: RenderHtml + Send + 'static,
{
    fn from(draw: F) -> Self {
        Self(Arc::new(move || draw().into_any()))
    }
}

impl<F, C> ToChildren<F> for ViewFn
where
    F: Fn() -> C + Send + Sync + 'static,
    C: RenderHtml + Send + 'static,
{
    fn to_children(draw: F) -> Self {
        draw.into()
    }
}
