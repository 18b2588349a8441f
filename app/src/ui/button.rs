//! Buttons, and links that look like them. The label is verb plus object:
//! "Approve revision 3", never "OK".
//!
//! Anything else an element can carry is given by spreading:
//! `<Button attr:popovertarget="menu" on:click=…>`.

use crate::prelude::*;

use super::{Glyph, Icon, classes};

/// How much weight a button has. One primary per region; `DangerSolid` only
/// inside a confirmation or a guard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// A frame: one of several equal actions.
    #[default]
    Plain,
    /// Ink on paper: the decision of its region.
    Primary,
    /// Framed, in the colour of danger: opens a confirmation.
    Danger,
    /// Filled with danger: carries it out.
    DangerSolid,
    /// No frame: secondary, in toolbars and heads.
    Ghost,
}

/// How tall a button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// In rows, bars and callouts.
    Small,
    /// Everywhere else.
    #[default]
    Medium,
    /// Alone on a page: sign in, run.
    Large,
}

pub(super) fn button_class(look: Look, size: Size, block: bool) -> String {
    let look = match look {
        Look::Plain => "",
        Look::Primary => "btn--primary",
        Look::Danger => "btn--danger",
        Look::DangerSolid => "btn--danger-solid",
        Look::Ghost => "btn--ghost",
    };
    let size = match size {
        Size::Small => "btn--sm",
        Size::Medium => "",
        Size::Large => "btn--lg",
    };
    classes(["btn", look, size, if block { "btn--block" } else { "" }])
}

/// A button that does something. `kind` is the `type` attribute.
#[component]
pub fn Button(
    /// Its weight.
    #[prop(optional)]
    look: Look,
    /// Its height.
    #[prop(optional)]
    size: Size,
    /// A picture before the label.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// `button`, or `submit` inside a form.
    #[prop(default = "button")]
    kind: &'static str,
    /// Greyed out; say why beside it.
    #[prop(optional)]
    disabled: bool,
    /// As wide as its container.
    #[prop(optional)]
    block: bool,
    /// The label.
    children: Children,
) -> AnyView {
    view! {
        <button class=button_class(look, size, block) type=kind disabled=disabled>
            {icon.map(|glyph| view! { <Icon glyph /> })}
            {children.run()}
        </button>
    }
    .into_any()
}

/// A link that looks like a button: it goes somewhere.
#[component]
pub fn ButtonLink(
    /// Where it goes.
    #[prop(into)]
    href: String,
    /// Its weight.
    #[prop(optional)]
    look: Look,
    /// Its height.
    #[prop(optional)]
    size: Size,
    /// A picture before the label.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// As wide as its container.
    #[prop(optional)]
    block: bool,
    /// The label.
    children: Children,
) -> AnyView {
    view! {
        <a class=button_class(look, size, block) href=href>
            {icon.map(|glyph| view! { <Icon glyph /> })}
            {children.run()}
        </a>
    }
    .into_any()
}
