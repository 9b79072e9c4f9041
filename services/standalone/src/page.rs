//! The call page and the admin view, as `console/` builds them, inside the binary.

use std::borrow::Cow;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{Html, IntoResponse as _, Response},
    routing::get,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};

use antiphon_protocol::ErrorCode;
use antiphon_service_kit::problem::Problem;

/// A binary that was built before the page shows [`MISSING`] instead.
#[derive(rust_embed::Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../console/dist"]
#[allow_missing = true]
struct Console;

const INDEX: &str = "index.html";

/// The admin view, at `/admin`.
const ADMIN: &str = "admin.html";

const MISSING: &str = "<!doctype html>
<html lang=\"en\">
<title>Antiphon</title>
<h1>The server runs; its page was not built</h1>
<p>Build it with <code>make console</code>, build the server again with <code>cargo build</code>, and start it again.</p>
<p>Rooms work without it: the signaling socket is at <code>/v1/connect</code>, <code>antiphon token</code> makes tokens for it.</p>
</html>
";

/// Everything is the server's own: no inline scripts, no foreign content, no frames around it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; connect-src 'self'; img-src 'self' data: blob:; \
     media-src 'self' blob: mediastream:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

const SECURITY_HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), geolocation=()",
    ),
];

/// A file of the page.
struct Asset {
    content: Cow<'static, [u8]>,
    sha256: [u8; 32],
}

/// Looks a file up by its path without the leading slash.
type Lookup = fn(&str) -> Option<Asset>;

/// Serves the page at every path that nothing else has.
pub(crate) fn router() -> Router {
    router_of(embedded)
}

fn router_of(lookup: Lookup) -> Router {
    Router::new().fallback(get(show_page)).with_state(lookup)
}

fn embedded(path: &str) -> Option<Asset> {
    let file = Console::get(path)?;
    Some(Asset { content: file.data, sha256: file.metadata.sha256_hash() })
}

async fn show_page(State(lookup): State<Lookup>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let mut response = match lookup(path).map(|asset| (path, asset)) {
        Some((path, asset)) => show_asset(path, asset, &headers),
        // A path without an extension is one of the page's own, which its script knows.
        None if is_page_path(path) => {
            let page = if path.trim_end_matches('/') == "admin" { ADMIN } else { INDEX };
            match lookup(page) {
                Some(asset) => show_asset(page, asset, &headers),
                None => Html(MISSING).into_response(),
            }
        }
        None => Problem::new(ErrorCode::NotFound, "there is nothing at this path").into_response(),
    };
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn show_asset(path: &str, asset: Asset, headers: &HeaderMap) -> Response {
    let tag: String = asset.sha256[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    // The build puts a hash of the content into these names.
    let caching = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let caching = [(header::ETAG, tag.as_str()), (header::CACHE_CONTROL, caching)];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(header::CONTENT_TYPE, content_type(path))], body(asset.content)).into_response()
}

/// What is compiled in is not copied.
fn body(content: Cow<'static, [u8]>) -> Bytes {
    match content {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    }
}

fn is_page_path(path: &str) -> bool {
    let reserved = ["v1/", "dev/", "assets/"].iter().any(|prefix| path.starts_with(prefix));
    !reserved && !path.rsplit('/').next().unwrap_or_default().contains('.')
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    fn built(path: &str) -> Option<Asset> {
        let content: &[u8] = match path {
            INDEX => b"<!doctype html>",
            ADMIN => b"<!doctype html><title>admin</title>",
            "assets/index-a1b2c3.js" => b"export {}",
            _ => return None,
        };
        Some(Asset { content: content.into(), sha256: [content.len() as u8; 32] })
    }

    fn not_built(_: &str) -> Option<Asset> {
        None
    }

    async fn send(lookup: Lookup, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let response = router_of(lookup).oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 100_000).await.expect("short");
        (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
    }

    async fn fetch(lookup: Lookup, path: &str) -> (StatusCode, HeaderMap, String) {
        send(lookup, Request::get(path).body(Body::empty()).expect("valid")).await
    }

    #[tokio::test]
    async fn hashed_files_are_kept_for_ever_and_the_page_is_asked_for_each_time() {
        let (status, headers, body) = fetch(built, "/assets/index-a1b2c3.js").await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, "export {}"));
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        let (_, headers, _) = fetch(built, "/").await;
        assert_eq!(headers["cache-control"], "no-cache");
        let known = Request::get("/").header("if-none-match", &headers["etag"]).body(Body::empty()).expect("valid");
        let (status, _, body) = send(built, known).await;
        assert_eq!((status, body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    }

    #[tokio::test]
    async fn every_answer_has_the_security_headers() {
        for path in ["/", "/assets/index-a1b2c3.js", "/missing.js"] {
            let (_, headers, _) = fetch(built, path).await;
            for (name, value) in SECURITY_HEADERS {
                assert_eq!(headers[&name], value, "{path}");
            }
        }
    }

    #[tokio::test]
    async fn the_pages_own_paths_show_the_page_and_others_are_not_found() {
        for path in ["/", "/rehearsal", "/rooms/rehearsal?x=1"] {
            assert_eq!(fetch(built, path).await.2, "<!doctype html>", "{path}");
        }
        for path in ["/admin", "/admin/", "/admin?room=rehearsal"] {
            assert_eq!(fetch(built, path).await.2, "<!doctype html><title>admin</title>", "{path}");
        }
        for path in [
            "/missing.js",
            "/assets/missing",
            "/v1/rooms",
            "/dev/token",
            "/dev/admin-token",
            "/../Cargo.toml",
            "/..%2fCargo.toml",
        ] {
            let (status, headers, _) = fetch(built, path).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(headers["content-type"], "application/problem+json", "{path}");
        }
    }

    #[tokio::test]
    async fn a_page_that_was_not_built_says_how() {
        let (status, _, body) = fetch(not_built, "/").await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains("make console"), "{body}");
    }

    #[tokio::test]
    async fn only_reading_is_possible() {
        let request = Request::post("/").body(Body::empty()).expect("valid");
        assert_eq!(send(built, request).await.0, StatusCode::METHOD_NOT_ALLOWED);
    }
}
