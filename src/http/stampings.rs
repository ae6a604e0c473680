//! 用印: a document is brought, its seal asked for, looked at, granted by somebody else, and fetched.
//!
//! The document travels as the part `file` of a form, what is asked for as the part `request`, JSON. `?dry_run=true` shows
//! what it would be and leaves no trace.

use super::caller::{Called, IdempotencyKey};
use super::certificates::{Body, Named, Page};
use super::edge::Weight;
use super::{House, Problem};
use crate::ledger::{RequestState, SealRequest};
use crate::service::access::Right;
use crate::service::clock;
use crate::service::placement::{Placement, PlacementBody};
use crate::service::seal_requests::{Asked, Decided, Rehearsed};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Bytes of the part `request`.
const LARGEST_REQUEST: usize = 64 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    seal: String,
    placement: PlacementBody,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    applicant: String,
}

/// Both parts of the form.
pub(super) struct Brought {
    file: Bytes,
    wanted: Wanted,
    placement: Placement,
}

impl FromRequest<Arc<House>> for Brought {
    type Rejection = Problem;

    async fn from_request(request: Request, house: &Arc<House>) -> Result<Self, Problem> {
        let most = house.server.body_mib;
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.trim_start().starts_with("multipart/form-data")) {
            let words = "请以 multipart/form-data 发送 file 与 request 两部分 / send the parts `file` and `request` of multipart/form-data";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported", words));
        }
        let form = Multipart::from_request(request, house).await;
        let mut form = form.map_err(|_| Problem::malformed("表单读不了 / the form cannot be read"))?;
        let cut = |_| {
            let words = format!("文件读不完整,或超过 {most} MiB / incomplete, or larger than {most} MiB");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", words)
        };
        let (mut file, mut wanted) = (None, None);
        while let Some(part) = form.next_field().await.map_err(cut)? {
            match part.name() {
                Some("file") => file = Some(part.bytes().await.map_err(cut)?),
                Some("request") => wanted = Some(part.bytes().await.map_err(cut)?),
                _ => {
                    return Err(Problem::malformed(
                        "表单只有 file 与 request / the form has the parts file and request only",
                    ));
                }
            }
        }
        let missing =
            |name| Problem::malformed(format!("表单缺少 {name} 部分 / the form lacks the part `{name}`"));
        let file = file.filter(|file| !file.is_empty()).ok_or_else(|| missing("file"))?;
        let wanted = wanted.ok_or_else(|| missing("request"))?;
        if wanted.len() > LARGEST_REQUEST {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "request 超过 64 KiB / larger than 64 KiB",
            ));
        }
        let mut wanted: Wanted = serde_json::from_slice(&wanted).map_err(|why| {
            let (line, column) = (why.line(), why.column());
            let words = format!("request 的 JSON 不合要求,第 {line} 行第 {column} 列 / request is not the JSON that openapi.yaml describes: line {line}, column {column}");
            Problem::malformed(words)
        })?;
        let placement = std::mem::take(&mut wanted.placement).read().map_err(|member| {
            let words = format!("placement 不成立:{member};点位、keyword、field、date_line 四者择一 / the placement cannot be meant: {member}; name one of point, keyword, field, date_line");
            Problem::malformed(words)
        })?;
        Ok(Self { file, wanted, placement })
    }
}

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
                Ok(office.rehearse(&brought.file, &brought.wanted.seal, &brought.placement)?)
            })
            .await?;
        return Ok(Json(shown(&rehearsed)).into_response());
    }
    let key = key?.of(&mandate);
    let (request, replayed) = house
        .run(Weight::Heavy, move |office| {
            let asked = Asked {
                document: &brought.file,
                seal: &brought.wanted.seal,
                placement: &brought.placement,
                reason: &brought.wanted.reason,
                applicant: &brought.wanted.applicant,
                idempotency_key: key,
            };
            Ok(office.ask_for_seal(&mandate, &asked)?)
        })
        .await?;
    let mut response = (StatusCode::ACCEPTED, Json(shaped(&request))).into_response();
    if let Ok(place) = HeaderValue::from_str(&format!("/v1/stampings/{}", request.request)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    let replayed = HeaderValue::from_static(if replayed { "true" } else { "false" });
    response.headers_mut().insert("idempotent-replayed", replayed);
    Ok(response)
}

fn shown(rehearsed: &Rehearsed) -> Value {
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
        "also_on": landed.also_on, "page_edges": edges, "pages": pages,
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
enum Decision {
    Approve,
    Reject,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    decision: Decision,
    sha256: String,
    approver: String,
    reason: String,
}

pub(super) async fn decide(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
    Body(body): Body<DecisionBody>,
) -> Result<Json<Value>, Problem> {
    let words = "sha256 须为 64 位十六进制 / sha256 must be 64 hexadecimal digits";
    let mut source = [0; 32];
    hex::decode_to_slice(&body.sha256, &mut source).map_err(|_| Problem::malformed(words))?;
    let approved = matches!(body.decision, Decision::Approve);
    let (request, stamped) = house
        .run(Weight::Heavy, move |office| {
            let (approver, reason) = (body.approver.as_str(), body.reason.as_str());
            Ok(office.decide_seal(&mandate, &id, &Decided { approved, source, approver, reason })?)
        })
        .await?;
    if stamped.is_some() {
        metrics::counter!("stampings_total").increment(1);
    }
    Ok(Json(shaped(&request)))
}

/// A request for a program.
fn shaped(request: &SealRequest) -> Value {
    let place = format!("/v1/stampings/{}", request.request);
    let state = request.state(clock::now());
    let placement: Value = serde_json::from_str(&request.placement).unwrap_or_default();
    let decision = request.grant.as_ref().map(|grant| {
        json!({
            "decision": if grant.approved { "approve" } else { "reject" }, "approver": grant.approver,
            "reason": grant.reason, "at": grant.at.rfc3339(),
        })
    });
    let stamped = state == RequestState::Stamped;
    json!({
        "id": request.request, "state": state.word(), "seal": request.seal, "sha256": hex::encode(request.source),
        "placement": placement, "reason": request.reason, "applicant": request.applicant,
        "requested_at": request.requested_at.rfc3339(), "expires_at": request.expires_at.rfc3339(),
        "decision": decision, "use_number": request.used.map(|(number, _)| number),
        "stamped_sha256": request.used.map(|(_, digest)| hex::encode(digest)),
        "links": {
            "self": place, "page": format!("{place}/pages/{{n}}.png"), "approval": format!("{place}/approval"),
            "pdf": stamped.then(|| format!("{place}.pdf")),
        },
    })
}
