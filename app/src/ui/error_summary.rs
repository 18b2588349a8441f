//! What must be corrected, on top of its form, each with a link to its field.

use crate::prelude::*;

use super::{Glyph, Icon};

/// The errors of a form. Renders nothing when there are none; give it focus
/// after a failed submission.
#[component]
pub fn ErrorSummary(
    /// What could not be done: "before this can be planned".
    #[prop(into)]
    so_that: String,
    /// Id of the field and what is wrong with it.
    errors: Vec<(String, String)>,
) -> AnyView {
    (!errors.is_empty()).then(move || {
        let number = match errors.len() {
            1 => "1 field needs".to_owned(),
            number => format!("{number} fields need"),
        };
        let links: Vec<_> = errors
            .into_iter()
            .map(|(id, what)| {
                view! {
                    <li>
                        <a href=format!("#{id}")>{what}</a>
                    </li>
                }
                .into_any()
            })
            .collect();
        view! {
            <div class="callout" data-tone="danger" role="alert" tabindex="-1" id="error-summary">
                <Icon glyph=Glyph::StateX />
                <strong>{format!("{number} a correction {so_that}")}</strong>
                <ul class="linklist">{links}</ul>
            </div>
        }
    }).into_any()
}
