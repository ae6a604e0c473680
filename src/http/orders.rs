//! 变更令: proposed here, signed by officers wherever their keys are, carried out with the second signature.

use super::caller::Called;
use super::certificates::{Body, Named};
use super::edge::Weight;
use super::{House, Problem};
use crate::domain::{ActOnSeal, Officer};
use crate::service::orders::{OrderWish, to_json};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Orders of one answer.
const SHOWN: u32 = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProposalBody {
    reason: String,
    operator: String,
    act: Option<ActOnSeal>,
    #[serde(default)]
    officers: Vec<Officer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignatureBody {
    signature: String,
    operator: String,
}

fn person(operator: &str) -> Result<&str, Problem> {
    let operator = operator.trim();
    if operator.is_empty() || operator.chars().count() > 100 || operator.contains(char::is_control) {
        return Err(Problem::malformed("须写明经办人 operator / operator is needed"));
    }
    Ok(operator)
}

pub(super) async fn propose(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Body(body): Body<ProposalBody>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let record = house
        .run(Weight::Light, move |office| {
            let mandate = mandate.used_by(person(&body.operator)?);
            let wish = OrderWish { reason: body.reason, officers: body.officers, act: body.act };
            Ok(office.propose_order(&mandate, wish)?)
        })
        .await?;
    Ok((StatusCode::ACCEPTED, Json(to_json(&record))))
}

pub(super) async fn list(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
) -> Result<Json<Value>, Problem> {
    let (orders, officers) = house
        .run(Weight::Light, move |office| Ok((office.orders(&mandate, SHOWN)?, office.ledger().officers()?)))
        .await?;
    let orders: Vec<Value> = orders.iter().map(to_json).collect();
    Ok(Json(json!({ "officers": officers, "items": orders })))
}

pub(super) async fn one(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(order): Named,
) -> Result<Json<Value>, Problem> {
    let record = house.run(Weight::Light, move |office| Ok(office.order(&mandate, &order)?)).await?;
    Ok(Json(to_json(&record)))
}

pub(super) async fn sign(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(order): Named,
    Body(body): Body<SignatureBody>,
) -> Result<Json<Value>, Problem> {
    let record = house
        .run(Weight::Light, move |office| {
            let mandate = mandate.used_by(person(&body.operator)?);
            let signature = STANDARD
                .decode(body.signature.trim())
                .map_err(|_| Problem::malformed("signature 须为 base64 / must be base64"))?;
            Ok(office.sign_order(&mandate, &order, signature)?)
        })
        .await?;
    Ok(Json(to_json(&record)))
}
