//! Signing out: here first, then at the provider.

use axum::{
    extract::{RawQuery, State as Shared},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use platform::{Cx, sessions::ops};
use url::Url;

use super::{Auth, cookies, flow::see_other, layer::refuse, system};
use crate::state::State;

/// `POST /auth/sign-out`: ends the session, then lets the provider end its own.
pub(super) async fn sign_out(
    Shared(state): Shared<State>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Response {
    let return_state = platform::secrets::token();
    let ended = match extensions
        .get::<Cx>()
        .filter(|cx| cx.actor.person().is_some())
    {
        Some(cx) => match ops::sign_out(cx, &return_state).await {
            Ok(ended) => ended,
            Err(error) => return refuse(&error),
        },
        None => None,
    };
    let at_provider = ended.and_then(|ended| {
        end_session(&state.auth, &state.config.public_url, &ended, &return_state)
    });
    let mut response = see_other(at_provider.as_ref().map_or("/auth/signed-out", Url::as_str));
    let answer = response.headers_mut();
    if cookies::sent(&headers, cookies::SESSION) {
        answer.append(header::SET_COOKIE, cookies::remove(cookies::SESSION));
    }
    answer.insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    response
}

/// `GET /auth/signed-out`: back from the provider, or straight from here. Nothing hangs on it.
pub(super) async fn signed_out(
    Shared(state): Shared<State>,
    RawQuery(query): RawQuery,
    extensions: Extensions,
) -> Response {
    let sent = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes())
        .find(|(key, _)| key == "state")
        .map(|(_, value)| value.into_owned());
    let everywhere = match sent {
        Some(sent) => ops::take_return(&system(&state, &extensions), &sent).await,
        None => Ok(false),
    };
    match everywhere {
        Ok(true) => see_other("/sign-in?signed_out=everywhere"),
        Ok(false) => see_other("/sign-in?signed_out=here"),
        Err(error) => refuse(&error),
    }
}

/// The provider's end-session address, where it has named one.
fn end_session(auth: &Auth, public_url: &Url, ended: &ops::SignedOut, state: &str) -> Option<Url> {
    let issuer = auth.issuer(&ended.issuer)?;
    let mut url = issuer.end_session_endpoint()?;
    let back = public_url.join("/auth/signed-out").ok()?;
    url.query_pairs_mut()
        .append_pair("id_token_hint", &ended.id_token)
        .append_pair("client_id", &issuer.settings.client_id)
        .append_pair("post_logout_redirect_uri", back.as_str())
        .append_pair("state", state);
    Some(url)
}
