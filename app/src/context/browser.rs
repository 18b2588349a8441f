//! In the browser there is no request: what it brought was written into the page.

use crate::viewer::Viewer;

/// Nobody yet: the value is in the page and this is not asked.
pub(crate) fn viewer_of_request() -> Viewer {
    Viewer::default()
}

/// The status was sent with the page.
pub(crate) fn set_status(_status: u16) {}

/// Errors made in the browser have no trace.
pub(crate) fn trace() -> String {
    String::new()
}

/// The browser sends nothing back.
pub(crate) fn written<T>(_value: &T) -> String {
    String::new()
}
