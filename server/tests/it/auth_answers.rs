//! What comes back beside the ID token: issuer, keys, userinfo, errors (SECURITY.md, tests 6, 10, 11, 15).

use serde_json::json;
use sqlx::PgPool;

use crate::{
    idp::{Idp, Key, Signer},
    support::{self, Browser, records},
};

#[sqlx::test(migrations = "../migrations")]
async fn security_06_answers_of_two_providers_cannot_be_swapped(db: PgPool) {
    let other = Idp::start().await;
    let portal = support::portal_with(db, Idp::start().await, "", &[("other", &other)]);

    // The answer to a flow at `corp` arrives at the address of `other`.
    let mut browser = Browser::new(&portal);
    let start = browser.start().await;
    let back = portal.idp.authorize(start.location().expect("sent"));
    let answer = browser.come_back("other", &back).await;
    portal.is_refusal(&answer, "mixed_up", "redirect_uri").await;
    let answer = browser.come_back("corp", &back).await;
    assert_eq!(
        answer.problem().as_deref(),
        Some("cookie_missing"),
        "the flow is used up"
    );

    // `iss` of another provider; then absent although promised.
    let mut browser = Browser::new(&portal);
    let start = browser.start().await;
    let mut back = portal.idp.authorize(start.location().expect("sent"));
    back.insert("iss".to_owned(), other.issuer.clone());
    let answer = browser.come_back("corp", &back).await;
    portal.is_refusal(&answer, "mixed_up", "iss").await;

    other.script().metadata = json!({"authorization_response_iss_parameter_supported": true});
    let form = [("issuer", "other"), ("return_to", "/")];
    let mut browser = Browser::new(&portal);
    let start = browser.post("/auth/start", &form).await;
    let back = other.authorize(start.location().expect("sent"));
    let answer = browser.come_back("other", &back).await;
    portal.is_refusal(&answer, "mixed_up", "iss_missing").await;

    // A parameter that stands twice.
    let mut browser = Browser::new(&portal);
    let start = browser.start().await;
    let mut back: Vec<(String, String)> = portal
        .idp
        .authorize(start.location().expect("sent"))
        .into_iter()
        .collect();
    back.push(("iss".to_owned(), portal.idp.issuer.clone()));
    back.push(("iss".to_owned(), other.issuer.clone()));
    let answer = browser
        .come_back("corp", back.iter().map(|(key, value)| (key, value)))
        .await;
    portal
        .is_refusal(&answer, "provider_refused", "parameter_twice")
        .await;
    assert_eq!(records::rows(&portal.db).await, (0, 0, 0));

    // And as it should be.
    let start = browser.post("/auth/start", &form).await;
    let mut back = other.authorize(start.location().expect("sent"));
    back.insert("iss".to_owned(), other.issuer.clone());
    assert_eq!(
        browser.come_back("other", &back).await.location(),
        Some("/")
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_10_a_rotated_key_is_fetched_once(db: PgPool) {
    let portal = support::portal(db).await;
    portal.accepts().await;
    assert_eq!(portal.idp.hits("/jwks"), 1);
    {
        let mut script = portal.idp.script();
        script.jwks = vec![Key::rsa_b().public("key-2")];
        script.signer = Signer::Key(Key::rsa_b());
        script.header = json!({"kid": "key-2"});
    }
    portal.accepts().await;
    portal.accepts().await;
    assert_eq!(portal.idp.hits("/jwks"), 2);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_10_a_thousand_unknown_keys_cause_one_fetch(db: PgPool) {
    let portal = support::portal(db).await;
    portal.accepts().await;
    let tokens: Vec<String> = (0..1000)
        .map(|at| {
            portal.idp.logout_token(
                json!({"kid": format!("unknown-{at}")}),
                json!({"sub": "dana"}),
            )
        })
        .collect();
    // By sign-in a few, by back-channel the rest: they share the keys.
    portal.idp.script().header = json!({"kid": "unknown"});
    for _ in 0..3 {
        portal.refuses("token_refused", "no_matching_key").await;
    }
    let mut browser = Browser::new(&portal);
    for (at, token) in tokens.iter().enumerate() {
        if at % 50 == 49 {
            // The limit of 60 a minute is another test's.
            sqlx::query("delete from sign_in_attempt")
                .execute(&portal.db)
                .await
                .expect("deleted");
        }
        let answer = browser
            .post("/auth/backchannel/corp", &[("logout_token", token)])
            .await;
        assert_eq!(answer.status, 400, "{at}");
    }
    assert_eq!(portal.idp.hits("/jwks"), 2);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_10_no_key_id_and_two_fitting_keys_is_refused(db: PgPool) {
    let portal = support::portal(db).await;
    {
        let mut script = portal.idp.script();
        script.jwks = vec![Key::rsa_a().public("key-1"), Key::rsa_b().public("key-2")];
        script.header = json!({});
    }
    portal.refuses("token_refused", "ambiguous_key").await;
    portal.idp.script().header = json!({"kid": "key-1"});
    portal.accepts().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_10_without_keys_the_last_good_set_counts_and_nothing_unverified(db: PgPool) {
    let portal = support::portal(db).await;
    portal.accepts().await;
    portal.idp.script().jwks_down = true;
    portal.accepts().await;
    portal.idp.script().signer = Signer::Key(Key::rsa_b());
    portal.refuses("token_refused", "signature").await;
    portal.idp.script().header = json!({"kid": "key-2"});
    portal.refuses("token_refused", "no_matching_key").await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_10_a_provider_that_lists_no_keys_at_first_signs_nobody_in(db: PgPool) {
    let portal = support::portal(db).await;
    portal.idp.script().jwks_down = true;
    let start = Browser::new(&portal).start().await;
    portal
        .is_refusal(&start, "provider_unreachable", "discovery")
        .await;
    portal.idp.script().jwks_down = false;
    portal.accepts().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_11_the_access_token_fits_and_is_kept_nowhere(db: PgPool) {
    let portal = support::portal(db).await;
    portal
        .idp
        .claim(json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}));
    portal.refuses("token_refused", "at_hash").await;
    portal.idp.claim(json!({"at_hash": null}));
    portal.idp.script().userinfo = json!({"sub": "somebody-else"});
    portal.refuses("token_refused", "userinfo").await;
    portal.idp.script().userinfo = json!({});
    portal.idp.script().access_token = "not\u{7f}a token".to_owned();
    portal.refuses("token_refused", "access_token").await;

    portal.idp.script().access_token = "access-token-canary-7f3a".to_owned();
    let half = &platform::secrets::sha256(b"access-token-canary-7f3a")[..16];
    let at_hash = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, half);
    portal.idp.claim(json!({"at_hash": at_hash}));
    let before = portal.idp.hits("/userinfo");
    let mut browser = portal.accepts().await;
    assert_eq!(portal.idp.hits("/userinfo"), before + 1);
    let dump = records::dump(&portal.db).await;
    assert!(
        dump.contains("Dana Developer"),
        "the dump shows what is kept"
    );
    assert!(!dump.contains("canary"));
    assert!(!browser.whoami().await.body.contains("canary"));
    assert!(
        browser
            .cookies
            .iter()
            .all(|(_, value)| !value.contains("canary"))
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn what_the_id_token_leaves_out_userinfo_may_say(db: PgPool) {
    let portal = support::portal(db).await;
    portal.idp.claim(json!({"name": null, "groups": null}));
    portal.idp.script().userinfo = json!({"name": "Dana U. Serinfo", "groups": ["payments-leads"]});
    let who = portal.accepts().await.whoami().await;
    assert!(
        who.body.contains("Dana U. Serinfo") && who.body.contains("team_lead"),
        "{}",
        who.body
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_15_what_a_provider_writes_is_not_shown(db: PgPool) {
    let portal = support::portal(db).await;
    // As long as an address can be.
    let huge = "x".repeat(60_000);
    for (error, description, problem) in [
        (
            "access_denied",
            "<script>alert(1)</script>",
            "access_denied",
        ),
        (
            "server_error",
            "a\r\nSet-Cookie: planted=1",
            "provider_refused",
        ),
        ("<img src=x>", huge.as_str(), "provider_refused"),
    ] {
        let mut browser = Browser::new(&portal);
        let start = browser.start().await;
        let mut back = portal.idp.authorize(start.location().expect("sent"));
        back.remove("code");
        back.insert("error".to_owned(), error.to_owned());
        back.insert("error_description".to_owned(), description.to_owned());
        let answer = browser.come_back("corp", &back).await;
        portal.is_refusal(&answer, problem, "provider").await;
        let shown = format!("{:?}{}", answer.headers, answer.body);
        for part in ["alert(1)", "planted", "xxxx", "src=x"] {
            assert!(!shown.contains(part), "{part} in {shown}");
        }
        assert!(answer.location().expect("a page").len() < 100);
    }
    assert_eq!(records::rows(&portal.db).await, (0, 0, 0));
    assert!(!records::dump(&portal.db).await.contains("planted"));
}

#[sqlx::test(migrations = "../migrations")]
async fn security_15_what_a_provider_writes_is_cut_in_the_log(db: PgPool) {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let portal = support::portal(db).await;
    let mut browser = Browser::new(&portal);
    let start = browser.start().await;
    let mut back = portal.idp.authorize(start.location().expect("sent"));
    back.remove("code");
    back.insert("error".to_owned(), format!("kind-{}", "e".repeat(20_000)));
    let description = format!("told-by-the-provider-{}-the-end", "x".repeat(40_000));
    back.insert("error_description".to_owned(), description);
    browser.come_back("corp", &back).await;
    let log = String::from_utf8(kept.0.lock().expect("not poisoned").clone()).expect("text");
    assert!(
        log.contains("told-by-the-provider-"),
        "the log has its beginning: {log}"
    );
    assert!(!log.contains("-the-end"), "and not its end");
    for letter in ["x", "e"] {
        assert!(
            !log.contains(&letter.repeat(501)),
            "more than 500 characters of {letter}"
        );
    }
    let longest = log.lines().map(str::len).max().unwrap_or_default();
    assert!(longest < 2000, "{longest}");
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Kept(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .expect("not poisoned")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_provider_that_is_down_is_said_to_be_and_recovers(db: PgPool) {
    let portal = support::portal(db).await;
    portal.idp.script().down = true;
    let start = Browser::new(&portal).start().await;
    portal
        .is_refusal(&start, "provider_unreachable", "discovery")
        .await;
    assert!(
        portal.state.auth.discover().await.is_ok(),
        "being down does not stop the start"
    );
    portal.idp.script().down = false;
    let mut browser = Browser::new(&portal);
    let start = browser.start().await;
    let back = portal.idp.authorize(start.location().expect("sent"));
    portal.idp.script().down = true;
    let answer = browser.come_back("corp", &back).await;
    assert!(answer.problem().is_some(), "{answer:?}");
    assert_eq!(records::rows(&portal.db).await, (0, 0, 0));
    portal.idp.script().down = false;
    portal.accepts().await;
}
