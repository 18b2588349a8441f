//! A machine that calls the portal, and jobs for it.

use std::net::SocketAddr;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use platform::{
    Cx,
    jobs::{
        AttemptState,
        ops::{self, Enqueued},
        spec::JobSpec,
        wire::{Assignment, Claim, Claimed, Finish, Hello, PROTOCOL},
    },
    people::Actor,
    workers,
};
use serde_json::json;
use server::auth::layer::bare;
use sqlx::PgPool;
use tower::ServiceExt as _;

use crate::support::{Portal, portal};

/// The portal as it is served.
pub(crate) async fn whole(db: PgPool) -> Portal {
    let mut portal = portal(db).await;
    portal.router = server::router::router(&portal.state);
    portal
}

/// The portal itself.
pub(crate) fn system(portal: &Portal) -> Cx {
    bare(&portal.state, Actor::System("test"))
}

/// Whoever holds a token.
#[derive(Clone)]
pub(crate) struct Machine {
    router: Router,
    pub(crate) token: String,
    pub(crate) address: SocketAddr,
}

/// What it was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Machine {
    pub(crate) fn new(portal: &Portal, token: &str) -> Self {
        Self {
            router: portal.router.clone(),
            token: token.to_owned(),
            address: ([10, 9, 0, 1], 4000).into(),
        }
    }

    /// With this token instead.
    pub(crate) fn with(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).expect("a method"))
            .uri(path)
            .header(header::HOST, "localhost:4180");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.into()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible");
        let (parts, body) = answer.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.expect("a body").to_vec(),
        }
    }

    /// With its token as Bearer.
    pub(crate) async fn call(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let token = format!("Bearer {}", self.token);
        self.send(method, path, &[("authorization", &token)], body)
            .await
    }

    /// As Terraform calls: its token as the password of Basic.
    pub(crate) async fn state(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let pair = STANDARD.encode(format!("groundcrew:{}", self.token));
        let basic = format!("Basic {pair}");
        self.send(method, path, &[("authorization", &basic)], body)
            .await
    }

    pub(crate) async fn json(&self, path: &str, body: &impl serde::Serialize) -> Answer {
        self.call("POST", path, serde_json::to_vec(body).expect("JSON"))
            .await
    }

    pub(crate) async fn claim(&self, free: u32, wait_ms: u64) -> Vec<Assignment> {
        let answer = self.json("/work/v1/claim", &Claim { free, wait_ms }).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json::<Claimed>().assignments
    }
}

/// A worker that has said hello.
pub(crate) async fn worker(portal: &Portal, name: &str, pool: &str) -> Machine {
    let token = workers::ops::add(&system(portal), name, pool, 1)
        .await
        .expect("made");
    let machine = Machine::new(portal, &token);
    let answer = machine.json("/work/v1/hello", &hello(PROTOCOL)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    machine
}

pub(crate) fn hello(protocol: u32) -> Hello {
    Hello {
        protocol,
        version: "0.1.0".to_owned(),
        labels: [].into(),
        capacity: 8,
        warnings: Vec::new(),
        clock_ms: 0,
        running: Vec::new(),
        load_1m: 0.0,
    }
}

/// Hands in a job of one echo step.
pub(crate) async fn echo(portal: &Portal, pool: &str) -> Enqueued {
    enqueue(
        portal,
        &json!({"title": "E", "team": "payments", "pool": pool, "steps": [
            {"name": "say", "driver": "echo", "operation": "check", "spec": {}}]}),
    )
    .await
}

/// Hands in a job whose one step writes a stack of this name.
pub(crate) async fn writer(portal: &Portal, stack: &str, operation: &str) -> Enqueued {
    enqueue(
        portal,
        &json!({"title": "W", "team": "payments", "steps": [
            {"name": "write", "driver": "echo", "operation": operation, "stack": stack, "spec": {}}]}),
    )
    .await
}

pub(crate) async fn enqueue(portal: &Portal, spec: &serde_json::Value) -> Enqueued {
    let spec: JobSpec = serde_json::from_value(spec.clone()).expect("a job");
    ops::enqueue(&system(portal), &spec, None)
        .await
        .expect("accepted")
}

/// The end of an attempt that did well.
pub(crate) fn success(log: &[u8], chunks: i64) -> Finish {
    Finish {
        state: AttemptState::Succeeded,
        exit_code: Some(0),
        error_class: None,
        error: None,
        log_chunks: chunks,
        log_bytes: i64::try_from(log.len()).expect("small"),
        log_sha256: hex::encode(platform::secrets::sha256(log)),
        journal_entries: 0,
        phases: Vec::new(),
        outputs: [].into(),
        secret_outputs: [].into(),
        changes: None,
        report: None,
    }
}
