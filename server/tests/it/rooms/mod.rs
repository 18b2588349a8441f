//! The rooms keep their doors: what may stand only in named places stands
//! nowhere else. Read from the source, because the compiler does not mind.

mod sizes;
mod source;

use source::{Source, sources};

/// Text that may occur only in named places.
struct Rule {
    what: &'static str,
    patterns: &'static [&'static str],
    /// Paths or beginnings of paths, from the workspace's root.
    places: &'static [&'static str],
    /// Whether tests are held to it too.
    tests_too: bool,
}

/// SECURITY.md, N25 and its neighbours. Clippy (`clippy.toml`) finds the calls
/// by their true names and needs an `#[expect]`; this list says where such an
/// `#[expect]` may stand.
const BANNED: [Rule; 10] = [
    Rule {
        what: "an exception from clippy.toml",
        patterns: &["clippy::disallowed_methods", "clippy::disallowed_types"],
        places: &[
            "platform/src/secrets/keyring.rs",
            "runner/src/client.rs",
            "server/src/auth/client_auth.rs",
            "server/src/auth/oidc.rs",
            "server/src/outgoing/mod.rs",
        ],
        tests_too: false,
    },
    Rule {
        what: "a secret laid open",
        patterns: &["expose_secret"],
        places: &[
            "platform/src/secrets/keyring.rs",
            "server/src/auth/client_auth.rs",
            "server/src/auth/oidc.rs",
        ],
        tests_too: false,
    },
    Rule {
        what: "an HTTP client without the guard",
        patterns: &[
            "reqwest::Client::",
            "reqwest::ClientBuilder",
            "reqwest::get",
            "Client::builder",
        ],
        places: &["runner/src/client.rs", "server/src/outgoing/mod.rs"],
        tests_too: false,
    },
    Rule {
        what: "a weakened token check",
        patterns: &[
            "allow_any_alg",
            "allow_all_jose_types",
            ".insecure_",
            "require_issuer_match",
            "require_audience_match",
            "require_signature_check",
            "require_signed_response",
        ],
        places: &[],
        tests_too: true,
    },
    Rule {
        what: "a nonce verifier that is a closure",
        patterns: &[
            ".claims(|",
            "NonceVerifier",
            ", |nonce",
            ", |_: Option<&Nonce>",
        ],
        places: &[],
        tests_too: false,
    },
    Rule {
        what: "a writer of tower-sessions",
        patterns: &[
            ".cycle_id(",
            ".set_expiry(",
            "with_always_save",
            "CachingSessionStore",
            "session.insert(",
            "session.flush(",
        ],
        places: &[],
        tests_too: true,
    },
    Rule {
        what: "SQL from a string",
        patterns: &["AssertSqlSafe"],
        places: &["platform/src/audit/tests/", "server/tests/it/"],
        tests_too: true,
    },
    Rule {
        what: "raw HTML",
        patterns: &["inner_html"],
        // sheet.rs shows what our own server has drawn and escaped; field.rs writes a textarea.
        places: &["app/src/ui/field.rs", "app/src/sheet.rs"],
        tests_too: false,
    },
    Rule {
        what: "a style attribute, which the CSP forbids",
        patterns: &["style=", "style:"],
        places: &["server/", "platform/", "runner/", "assets/"],
        tests_too: false,
    },
    Rule {
        what: "a lint switched off",
        patterns: &["#[allow(", "#![allow("],
        places: &[],
        tests_too: true,
    },
];

/// ARCHITECTURE.md: who may do what.
const ROOMS: [Rule; 4] = [
    Rule {
        what: "SQL outside an ops module",
        patterns: &[
            "query!(",
            "query_as!(",
            "query_scalar!(",
            "query_file",
            "sqlx::query(",
            "sqlx::query_as(",
            "raw_sql(",
        ],
        // The harness asks as nobody in the product may.
        places: &["faults/"],
        tests_too: false,
    },
    Rule {
        what: "leptos or axum below the app",
        patterns: &["leptos::", "axum::", "leptos.workspace", "axum.workspace"],
        places: &["app/", "server/", "assets/"],
        tests_too: true,
    },
    Rule {
        what: "Leptos' prelude, whose erased views are heavy in the browser: use crate::prelude",
        patterns: &["use leptos::prelude::", "leptos::{prelude::"],
        places: &[
            "app/src/prelude.rs",
            "app/src/view/",
            "app/src/context/",
            "app/src/host/",
        ],
        tests_too: true,
    },
    Rule {
        what: "a feature named ssr or hydrate of our own",
        patterns: &[
            "feature = \"ssr\"",
            "feature = \"hydrate\"",
            "\nssr =",
            "\nhydrate =",
        ],
        places: &[],
        tests_too: true,
    },
];

/// Where a host-only module of `app` is cut off; each is a whole module.
const GATES_IN_APP: usize = 16;

#[test]
fn security_25_banned_calls_stay_in_their_modules() {
    report(&BANNED);
}

#[test]
fn rooms_keep_their_doors() {
    report(&ROOMS);
}

#[test]
fn the_app_is_cut_in_few_places() {
    let gates: Vec<String> = sources()
        .iter()
        .filter(|source| source.path.starts_with("app/src/"))
        .flat_map(|source| source.lines_with(&["cfg("]))
        .filter(|line| !line.contains("cfg(test)"))
        .collect();
    assert!(
        gates.len() <= GATES_IN_APP,
        "gate modules, not lines:\n{}",
        gates.join("\n")
    );
}

/// A rule that finds nothing even where it may would be misspelt.
#[test]
fn the_places_named_exist() {
    let sources = sources();
    for rule in BANNED.iter().chain(&ROOMS) {
        for place in rule.places {
            let found = sources.iter().any(|source| source.path.starts_with(place));
            assert!(found, "{}: {place} does not exist any more", rule.what);
        }
    }
}

fn report(rules: &[Rule]) {
    let sources = sources();
    let found: Vec<String> = rules
        .iter()
        .flat_map(|rule| {
            sources
                .iter()
                .filter(|source| is_bound(rule, source))
                .flat_map(|source| source.lines_with(rule.patterns))
                .map(|line| format!("{}: {line}", rule.what))
        })
        .collect();
    assert!(found.is_empty(), "out of place:\n{}", found.join("\n"));
}

fn is_bound(rule: &Rule, source: &Source) -> bool {
    let sql_may_stand = rule.what.starts_with("SQL outside") && source.is_ops();
    let free = rule
        .places
        .iter()
        .any(|place| source.path.starts_with(place));
    !free && !sql_may_stand && (rule.tests_too || !source.is_test())
}

/// The browser reads answers by the one reader of `app::wire`; another `output` brings its own.
#[test]
fn every_server_function_answers_in_our_encoding() {
    let others: Vec<String> = sources()
        .iter()
        .filter(|source| source.path.starts_with("app/src/"))
        .flat_map(|source| source.lines_with(&["#[server("]))
        .filter(|line| !line.contains("output = Answers"))
        .collect();
    assert!(others.is_empty(), "{}", others.join("\n"));
}
