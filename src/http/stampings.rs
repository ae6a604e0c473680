//! 用印: a document is brought, its seal asked for, looked at, granted by somebody else, and fetched.
//!
//! The document travels as the part `file` of a form, what is asked for as the part `request`, JSON. `?dry_run=true` shows
//! what it would be and leaves no trace.

use super::caller::{Called, IdempotencyKey};
use super::certificates::{Body, Named, Page};
use super::edge::Weight;
use super::form::Brought;
use super::{House, Problem};
use crate::ledger::{RequestState, SealRequest};
use crate::service::access::Right;
use crate::service::clock;
use crate::service::seal_requests::{Asked, Decided, Rehearsed};
use crate::stamp::Changes;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    #[serde(default)]
    dry_run: bool,
}

pub(super) async fn ask(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    how: Result<Query<How>, axum::extract::rejection::QueryRejection>,
    key: Result<IdempotencyKey, Problem>,
    brought: Brought,
) -> Result<Response, Problem> {
    let Query(how) =
        how.map_err(|_| Problem::malformed("查询参数只有 dry_run / the only query parameter is dry_run"))?;
    if how.dry_run {
        let rehearsed = house
            .run(Weight::Heavy, move |office| {
                office.authorise(&mandate, Right::Stamp, None, Some("rehearsal"))?;
                let fitted = office.fitted(brought.only()?, &brought.placement, brought.rewrites())?;
                let rehearsed = office.rehearse(&fitted.document, &brought.wanted.seal, &fitted.placement)?;
                Ok((rehearsed, fitted.changes))
            })
            .await?;
        return Ok(Json(shown(&rehearsed.0, rehearsed.1)).into_response());
    }
    let key = key?.of(&mandate);
    let (request, replayed) = house
        .run(Weight::Heavy, move |office| {
            let asked = Asked {
                document: brought.only()?,
                seal: &brought.wanted.seal,
                placement: &brought.placement,
                reason: &brought.wanted.reason,
                applicant: &brought.wanted.applicant,
                rewrite: brought.rewrites(),
                idempotency_key: key,
            };
            Ok(office.ask_for_seal(&mandate, &asked)?)
        })
        .await?;
    Ok(accepted(&format!("/v1/stampings/{}", request.request), shaped(&request), replayed))
}

