//! What happened while the person was elsewhere.

use crate::prelude::*;

use crate::ui::{Empty, Glyph, Icon};

/// The button and its list. Nothing tells people anything yet, and the list says so.
#[component]
pub(super) fn Notifications() -> AnyView {
    view! {
        <button class="iconbtn" type="button" popovertarget="notifications" title="Notifications">
            <Icon glyph=Glyph::Bell />
            <span class="sr-only">"Notifications, none unread"</span>
        </button>
        <div class="menu menu--top menu--wide" id="notifications" popover="auto">
            <div class="card__head">
                <h2>"Notifications"</h2>
            </div>
            <Empty glyph=Glyph::Bell title="Nothing happened yet">
                "You are told here when a request needs you, a job of yours ends, a lease runs out or an incident opens."
            </Empty>
        </div>
    }    .into_any()
}
