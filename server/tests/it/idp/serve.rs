//! The provider's endpoints.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Form, Json, Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{CLIENT, Script, merge};

#[derive(Clone)]
struct Provider {
    issuer: String,
    script: Arc<Mutex<Script>>,
}

/// Serves on a free port of this machine.
pub(crate) async fn start(script: Arc<Mutex<Script>>) -> (String, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let issuer = format!("http://{}", listener.local_addr().expect("bound"));
    let provider = Provider {
        issuer: issuer.clone(),
        script,
    };
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/jwks", get(jwks))
        .route("/token", post(token))
        .route("/userinfo", get(userinfo))
        .layer(middleware::from_fn_with_state(provider.clone(), count))
        .with_state(provider);
    let server = tokio::spawn(async move {
        axum::serve(listener, router).await.expect("served");
    });
    (issuer, server)
}

async fn count(State(provider): State<Provider>, request: Request, next: Next) -> Response {
    let down = {
        let mut script = provider.script.lock().expect("unpoisoned");
        *script
            .hits
            .entry(request.uri().path().to_owned())
            .or_default() += 1;
        script.down
    };
    if down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    next.run(request).await
}

async fn metadata(State(provider): State<Provider>) -> Json<Value> {
    let script = provider.script.lock().expect("unpoisoned");
    let at = |path: &str| format!("{}{path}", provider.issuer);
    let mut metadata = json!({
        "issuer": provider.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    });
    if !script.userinfo.is_null() {
        metadata["userinfo_endpoint"] = at("/userinfo").into();
    }
    merge(&mut metadata, script.metadata.clone());
    Json(metadata)
}

async fn jwks(State(provider): State<Provider>) -> Response {
    let script = provider.script.lock().expect("unpoisoned");
    if script.jwks_down {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    Json(json!({"keys": script.jwks})).into_response()
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut script = provider.script.lock().expect("unpoisoned");
    let refuse =
        |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    script.token_form.clone_from(&form);
    let proven = headers.contains_key("authorization") || form.contains_key("client_assertion");
    let asked = form.get("code").and_then(|code| script.codes.remove(code));
    let Some(asked) = asked.filter(|_| proven) else {
        return refuse("invalid_grant");
    };
    let challenge = form
        .get("code_verifier")
        .map(|verifier| URL_SAFE_NO_PAD.encode(platform::secrets::sha256(verifier.as_bytes())));
    if !script.ignores_pkce && challenge.as_ref() != asked.query.get("code_challenge") {
        return refuse("invalid_grant");
    }
    let id_token = script.id_token.clone().unwrap_or_else(|| {
        let now = jiff::Timestamp::now().as_second();
        let mut claims = json!({
            "iss": provider.issuer, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked.query.get("nonce"),
        });
        merge(&mut claims, script.claims.clone());
        let mut header = json!({"alg": "RS256", "typ": "JWT"});
        merge(&mut header, script.header.clone());
        script.signer.sign(&header, &claims)
    });
    Json(json!({
        "access_token": script.access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
    }))
    .into_response()
}

async fn userinfo(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    let script = provider.script.lock().expect("unpoisoned");
    let wanted = format!("Bearer {}", script.access_token);
    if headers
        .get("authorization")
        .is_none_or(|sent| *sent != wanted)
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut answer = json!({"sub": script.claims["sub"]});
    merge(&mut answer, script.userinfo.clone());
    Json(answer).into_response()
}
