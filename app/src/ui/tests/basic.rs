//! What stands on every page.

use crate::prelude::*;
use platform::time::Timestamp;

use super::html;
use crate::ui::*;

#[test]
fn an_icon_is_decoration_and_comes_from_the_sprite() {
    assert_eq!(
        html(|| view! { <Icon glyph=Glyph::StateRunning tone=Tone::Info spin=true /> }),
        r#"<svg aria-hidden="true" class="icon t-info spin"><use href="/icons.svg#i-s-running"></use></svg>"#
    );
}

#[test]
fn a_button_says_what_it_is_and_passes_other_attributes_on() {
    insta::assert_snapshot!(
        html(|| view! {
            <Button look=Look::Primary icon=Glyph::Plus attr:popovertarget="x">"New request"</Button>
        }),
        @r#"<button type="button" popovertarget="x" class="btn btn--primary"><svg aria-hidden="true" class="icon"><use href="/icons.svg#i-plus"></use></svg>New request</button>"#
    );
    insta::assert_snapshot!(
        html(|| view! { <ButtonLink href="/catalog" size=Size::Small>"Browse catalog"</ButtonLink> }),
        @r#"<a href="/catalog" class="btn btn--sm">Browse catalog</a>"#
    );
    let disabled = html(|| view! { <Button kind="submit" disabled=true>"Save"</Button> });
    assert!(
        disabled.contains(r#"type="submit""#) && disabled.contains(" disabled"),
        "{disabled}"
    );
}

#[test]
fn an_icon_button_has_a_name_and_a_tooltip() {
    insta::assert_snapshot!(
        html(|| view! { <IconButton glyph=Glyph::Bell label="Notifications, 2 unread" dot=true /> }),
        @r#"<button type="button" title="Notifications, 2 unread" class="iconbtn"><svg aria-hidden="true" class="icon"><use href="/icons.svg#i-bell"></use></svg><span aria-hidden="true" class="iconbtn__dot"></span><span class="sr-only">Notifications, 2 unread</span></button>"#
    );
    let link = html(
        || view! { <IconLink glyph=Glyph::Eye label="Show job 7" href="/jobs/7" small=true /> },
    );
    assert!(
        link.contains(r#"<span class="sr-only">Show job 7</span>"#),
        "{link}"
    );
}

#[test]
fn a_state_is_never_colour_alone() {
    let status = html(
        || view! { <Status tone=Tone::Warn glyph=Glyph::Hourglass word="Awaiting approval" /> },
    );
    assert!(status.contains(r#"data-tone="warn""#), "{status}");
    assert!(
        status.contains("#i-hourglass") && status.contains("Awaiting approval"),
        "{status}"
    );
    let badge = html(|| view! { <Badge tone=Tone::Ok glyph=Glyph::StateDone word="Ready" /> });
    assert!(
        badge.contains(r#"class="badge""#) && badge.contains("Ready"),
        "{badge}"
    );
}

#[test]
fn text_is_escaped() {
    let tag = html(|| view! { <Tag text="<script>alert(1)</script>" /> });
    assert!(!tag.contains("<script>"), "{tag}");
    let chip = html(|| view! { <Chip label="Actor" value="\"><img src=x>" href="/audit" /> });
    assert!(!chip.contains("<img"), "{chip}");
}

#[test]
fn a_table_keeps_its_semantics_when_rows_become_blocks() {
    insta::assert_snapshot!(
        html(|| view! {
            <Table
                caption="Sessions"
                columns=vec![Column::new("Browser"), Column::number("Requests"), Column::actions("Actions")]
                wide=true
                foot=|| "1 session"
            >
                <Tr>
                    <Th sub="this one">"Firefox"</Th>
                    <Td label="Requests" cell=Cell::Number>"12"</Td>
                    <Td cell=Cell::Actions><IconButton glyph=Glyph::Trash label="End session" small=true /></Td>
                </Tr>
            </Table>
        }),
        @r#"<div class="card tablewrap"><div tabindex="0" role="region" aria-label="Sessions, scrolls sideways" class="tablescroll"><table role="table" class="table table--stack table--nowrap"><caption class="sr-only">Sessions</caption><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="">Browser</th><th role="columnheader" scope="col" class="num">Requests</th><th role="columnheader" scope="col" class="col-actions"><span class="sr-only">Actions</span></th></tr></thead><tbody role="rowgroup"><tr role="row"><th role="rowheader" scope="row">Firefox<span class="sub">this one</span></th><td role="cell" data-label="Requests" class="num">12</td><td role="cell" class="col-actions"><button type="button" title="End session" class="iconbtn iconbtn--sm"><svg aria-hidden="true" class="icon"><use href="/icons.svg#i-trash"></use></svg><span class="sr-only">End session</span></button></td></tr></tbody></table></div><div class="card__foot">1 session</div></div>"#
    );
}

#[test]
fn a_menu_and_its_button_are_joined_without_script() {
    insta::assert_snapshot!(
        html(|| view! {
            <Menu id="export" label="Export" icon=Glyph::Download>
                <MenuLink href="/audit.csv">"As CSV"</MenuLink>
                <MenuButton tone=Tone::Danger>"Destroy"</MenuButton>
            </Menu>
        }),
        @r#"<div class="menu-wrap"><button type="button" popovertarget="export" class="btn"><svg aria-hidden="true" class="icon"><use href="/icons.svg#i-download"></use></svg>Export<svg aria-hidden="true" class="icon"><use href="/icons.svg#i-chevron-down"></use></svg></button><div id="export" popover="auto" class="menu menu--anchor"><a href="/audit.csv">As CSV</a><button type="button" data-tone="danger">Destroy</button></div></div>"#
    );
}

#[test]
fn a_dialog_is_named_by_its_title() {
    let dialog = html(|| {
        view! {
            <Dialog id="end" title="End this session?">
                <DialogBody>"That browser must sign in again."</DialogBody>
                <DialogFoot><Button attr:commandfor="end" attr:command="close">"Keep it"</Button></DialogFoot>
            </Dialog>
        }
    });
    assert!(
        dialog.contains(r#"aria-labelledby="end-title""#),
        "{dialog}"
    );
    assert!(
        dialog.contains(r#"<h2 id="end-title">End this session?</h2>"#),
        "{dialog}"
    );
    assert!(dialog.contains(r#"command="close""#), "{dialog}");
}

#[test]
fn messages_say_what_happened_and_carry_the_trace() {
    let callout = html(|| {
        view! {
            <Callout tone=Tone::Danger title="Cost data could not be loaded" alert=true trace=String::from("4bf92f35")
                actions=|| view! { <Button size=Size::Small>"Try again"</Button> }>
                <p>"The rest of this page is current."</p>
            </Callout>
        }
    });
    assert!(
        callout.contains(r#"role="alert""#) && callout.contains("trace 4bf92f35"),
        "{callout}"
    );
    assert!(
        callout.contains("#i-s-failed") && callout.contains("callout__actions"),
        "{callout}"
    );
    let banner =
        html(|| view! { <Banner tone=Tone::Warn icon=Glyph::WifiOff>"You are offline."</Banner> });
    assert!(banner.contains(r#"role="status""#), "{banner}");
    let empty = html(|| {
        view! {
            <Empty glyph=Glyph::Environment title="No environments yet" page=true>"They appear here."</Empty>
        }
    });
    assert!(
        empty.contains("<h1>No environments yet</h1>")
            && empty.contains("<p>They appear here.</p>"),
        "{empty}"
    );
    let skeleton = html(|| view! { <SkeletonRows what="environments" rows=2 /> });
    assert!(
        skeleton.contains(r#"role="status""#) && !skeleton.contains("style="),
        "{skeleton}"
    );
}

#[test]
fn a_page_has_one_heading() {
    let head = html(|| {
        view! {
            <PageHead title="Audit" meta=|| view! { <span>"Times in UTC"</span> }
                actions=|| view! { <Button>"Verify"</Button> } />
        }
    });
    assert_eq!(head.matches("<h1").count(), 1, "{head}");
    assert!(
        head.contains("page-head__actions") && head.contains("page-head__meta"),
        "{head}"
    );
}

#[test]
fn rows_and_facts_are_lists() {
    let rows = html(|| {
        view! {
            <Rows card=true>
                <Row title="payments" href="/environments/1" sub=vec!["staging".to_owned()]>"now"</Row>
                <Row title="ledger" icon=Glyph::Box />
            </Rows>
        }
    });
    assert_eq!(rows.matches("<li").count(), 2, "{rows}");
    assert!(
        rows.contains(r#"<a href="/environments/1" class="rows__title">payments</a>"#),
        "{rows}"
    );
    let facts = html(|| view! { <Facts><Fact term="Owner">"Payments"</Fact></Facts> });
    assert_eq!(
        facts,
        r#"<dl class="facts"><dt>Owner</dt><dd>Payments</dd></dl>"#
    );
    let bar = html(
        || view! { <FactBar><BarFact term="Lease" sub="Staging">"No expiry"</BarFact></FactBar> },
    );
    assert!(bar.contains(r#"<dd class="sub">Staging</dd>"#), "{bar}");
    let card = html(|| {
        view! {
            <Card pad=true><CardHead title="A"><span></span></CardHead><CardFoot>"b"</CardFoot></Card>
        }
    });
    assert!(card.contains(r#"class="card card--pad""#), "{card}");
    let section = html(|| view! { <Section title="Needs you" id="needs" count=5u64>"x"</Section> });
    assert!(
        section.contains(r#"aria-labelledby="needs""#) && section.contains(">5</span>"),
        "{section}"
    );
}

#[test]
fn people_and_labels_read_well() {
    let person = html(|| view! { <Person name="Lena Hartmann" /> });
    assert!(
        person.contains(r#"aria-hidden="true""#) && person.contains("LH</span>Lena Hartmann"),
        "{person}"
    );
    let small =
        html(|| view! { <Tier tier="production" /> <Severity level=1 /> <Kbd key="Esc" /> });
    assert!(
        small.contains(r#"data-tier="production""#) && small.contains("SEV1"),
        "{small}"
    );
    let count = html(|| view! { <Count value=3 what="awaiting your approval" /> });
    assert!(
        count.contains(r#"<span class="sr-only"> awaiting your approval</span>"#),
        "{count}"
    );
}

#[test]
fn a_moment_is_exact_in_the_markup() {
    let at: Timestamp = "2026-11-18T14:32:07.5Z".parse().expect("a valid timestamp");
    assert_eq!(
        html(|| view! { <Time at exact=true /> }),
        r#"<time datetime="2026-11-18T14:32:07Z">18 Nov 2026, 14:32:07 UTC</time>"#
    );
    assert!(html(|| view! { <Time at /> }).contains("data-relative"));
}
