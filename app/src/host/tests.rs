//! The router, asked as a browser would.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header::LOCATION},
};
use leptos::config::LeptosOptions;
use platform::{
    Cx,
    people::{Actor, Authentication, Grants, GroupsClaim, Person, PersonId, Role},
    secrets::Keyring,
};
use sqlx::postgres::PgPoolOptions;
use tower::ServiceExt as _;
use uuid::Uuid;

use super::*;
use crate::{
    routes::{Door, PAGES},
    viewer::IssuerLink,
};

fn portal() -> Router {
    router(AppOptions {
        leptos: LeptosOptions::builder().output_name("groundcrew").build(),
        origin: Arc::from("http://localhost:8080"),
        assets: Arc::new(|name| format!("/{name}")),
        issuers: Arc::from([IssuerLink {
            id: "demo".to_owned(),
            title: "Demo".to_owned(),
        }]),
        organisation: Arc::new(Arc::default),
        repository: Arc::new(Default::default),
        sync_now: Arc::new(|| ()),
        chain_is_sound: Arc::new(|| true),
        version: Arc::from("0.1.0"),
    })
}

fn person(grants: Grants) -> Actor {
    Actor::Person(Box::new(Person {
        id: PersonId(Uuid::nil()),
        name: "Lena Hartmann".to_owned(),
        grants,
        groups_claim: GroupsClaim::Present,
        session: Uuid::nil(),
        authentication: Authentication::default(),
    }))
}

fn member(roles: impl IntoIterator<Item = Role>) -> Actor {
    let lead = BTreeSet::from([platform::people::TeamRole::TeamLead]);
    person(Grants {
        roles: roles.into_iter().collect(),
        teams: [("payments".to_owned(), lead)].into(),
        functions: BTreeSet::new(),
    })
}

struct Answer {
    status: StatusCode,
    location: Option<String>,
    html: String,
}

async fn get(actor: Actor, path: &str) -> Answer {
    let db = PgPoolOptions::new()
        .acquire_timeout(std::time::Duration::from_millis(100))
        .connect_lazy("postgres://nobody@127.0.0.1:1/none")
        .expect("a pool that never connects");
    let cx = Cx::new(db.clone(), db, Arc::new(Keyring::generate()), actor);
    let request = Request::get(path)
        .header("accept", "text/html")
        .extension(cx)
        .extension(PageNonce(Arc::from("bm9uY2U")))
        .body(Body::empty())
        .expect("a request");
    let response = portal().oneshot(request).await.expect("an answer");
    let status = response.status();
    let location = response
        .headers()
        .get(LOCATION)
        .map(|to| to.to_str().unwrap_or_default().to_owned());
    let bytes = to_bytes(response.into_body(), usize::MAX)
        .await
        .expect("a body");
    Answer {
        status,
        location,
        html: String::from_utf8(bytes.to_vec()).expect("text"),
    }
}

/// Pages that need no database.
fn plain_pages() -> impl Iterator<Item = &'static crate::routes::Page> {
    PAGES
        .iter()
        .filter(|page| page.door == Door::Asks(platform::policy::Action::PortalView))
}

