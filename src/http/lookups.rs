//! 免于提交 look-ups. POST, because identity numbers never go into a URL.

use super::caller::Called;
use super::certificates::Body;
use super::edge::Weight;
use super::{House, Problem};
use crate::service::look_up::{Answer, LookUp};
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

pub(super) async fn look_up(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Body(asked): Body<LookUp>,
) -> Result<Json<Answer>, Problem> {
    let answer = house.run(Weight::Light, move |office| Ok(office.look_up(&mandate, &asked)?)).await?;
    metrics::counter!("lookups_total", "reason" => answer.reason).increment(1);
    Ok(Json(answer))
}
