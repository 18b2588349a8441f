//! Type-erased views of the browser.

mod drawn;
mod spread;

pub use drawn::{AnyView, IntoAny};
