//! What auditors read: look-ups and decisions, oldest first, page by page.

use super::caller::Called;
use super::certificates::Page;
use super::edge::Weight;
use super::{House, Problem};
use crate::service::access::Right;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn lookups(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    page: Page,
) -> Result<Response, Problem> {
    let rows = house
        .run(Weight::Light, move |office| {
            office.authorise(&mandate, Right::Audit, None, Some("lookups"))?;
            Ok(office.ledger().uses(page.after, page.limit)?)
        })
        .await?;
    let items = rows.iter().map(|used| {
        json!({
            "lookup": used.lookup, "receipt": used.receipt, "at": used.at.rfc3339(), "caller": used.caller,
            "organisation": used.organisation, "operator": used.operator, "certificate_type": used.slug,
            "item_code": used.item, "case_number": used.case_number, "outcome": used.outcome,
        })
    });
    let items: Vec<Value> = items.collect();
    Ok(page.shaped("/v1/audit/lookups", &items, rows.len(), rows.last().map(|last| last.lookup)))
}

pub(super) async fn decisions(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    page: Page,
) -> Result<Response, Problem> {
    let rows = house
        .run(Weight::Light, move |office| {
            office.authorise(&mandate, Right::Audit, None, Some("decisions"))?;
            Ok(office.ledger().decisions(page.after, page.limit)?)
        })
        .await?;
    let items = rows.iter().map(|(number, decision)| {
        json!({
            "decision": number, "at": decision.at.rfc3339(), "caller": decision.caller, "right": decision.right,
            "target": decision.target, "granted": decision.granted, "reason": decision.reason,
        })
    });
    let items: Vec<Value> = items.collect();
    Ok(page.shaped("/v1/audit/decisions", &items, rows.len(), rows.last().map(|(number, _)| *number)))
}
