//! Before a page: nobody signed in goes to the sign-in page and comes back; whoever is signed in
//! has no business there.

use axum::{
    extract::Request,
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use platform::{Cx, people::Actor};
use url::form_urlencoded;

use crate::links;

pub(super) async fn guard(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/fn/") {
        return next.run(request).await;
    }
    // The server looks nobody up for assets and the like: such an address is no page.
    let Some(cx) = request.extensions().get::<Cx>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let signed_in = matches!(cx.actor, Actor::Person(_));
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match (signed_in, path == "/sign-in") {
        (false, false) if reads => {
            let wanted = request
                .uri()
                .path_and_query()
                .map_or("/", |wanted| wanted.as_str());
            Redirect::to(&links::sign_in(wanted)).into_response()
        }
        (false, false) => StatusCode::UNAUTHORIZED.into_response(),
        (true, true) => match onward(request.uri().query().unwrap_or_default()) {
            Some(target) => Redirect::to(&target).into_response(),
            None => next.run(request).await,
        },
        _ => next.run(request).await,
    }
}

/// Where the sign-in page sends whoever is signed in; nowhere when it has an error to tell.
fn onward(query: &str) -> Option<String> {
    let mut target = None;
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match key.as_ref() {
            "error" => return None,
            "return_to" if links::is_local(&value) && !value.starts_with("/sign-in") => {
                target = Some(value.into_owned());
            }
            _ => {}
        }
    }
    Some(target.unwrap_or_else(|| "/".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::onward;

    #[test]
    fn whoever_is_signed_in_goes_on_to_our_own_pages_only() {
        assert_eq!(onward("").as_deref(), Some("/"));
        assert_eq!(
            onward("return_to=%2Faudit%3Fx%3D1").as_deref(),
            Some("/audit?x=1")
        );
        assert_eq!(onward("return_to=%2F%2Fx").as_deref(), Some("/"));
        assert_eq!(onward("return_to=/sign-in").as_deref(), Some("/"));
        assert_eq!(onward("error=other_person&return_to=/"), None);
    }
}
