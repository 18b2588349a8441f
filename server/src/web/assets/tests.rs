use axum::http::Request;
use tower::ServiceExt;

use super::*;

async fn ask(path: &str, headers: &[(&'static str, &str)]) -> Response<Body> {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a valid request");
    router::<()>().oneshot(request).await.expect("infallible")
}

#[tokio::test]
async fn what_is_not_in_the_manifest_is_not_found() {
    for path in [
        "/pkg/nothing.css",
        "/pkg/manifest.json",
        "/pkg/..%2Fsecret",
        "/pkg/%2Fetc%2Fpasswd",
    ] {
        let response = ask(path, &[]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(
            !response.headers().contains_key(header::CACHE_CONTROL),
            "{path}"
        );
    }
}

/// Walks the site as it was built. Without one (a fresh checkout) there is
/// nothing to walk; `make test` builds it first.
#[tokio::test]
async fn every_file_of_the_site_is_served_for_ever() {
    for (logical, name) in manifest().iter() {
        let path = address(&manifest(), logical);
        assert_eq!(path, format!("/pkg/{name}"));

        let response = ask(&path, &[]).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let cache = &response.headers()[header::CACHE_CONTROL];
        assert_eq!(cache, "public, max-age=31536000, immutable");
        assert_eq!(response.headers()[header::VARY], "accept-encoding");
        assert!(!response.headers().contains_key(header::CONTENT_ENCODING));

        let response = ask(&path, &[("accept-encoding", "gzip, br")]).await;
        if Site::get(&format!("{name}.br")).is_some() {
            assert_eq!(response.headers()[header::CONTENT_ENCODING], "br", "{path}");
        }
        let tag = response.headers()[header::ETAG]
            .to_str()
            .expect("text")
            .to_owned();
        let again = ask(
            &path,
            &[("accept-encoding", "gzip, br"), ("if-none-match", &tag)],
        )
        .await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
    }
}

#[test]
fn an_unknown_name_keeps_itself() {
    let manifest = Manifest::from([("a.css".to_owned(), "a.1.css".to_owned())]);
    assert_eq!(address(&manifest, "a.css"), "/pkg/a.1.css");
    assert_eq!(address(&manifest, "b.css"), "/pkg/b.css");
}

#[test]
fn types_are_exact_because_browsers_do_not_guess() {
    assert_eq!(content_type("app.1.wasm"), "application/wasm");
    assert_eq!(content_type("app.1.js"), "text/javascript; charset=utf-8");
    assert_eq!(content_type("strange"), "application/octet-stream");
}
