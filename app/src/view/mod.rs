//! Views whose type is forgotten, and the children that are such views.
//!
//! On the host these are Leptos' own. In the browser Leptos' `AnyView` compiles each view three
//! times over: it keeps an asynchronous twin of hydration, for routes that are loaded late, and
//! its own unchecked boxes. Ours keeps what this portal calls, and reads the very same markup.

#[cfg(target_arch = "wasm32")]
mod browser;
mod children;
mod show;

#[cfg(target_arch = "wasm32")]
pub use browser::{AnyView, IntoAny};
pub use children::{Children, ViewFn};
#[cfg(not(target_arch = "wasm32"))]
pub use leptos::prelude::{AnyView, IntoAny};
pub use show::Show;
