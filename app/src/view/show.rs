//! A part that is there only while something holds.

use leptos::prelude::{Get as _, Memo, component};

use super::{AnyView, IntoAny as _, ViewFn};

/// A question that is asked again when what it reads changes.
pub struct Condition(Box<dyn Fn() -> bool + Send + Sync>);

impl<F: Fn() -> bool + Send + Sync + 'static> From<F> for Condition {
    fn from(holds: F) -> Self {
        Self(Box::new(holds))
    }
}

/// Draws its children while the condition holds. Leptos' own is compiled for each use.
#[component]
pub fn Show(
    /// Whether to draw them.
    #[prop(into)]
    when: Condition,
    /// What is drawn.
    children: ViewFn,
) -> AnyView {
    let holds = Memo::new(move |_| (when.0)());
    let content = move || {
        if holds.get() {
            children.run()
        } else {
            ().into_any()
        }
    };
    content.into_any()
}
