//! Pages that repeat what the code says are held to it.
//!
//! `UPDATE_DOCS=1 cargo test -p platform --test it` rewrites them.

use std::{fmt::Write as _, fs, path::PathBuf};

use platform::policy::{Action, Who, rule};

fn matrix() -> String {
    let mut table = String::from("| action | who |\n|---|---|\n");
    for action in Action::ALL {
        let who: Vec<String> = rule(*action)
            .grants
            .iter()
            .map(|grant| {
                let words = match grant.who {
                    Who::SignedIn => "anybody signed in",
                    Who::Member => "anybody with a role, team or function",
                    Who::Owner => "whom it belongs to",
                    Who::Bearer => "the session itself",
                    Who::Role(_) => grant.who.words().trim_start_matches("the role "),
                    Who::OwnerTeam => "its team",
                    Who::OwnerLead => "the lead of its team",
                    Who::OnCall => "on-call of any team",
                    Who::Worker => "a worker, within its pool",
                    Who::Attempt => "the attempt itself, while it holds its step",
                    Who::System => "the portal itself",
                };
                let fresh = if grant.step_up {
                    ", after a fresh sign-in"
                } else {
                    ""
                };
                format!("{words}{fresh}")
            })
            .collect();
        let _ = writeln!(table, "| `{}` | {} |", action.name(), who.join("; "));
    }
    table
}

/// Replaces what stands between the markers of a page, or compares it.
fn hold(page: &str, marker: &str, wanted: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(page);
    let text = fs::read_to_string(&path).expect("the page is there");
    let (begin, end) = (
        format!("<!-- {marker}:begin -->\n"),
        format!("<!-- {marker}:end -->"),
    );
    let (head, rest) = text.split_once(&begin).expect("begin marker");
    let (found, tail) = rest.split_once(&end).expect("end marker");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{head}{begin}{wanted}{end}{tail}")).expect("writable");
    } else {
        assert_eq!(
            found, wanted,
            "{page} is out of date: run with UPDATE_DOCS=1"
        );
    }
}

#[test]
fn the_security_page_shows_the_policy_table() {
    hold("docs/security.md", "policy", &matrix());
}
