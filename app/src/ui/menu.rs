//! A short list of actions behind a button. The browser opens and closes it
//! (`popover`), so it works before any script.

use crate::prelude::*;

use super::button::button_class;
use super::{Glyph, Icon, Look, Size, Tone, classes};

/// A button and the list it opens.
#[component]
pub fn Menu(
    /// A unique id for the list.
    #[prop(into)]
    id: String,
    /// What the button says.
    #[prop(into)]
    label: String,
    /// The picture of the button. With `icon_only` it is all there is to see.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Whether the label is only heard.
    #[prop(optional)]
    icon_only: bool,
    /// The weight of the button.
    #[prop(optional)]
    look: Look,
    /// The height of the button.
    #[prop(optional)]
    size: Size,
    /// Whether the list grows towards the end of the line instead of its start.
    #[prop(optional)]
    start: bool,
    /// [`MenuLink`]s, [`MenuButton`]s, `<hr/>`.
    children: Children,
) -> AnyView {
    let list = classes(["menu menu--anchor", if start { "menu--start" } else { "" }]);
    let icon = icon.map(|glyph| view! { <Icon glyph /> });
    let button = if icon_only {
        view! {
            <button
                class=classes(["iconbtn", if size == Size::Small { "iconbtn--sm" } else { "" }])
                type="button"
                title=label
                popovertarget=id.clone()
            >
                {icon}
                <span class="sr-only">{label.clone()}</span>
            </button>
        }
        .into_any()
    } else {
        view! {
            <button class=button_class(look, size, false) type="button" popovertarget=id.clone()>
                {icon}
                {label}
                <Icon glyph=Glyph::ChevronDown />
            </button>
        }
        .into_any()
    };
    view! {
        <div class="menu-wrap">
            {button} <div class=list id=id popover="auto">
                {children.run()}
            </div>
        </div>
    }
    .into_any()
}

/// An entry that goes somewhere.
#[component]
pub fn MenuLink(
    /// Where it goes.
    #[prop(into)]
    href: String,
    /// A picture before the label.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// The label.
    children: Children,
) -> AnyView {
    view! { <a href=href>{icon.map(|glyph| view! { <Icon glyph /> })} {children.run()}</a> }
        .into_any()
}

/// An entry that does something.
#[component]
pub fn MenuButton(
    /// A picture before the label.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// [`Tone::Danger`] for what cannot be undone.
    #[prop(optional)]
    tone: Tone,
    /// `button`, or `submit` inside a form.
    #[prop(default = "button")]
    kind: &'static str,
    /// The label.
    children: Children,
) -> AnyView {
    view! {
        <button type=kind data-tone=tone.as_str()>
            {icon.map(|glyph| view! { <Icon glyph /> })}
            {children.run()}
        </button>
    }
    .into_any()
}
