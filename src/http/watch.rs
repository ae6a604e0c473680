//! Health, readiness, version, figures, and the contract itself.

use super::edge::Weight;
use super::{House, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::sync::Arc;

/// The process answers.
pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The ledger can be read and written, and no shutdown has begun.
pub(super) async fn ready(State(house): State<Arc<House>>) -> Result<Json<Value>, Problem> {
    if house.is_closing() {
        let words = "正在停止 / shutting down";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", words));
    }
    let open = house.run(Weight::Light, |office| Ok(office.ledger().writable()?)).await?;
    Ok(Json(json!({ "status": "ready", "open_reservations": open })))
}

pub(super) async fn version() -> Json<Value> {
    Json(json!({ "name": "yinzheng", "version": env!("CARGO_PKG_VERSION"), "api": "v1" }))
}

/// Prometheus text. No label holds anything personal.
pub(super) async fn metrics(State(house): State<Arc<House>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], house.figures.render())
}

pub(super) async fn contract() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/yaml")], include_str!("../../openapi.yaml"))
}
