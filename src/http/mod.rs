//! REST: `openapi.yaml` is the source, this room obeys it, and a test holds both equal.
//!
//! A handler reads the request, runs one use case on the edge, and shapes the answer. PDFs travel raw. Errors become RFC
//! 9457 problems in `problem.rs` alone. Nothing personal stands in a URL, a log line or a metric.

mod batches;
mod caller;
mod certificates;
mod checks;
mod digests;
mod edge;
mod form;
mod house;
mod lookups;
mod middleware;
mod orders;
mod problem;
mod records;
mod reports;
mod results;
mod seals;
mod stampings;
mod verifications;
mod watch;

pub(crate) use edge::Weight;
pub use house::House;
pub use problem::Problem;
pub(crate) use verifications::Document;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::sync::Arc;

/// Every route of the interface, `METHOD path`, as `openapi.yaml` writes them.
pub const ROUTES: &[&str] = &[
    "GET /v1/certificate-types",
    "GET /v1/certificate-types/{type}",
    "GET /v1/certificate-types/{type}/schema",
    "POST /v1/certificates",
    "GET /v1/certificates",
    "GET /v1/certificates/{id}",
    "GET /v1/certificates/{id}/history",
    "POST /v1/certificates/{id}/acts",
    "POST /v1/certificates/{id}/replacement",
    "POST /v1/certificates/{id}/downloads",
    "POST /v1/stampings",
    "GET /v1/stampings",
    "GET /v1/stampings/{id}",
    "GET /v1/stampings/{id}/pages/{page}",
    "POST /v1/stampings/{id}/approval",
    "POST /v1/batches",
    "GET /v1/batches",
    "GET /v1/batches/{id}",
    "GET /v1/batches/{id}/items",
    "GET /v1/batches/{id}/events",
    "GET /v1/batches/{id}/results.csv",
    "GET /v1/batches/{id}/results.zip",
    "POST /v1/batches/{id}/approval",
    "POST /v1/batches/{id}/acts",
    "GET /v1/seals",
    "GET /v1/seals/{seal}/{picture}",
    "POST /v1/seals/{seal}/acts",
    "POST /v1/orders",
    "GET /v1/orders",
    "GET /v1/orders/{order}",
    "POST /v1/orders/{order}/signatures",
    "POST /v1/lookups",
    "POST /v1/verifications",
    "POST /v1/verifications/digests",
    "POST /v1/verifications/selftest",
    "GET /v1/checks/{code}",
    "GET /v1/audit/lookups",
    "GET /v1/audit/decisions",
    "GET /healthz",
    "GET /readyz",
    "GET /version",
    "GET /metrics",
    "GET /openapi.yaml",
];

/// The whole interface over a house: REST, and the pages of the room above.
pub fn app(house: Arc<House>, pages: Router<Arc<House>>) -> Router {
    let api = Router::new()
        .route("/v1/certificate-types", get(certificates::types))
        .route("/v1/certificate-types/{type}", get(certificates::one_type))
        .route("/v1/certificate-types/{type}/schema", get(certificates::schema))
        .route("/v1/certificates", post(certificates::issue).get(certificates::list))
        .route("/v1/certificates/{id}", get(certificates::one))
        .route("/v1/certificates/{id}/history", get(certificates::history))
        .route("/v1/certificates/{id}/acts", post(certificates::act))
        .route("/v1/certificates/{id}/replacement", post(certificates::replace))
        .route("/v1/certificates/{id}/downloads", post(certificates::offer))
        .route("/v1/stampings", post(stampings::ask).get(stampings::list))
        .route("/v1/stampings/{id}", get(stampings::one))
        .route("/v1/stampings/{id}/pages/{page}", get(stampings::page))
        .route("/v1/stampings/{id}/approval", post(stampings::decide))
        .route(
            "/v1/batches",
            post(batches::ask).get(batches::list).layer(DefaultBodyLimit::max(batches::LARGEST)),
        )
        .route("/v1/batches/{id}", get(batches::one))
        .route("/v1/batches/{id}/items", get(batches::items))
        .route("/v1/batches/{id}/events", get(batches::events))
        .route("/v1/batches/{id}/results.csv", get(batches::table))
        .route("/v1/batches/{id}/results.zip", get(batches::zip))
        .route("/v1/batches/{id}/approval", post(batches::decide))
        .route("/v1/batches/{id}/acts", post(batches::act))
        .route("/v1/seals", get(seals::list))
        .route("/v1/seals/{seal}/{picture}", get(seals::picture))
        .route("/v1/seals/{seal}/acts", post(seals::act))
        .route("/v1/orders", post(orders::propose).get(orders::list))
        .route("/v1/orders/{order}", get(orders::one))
        .route("/v1/orders/{order}/signatures", post(orders::sign))
        .route("/v1/lookups", post(lookups::look_up).layer(DefaultBodyLimit::max(lookups::LARGEST)))
        .route("/v1/verifications", post(verifications::verify))
        .route(
            "/v1/verifications/digests",
            post(digests::verify).layer(DefaultBodyLimit::max(digests::LARGEST)),
        )
        .route("/v1/verifications/selftest", post(verifications::self_test))
        .route("/v1/checks/{code}", get(checks::check))
        .route("/v1/audit/lookups", get(records::lookups))
        .route("/v1/audit/decisions", get(records::decisions))
        .route("/healthz", get(watch::health))
        .route("/readyz", get(watch::ready))
        .route("/version", get(watch::version))
        .route("/metrics", get(watch::metrics))
        .route("/openapi.yaml", get(watch::contract));
    let all = api.merge(pages).fallback(middleware::nowhere);
    middleware::around(all, &house).with_state(house)
}
