//! Who somebody is, and what they may (SECURITY.md, tests 12 and 14).

use serde_json::json;
use sqlx::PgPool;

use crate::{
    idp::Idp,
    support::{self, Browser, Portal, records},
};

/// Signs in at the provider `other`.
async fn at_other(portal: &Portal, other: &Idp) -> Browser {
    let mut browser = Browser::new(portal);
    let start = browser
        .post("/auth/start", &[("issuer", "other"), ("return_to", "/")])
        .await;
    let back = other.authorize(start.location().expect("sent"));
    assert_eq!(
        browser.come_back("other", &back).await.location(),
        Some("/")
    );
    browser
}

async fn people(db: &PgPool) -> i64 {
    records::rows(db).await.1
}

#[sqlx::test(migrations = "../migrations")]
async fn security_12_issuer_and_subject_are_the_person_and_nothing_else(db: PgPool) {
    let other = Idp::start().await;
    let portal = support::portal_with(db, Idp::start().await, "", &[("other", &other)]);
    portal.accepts().await;
    assert_eq!(people(&portal.db).await, 1);
    at_other(&portal, &other).await;
    assert_eq!(
        people(&portal.db).await,
        2,
        "the same subject at another issuer"
    );
    portal.idp.claim(json!({"sub": "dana-2"}));
    portal.accepts().await;
    assert_eq!(
        people(&portal.db).await,
        3,
        "the same e-mail, another subject"
    );
    portal
        .idp
        .claim(json!({"sub": "eve", "email": "eve@example.com"}));
    portal.accepts().await;
    portal.idp.claim(json!({"email": "dana@example.com", "name": "Dana Developer", "preferred_username": "dana"}));
    let who = portal.accepts().await.whoami().await;
    assert_eq!(
        people(&portal.db).await,
        4,
        "an e-mail changed to a colleague's"
    );
    let eve = records::person(&portal.db, "eve").await;
    assert!(who.body.contains(&eve.to_string()));
    portal.idp.claim(json!({"sub": "Dana"}));
    portal.accepts().await;
    assert_eq!(
        people(&portal.db).await,
        5,
        "subjects are compared byte for byte"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_14_groups_that_do_not_arrive_as_a_list_give_no_roles(db: PgPool) {
    let portal = support::portal(db).await;
    let huge: Vec<String> = (0..2001).map(|at| format!("g{at}")).collect();
    for (claims, arrived) in [
        (json!({"groups": null}), "missing"),
        (json!({"groups": "admins"}), "wrong_type"),
        (json!({"groups": {"0": "admins"}}), "wrong_type"),
        (json!({"groups": ["admins", 7]}), "wrong_type"),
        (
            json!({"groups": null, "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}}),
            "too_many",
        ),
        (json!({"groups": ["admins"], "hasgroups": true}), "too_many"),
        (json!({"groups": huge}), "too_many"),
    ] {
        portal
            .idp
            .claim(json!({"_claim_names": null, "_claim_sources": null, "hasgroups": null}));
        portal.idp.claim(claims.clone());
        let mut browser = portal.accepts().await;
        let who = browser.whoami().await;
        let person: serde_json::Value = serde_json::from_str(&who.body).expect("a person");
        assert_eq!(person["groups_claim"], arrived, "{claims}");
        assert_eq!(
            person["grants"],
            json!({"roles": [], "teams": {}, "functions": []}),
            "{claims}"
        );
    }
    assert_eq!(records::last_event(&portal.db).await, "session.sign_in");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_14_an_issuer_speaks_for_its_own_groups_up_to_its_ceiling(db: PgPool) {
    let other = Idp::start().await;
    let portal = support::portal_with(db, Idp::start().await, "", &[("other", &other)]);
    {
        let mut organisation = (**portal.state.organisation.load()).clone();
        let payments = organisation.teams.get_mut("payments").expect("a team");
        for role in [
            platform::people::TeamRole::Developer,
            platform::people::TeamRole::TeamLead,
        ] {
            payments
                .roles
                .entry(role)
                .or_default()
                .insert("other:contractors".to_owned());
        }
        organisation
            .roles
            .entry(platform::people::Role::Admin)
            .or_default()
            .insert("other:contractors".to_owned());
        portal.state.organisation.store(organisation.into());
    }
    // Names mapped for `corp`, said by `other`: nothing. Its own group: what the ceiling lets through.
    other.script().claims["groups"] = json!(["admins", "payments-leads", "security"]);
    let who = at_other(&portal, &other).await.whoami().await;
    let person: serde_json::Value = serde_json::from_str(&who.body).expect("a person");
    assert_eq!(
        person["grants"],
        json!({"roles": [], "teams": {}, "functions": []})
    );
    other.script().claims["groups"] = json!(["contractors", "other:contractors"]);
    let who = at_other(&portal, &other).await.whoami().await;
    let person: serde_json::Value = serde_json::from_str(&who.body).expect("a person");
    assert_eq!(
        person["grants"],
        json!({"roles": [], "teams": {"payments": ["developer"]}, "functions": []})
    );
    // And `corp` does not speak for the groups of `other`.
    portal
        .idp
        .claim(json!({"groups": ["contractors", "other:contractors"]}));
    let who = portal.accepts().await.whoami().await;
    let person: serde_json::Value = serde_json::from_str(&who.body).expect("a person");
    assert_eq!(
        person["grants"],
        json!({"roles": [], "teams": {}, "functions": []})
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_changed_mapping_counts_on_the_next_request_and_is_on_record_once(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = support::signed_in(&portal, &["admins"]).await;
    assert!(browser.whoami().await.body.contains(r#""roles":["admin"]"#));
    let mut organisation = (**portal.state.organisation.load()).clone();
    organisation.roles.clear();
    portal.state.organisation.store(organisation.into());
    assert!(browser.whoami().await.body.contains(r#""roles":[]"#));
    browser.whoami().await;
    let changes = records::events(&portal.db).await;
    assert_eq!(
        changes
            .iter()
            .filter(|event| *event == "person.roles_changed")
            .count(),
        1,
        "{changes:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn other_groups_at_the_next_sign_in_are_on_record(db: PgPool) {
    let portal = support::portal(db).await;
    portal.accepts().await;
    portal.idp.claim(json!({"groups": ["payments-leads"]}));
    portal.accepts().await;
    portal.accepts().await;
    assert_eq!(
        records::events(&portal.db).await,
        [
            "session.sign_in",
            "person.roles_changed",
            "session.sign_in",
            "session.sign_in"
        ]
    );
}
