//! What is filled in, filtered and followed.

use crate::prelude::*;

use super::html;
use crate::ui::*;

#[test]
fn a_field_joins_its_label_its_error_and_its_help() {
    insta::assert_snapshot!(
        html(|| view! {
            <TextField
                id="f-cc"
                name="cost_centre"
                label="Cost centre"
                value="17"
                error="Must look like CC-1234, for example CC-4471".to_owned()
                help="Who pays".to_owned()
            />
        }),
        @r#"<div class="field"><label for="f-cc">Cost centre</label><input id="f-cc" name="cost_centre" type="text" value="17" required aria-invalid="true" aria-describedby="f-cc-e f-cc-h" class="input"><p id="f-cc-e" class="error"><svg aria-hidden="true" class="icon"><use href="/icons.svg#i-s-x"></use></svg><span>Must look like CC-1234, for example CC-4471</span></p><p id="f-cc-h" class="help">Who pays</p></div>"#
    );
    let plain =
        html(|| view! { <TextField id="n" name="n" label="Name" optional=true unit="GB" /> });
    assert!(
        !plain.contains("aria-describedby") && !plain.contains("required"),
        "{plain}"
    );
    assert!(
        plain.contains("optional</span>") && plain.contains(">GB</span>"),
        "{plain}"
    );
    let select = html(|| {
        view! {
            <SelectField id="t" name="t" label="Team" value="b"
                options=vec![("a".into(), "Payments".into()), ("b".into(), "Checkout".into())] />
        }
    });
    assert!(
        select.contains(r#"<option value="b" selected>Checkout"#),
        "{select}"
    );
}

#[test]
fn a_text_area_cannot_be_closed_by_its_content() {
    let value = "</textarea><script>alert(1)</script> & more";
    let area = html(|| view! { <TextArea id="w" name="why" label="Why" value /> });
    assert!(!area.contains("<script>"), "{area}");
    assert!(
        area.contains(
            "&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</textarea>"
        ),
        "{area}"
    );
}

#[test]
fn choices_are_one_group_with_one_checked() {
    let choices = ["dev", "staging"].map(|word| Choice {
        value: word.into(),
        word: word.into(),
        ..Choice::default()
    });
    let choices = html(|| {
        view! {
            <Choices id="tier" name="tier" label="Tier" value="staging" choices=choices.to_vec() />
        }
    });
    assert!(choices.contains("<legend>Tier</legend>"), "{choices}");
    assert_eq!(choices.matches(" checked").count(), 1, "{choices}");
    let switch = html(|| view! { <Switch name="seed" label="Seed with data" checked=true /> });
    assert!(
        switch.contains(r#"role="switch""#) && switch.contains(" checked"),
        "{switch}"
    );
    let tick = html(|| view! { <Checkbox name="sure" label="I have read it" /> });
    assert!(
        tick.contains(r#"value="on""#) && !tick.contains(" checked"),
        "{tick}"
    );
}

#[test]
fn the_error_summary_links_to_each_field_or_is_absent() {
    let errors = vec![("f-name".to_owned(), "Name is already taken".to_owned())];
    let summary = html(|| view! { <ErrorSummary so_that="before this can be planned" errors /> });
    assert!(
        summary.contains("1 field needs a correction before this can be planned"),
        "{summary}"
    );
    assert!(
        summary.contains(r##"<a href="#f-name">Name is already taken</a>"##),
        "{summary}"
    );
    assert!(summary.contains(r#"role="alert""#), "{summary}");
    assert_eq!(
        html(|| view! { <ErrorSummary so_that="" errors=vec![] /> }),
        ""
    );
}

#[test]
fn pages_without_a_neighbour_are_dead_not_missing() {
    insta::assert_snapshot!(
        html(|| view! { <Pager previous=None next=Some("/audit?after=7".to_owned()) next_word="Older" /> }),
        @r#"<nav aria-label="Pages" class="pager"><span aria-disabled="true" class="btn btn--sm">Previous</span><a href="/audit?after=7" rel="next" class="btn btn--sm">Older</a></nav>"#
    );
}

#[test]
fn filters_and_views_are_links() {
    let chip = html(|| view! { <Chip label="Actor" value="lena" href="/audit" /> });
    assert!(
        chip.contains("Remove actor filter") && chip.contains("data-on"),
        "{chip}"
    );
    let tabs = vec![
        Tab {
            word: "Mine".into(),
            href: "/requests".into(),
            count: Some(3),
            current: true,
        },
        Tab {
            word: "All".into(),
            href: "/requests?all".into(),
            ..Tab::default()
        },
    ];
    let tabs = html(|| view! { <Tabs label="Request lists" tabs /> });
    assert_eq!(tabs.matches(r#"aria-current="page""#).count(), 1, "{tabs}");
    let bar = html(|| {
        view! {
            <Toolbar label="Audit events" action="/audit"><SearchField id="q" label="Filter events" value="x" /></Toolbar>
        }
    });
    assert!(
        bar.contains(r#"role="search""#) && bar.contains(r#"method="get""#),
        "{bar}"
    );
    assert!(
        bar.contains(r#"<label for="q" class="sr-only">Filter events</label>"#),
        "{bar}"
    );
    assert!(
        html(|| view! { <ChipMenu id="c" label="Actor">"x"</ChipMenu> })
            .contains(r#"popovertarget="c""#)
    );
}