/// What was asked is on record, at this place.
pub(super) fn accepted(place: &str, body: Value, replayed: bool) -> Response {
    let mut response = (StatusCode::ACCEPTED, Json(body)).into_response();
    if let Ok(place) = HeaderValue::from_str(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    let replayed = HeaderValue::from_static(if replayed { "true" } else { "false" });
    response.headers_mut().insert("idempotent-replayed", replayed);
    response
}

fn shown(rehearsed: &Rehearsed, changes: Option<Changes>) -> Value {
    let landed = &rehearsed.landed;
    let edges: Vec<Value> =
        landed.slices.iter().map(|slice| json!({ "page": slice.page, "code": slice.code })).collect();
    let pages: Vec<Value> = rehearsed
        .pages
        .iter()
        .map(|(page, png)| json!({ "page": page, "png": STANDARD.encode(png) }))
        .collect();
    json!({
        "outcome": "would_be_stamped", "page": landed.spot.page, "rectangle": landed.spot.rectangle,
        "also_on": landed.also_on, "page_edges": edges, "pages": pages, "rewritten": changes.map(rewritten),
    })
}

pub(super) async fn list(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    page: Page,
) -> Result<Response, Problem> {
    let seen = house
        .run(Weight::Light, move |office| Ok(office.seal_requests(&mandate, page.after, page.limit)?))
        .await?;
    let items: Vec<Value> = seen.requests.iter().map(shaped).collect();
    Ok(page.shaped("/v1/stampings", &items, seen.read, seen.last))
}

pub(super) async fn one(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
) -> Result<Response, Problem> {
    house
        .run(Weight::Light, move |office| {
            if let Some(request) = id.strip_suffix(".ses") {
                let ses = office.pressed_by_request(&mandate, request)?.ok_or_else(Problem::not_found)?;
                let name = format!("attachment; filename=\"{request}.ses\"");
                let headers = [
                    (header::CONTENT_TYPE, "application/octet-stream"),
                    (header::CONTENT_DISPOSITION, name.as_str()),
                ];
                return Ok((headers, ses).into_response());
            }
            let Some(request) = id.strip_suffix(".pdf") else {
                return Ok(Json(shaped(&office.seal_request(&mandate, &id)?)).into_response());
            };
            let pdf = office.stamped_by_request(&mandate, request)?.ok_or_else(Problem::not_found)?;
            let name = format!("attachment; filename=\"{request}.pdf\"");
            let headers =
                [(header::CONTENT_TYPE, "application/pdf"), (header::CONTENT_DISPOSITION, name.as_str())];
            Ok((headers, pdf).into_response())
        })
        .await
}

pub(super) async fn page(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Path((id, page)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let number =
        page.strip_suffix(".png").and_then(|page| page.parse().ok()).ok_or_else(Problem::not_found)?;
    let png =
        house.run(Weight::Heavy, move |office| Ok(office.page_of_request(&mandate, &id, number)?)).await?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Approve,
    Reject,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    decision: Word,
    sha256: String,
    approver: String,
    reason: String,
}

impl DecisionBody {
    /// What is decided, of a document or a batch that was looked at under this digest.
    pub(super) fn read(&self) -> Result<Decided<'_>, Problem> {
        let words = "sha256 须为 64 位十六进制 / sha256 must be 64 hexadecimal digits";
        let mut source = [0; 32];
        hex::decode_to_slice(&self.sha256, &mut source).map_err(|_| Problem::malformed(words))?;
        let approved = matches!(self.decision, Word::Approve);
        Ok(Decided { approved, source, approver: &self.approver, reason: &self.reason })
    }
}

pub(super) async fn decide(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
    Body(body): Body<DecisionBody>,
) -> Result<Json<Value>, Problem> {
    let (request, stamped) =
        house.run(Weight::Heavy, move |office| Ok(office.decide_seal(&mandate, &id, &body.read()?)?)).await?;
    if stamped.is_some() {
        metrics::counter!("stampings_total").increment(1);
    }
    Ok(Json(shaped(&request)))
}

/// What became of a document that was written anew.
fn rewritten(changes: Changes) -> Value {
    json!({ "drawn": changes.drawn, "dropped": changes.dropped, "silenced": changes.silenced })
}

/// A request for a program.
fn shaped(request: &SealRequest) -> Value {
    let place = format!("/v1/stampings/{}", request.request);
    let state = request.state(clock::now());
    let placement: Value = serde_json::from_str(&request.placement).unwrap_or_default();
    let stamped = state == RequestState::Stamped;
    json!({
        "id": request.request, "state": state.word(), "seal": request.seal, "sha256": hex::encode(request.source),
        "placement": placement, "reason": request.reason, "applicant": request.applicant,
        "requested_at": request.requested_at.rfc3339(), "expires_at": request.expires_at.rfc3339(),
        "decision": decision(request), "batch": request.batch, "use_number": request.used.map(|(number, _)| number),
        "stamped_sha256": request.used.map(|(_, digest)| hex::encode(digest)),
        "links": {
            "self": place, "page": format!("{place}/pages/{{n}}.png"), "approval": format!("{place}/approval"),
            "pdf": stamped.then(|| format!("{place}.pdf")),
        },
    })
}

/// What was decided, for a program.
pub(super) fn decision(request: &SealRequest) -> Option<Value> {
    request.grant.as_ref().map(|grant| {
        json!({
            "decision": if grant.approved { "approve" } else { "reject" }, "approver": grant.approver,
            "reason": grant.reason, "at": grant.at.rfc3339(),
        })
    })
}
