//! Every denial of an act is on the record, by whichever door it was asked for (SECURITY.md,
//! section 4); reads are not.

use std::time::Duration;

use app::{
    host::{Encoding, FUNCTIONS},
    routes::{Door, PAGES},
};
use axum::http::Method;
use sqlx::PgPool;

use crate::support::{PUBLIC_URL, portal, records, signed_in};

const ID: &str = "018f4d6e-0000-7000-8000-000000000000";

/// No object of ours: the act may be refused before one is looked for.
const UNKNOWN: &str = "unknown";

/// Acts refused so far, each with what it was about.
async fn refused(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select concat_ws(' ', payload #>> '{detail,act}', payload #>> '{target,type}', payload #>> '{target,id}')
         from audit.event where payload ->> 'action' = 'denied' order by seq",
    )
    .fetch_all(db)
    .await
    .expect("listed")
}

/// Waits for records made beside the request.
async fn refused_at_last(db: &PgPool, wanted: &[String]) {
    for _ in 0..50 {
        if refused(db).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(refused(db).await, wanted);
}

#[sqlx::test(migrations = "../migrations")]
async fn each_act_refused_at_each_door_is_an_event_and_no_read_is(db: PgPool) {
    let mut portal = portal(db).await;
    portal.router = server::router::router(&portal.state);
    signed_in(&portal, &["auditors"]).await;
    let other_session = records::newest(&portal.db).await.to_string();
    let other = records::person(&portal.db, "auditors").await.to_string();
    let mut browser = signed_in(&portal, &["payments-developers"]).await;
    let me = records::person(&portal.db, "payments-developers").await;
    let rows = records::rows(&portal.db).await;

    let mut wanted = Vec::new();
    for function in FUNCTIONS {
        let Door::Asks(action) = function.door else {
            continue;
        };
        let (named, object) = match function.path {
            "/fn/sessions/end" => (
                format!("input[label]={other_session}"),
                format!(" session {other_session}"),
            ),
            "/fn/sessions/end_others" => (String::new(), format!(" sessions_of {me}")),
            "/fn/people/disable" | "/fn/people/enable" => {
                (format!("input[id]={other}"), format!(" person {other}"))
            }
            "/fn/audit/verify" | "/fn/admin/sync" => (String::new(), String::new()),
            // Those that name what is not there do not get as far as a decision on it.
            _ => (format!("input[id]={ID}"), UNKNOWN.to_owned()),
        };
        let (method, path, kind, body) = match function.encoding {
            Encoding::Query => (
                Method::GET,
                format!("{}?input[id]={ID}", function.path),
                "",
                None,
            ),
            Encoding::Form => (
                Method::POST,
                function.path.to_owned(),
                "application/x-www-form-urlencoded",
                Some(named),
            ),
            Encoding::Json => (
                Method::POST,
                function.path.to_owned(),
                "application/json",
                Some("{\"input\":{\"seq\":1}}".to_owned()),
            ),
        };
        let headers = [
            ("content-type", kind),
            ("sec-fetch-site", "same-origin"),
            ("origin", PUBLIC_URL),
            ("accept", "*/*"),
        ];
        let answer = browser.send(method, &path, body, &headers).await;
        if !action.acts() {
            continue;
        }
        let status = answer.status.as_u16();
        if object == UNKNOWN {
            // A form that is looked at is no act yet.
            if status == 403 && function.encoding != Encoding::Query {
                let act = action.name();
                let on_record = refused(&portal.db).await;
                assert!(
                    on_record.iter().any(|one| one.starts_with(act)),
                    "{path}: {on_record:?}"
                );
                wanted = on_record;
            }
            continue;
        }
        assert!([403, 404].contains(&status), "{path}: {status}");
        let event = format!("{}{object}", action.name());
        if !wanted.contains(&event) {
            wanted.push(event);
        }
        refused_at_last(&portal.db, &wanted).await;
    }
    assert!(wanted.len() > 3, "{wanted:?}");
    for path in ["/api/v1/audit/events.csv", "/api/v1/audit/events.jsonl"] {
        assert_eq!(browser.get(path).await.status, 403, "{path}");
    }
    wanted.push("audit.export".to_owned());
    refused_at_last(&portal.db, &wanted).await;
    for page in PAGES {
        browser.get(&page.path.replace(":id", ID)).await;
    }
    refused_at_last(&portal.db, &wanted).await;
    assert_eq!(records::rows(&portal.db).await, rows, "nothing changed");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_platform_engineer_has_the_repository_looked_at_on_the_record(db: PgPool) {
    let mut portal = portal(db).await;
    portal.router = server::router::router(&portal.state);
    let button = "action=\"/fn/admin/sync\"";
    let mut admin = signed_in(&portal, &["admins"]).await;
    assert!(!admin.get("/admin").await.body.contains(button));
    let mut engineer = signed_in(&portal, &["platform-engineers"]).await;
    assert!(engineer.get("/admin").await.body.contains(button));
    let asked = portal.state.sync_asked.clone();
    let looked = tokio::spawn(async move { asked.notified().await });
    let answer = engineer.post("/fn/admin/sync", &[]).await;
    assert_eq!(
        answer.location(),
        Some("/admin?done=sync_asked"),
        "{answer:?}"
    );
    assert_eq!(
        records::last_event(&portal.db).await,
        "repository.sync_asked"
    );
    let woken = tokio::time::timeout(Duration::from_secs(5), looked).await;
    assert!(woken.is_ok(), "the folder is looked at");
    let page = engineer.get("/admin?done=sync_asked").await.body;
    assert!(page.contains("The platform repository is being looked at"));
    assert_eq!(
        admin
            .post("/fn/admin/sync", &[])
            .await
            .location()
            .map(|to| to.contains("error=forbidden")),
        Some(true)
    );
}
