//! The document around the application: what the browser loads, and in which order.
//!
//! Leptos' own `HydrationScripts` writes the nonce into `crossorigin=`, where scripts and styles
//! can read it (leptos#4844); here it is in `nonce=` only.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use super::AppOptions;
use crate::{App, ui};

/// The document of one page.
pub(super) fn shell(options: &AppOptions) -> impl IntoView + use<> {
    let asset = |name: &str| (options.assets)(name);
    let icons = asset("icons.svg");
    ui::use_sprite(icons.clone());
    let nonce = use_nonce();
    let script = asset("groundcrew.js");
    let wasm = asset("groundcrew_bg.wasm");
    let start = format!(
        "import i,{{hydrate as h}} from \"{script}\";i({{module_or_path:\"{wasm}\"}}).then(h)"
    );
    view! {
        <!DOCTYPE html>
        <html lang="en" data-icons=icons>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" type="image/svg+xml" href=asset("favicon.svg") />
                <link rel="stylesheet" href=asset("groundcrew.css") />
                <script src=asset("theme.js") nonce=nonce.clone()></script>
                <script src=asset("time.js") nonce=nonce.clone() defer=true></script>
                <script src=asset("page.js") nonce=nonce.clone() defer=true></script>
                <script src=asset("live.js") nonce=nonce.clone() defer=true></script>
                <script src=asset("log.js") nonce=nonce.clone() defer=true></script>
                <link rel="modulepreload" href=script nonce=nonce.clone() crossorigin />
                <link
                    rel="preload"
                    href=wasm
                    r#as="fetch"
                    r#type="application/wasm"
                    crossorigin
                />
                <script type="module" nonce=nonce>{start}</script>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
