//! What a printed code tells a stranger: status and masked fields, of secret types nothing but that more is needed.

use super::certificates::Named;
use super::edge::Weight;
use super::{House, Problem};
use crate::service::check_code::{Seen, check_code};
use axum::Json;
use axum::extract::{ConnectInfo, State};
use std::net::SocketAddr;
use std::sync::Arc;

pub(super) async fn check(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Named(code): Named,
) -> Result<Json<Seen>, Problem> {
    house.limit_stranger(from.ip())?;
    let seen = house.run(Weight::Light, move |office| Ok(check_code(office, &code)?)).await?;
    seen.map(Json).ok_or_else(Problem::not_found)
}
