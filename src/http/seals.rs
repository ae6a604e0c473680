//! The register of seals: how each stands, as of any instant, and what is done to it.

use super::caller::Called;
use super::certificates::{AsOf, Body, Named};
use super::edge::Weight;
use super::{House, Problem};
use crate::domain::SealAct;
use crate::service::access::Right;
use crate::service::seals::Registered;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
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

/// What a seal looks like is for who keeps the register and who audits it: a picture is not a seal, and looks like one.
pub(super) async fn picture(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Path((seal, picture)): Path<(String, String)>,
    AsOf(at): AsOf,
) -> Result<Response, Problem> {
    house
        .run(Weight::Light, move |office| {
            let audits = mandate.covers(Right::Audit, None);
            let right = if audits { Right::Audit } else { Right::ManageSeals };
            office.authorise(&mandate, right, None, Some(&seal))?;
            let (svg, png) = office.seal_picture(&seal, at)?;
            match picture.as_str() {
                "picture.svg" => Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response()),
                "picture.png" => Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response()),
                _ => Err(Problem::not_found()),
            }
        })
        .await
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
