//! A decision that holds everything else until it is made. Open it with
//! `<Button attr:commandfor="id" attr:command="show-modal">`, close it with
//! `attr:command="close"`; Escape closes it and focus returns to the opener.

use crate::prelude::*;

/// The frame and its title. Inside: [`DialogBody`] and [`DialogFoot`], alone or
/// within one form.
#[component]
pub fn Dialog(
    /// A unique id.
    #[prop(into)]
    id: String,
    /// What is decided.
    #[prop(into)]
    title: String,
    /// What is inside.
    children: Children,
) -> AnyView {
    let heading = format!("{id}-title");
    view! {
        <dialog class="dialog" id=id aria-labelledby=heading>
            <header>
                <h2 id=heading.clone()>{title}</h2>
            </header>
            {children.run()}
        </dialog>
    }
    .into_any()
}

/// The consequence, and what must be filled in.
#[component]
pub fn DialogBody(
    /// What is inside.
    children: Children,
) -> AnyView {
    view! { <div class="dialog__body">{children.run()}</div> }.into_any()
}

/// The buttons, the deciding one last.
#[component]
pub fn DialogFoot(
    /// What is inside.
    children: Children,
) -> AnyView {
    view! { <footer>{children.run()}</footer> }.into_any()
}
