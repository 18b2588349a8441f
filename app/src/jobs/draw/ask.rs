//! Questions before an act: what it means, a reason, the button. Each has an address, so that it works
//! without a script; with one it is a modal dialog.

use crate::prelude::*;

use crate::links::still;
use crate::ui::{Button, ButtonLink, Look, TextArea};

/// A question.
pub(crate) struct Question {
    /// What is decided: "Cancel JOB-42".
    pub(crate) title: String,
    /// What happens then, and whether it can be undone.
    pub(crate) text: String,
    /// The function that does it.
    pub(crate) action: &'static str,
    /// Its fields, without the reason.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// Whether a reason must be given.
    pub(crate) reason: bool,
    /// The button.
    pub(crate) button: &'static str,
    /// Weight of the button.
    pub(crate) look: Look,
    /// The way back, and its word.
    pub(crate) back: (String, &'static str),
}

impl Question {
    /// The dialog.
    pub(crate) fn draw(self) -> AnyView {
        let fields: Vec<_> = self
            .fields
            .into_iter()
            .map(|(name, value)| {
                view! { <input type="hidden" name=format!("input[{name}]") value=value /> }
            })
            .collect();
        let reason = self.reason.then(|| {
            view! {
                <TextArea
                    id="ask-reason"
                    name="input[reason]"
                    label="Reason"
                    help="At least a few words; it stands on the record.".to_owned()
                />
            }
        });
        let (back, word) = self.back;
        view! {
            <dialog class="dialog" id="ask" open=true data-modal="" aria-labelledby="ask-title">
                <form method="post" action=self.action>
                    {fields} <header>
                        <h2 id="ask-title">{self.title}</h2>
                    </header> <div class="dialog__body">
                        <p>{self.text}</p>
                        {reason}
                    </div> <footer>
                        <ButtonLink {..still()} href=back>
                            {word}
                        </ButtonLink>
                        <Button kind="submit" look=self.look>
                            {self.button}
                        </Button>
                    </footer>
                </form>
            </dialog>
        }
        .into_any()
    }
}
