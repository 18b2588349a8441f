//! Who acts: once per request, from the cookie, for everything behind it.

use std::sync::Arc;

use axum::{
    extract::{Request, State as Shared},
    http::{Extensions, HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use platform::{
    Cx, Error,
    cx::Origin,
    people::{self, Actor, Person},
    sessions::Loaded,
};

use super::{
    cookies,
    session::{Cookie, Current, Store, cookie, hash},
};
use crate::{
    state::State,
    web::{ClientAddr, TraceId},
    work,
};

/// Paths that need nobody: no session is looked up for them.
const FOR_NOBODY: [&str; 5] = [
    "/pkg/",
    "/livez",
    "/readyz",
    "/reports/",
    "/auth/backchannel/",
];

/// Puts `platform::Cx` into the request. Nobody signed in is `Actor::Anonymous`; a database that
/// does not answer is 503, never a sign-out.
pub async fn layer(Shared(state): Shared<State>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if FOR_NOBODY.iter().any(|prefix| path.starts_with(prefix)) {
        return next.run(request).await;
    }
    // The token of a worker or an attempt opens nothing here, with a session or without.
    if work::is_machine(request.headers()) {
        return match cookie(request.headers()) {
            Cookie::Absent => StatusCode::UNAUTHORIZED.into_response(),
            _ => StatusCode::BAD_REQUEST.into_response(),
        };
    }
    let found = match who(&state, request.headers()).await {
        Ok(found) => found,
        Err(error) => return refuse(&error),
    };
    let (actor, dead_cookie) = match found {
        Found::Nobody { dead_cookie } => (Actor::Anonymous, dead_cookie),
        Found::Somebody(loaded, current) => {
            let person = person(&state, *loaded, request.extensions()).await;
            request.extensions_mut().insert(current);
            (Actor::Person(Box::new(person)), false)
        }
    };
    let cx = context(&state, actor, request.headers(), request.extensions());
    request.extensions_mut().insert(cx);
    let mut response = next.run(request).await;
    if dead_cookie && !sets_session(response.headers()) {
        response
            .headers_mut()
            .append(header::SET_COOKIE, cookies::remove(cookies::SESSION));
    }
    response
}

/// A context of no request: trace of zeros, no origin.
pub fn bare(state: &State, actor: Actor) -> Cx {
    let mut cx = Cx::new(
        state.db.clone(),
        state.audit_db.clone(),
        Arc::clone(&state.keys),
        actor,
    );
    cx.clock = state.clock.clone();
    cx.wake = state.wakes.wake();
    cx
}

/// An error as a bare answer; the web layer makes a page or a document of it.
pub(super) fn refuse(error: &Error) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match error {
        Error::TooMany { retry_after_s } => {
            (status, [(header::RETRY_AFTER, retry_after_s.to_string())]).into_response()
        }
        _ => status.into_response(),
    }
}

enum Found {
    Nobody { dead_cookie: bool },
    Somebody(Box<Loaded>, Current),
}

async fn who(state: &State, headers: &HeaderMap) -> Result<Found, Error> {
    let id = match cookie(headers) {
        Cookie::Absent => return Ok(Found::Nobody { dead_cookie: false }),
        Cookie::Malformed => return Ok(Found::Nobody { dead_cookie: true }),
        Cookie::Id(id) => id,
    };
    let loaded = Store(state.db.clone()).find(id).await?;
    // The issuer may be gone from the settings of this server before its sessions are ended.
    let configured = |loaded: &Loaded| {
        state
            .auth
            .issuers()
            .iter()
            .any(|issuer| issuer.settings.issuer == loaded.iss)
    };
    Ok(match loaded.filter(configured) {
        Some(loaded) => {
            let current = Current {
                id_hash: hash(id),
                iss: loaded.iss.clone(),
            };
            Found::Somebody(Box::new(loaded), current)
        }
        None => Found::Nobody { dead_cookie: true },
    })
}

/// The person with what the mapping grants now; a change since the last look is put on record.
async fn person(state: &State, loaded: Loaded, extensions: &Extensions) -> Person {
    let grants = state
        .organisation
        .load()
        .grants(&loaded.iss, &loaded.groups);
    let words = grants.words();
    if words != loaded.roles_seen {
        let cx = super::system(state, extensions);
        if let Err(error) =
            people::ops::note_roles(&cx, loaded.person, &loaded.roles_seen, &words).await
        {
            tracing::error!(%error, "changed roles were not put on record");
        }
    }
    Person {
        id: loaded.person,
        name: loaded.name,
        grants,
        groups_claim: loaded.groups_claim,
        session: loaded.label,
        authentication: loaded.authentication,
    }
}

fn context(state: &State, actor: Actor, headers: &HeaderMap, extensions: &Extensions) -> Cx {
    let mut cx = bare(state, actor);
    if let Some(TraceId(trace)) = extensions.get::<TraceId>() {
        cx.trace = Arc::clone(trace);
    }
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    cx.origin = Arc::new(Origin {
        ip: extensions.get::<ClientAddr>().map(|ClientAddr(ip)| *ip),
        agent: agent.map(|agent| agent.chars().take(256).collect()),
    });
    cx
}

fn sets_session(headers: &HeaderMap) -> bool {
    let name = format!("{}=", cookies::SESSION);
    headers
        .get_all(header::SET_COOKIE)
        .into_iter()
        .any(|value| value.as_bytes().starts_with(name.as_bytes()))
}
