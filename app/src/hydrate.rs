//! Where the browser enters: the served page becomes the running one.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the document the server rendered.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    let root = leptos::prelude::document().document_element();
    if let Some(icons) = root.and_then(|root| root.get_attribute("data-icons")) {
        crate::ui::use_sprite(icons);
    }
    leptos::mount::hydrate_body(crate::App);
}
