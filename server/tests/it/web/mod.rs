//! The web layer around a router of probes: what every route gets, whoever handles it.

mod bursts;
mod csrf;
mod errors;
mod headers;
mod listening;
mod markup;
mod product;
mod production;
mod proxy;
mod reading;
mod redirects;
mod requests;

use std::{net::SocketAddr, path, sync::Arc};

use axum::{
    Extension, Router,
    body::Body,
    extract::{ConnectInfo, Path, Query, Request, State as Shared},
    http::{HeaderMap, Method, StatusCode, header},
    middleware,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use clap::Parser;
use http_body_util::BodyExt as _;
use platform::{Cx, people::Actor, secrets::Keyring};
use server::{
    auth::{Auth, Issuers},
    config::Config,
    state::State,
    web::{self, ClientAddr, Nonce, TraceId, Web},
};
use sqlx::PgPool;
use tower::ServiceExt as _;

/// The portal's name in these tests.
pub(crate) const HOST: &str = "portal.example";
pub(crate) const ORIGIN: &str = "https://portal.example";

const ISSUERS: &str = "[{id: company, issuer: 'https://id.example', client_id: portal}]";

#[derive(Parser)]
#[command(args_override_self = true)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// Settings with these flags on top.
pub(crate) fn config(flags: &[&str]) -> Config {
    let fixed = [
        "it",
        "--public-url",
        ORIGIN,
        "--repository",
        ".",
        "--issuers",
        "issuers.yaml",
    ];
    let mut config = Settings::parse_from(fixed.iter().chain(flags)).config;
    config
        .web
        .trusted_proxies
        .push("10.0.0.0/8".parse().expect("a network"));
    config
}

/// A portal of probes.
#[derive(Clone)]
pub(crate) struct Probes {
    pub(crate) router: Router,
}

/// What a server would share, on this database.
pub(crate) fn state(db: PgPool) -> State {
    // As `main` does first thing; all but the first test find it done.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = Arc::new(config(&[]));
    let web = Web::new(&config, &db).expect("the settings are fine");
    let issuers = Issuers::parse(path::Path::new("issuers.yaml"), ISSUERS, false).expect("fine");
    let auth = Auth::new(issuers, &config.public_url, &web.outgoing);
    State {
        config,
        audit_db: db.clone(),
        db,
        organisation: Arc::default(),
        keys: Arc::new(Keyring::generate()),
        clock: platform::cx::Clock::System,
        auth: Arc::new(auth),
        web: Arc::new(web),
        repository: Arc::default(),
        sync_asked: Arc::default(),
        readiness: Arc::new(server::readiness::Readiness::open()),
        wakes: Arc::default(),
        streams: Arc::default(),
    }
}

/// Probes on this database, asked by this actor.
pub(crate) fn probes(db: PgPool, actor: Actor) -> Probes {
    probes_on(state(db), actor)
}

/// Probes of this server, asked by this actor.
pub(crate) fn probes_on(state: State, actor: Actor) -> Probes {
    let handlers = Router::new()
        .route("/page", get(page))
        .route("/echo", post(echo))
        .route("/panic", get(panics))
        .route("/answer/{status}", get(answers))
        .route("/redirect", get(redirects))
        .route("/seen", get(seen))
        .route("/fn/probe/act", post(acted))
        .route("/fn/probe/read", get(writes))
        .route("/fn/search/find", get(acted));
    let layer = middleware::from_fn_with_state((state.clone(), actor), signs_in);
    let router = web::inside(handlers, &state)
        .layer(layer)
        .merge(web::health::routes())
        .merge(web::reports::routes());
    let router = web::layers(router, &state).with_state(state);
    Probes { router }
}

/// Probes without a database: every connection fails.
pub(crate) fn without_database() -> Probes {
    let nowhere = "postgres://nobody@127.0.0.1:1/nothing";
    probes(
        PgPool::connect_lazy(nowhere).expect("a URL"),
        Actor::Anonymous,
    )
}

impl Probes {
    /// Sends a request to the portal's name.
    pub(crate) async fn send(&self, mut request: Request) -> Response {
        let headers = request.headers_mut();
        if !headers.contains_key(header::HOST) {
            headers.insert(header::HOST, HOST.parse().expect("a header value"));
        }
        self.router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible")
    }

    /// Gets a path with these headers.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        self.send(request(Method::GET, path, headers, Body::empty()))
            .await
    }
}

/// A request.
pub(crate) fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request {
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let mut request = builder.body(body.into()).expect("a request");
    let peer = SocketAddr::from(([203, 0, 113, 9], 4200));
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

/// The body as text.
pub(crate) async fn text(response: Response) -> String {
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// What sign-in leaves behind.
async fn signs_in(
    Shared((state, actor)): Shared<(State, Actor)>,
    mut request: Request,
    next: middleware::Next,
) -> Response {
    let cx = Cx::new(
        state.db.clone(),
        state.audit_db.clone(),
        Arc::clone(&state.keys),
        actor,
    );
    request.extensions_mut().insert(cx);
    next.run(request).await
}

async fn page(
    Extension(nonce): Extension<Nonce>,
    Extension(id): Extension<TraceId>,
) -> Html<String> {
    Html(format!("<script nonce=\"{}\"></script>{}", nonce.0, id.0))
}

async fn echo(body: String) -> String {
    body
}

async fn panics() -> StatusCode {
    panic!("the secret cause");
}

async fn answers(Path(status): Path<u16>) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, "select * from secret_table").into_response()
}

async fn redirects(Query(to): Query<Vec<(String, String)>>) -> Redirect {
    Redirect::to(&to[0].1)
}

async fn seen(Extension(client): Extension<ClientAddr>, headers: HeaderMap) -> String {
    let names: Vec<&str> = headers.keys().map(header::HeaderName::as_str).collect();
    format!("{} {}", client.0, names.join(","))
}

async fn acted(headers: HeaderMap) -> String {
    format!("acted; referer {:?}", headers.get(header::REFERER))
}

/// A mistake of ours: it writes where it should only read.
async fn writes(Extension(cx): Extension<Cx>) -> Response {
    let written = sqlx::query("create table written (id int)")
        .execute(&cx.db)
        .await;
    match written {
        Ok(_) => "written".into_response(),
        Err(error) => {
            let code = error
                .as_database_error()
                .and_then(|e| e.code().map(|c| c.to_string()));
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                [("x-sqlstate", code.unwrap_or_default())],
            )
                .into_response()
        }
    }
}
