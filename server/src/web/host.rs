//! The portal answers to its own name only: a foreign Host is 421.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{StatusCode, header::HOST},
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::Url;

use super::Web;

/// Routes for probes, which know the address of the machine and not its name.
const BY_ADDRESS: [&str; 2] = ["/livez", "/readyz"];

/// The portal's own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// `scheme://host[:port]`, as a browser writes it into `Origin`.
    pub origin: String,
    /// `host[:port]`, as a browser writes it into `Host`.
    pub authority: String,
}

impl Site {
    /// The name in this address.
    pub fn of(public_url: &Url) -> Self {
        let origin = public_url.origin().ascii_serialization();
        let authority = origin
            .split_once("://")
            .map_or(String::new(), |(_, authority)| authority.to_owned());
        Self { origin, authority }
    }
}

/// Refuses other names, absent ones, and two that differ.
pub async fn layer(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    if BY_ADDRESS.contains(&request.uri().path()) || is_ours(&request, &web.site.authority) {
        return next.run(request).await;
    }
    StatusCode::MISDIRECTED_REQUEST.into_response()
}

fn is_ours(request: &Request, ours: &str) -> bool {
    let hosts = request.headers().get_all(HOST);
    let named = hosts
        .iter()
        .map(|host| host.to_str().unwrap_or_default())
        .chain(
            request
                .uri()
                .authority()
                .map(axum::http::uri::Authority::as_str),
        );
    let mut count = 0;
    let same = named
        .inspect(|_| count += 1)
        .all(|name| name.eq_ignore_ascii_case(ours));
    same && count > 0
}
