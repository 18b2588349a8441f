//! Who am I, my sessions, and the way out.

use crate::prelude::*;

use crate::{
    context,
    ui::{Avatar, Glyph, MenuButton, MenuLink},
};

/// The account menu. Signing out is a form, so that no link can do it.
#[component]
pub(super) fn UserMenu() -> AnyView {
    let viewer = context::viewer();
    let me = context::me();
    let standing = viewer.standing(&me.grants).join(", ");
    view! {
        <button class="user-btn" type="button" popovertarget="usermenu">
            <Avatar name=me.name.clone() medium=true />
            <span class="sr-only">{format!("Account menu, {}", me.name)}</span>
        </button>
        <div class="menu menu--top" id="usermenu" popover="auto">
            <p class="menu__head">
                <strong class="strong">{me.name.clone()}</strong>
                <br />
                <span class="muted">{standing}</span>
            </p>
            <MenuLink href=format!("/people/{}", me.id) icon=Glyph::User>
                "Profile"
            </MenuLink>
            <MenuLink href="/sessions" icon=Glyph::Shield>
                "Sessions"
            </MenuLink>
            <hr />
            <form class="menu__form" method="post" action="/auth/sign-out">
                <MenuButton kind="submit" icon=Glyph::Logout>
                    "Sign out"
                </MenuButton>
            </form>
        </div>
    }
    .into_any()
}
