//! What must never stand in the audit chain is searched for there after everything was done
//! (SECURITY.md, test 64).

use app::{
    host::{Encoding, FUNCTIONS},
    routes::PAGES,
};
use axum::http::Method;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Browser, PUBLIC_URL, Portal, portal, records};

const NAME: &str = "Canarina Verbena Quillfeather";
const EMAIL: &str = "quill.canary@feather.example";
const GROUPS: [&str; 2] = ["auditors", "canary-group-of-the-directory"];
const AGENT: &str = "CanaryBrowser/7.3 (agent-canary)";
const TYPED: &str = "typed-canary-words";

/// The audit schema as text: canonical events, waiting ones, notes.
async fn audit_schema(db: &PgPool) -> String {
    sqlx::query_scalar(
        "select concat_ws(e'\n', (select string_agg(canonical || payload::text, e'\n') from audit.event),
           (select string_agg(canonical || coalesce(encode(note, 'escape'), ''), e'\n') from audit.pending),
           (select string_agg(encode(body, 'escape'), e'\n') from audit.note))",
    )
    .fetch_one(db)
    .await
    .expect("dumped")
}

/// Every server function, whatever it answers, with what a person may have typed.
async fn every_function(browser: &mut Browser, id: &str) {
    for function in FUNCTIONS {
        let form = format!("input[id]={id}&input[text]={TYPED}&input[label]={id}");
        let headers = |kind: &'static str| {
            [
                ("content-type", kind),
                ("sec-fetch-site", "same-origin"),
                ("origin", PUBLIC_URL),
                ("accept", "*/*"),
                ("user-agent", AGENT),
            ]
        };
        let filter = json!({"input": {"filter": {"actor": "", "action": "", "outcome": "", "target": "",
            "from": "", "to": "", "text": TYPED}, "cursor": "newest"}});
        match function.encoding {
            Encoding::Query => {
                for query in [
                    format!("input[id]={id}"),
                    format!("input[text]={TYPED}"),
                    String::new(),
                ] {
                    let path = format!("{}?{query}", function.path);
                    browser.send(Method::GET, &path, None, &headers("")).await;
                }
            }
            Encoding::Form => {
                for body in [
                    form,
                    format!("input[id]={id}"),
                    format!("input[label]={id}"),
                    String::new(),
                ] {
                    let kind = "application/x-www-form-urlencoded";
                    browser
                        .send(Method::POST, function.path, Some(body), &headers(kind))
                        .await;
                }
            }
            Encoding::Json => {
                for body in [filter.to_string(), json!({"input": {"seq": 1}}).to_string()] {
                    let kind = "application/json";
                    browser
                        .send(Method::POST, function.path, Some(body), &headers(kind))
                        .await;
                }
            }
        }
    }
}

async fn every_page(browser: &mut Browser, id: &str) {
    for page in PAGES {
        let path = format!("{}?text={TYPED}&q={TYPED}", page.path.replace(":id", id));
        browser
            .send(
                Method::GET,
                &path,
                None,
                &[("user-agent", AGENT), ("sec-fetch-site", "none")],
            )
            .await;
    }
    for path in ["/api/v1/audit/events.csv", "/api/v1/audit/events.jsonl"] {
        browser.get(&format!("{path}?text={TYPED}")).await;
    }
}

/// Signs in, and answers what only this flow knew.
async fn sign_in(portal: &Portal, browser: &mut Browser) -> Vec<String> {
    let start = browser.start().await;
    let mut secrets: Vec<String> = browser
        .cookies
        .iter()
        .map(|(_, value)| value.clone())
        .collect();
    let location = start.location().expect("sent to the provider").to_owned();
    let url = url::Url::parse(&location).expect("a URL");
    for (key, value) in url.query_pairs() {
        if ["state", "nonce", "code_challenge"].contains(&&*key) {
            secrets.push(value.into_owned());
        }
    }
    let back = portal.idp.authorize(&location);
    secrets.push(back["code"].clone());
    assert_eq!(browser.come_back("corp", &back).await.location(), Some("/"));
    secrets.push(browser.session().expect("signed in").to_owned());
    secrets
}

#[sqlx::test(migrations = "../migrations")]
async fn security_64_no_canary_reaches_the_chain_through_any_door(db: PgPool) {
    let mut portal = portal(db).await;
    portal.router = server::router::router(&portal.state);
    portal
        .idp
        .claim(json!({"sub": "canary-subject", "name": NAME, "email": EMAIL, "groups": GROUPS}));
    let mut browser = Browser::new(&portal);
    let mut canaries = sign_in(&portal, &mut browser).await;
    let mut second = Browser::new(&portal);
    canaries.extend(sign_in(&portal, &mut second).await);
    canaries.push(portal.idp.script().access_token.clone());
    let verifier = portal.idp.script().token_form.get("code_verifier").cloned();
    canaries.extend(verifier);
    let person = records::person(&portal.db, "canary-subject")
        .await
        .to_string();
    let other = records::newest(&portal.db).await.to_string();

    every_page(&mut browser, &person).await;
    every_function(&mut browser, &person).await;
    every_function(&mut browser, &other).await;
    let mut failed = Browser::new(&portal);
    let start = failed.start().await;
    let mut back = portal.idp.authorize(start.location().expect("sent"));
    back.remove("code");
    back.insert("error".to_owned(), "access_denied".to_owned());
    back.insert("error_description".to_owned(), format!("{NAME} {EMAIL}"));
    failed.come_back("corp", &back).await;
    second.post("/auth/sign-out", &[]).await;
    let logout = portal
        .idp
        .logout_token(json!({}), json!({"sub": "canary-subject"}));
    browser
        .post("/auth/backchannel/corp", &[("logout_token", &logout)])
        .await;

    let text = audit_schema(&portal.db).await;
    assert!(
        text.contains("session.sign_in") && text.contains("audit.read") && text.contains("denied"),
        "{text}"
    );
    assert!(text.contains(&person), "ids stand there");
    canaries.extend(
        [
            NAME,
            EMAIL,
            "Quillfeather",
            "canary-subject",
            "canary-group",
            AGENT,
            TYPED,
            &logout,
        ]
        .map(str::to_owned),
    );
    canaries.extend(logout.split('.').map(str::to_owned));
    canaries.push(crate::idp::SECRET.to_owned());
    for canary in canaries {
        assert!(canary.len() > 8, "{canary:?} would be found by chance");
        for form in [
            canary.clone(),
            hex::encode(&canary),
            URL_SAFE_NO_PAD.encode(&canary),
        ] {
            assert!(
                !text.contains(&form),
                "{canary} stands in the audit schema as {form}"
            );
        }
    }
}
