//! Lines above the page that concern the whole session: no network, signed out.

use leptos::ev;
use leptos_router::hooks::use_location;

use crate::{
    context, links,
    prelude::*,
    ui::{Banner, ButtonLink, Glyph, Look, Size, Tone},
};

/// The banners. Neither is in the served page: a page that was served had a network and a session.
#[component]
pub(super) fn Banners() -> impl IntoView {
    let offline = RwSignal::new(false);
    Effect::new(move |_| {
        offline.set(!window().navigator().on_line());
        let lost = window_event_listener(ev::offline, move |_| offline.set(true));
        let back = window_event_listener(ev::online, move |_| offline.set(false));
        on_cleanup(move || {
            lost.remove();
            back.remove();
        });
    });
    let ended = context::session().ended;
    let location = use_location();
    let sign_in = move || {
        links::sign_in(&format!(
            "{}{}",
            location.pathname.get_untracked(),
            query(&location.search.get_untracked())
        ))
    };
    view! {
        <Show when=move || offline.get()>
            <Banner tone=Tone::Warn icon=Glyph::WifiOff>
                <b class="strong">"You are offline."</b>
                " This page stays readable; nothing can be changed until the network is back."
            </Banner>
        </Show>
        <Show when=move || ended.get()>
            {
                let href = sign_in();
                view! {
                    <Banner
                        tone=Tone::Warn
                        icon=Glyph::Lock
                        actions=move || {
                            view! {
                                <ButtonLink href=href.clone() look=Look::Primary size=Size::Small>
                                    "Sign in again"
                                </ButtonLink>
                            }
                        }
                    >
                        <b class="strong">"Your session ended."</b>
                        " What you see was loaded before. Sign in to go on; you come back to this page."
                    </Banner>
                }
            }
        </Show>
    }    .into_any()
}

fn query(search: &str) -> String {
    if search.is_empty() {
        String::new()
    } else {
        format!("?{}", search.trim_start_matches('?'))
    }
}