#[tokio::test]
async fn every_page_has_its_heading_and_title_and_says_where_it_is() {
    for page in plain_pages() {
        let answer = get(member([]), page.path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", page.path);
        assert!(
            answer.html.contains(&format!("<h1>{}</h1>", page.title)),
            "{}",
            answer.html
        );
        assert!(
            answer
                .html
                .contains(&format!("<title>{} · Groundcrew</title>", page.title))
        );
        assert_eq!(
            answer.html.matches("aria-current=\"page\"").count(),
            2,
            "{}",
            page.path
        );
    }
}

#[tokio::test]
async fn strangers_are_sent_to_the_sign_in_page_and_back() {
    for page in PAGES.iter().filter(|page| page.door != Door::Public) {
        let path = page
            .path
            .replace(":id", "00000000-0000-0000-0000-000000000000");
        let answer = get(Actor::Anonymous, &path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let expected = if path == "/" {
            "/sign-in".to_owned()
        } else {
            format!("/sign-in?return_to={path}")
        };
        assert_eq!(answer.location, Some(expected));
    }
    let unknown = get(Actor::Anonymous, "/nowhere?x=1").await;
    assert_eq!(
        unknown.location.as_deref(),
        Some("/sign-in?return_to=/nowhere%3Fx%3D1")
    );
}

#[tokio::test]
async fn the_sign_in_page_works_without_script() {
    let answer = get(
        Actor::Anonymous,
        "/sign-in?return_to=/audit&error=access_denied&ref=0123456789abcdef",
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK);
    for part in [
        r#"method="post" action="/auth/start""#,
        r#"name="issuer" value="demo""#,
        r#"name="return_to" value="/audit""#,
        "Sign-in was declined",
        "0123456789abcdef",
    ] {
        assert!(answer.html.contains(part), "{part} in {}", answer.html);
    }
    let foreign = get(
        Actor::Anonymous,
        "/sign-in?return_to=//x&error=%3Cb%3E&ref=%3Cb%3E",
    )
    .await;
    assert!(!foreign.html.contains("//x\"") && !foreign.html.contains("<b>"));
    let signed_in = get(member([]), "/sign-in?return_to=/jobs").await;
    assert_eq!(signed_in.location.as_deref(), Some("/jobs"));
}

#[tokio::test]
async fn whoever_has_no_role_is_told_why_and_what_to_ask_for() {
    let home = get(person(Grants::default()), "/").await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(home.html.contains("No access yet") && home.html.contains("None of your groups"));
    assert!(home.html.contains("Account menu, Lena Hartmann"));
    assert_eq!(
        get(person(Grants::default()), "/catalog").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_404_and_leads_on() {
    let answer = get(member([]), "/environmnets").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(
        answer.html.contains("Did you mean Environments?"),
        "{}",
        answer.html
    );
}

#[tokio::test]
async fn security_33_a_nonce_occurs_in_nonce_only_and_no_style_attribute_is_served() {
    for path in ["/", "/catalog", "/search?q=x", "/nowhere"] {
        let html = get(member([Role::Admin]), path).await.html;
        let all = html.matches("bm9uY2U").count();
        assert!(all > 3);
        assert_eq!(html.matches("nonce=\"bm9uY2U\"").count(), all, "{html}");
        assert!(!html.contains(" style=\""), "{html}");
        for script in html.match_indices("<script") {
            let tag = &html[script.0
                ..html[script.0..]
                    .find('>')
                    .map_or(html.len(), |end| script.0 + end)];
            assert!(tag.contains("nonce="), "{tag}");
        }
    }
}

#[tokio::test]
async fn navigation_offers_what_may_be_opened() {
    let developer = get(member([]), "/").await.html;
    let admin = get(member([Role::Admin]), "/").await.html;
    assert!(!developer.contains("href=\"/admin\"") && admin.contains("href=\"/admin\""));
}

#[test]
fn security_44_every_page_is_routed_and_every_route_is_a_page() {
    let routed: BTreeSet<String> = leptos_axum::generate_route_list(crate::App)
        .iter()
        .map(|route| route.path().replace('{', ":").replace('}', ""))
        .collect();
    let listed: BTreeSet<String> = PAGES.iter().map(|page| page.path.to_owned()).collect();
    assert_eq!(routed, listed);
    let public: Vec<&str> = PAGES
        .iter()
        .filter(|page| page.door == Door::Public)
        .map(|page| page.path)
        .collect();
    assert_eq!(public, PUBLIC);
}

#[test]
fn security_44_every_server_function_asks_exactly_one_action() {
    let registered: BTreeSet<(String, String)> = server_fn::axum::server_fn_paths()
        .map(|(path, method)| (path.to_owned(), method.to_string()))
        .collect();
    let method = |encoding| {
        if encoding == Encoding::Query {
            "GET"
        } else {
            "POST"
        }
    };
    let listed: BTreeSet<(String, String)> = FUNCTIONS
        .iter()
        .map(|function| {
            (
                function.path.to_owned(),
                method(function.encoding).to_owned(),
            )
        })
        .collect();
    assert_eq!(registered, listed);
    assert_eq!(listed.len(), FUNCTIONS.len(), "a function is listed twice");
    assert!(
        FUNCTIONS
            .iter()
            .all(|function| function.door != Door::Public)
    );
}
