//! What requests, jobs and insights are shown with.

use crate::prelude::*;
use platform::time::Timestamp;

use super::html;
use crate::ui::*;

#[test]
fn checks_and_stages_give_their_reasons() {
    let checks = html(|| {
        view! {
            <Checks bare=true>
                <Check tone=Tone::Warn title="Restarts the primary" word="Warning" sub="rule database-restart" />
                <Check tone=Tone::Ok title="Nothing destroyed" />
            </Checks>
        }
    });
    assert!(
        checks.contains("#i-warning") && checks.contains("#i-s-check"),
        "{checks}"
    );
    assert!(
        checks.contains(r#"<span class="word">Warning</span>"#),
        "{checks}"
    );
    let stages = html(|| {
        view! {
            <Stages>
                <Stage tone=Tone::Warn glyph=Glyph::Hourglass title="Needs 1 of team leads of Payments"
                    lines=vec!["Why: tier is staging".to_owned()] />
            </Stages>
        }
    });
    assert!(
        stages.contains("<ol class=\"stages\">") && stages.contains("Why: tier is staging"),
        "{stages}"
    );
}

#[test]
fn history_and_conversation_are_one_list() {
    let at: Timestamp = "2026-11-18T11:40:00Z".parse().expect("a valid timestamp");
    let list = html(|| {
        view! {
            <Timeline>
                <Happened glyph=Glyph::Request at><b>"Marco Bianchi"</b>" opened the request"</Happened>
                <Comment author="Noor Haddad" role="Platform" at><p>"No lag alarm."</p></Comment>
            </Timeline>
        }
    });
    assert_eq!(list.matches("<li>").count(), 2, "{list}");
    assert!(list.contains("<article class=\"comment\">"), "{list}");
    assert_eq!(
        list.matches("datetime=\"2026-11-18T11:40:00Z\"").count(),
        2,
        "{list}"
    );
}

#[test]
fn a_secret_is_never_in_the_page() {
    let masked = html(|| view! { <Masked note="rotated 6 days ago" /> });
    assert!(
        masked.contains(r#"<span class="sr-only">hidden</span>"#),
        "{masked}"
    );
    let copy = html(|| view! { <CopyLine what="trace id" value="4bf9\"2f" /> });
    assert!(
        copy.contains("Copy trace id") && copy.contains("data-copy=\"4bf9&quot;2f\""),
        "{copy}"
    );
}

#[test]
fn security_36_a_log_is_silent_inert_and_each_line_has_an_address() {
    let line = LogLine {
        number: 96,
        text: "Error: <b>quota</b> \u{1b}[31m<script>alert(1)</script>\u{202e}\u{0}".to_owned(),
    };
    let log = html(|| {
        view! {
            <Log label="Log of job 7" tools=|| view! { <IconButton glyph=Glyph::Fold label="Fold all" /> }>
                <LogPhase title="apply" tone=Tone::Danger glyph=Glyph::StateFailed
                    duration="35 s" range=(96, 96) open=true href="?line=96">
                    <LogBlock lines=vec![line] search="quota" address="/jobs/7?line=" />
                </LogPhase>
            </Log>
        }
    });
    assert!(
        log.contains(r#"role="log" aria-live="off""#) && log.contains("<details open"),
        "{log}"
    );
    assert!(
        log.contains("id=\"L96\"") && log.contains("href=\"/jobs/7?line=96#L96\""),
        "{log}"
    );
    for part in [
        "&lt;b&gt;",
        "quota</mark>",
        r#"data-lvl="err""#,
        r#"<span class="a-red">&lt;script&gt;alert(1)&lt;/script&gt;</span>"#,
        r#"<span class="a-ctl">&lt;U+202E&gt;␀</span>"#,
    ] {
        assert!(log.contains(part), "{part} in {log}");
    }
    assert!(
        !log.contains(['\u{202e}', '\u{0}', '\u{1b}']) && !log.contains("<script"),
        "{log}"
    );
    let code = html(|| view! { <Code label="Command" text="ls" bar="output, exit 0" /> });
    assert!(
        code.contains(r#"tabindex="0""#) && code.contains(r#"data-copy="ls""#),
        "{code}"
    );
}

#[test]
fn pictures_of_numbers_have_a_sentence_and_a_table() {
    let meter = html(|| {
        view! {
            <Meter label="72 percent of budget used" percent=72.0 add=40.0 mark=98.0 tone=Tone::Warn />
        }
    });
    assert!(
        meter.contains(r#"role="img""#) && meter.contains(r#"width="28.0%""#),
        "{meter}"
    );
    assert!(
        meter.contains(r#"aria-label="72 percent of budget used""#),
        "{meter}"
    );
    let chart = html(|| {
        view! {
            <LineChart
                title="Lead time"
                sentence="Median lead time fell from 14 to 8 minutes."
                labels=vec!["1 Sep".to_owned(), "17 Nov".to_owned()]
                series=vec![Series { name: "p50".into(), values: vec![14.0, 8.0], last: "8m p50".into() }]
                top=20.0
                words=|minutes| format!("{minutes:.0}m")
            />
        }
    });
    assert!(
        chart.contains("<td class=\"num\">14m</td>") && chart.contains("8m p50</text>"),
        "{chart}"
    );
    assert!(
        chart.contains(r#"aria-label="Median lead time fell"#),
        "{chart}"
    );
    assert!(html(|| view! { <Spark values=vec![1.0, 2.0] /> }).contains(r#"aria-hidden="true""#));
    for picture in [meter, chart] {
        assert!(!picture.contains("style="), "the CSP forbids it: {picture}");
    }
}

#[test]
fn words_can_be_taken_away_without_script() {
    let tokens = html(|| {
        view! {
            <Tokens id="callers" name="callers" label="May be called by" add="Add a caller"
                values=vec!["ledger".to_owned()] />
        }
    });
    assert!(
        tokens.contains(r#"<button type="submit" name="remove" value="ledger">"#),
        "{tokens}"
    );
    assert!(
        tokens.contains(r#"<label for="callers" class="sr-only">Add a caller</label>"#),
        "{tokens}"
    );
}
