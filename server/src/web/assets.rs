//! The site folder under `/pkg/`: style, script, wasm, pictures. A release
//! carries it inside the binary; a development build reads it from disk.
//!
//! A file's name holds the digest of its content, so a browser may keep it for
//! ever. It lies there in brotli and gzip as well, so nothing is compressed
//! while somebody waits.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use rust_embed::{EmbeddedFile, RustEmbed};

use accept::Coding;

mod accept;

#[derive(RustEmbed)]
#[folder = "$GROUNDCREW_SITE"]
#[allow_missing = true]
struct Site;

/// Names of the site: what people call a file, and what it is served as.
pub type Manifest = BTreeMap<String, String>;

/// The manifest of the site; empty when no site was built yet. A release holds one for ever; a
/// development build reads it anew, since the site may be built again under it.
pub fn manifest() -> Cow<'static, Manifest> {
    static OF_RELEASE: LazyLock<Manifest> = LazyLock::new(read_manifest);
    if cfg!(debug_assertions) {
        Cow::Owned(read_manifest())
    } else {
        Cow::Borrowed(&OF_RELEASE)
    }
}

fn read_manifest() -> Manifest {
    Site::get("manifest.json")
        .and_then(|file| serde_json::from_slice(&file.data).ok())
        .unwrap_or_default()
}

/// The address of a file by its logical name, such as `groundcrew.css`. A name
/// that is not in the manifest keeps itself and will be answered with 404.
pub fn address(manifest: &Manifest, logical: &str) -> String {
    format!(
        "/pkg/{}",
        manifest.get(logical).map_or(logical, String::as_str)
    )
}

/// Routes of the site's files.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/pkg/{file}", get(serve))
}

async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response<Body> {
    let served = manifest().values().any(|known| *known == name);
    let Some((coding, file)) = served.then(|| best(&name, &headers)).flatten() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{name}{}\"", coding.suffix());
    let mut response = if accept::knows(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from(bytes(file)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, content_type(&name));
        if let Some(name) = coding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    };
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, forever);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// The file in the smallest form that the client takes and the site has.
fn best(name: &str, headers: &HeaderMap) -> Option<(Coding, EmbeddedFile)> {
    accept::codings(headers)
        .into_iter()
        .find_map(|coding| Some((coding, Site::get(&format!("{name}{}", coding.suffix()))?)))
}

fn bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn content_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(
        match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "wasm" => "application/wasm",
            "svg" => "image/svg+xml; charset=utf-8",
            "json" => "application/json",
            "webmanifest" => "application/manifest+json",
            "txt" => "text/plain; charset=utf-8",
            "png" => "image/png",
            "ico" => "image/x-icon",
            "woff2" => "font/woff2",
            _ => "application/octet-stream",
        },
    )
}

#[cfg(test)]
mod tests;
