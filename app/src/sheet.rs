//! Pages the server draws and the browser only shows.
//!
//! What such a page says is decided by what the server knows, and nothing in it needs a program in
//! the browser: forms and links do the work, two small scripts (`style/static/live.js`, `log.js`)
//! keep it current. So its views are compiled for the host only, and the browser's bundle holds one
//! element for all of them.

use std::pin::Pin;

use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};
use serde::{Deserialize, Serialize};

use crate::{AppError, answer::ask, page::failed, prelude::*, ui::SkeletonRows};

/// A page's content, drawn. Made by [`Sheet::draw`] only, from views: everything in it that is text
/// was escaped by the renderer that writes the whole document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sheet {
    title: String,
    html: String,
}

/// Where the reader is: what a drawn page depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// The part of the path that names the thing; empty on lists.
    #[serde(default)]
    pub(crate) id: String,
    /// The query of the address, without its question mark.
    #[serde(default)]
    pub(crate) query: String,
}

/// A sheet on its way: one type for all pages.
pub(crate) type Drawing = Pin<Box<dyn Future<Output = Result<Sheet, AppError>> + Send>>;

/// A page whose content is a sheet.
pub(crate) fn page(title: &'static str, ask_for: fn(Place) -> Drawing) -> AnyView {
    let (params, location) = (use_params_map(), use_location());
    let place = Memo::new(move |_| Place {
        id: params.read().get("id").unwrap_or_default(),
        query: location.search.get(),
    });
    ask(move || place.get(), ask_for).drawn(
        move || view! { <SkeletonRows what=title /> }.into_any(),
        move |sheet| match sheet {
            Ok(sheet) => shown(sheet),
            Err(error) => failed(error, title),
        },
    )
}

fn shown(sheet: Sheet) -> AnyView {
    view! {
        <Title text=sheet.title />
        <div class="sheet" inner_html=sheet.html></div>
    }
    .into_any()
}

#[cfg(not(target_arch = "wasm32"))]
mod draw {
    use crate::prelude::*;

    use super::{Place, Sheet};

    impl Sheet {
        /// Draws a page.
        pub(crate) fn draw(title: impl Into<String>, view: AnyView) -> Self {
            Self {
                title: title.into(),
                html: markup(view),
            }
        }
    }

    /// The markup of a part.
    pub(crate) fn markup(view: AnyView) -> String {
        view.to_html().replace("<!>", "")
    }

    impl Place {
        /// The value of a field of the query; empty when it is not there.
        pub(crate) fn field(&self, name: &str) -> String {
            url::form_urlencoded::parse(self.query.trim_start_matches('?').as_bytes())
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.trim().to_owned())
                .unwrap_or_default()
        }

        /// The same, when it is there.
        pub(crate) fn some(&self, name: &str) -> Option<String> {
            Some(self.field(name)).filter(|value| !value.is_empty())
        }

        /// The same, as a number.
        pub(crate) fn number(&self, name: &str) -> Option<i64> {
            self.field(name).parse().ok()
        }
    }
}
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use draw::markup;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_holds_text_as_text() {
        let sheet = Owner::new().with(|| {
            let text = "<script>alert(1)</script>".to_owned();
            Sheet::draw(
                "x",
                view! { <p title=text.clone()>{text.clone()}</p> }.into_any(),
            )
        });
        assert!(!sheet.html.contains("<script"), "{}", sheet.html);
    }

    #[test]
    fn a_place_reads_its_query() {
        let place = Place {
            id: String::new(),
            query: "?text=a+b%26c&line=12".into(),
        };
        assert_eq!(place.field("text"), "a b&c");
        assert_eq!(place.number("line"), Some(12));
        assert_eq!(place.some("state"), None);
    }
}
