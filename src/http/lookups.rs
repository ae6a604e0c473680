//! 免于提交 look-ups. POST, because identity numbers never go into a URL.

use super::caller::Key;
use super::certificates::Body;
use super::edge::Weight;
use super::{House, Problem};
use crate::service::Office;
use crate::service::look_up::{Answer, LookUp};
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

/// Largest request in bytes: the key is weighed after the body was read, so a stranger's must be small.
pub(super) const LARGEST: usize = 256 << 10;

pub(super) async fn look_up(
    State(house): State<Arc<House>>,
    key: Key,
    Body(asked): Body<LookUp>,
) -> Result<Json<Answer>, Problem> {
    let doors = Arc::clone(&house);
    let look_up = move |office: &Office| Ok(office.look_up(&key.admit(&doors, office)?, &asked)?);
    let answer = house.run(Weight::Light, look_up).await?;
    metrics::counter!("lookups_total", "reason" => answer.reason).increment(1);
    Ok(Json(answer))
}
