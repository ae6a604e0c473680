//! What happens to every request: a number, a span in the log, a figure, limits, and headers that keep browsers honest.

use super::{House, Problem};
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// No scripts at all: the pages work without them.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

pub(super) fn around(router: Router<Arc<House>>, house: &Arc<House>) -> Router<Arc<House>> {
    let most = usize::from(house.server.body_mib) << 20;
    router
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(most))
        .layer(from_fn(measured))
        .layer(from_fn_with_state(Arc::clone(house), headers))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(from_fn(numbered))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::failure(&"a handler panicked").into_response()
        }))
}

pub(super) async fn nowhere() -> Problem {
    Problem::not_found()
}

async fn no_such_method() -> Problem {
    let words = "该资源不支持此方法,见 Allow / not a method of this resource, see Allow";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", words)
}

/// A caller's own request number is kept when it is a UUID. Anything else is not: it goes to the log, and may be a
/// person's name or number.
async fn numbered(mut request: Request, next: Next) -> Response {
    let uuid = |id: &HeaderValue| {
        let hyphens = [8, 13, 18, 23];
        let fits = |(at, byte): (usize, &u8)| {
            if hyphens.contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
        };
        id.len() == 36 && id.as_bytes().iter().enumerate().all(fits)
    };
    if !request.headers().get_all(&REQUEST_ID).iter().all(uuid) {
        request.headers_mut().remove(&REQUEST_ID);
    }
    next.run(request).await
}

/// Methods by name; whatever else a stranger writes there is one and the same label.
fn known(method: &Method) -> &'static str {
    let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    all.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// Logs and counts by route, never by path: a path may hold a code.
async fn measured(route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let route = route.map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    let method = known(request.method());
    let id = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or("-").to_owned();
    #[expect(clippy::disallowed_methods, reason = "how long a request took is the faces' business")]
    let begun = std::time::Instant::now();
    let response = next.run(request).await;
    let (took, status) = (begun.elapsed(), response.status().as_u16().to_string());
    metrics::histogram!("http_request_seconds", "route" => route.clone(), "method" => method)
        .record(took.as_secs_f64());
    metrics::counter!("http_requests_total", "route" => route.clone(), "method" => method, "status" => status.clone())
        .increment(1);
    tracing::info!(request_id = id, method, route, status, micros = took.as_micros(), "request");
    response
}

async fn headers(State(house): State<Arc<House>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A report brings its style along and says so.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    // Personal unless a handler says otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if house.is_closing() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
