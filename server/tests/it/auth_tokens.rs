//! What an ID token must be (SECURITY.md, tests 5 and 7 to 9).

use jiff::Timestamp;
use serde_json::{Value, json};
use server::auth::Issuers;
use sqlx::PgPool;

use crate::{
    idp::{CLIENT, Idp, Key, SECRET, Signer},
    support::{self, Portal},
};

/// Replaces what the test before has claimed.
fn only(portal: &Portal, claims: Value) {
    portal.idp.script().claims = json!({"sub": "dana", "name": "Dana Developer", "groups": []});
    portal.idp.claim(claims);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_05_the_issuer_is_compared_byte_for_byte(db: PgPool) {
    let portal = support::portal(db).await;
    let issuer = portal.idp.issuer.clone();
    for other in [
        issuer.replace("http", "HTTP"),
        format!("{issuer}/"),
        format!("{issuer}/tenant"),
        issuer.replace("127.0.0.1", "localhost"),
    ] {
        only(&portal, json!({"iss": other}));
        portal.refuses("token_refused", "issuer").await;
    }
    only(&portal, json!({"iss": null}));
    portal.refuses("token_refused", "token_response").await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_05_metadata_of_another_issuer_is_refused_at_start(db: PgPool) {
    let portal = support::portal(db).await;
    for other in [
        format!("{}/", portal.idp.issuer),
        portal.idp.issuer.replace("http", "HTTP"),
        format!("{}/tenant", portal.idp.issuer),
        portal.idp.issuer.replace("127.0.0.1", "localhost"),
        "http://login.example.com".to_owned(),
    ] {
        portal.idp.script().metadata = json!({"issuer": other});
        let errors = portal.state.auth.discover().await.expect_err("refused");
        assert!(!errors[0].is_passing(), "{}", errors[0]);
    }
    portal.idp.script().metadata = json!({"token_endpoint": "http://login.example.com/token"});
    let errors = portal.state.auth.discover().await.expect_err("refused");
    assert!(
        errors[0]
            .to_string()
            .contains("token_endpoint is not https"),
        "{}",
        errors[0]
    );
}

#[test]
fn security_05_settings_take_https_and_one_tenant_only() {
    let parse = |issuer: &str, development: bool| {
        let text = format!("- id: corp\n  issuer: {issuer}\n  client_id: x\n");
        Issuers::parse("issuers.yaml".as_ref(), &text, development)
    };
    assert!(parse("https://login.example.com/tenant/v2.0", false).is_ok());
    assert!(parse("http://localhost:9000", true).is_ok());
    for issuer in [
        "http://login.example.com",
        "http://localhost:9000",
        "https://login.example.com/common/v2.0",
        "https://login.example.com/{tenantid}/v2.0",
        "https://user@login.example.com",
        "https://login.example.com/?x=1",
        "login.example.com",
    ] {
        let errors = parse(issuer, false).expect_err(issuer);
        assert_eq!((errors[0].line, errors[0].column), (2, 11), "{}", errors[0]);
    }
    assert!(parse("http://10.0.0.1:9000", true).is_err());
}

#[sqlx::test(migrations = "../migrations")]
async fn security_07_the_token_is_for_us_and_for_nobody_unlisted(db: PgPool) {
    let portal = support::portal_with(db, Idp::start().await, "  audiences: [listed]\n", &[]);
    for (claims, rule) in [
        (json!({"aud": "other"}), "audience"),
        (json!({"aud": []}), "audience"),
        (
            json!({"aud": [CLIENT, "unlisted"], "azp": CLIENT}),
            "audience",
        ),
        (json!({"aud": CLIENT, "azp": "other"}), "azp"),
        (json!({"aud": [CLIENT, "listed"], "azp": "listed"}), "azp"),
        (json!({"aud": [CLIENT, "listed"]}), "azp"),
        (json!({"aud": null}), "audience"),
    ] {
        only(&portal, claims);
        portal.refuses("token_refused", rule).await;
    }
    for claims in [
        json!({"aud": [CLIENT, "listed"], "azp": CLIENT}),
        json!({"azp": CLIENT}),
        json!({"aud": [CLIENT]}),
    ] {
        only(&portal, claims);
        portal.accepts().await;
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_08_clocks_may_differ_by_half_a_minute(db: PgPool) {
    let now = Timestamp::now().as_second();
    let portal = support::portal(db)
        .await
        .at(Timestamp::from_second(now).expect("a time"));
    for (claims, rule) in [
        (json!({"exp": now - 31}), "time"),
        (json!({"exp": now - 30}), "time"),
        (json!({"iat": now + 61}), "time"),
        (json!({"iat": now - 601}), "time"),
        (json!({"nbf": now + 31}), "nbf"),
        (json!({"nbf": "soon"}), "nbf"),
        (json!({"exp": null}), "token_response"),
        (json!({"iat": null}), "token_response"),
    ] {
        only(&portal, json!({"iat": now, "exp": now + 300}));
        portal.idp.claim(claims);
        portal.refuses("token_refused", rule).await;
    }
    for claims in [
        json!({"exp": now - 29}),
        json!({"iat": now + 60}),
        json!({"iat": now - 600}),
        json!({"nbf": now + 30}),
    ] {
        only(&portal, json!({"iat": now, "exp": now + 300}));
        portal.idp.claim(claims);
        portal.accepts().await;
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_09_forged_and_unlisted_signatures_are_refused(db: PgPool) {
    let portal = support::portal(db).await;
    let rsa_public = portal.idp.script().jwks[0]["n"]
        .as_str()
        .expect("a modulus")
        .as_bytes()
        .to_vec();
    let forger = Key::rsa_b().public("key-1");
    let key = || Signer::Key(Key::rsa_a());
    let forged = || Signer::Key(Key::rsa_b());
    let cases = [
        (Signer::Nothing, json!({"alg": "none"}), "signature"),
        (Signer::Nothing, json!({"alg": "None"}), "token_response"),
        (
            Signer::Hmac(SECRET.into()),
            json!({"alg": "HS256"}),
            "algorithm",
        ),
        (
            Signer::Hmac(rsa_public),
            json!({"alg": "HS256"}),
            "algorithm",
        ),
        (key(), json!({"alg": "RS384"}), "algorithm"),
        (key(), json!({"alg": "PS256"}), "algorithm"),
        (forged(), json!({}), "signature"),
        (forged(), json!({"jwk": forger}), "signature"),
        (
            forged(),
            json!({"jku": "https://evil.example/jwks"}),
            "signature",
        ),
        (
            forged(),
            json!({"x5u": "https://evil.example/x5u"}),
            "signature",
        ),
        (key(), json!({"crit": ["exp"], "exp": 1}), "header"),
        (key(), json!({"crit": []}), "header"),
        (key(), json!({"typ": "logout+jwt"}), "header"),
        (key(), json!({"typ": "at+jwt"}), "header"),
        (key(), json!({"cty": "JWT"}), "header"),
    ];
    for (signer, header, rule) in cases {
        {
            let mut script = portal.idp.script();
            script.signer = signer;
            script.header = json!({"kid": "key-1"});
            crate::idp::merge(&mut script.header, header.clone());
        }
        portal.refuses("token_refused", rule).await;
    }
    {
        let mut script = portal.idp.script();
        script.signer = key();
        script.header = json!({"kid": "key-1"});
    }
    portal.accepts().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn security_09_other_algorithms_count_once_they_are_configured(db: PgPool) {
    let idp = Idp::start().await;
    let portal = support::portal_with(db, idp, "  algorithms: [ES256, PS256, EdDSA]\n", &[]);
    let (rsa, ec, ed) = (Key::rsa_a(), Key::ec(), Key::ed());
    portal.idp.script().jwks = vec![rsa.public("rsa"), ec.public("ec"), ed.public("ed")];
    for (key, kid, alg) in [
        (rsa.clone(), "rsa", "PS256"),
        (ec, "ec", "ES256"),
        (ed, "ed", "EdDSA"),
    ] {
        {
            let mut script = portal.idp.script();
            script.signer = Signer::Key(key);
            script.header = json!({"kid": kid, "alg": alg});
        }
        portal.accepts().await;
    }
    {
        let mut script = portal.idp.script();
        script.signer = Signer::Key(rsa);
        script.header = json!({"kid": "rsa", "alg": "RS256"});
    }
    portal.refuses("token_refused", "algorithm").await;
}
