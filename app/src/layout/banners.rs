//! Lines above the page that concern the whole session: no network, signed out, a chain that is not
//! sound.

use leptos::ev;
use leptos_router::hooks::use_location;
use platform::people::Role;

use crate::{
    context, links,
    prelude::*,
    ui::{Banner, ButtonLink, Glyph, Look, Size, Tone},
};

/// The banners. The served page has none but that of the chain: a page that was served had a network
/// and a session.
#[component]
pub(super) fn Banners() -> AnyView {
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
        {context::viewer().chain_is_broken.then(not_sound)}
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

fn not_sound() -> AnyView {
    let auditor = context::me().grants.has(Role::Auditor);
    let look = move || {
        auditor
            .then(|| view! { <ButtonLink href="/audit" size=Size::Small>"Open Audit"</ButtonLink> })
    };
    view! {
        <Banner tone=Tone::Danger actions=look>
            <b class="strong">"The audit chain is not sound."</b>
            " A verification found events altered or removed. Do not rely on the record until your security team has looked into it."
        </Banner>
    }
    .into_any()
}

fn query(search: &str) -> String {
    if search.is_empty() {
        String::new()
    } else {
        format!("?{}", search.trim_start_matches('?'))
    }
}
