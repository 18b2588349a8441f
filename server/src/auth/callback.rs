//! The way back from the provider: one GET, one flow, one code.

use axum::{
    extract::{Path, RawQuery, State as Shared},
    http::{Extensions, HeaderMap, header},
    response::Response,
};
use platform::{
    Cx, Error,
    limits::{self, Counted},
    login_flows::{self, Flow, FlowKind},
    sessions::{SignIn, SignInProblem, ops::StepUp},
};

use super::{
    claims::{self, Fresh},
    cookies,
    flow::{address, fail, see_other},
    layer::refuse,
    oidc::{Issuer, Refusal, cut},
    session::{self, Cookie, Current},
    system,
};
use crate::state::State;

/// What a callback came to.
enum Ended {
    /// Our word, on the record.
    Refused(Refusal),
    /// The portal itself could not.
    Failed(Error),
}

impl From<Refusal> for Ended {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The answer's parameters, each at most once.
#[derive(Default)]
struct Answer {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// `GET /auth/callback/{issuer}`.
pub(super) async fn callback(
    Shared(state): Shared<State>,
    Path(issuer): Path<String>,
    RawQuery(query): RawQuery,
    extensions: Extensions,
    headers: HeaderMap,
) -> Response {
    let cx = system(&state, &extensions);
    let address = address(&cx);
    if let Err(error) = limits::ops::check(&cx, Counted::FailedCallback, &address).await {
        // One over the limit is counted, so that the limit is on the record once.
        let _ = limits::ops::count(&cx, Counted::FailedCallback, &address).await;
        return refuse(&error);
    }
    let answer = parse(query.as_deref().unwrap_or_default());
    let flow_cookie = answer
        .as_ref()
        .ok()
        .and_then(|answer| answer.state.as_deref())
        .map(cookies::flow_name);
    let current = extensions.get::<Current>();
    let outcome = match answer {
        Ok(answer) => finish(&state, &cx, &issuer, answer, &headers, current).await,
        Err(refusal) => Err(refusal.into()),
    };
    let mut response = match outcome {
        Ok((value, return_to)) => {
            let mut response = see_other(&return_to);
            response.headers_mut().append(
                header::SET_COOKIE,
                cookies::set(cookies::SESSION, &value, None),
            );
            response
        }
        Err(Ended::Failed(error)) => return refuse(&error),
        Err(Ended::Refused(refusal)) => {
            let known = state
                .auth
                .issuer(&issuer)
                .map_or("unknown", |issuer| issuer.settings.id.as_str());
            let response = fail(&cx, known, refusal).await;
            if let Err(error) = limits::ops::count(&cx, Counted::FailedCallback, &address).await {
                return refuse(&error);
            }
            response
        }
    };
    if let Some(name) = flow_cookie.filter(|name| cookies::sent(&headers, name)) {
        response
            .headers_mut()
            .append(header::SET_COOKIE, cookies::remove(&name));
    }
    response
}

/// From the answer to a session: the value of its cookie, and where to go.
async fn finish(
    state: &State,
    cx: &Cx,
    issuer_id: &str,
    answer: Answer,
    headers: &HeaderMap,
    current: Option<&Current>,
) -> Result<(String, String), Ended> {
    let unknown = Refusal::new(SignInProblem::FlowUnknown, "state");
    let sent = answer.state.as_deref().ok_or(unknown)?;
    let browser = cookies::one(headers, &cookies::flow_name(sent))
        .ok_or(Refusal::new(SignInProblem::CookieMissing, "flow_cookie"))?;
    let flow = login_flows::ops::take(cx, sent, browser)
        .await?
        .ok_or(unknown)?;
    let issuer = state
        .auth
        .issuer(&flow.issuer)
        .ok_or(Refusal::new(SignInProblem::UnknownIssuer, "issuer"))?;
    same_issuer(issuer, issuer_id, answer.iss.as_deref()).await?;
    if let Some(error) = &answer.error {
        return Err(provider_error(issuer, error, answer.error_description.as_deref()).into());
    }
    let code = answer
        .code
        .ok_or(Refusal::new(SignInProblem::ProviderRefused, "code"))?;
    let sign_in = identify(state, cx, issuer, &flow, &code).await?;
    let value = match flow.kind {
        FlowKind::SignIn => {
            let replaces = match session::cookie(headers) {
                Cookie::Id(id) => Some(session::hash(id)),
                Cookie::Absent | Cookie::Malformed => None,
            };
            session::open(cx, &sign_in, replaces).await?
        }
        FlowKind::StepUp { session, purpose } => {
            let current = current.ok_or(Refusal::new(SignInProblem::FlowUnknown, "session"))?;
            session::rotate(cx, &sign_in, &StepUp { session, purpose }, current).await?
        }
    };
    let value = value.map_err(|problem| Refusal::new(problem, "session"))?;
    Ok((value, flow.return_to))
}

async fn identify(
    state: &State,
    cx: &Cx,
    issuer: &Issuer,
    flow: &Flow,
    code: &str,
) -> Result<SignIn, Refusal> {
    let tokens = issuer
        .exchange(code, flow.pkce_verifier.clone(), cx.clock.now())
        .await?;
    let fresh = match flow.kind {
        FlowKind::SignIn => None,
        FlowKind::StepUp { .. } => Some(Fresh {
            since: flow
                .began_at
                .ok_or(Refusal::new(SignInProblem::FlowUnknown, "state"))?,
        }),
    };
    let identity = claims::identify(issuer, tokens, &flow.nonce, fresh, cx.clock.now()).await?;
    let grants = state
        .organisation
        .load()
        .grants(&issuer.settings.issuer, &identity.groups);
    Ok(SignIn {
        issuer: issuer.settings.id.clone(),
        iss: issuer.settings.issuer.clone(),
        sub: identity.sub,
        sid: identity.sid,
        authentication: identity.authentication,
        issued_at: identity.issued_at,
        id_token: identity.id_token,
        name: identity.name,
        email: identity.email,
        groups: identity.groups,
        groups_claim: identity.groups_claim,
        grants,
    })
}

/// The answer is of the issuer the flow asked: by its address, and by `iss` (RFC 9207).
async fn same_issuer(issuer: &Issuer, came_to: &str, iss: Option<&str>) -> Result<(), Refusal> {
    let mixed_up = |rule| Refusal::new(SignInProblem::MixedUp, rule);
    if issuer.settings.id != came_to {
        return Err(mixed_up("redirect_uri"));
    }
    let promised = issuer
        .known()
        .await?
        .metadata
        .additional_metadata()
        .authorization_response_iss_parameter_supported;
    match iss {
        Some(iss) if iss == issuer.settings.issuer => Ok(()),
        Some(_) => Err(mixed_up("iss")),
        None if promised => Err(mixed_up("iss_missing")),
        None => Ok(()),
    }
}

/// What the provider wrote goes to the log, cut; the person reads our text.
fn provider_error(issuer: &Issuer, error: &str, description: Option<&str>) -> Refusal {
    let description = cut(description.unwrap_or_default());
    tracing::warn!(
        issuer = issuer.settings.id,
        error = cut(error),
        description,
        "identity provider answered an error"
    );
    match error {
        "access_denied" => Refusal::new(SignInProblem::AccessDenied, "provider"),
        _ => Refusal::new(SignInProblem::ProviderRefused, "provider"),
    }
}

/// A parameter of the protocol that stands twice is refused; others are ignored.
fn parse(query: &str) -> Result<Answer, Refusal> {
    let mut answer = Answer::default();
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let field = match &*key {
            "state" => &mut answer.state,
            "code" => &mut answer.code,
            "iss" => &mut answer.iss,
            "error" => &mut answer.error,
            "error_description" => &mut answer.error_description,
            _ => continue,
        };
        if field.replace(value.into_owned()).is_some() {
            return Err(Refusal::new(
                SignInProblem::ProviderRefused,
                "parameter_twice",
            ));
        }
    }
    Ok(answer)
}
