//! Who calls: `Authorization: Bearer yz_…`, and the idempotency key.

use super::edge::Weight;
use super::{House, Problem};
use crate::service::Office;
use crate::service::access::{AccessError, Mandate};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use std::sync::Arc;

/// A caller whose key is known and good.
pub(super) struct Called(pub(super) Mandate);

impl FromRequestParts<Arc<House>> for Called {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Problem> {
        let Key(key) = Key::from_request_parts(parts, house).await?;
        let mandate = house.run(Weight::Light, move |office| Ok(office.admit(&key)?)).await?;
        house.limit_key(mandate.authority())?;
        Ok(Self(mandate))
    }
}

/// A key as it was sent, not yet weighed: for work that is worth one visit to a blocking thread, not two.
pub(super) struct Key(String);

impl Key {
    /// The mandate of the key, counted against its limit.
    pub(super) fn admit(&self, house: &House, office: &Office) -> Result<Mandate, Problem> {
        let mandate = office.admit(&self.0)?;
        house.limit_key(mandate.authority())?;
        Ok(mandate)
    }
}

impl FromRequestParts<Arc<House>> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<House>) -> Result<Self, Problem> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = value.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
        Ok(Self(key.ok_or(AccessError::Unknown)?.to_owned()))
    }
}

/// `Idempotency-Key`, demanded where a repetition would do harm. Keys of different callers do not meet.
pub(super) struct IdempotencyKey(String);

/// Longest key, in characters.
const LONGEST: usize = 128;

impl IdempotencyKey {
    /// The key as the ledger keeps it.
    pub(super) fn of(self, mandate: &Mandate) -> String {
        format!("{}/{}", mandate.authority(), self.0)
    }
}

impl FromRequestParts<Arc<House>> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<House>) -> Result<Self, Problem> {
        let missing = || {
            let words = "缺少 Idempotency-Key 请求头:1 至 128 个可见 ASCII 字符 / the header Idempotency-Key is needed: 1 to 128 visible ASCII characters";
            Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_missing", words)
        };
        let value = parts.headers.get("idempotency-key").ok_or_else(missing)?;
        // The draft writes a quoted string; most clients send it bare.
        let text = value.to_str().map_err(|_| missing())?.trim().trim_matches('"');
        let sound = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if sound { Ok(Self(text.to_owned())) } else { Err(missing()) }
    }
}
