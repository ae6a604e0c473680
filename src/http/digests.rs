//! Judges a signature without its file: the digest of what it covers and its CMS value. Never more than `indeterminate`.

use super::certificates::Body;
use super::edge::Weight;
use super::{House, Problem};
use crate::service::check::Asked;
use crate::service::unseen::{self, Handed, Sent, UnseenCheckError};
use crate::verify::Judgement;
use axum::Json;
use axum::extract::{ConnectInfo, State};
use std::net::SocketAddr;
use std::sync::Arc;

/// Largest request in bytes: the largest value in base64, and room.
pub(super) const LARGEST: usize = unseen::LARGEST / 3 * 4 + 4096;

pub(super) async fn verify(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Body(handed): Body<Handed>,
) -> Result<Json<Judgement>, Problem> {
    house.limit_stranger(from.ip())?;
    let sent = Sent::try_from(handed).map_err(|why| Problem::malformed(why.to_string()))?;
    let judge = move |office: &crate::service::Office| {
        office.check_unseen(&sent, &Asked::default()).map_err(|why| match why {
            UnseenCheckError::Sent(why) => Problem::malformed(why.to_string()),
            UnseenCheckError::Ledger(why) => why.into(),
        })
    };
    Ok(Json(house.run(Weight::Heavy, judge).await?))
}
