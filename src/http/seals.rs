//! The register of seals: how each stands, as of any instant, and what is done to it.

use super::caller::Called;
use super::certificates::{AsOf, Body, Named};
use super::edge::Weight;
use super::{House, Problem};
use crate::domain::SealAct;
use crate::service::access::Right;
use crate::service::seals::Registered;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn list(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    AsOf(at): AsOf,
) -> Result<Json<Value>, Problem> {
    let seals = house
        .run(Weight::Light, move |office| {
            let rights = [Right::ManageSeals, Right::Stamp, Right::Approve, Right::Audit];
            let right = rights.into_iter().find(|right| mandate.covers(*right, None));
            office.authorise(&mandate, right.unwrap_or(Right::ManageSeals), None, Some("seals"))?;
            Ok(office.registered(at)?)
        })
        .await?;
    Ok(Json(json!({ "items": seals.iter().map(Registered::to_json).collect::<Vec<_>>() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActBody {
    act: SealAct,
    reason: String,
    operator: String,
}

pub(super) async fn act(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(seal): Named,
    Body(body): Body<ActBody>,
) -> Result<Json<Value>, Problem> {
    let name = seal.clone();
    let status = house
        .run(Weight::Light, move |office| {
            if body.operator.trim().is_empty() || body.operator.chars().count() > 100 {
                return Err(Problem::malformed("须写明经办人 operator / operator is needed"));
            }
            let mandate = mandate.used_by(body.operator.trim());
            Ok(office.act_on_seal(&mandate, &seal, body.act, &body.reason)?)
        })
        .await?;
    Ok(Json(json!({ "seal": name, "status": status.word() })))
}
