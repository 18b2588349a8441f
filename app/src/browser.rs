//! What the interface asks of the browser beyond the view. Called in effects and handlers only, so
//! never on the host.

use leptos::{wasm_bindgen::JsCast as _, web_sys};

use crate::prelude::*;

/// A value kept in this browser.
pub(crate) fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Keeps a value in this browser, or forgets it. Private windows may refuse; nothing depends on it.
pub(crate) fn store(key: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _refused = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// Opens a dialog that has just been put into the page.
pub(crate) fn show_modal(dialog: Option<web_sys::HtmlDialogElement>) {
    if let Some(dialog) = dialog.filter(|dialog| !dialog.open()) {
        let _already_open = dialog.show_modal();
    }
}

/// Focuses the first element that fits; says whether there is one.
pub(crate) fn focus(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    found
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
        .is_some_and(|element| element.focus().is_ok())
}

/// Brings an element into view within its list.
pub(crate) fn reveal(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.scroll_into_view_with_bool(false);
    }
}

/// Closes whatever the browser holds open: the drawer, menus.
pub(crate) fn close_popovers() {
    let Ok(open) = document().query_selector_all(":popover-open") else {
        return;
    };
    for index in 0..open.length() {
        let element = open
            .item(index)
            .and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(element) = element {
            let _closed_already = element.hide_popover();
        }
    }
}

/// Opens an address in a new tab.
pub(crate) fn open_tab(href: &str) {
    let _blocked = window().open_with_url_and_target(href, "_blank");
}
