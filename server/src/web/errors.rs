//! A bare error becomes a page for people or a problem document (RFC 9457) for programs.
//!
//! The page stands alone: it needs neither the application nor the database, only the style sheet
//! and the script of the theme.
//! It says what happened, what to do, and the trace id under which the cause is in the log.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::Next,
    response::Response,
};
use serde_json::json;

use super::{TraceId, Web, csp::Nonce};

/// What a page or a document says about a status.
struct Words {
    code: &'static str,
    title: &'static str,
    advice: &'static str,
}

/// Turns error answers without a body of their own into something useful.
pub(super) async fn layer(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let page = wants_page(request.uri().path(), request.headers());
    let again = request
        .method()
        .is_safe()
        .then(|| request.uri().to_string());
    let trace = request.extensions().get::<TraceId>().cloned();
    let nonce = request.extensions().get::<Nonce>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    let error = status.is_client_error() || status.is_server_error();
    if !error || !is_bare(response.headers()) {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    if status == StatusCode::SERVICE_UNAVAILABLE && !parts.headers.contains_key(RETRY_AFTER) {
        parts
            .headers
            .insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    let trace = trace.as_ref().map_or("", |id| &*id.0);
    let (kind, body) = if page {
        let head = head(&web, nonce.as_ref());
        let html = html(status, trace, again.as_deref(), &head);
        ("text/html; charset=utf-8", html)
    } else {
        ("application/problem+json", document(status, trace))
    };
    parts
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Response::from_parts(parts, Body::from(body))
}

/// Nobody said what the body is, or it is one of the framework's plain sentences.
fn is_bare(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
        && !headers.contains_key("serverfnerror")
}

/// A browser asking for a page; programs, and everything under `/api`, get a document.
fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(ACCEPT).into_iter();
    !path.starts_with("/api/")
        && accepts
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains("text/html"))
}

fn document(status: StatusCode, trace: &str) -> String {
    let words = words(status);
    json!({
        "type": "about:blank",
        "title": words.title,
        "status": status.as_u16(),
        "detail": words.advice,
        "code": words.code,
        "trace": trace,
    })
    .to_string()
}

/// The page. Everything in it is ours but `again`, which is escaped.
fn html(status: StatusCode, trace: &str, again: Option<&str>, head: &str) -> String {
    let Words { title, advice, .. } = words(status);
    let retry = again
        .filter(|_| status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS)
        .map(|uri| {
            format!(
                r#"<a class="btn btn--primary" href="{}">Try again</a>"#,
                escape(uri)
            )
        })
        .unwrap_or_default();
    let code = status.as_u16();
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Groundcrew</title>
{head}
</head>
<body class="login">
<main class="login__main" id="main">
<div class="login__card">
<div class="empty">
<p class="mono small">{code}</p>
<h1>{title}</h1>
<p>{advice}</p>
<div class="row">{retry}<a class="btn" href="/">Go to Home</a></div>
<p class="tiny mono">trace {trace}</p>
</div>
</div>
</main>
</body>
</html>
"#
    )
}

/// Style sheet, and before it the script that shows the theme the person chose.
fn head(web: &Web, nonce: Option<&Nonce>) -> String {
    let script = nonce.map(|nonce| {
        format!(
            "<script src=\"{}\" nonce=\"{}\"></script>\n",
            escape(&web.theme.load()),
            escape(&nonce.0)
        )
    });
    format!(
        "{}<link rel=\"stylesheet\" href=\"{}\">",
        script.unwrap_or_default(),
        escape(&web.stylesheet.load())
    )
}

/// Text into HTML text or a quoted attribute.
fn escape(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut out, c| {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                c => out.push(c),
            }
            out
        })
}

/// One row per status we answer; the rest share two.
fn words(status: StatusCode) -> Words {
    let (code, title, advice) = match status.as_u16() {
        400 => (
            "bad_request",
            "This request makes no sense",
            "Go back and try again from the page you came from.",
        ),
        401 => (
            "unauthenticated",
            "You are not signed in",
            "Your session has ended or never began. Sign in and come back to this address.",
        ),
        403 => (
            "forbidden",
            "This was refused",
            "It came from another site, or you may not do it. Open the portal itself and try again from there.",
        ),
        404 => (
            "not_found",
            "There is nothing here",
            "The address may be mistyped, or what was here is hidden from you.",
        ),
        405 => (
            "method_not_allowed",
            "This address does not do that",
            "It exists, but not for this kind of request. Open it from the portal.",
        ),
        413 => (
            "too_large",
            "That is too big",
            "What was sent is over the limit of this address. Send less.",
        ),
        415 => (
            "unsupported_media_type",
            "The format is not the expected one",
            "Send what this address declares as its content type.",
        ),
        421 => (
            "misdirected",
            "This is not the portal's address",
            "The portal answers to the name it was configured with and to no other. Check the address.",
        ),
        422 => (
            "invalid",
            "A field is wrong",
            "Something that was sent is missing, unknown or repeated. Check it and send it again.",
        ),
        429 => (
            "too_many",
            "Too many requests",
            "Wait a moment, then try again. Nothing was changed.",
        ),
        503 => (
            "unavailable",
            "The portal cannot answer right now",
            "A part it needs, usually its database, does not answer. It recovers by itself; try again in a few seconds.",
        ),
        500..=599 => (
            "internal",
            "Something broke on our side",
            "The cause is in the server's log under the trace id below. Try again; if it happens again, tell the platform team this id.",
        ),
        _ => ("refused", "This did not work", "Go back and try again."),
    };
    Words {
        code,
        title,
        advice,
    }
}
