//! Certificates: types, issue, read in three forms, acts, replacement, download links.

use super::caller::{Called, IdempotencyKey};
use super::edge::Weight;
use super::{House, Problem};
use crate::domain::{Act, Instant, Status};
use crate::ledger::{Entry, Event, Life};
use crate::preview;
use crate::service::access::Right;
use crate::service::issue::{Issued, Request};
use crate::service::{Office, clock};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// A JSON body. Unknown members are refused, and the place of a mistake is named.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<House>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, house: &Arc<House>) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.trim_start().starts_with("application/json")) {
            let words = "请以 application/json 发送 / send application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported", words));
        }
        let most = house.server.body_mib;
        let bytes = Bytes::from_request(request, house).await.map_err(|_| {
            let words = format!("内容读不完整,或超过上限(至多 {most} MiB)/ incomplete, or larger than allowed (at most {most} MiB)");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", words)
        })?;
        // serde's words name members and positions, and quote values only of the wrong type: those are left out.
        serde_json::from_slice(&bytes).map(Self).map_err(|why| {
            let place = format!(
                "第 {} 行第 {} 列 / line {}, column {}",
                why.line(),
                why.column(),
                why.line(),
                why.column()
            );
            Problem::malformed(format!("JSON 不合要求,{place} / not the JSON that openapi.yaml describes"))
        })
    }
}

/// `?after=…&limit=…` of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) after: u64,
    pub(super) limit: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    after: Option<u64>,
    limit: Option<u32>,
}

/// Most items of a page.
const MOST: u32 = 200;

impl Page {
    /// Items of a page for which `seen` rows were read up to `last`, with the cursor and the link of the next, if there
    /// may be one.
    pub(super) fn shaped(self, path: &str, items: &[Value], seen: usize, last: Option<u64>) -> Response {
        let full = u32::try_from(seen).is_ok_and(|seen| seen == self.limit);
        let next = last.filter(|_| full);
        let mut response = Json(json!({ "items": items, "next": next })).into_response();
        let link = next.map(|next| format!("<{path}?after={next}&limit={}>; rel=\"next\"", self.limit));
        if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

/// The one variable part of a path. What is not UTF-8 names nothing.
pub(super) struct Named(pub(super) String);

impl FromRequestParts<Arc<House>> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Problem> {
        let name = Path::<String>::from_request_parts(parts, house).await;
        name.map(|Path(name)| Self(name)).map_err(|_| Problem::not_found())
    }
}

impl FromRequestParts<Arc<House>> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Problem> {
        let words = "after 须为非负整数,limit 须在 1 至 200 之间 / after: an integer from 0; limit: 1 to 200";
        let query = Query::<PageQuery>::from_request_parts(parts, house).await;
        let Query(query) = query.map_err(|_| Problem::malformed(words))?;
        let page = Self { after: query.after.unwrap_or(0), limit: query.limit.unwrap_or(50) };
        if (1..=MOST).contains(&page.limit) { Ok(page) } else { Err(Problem::malformed(words)) }
    }
}

pub(super) async fn types(State(house): State<Arc<House>>) -> Json<Value> {
    let items: Vec<Value> =
        house.office.kinds().keys().filter_map(|slug| described(&house.office, slug)).collect();
    Json(json!({ "items": items }))
}

pub(super) async fn one_type(
    State(house): State<Arc<House>>,
    Named(slug): Named,
) -> Result<Json<Value>, Problem> {
    described(&house.office, &slug).map(Json).ok_or_else(Problem::not_found)
}

fn described(office: &Office, slug: &str) -> Option<Value> {
    let kind = office.type_of(slug)?;
    Some(json!({
        "type": slug, "name": kind.name(), "version": kind.version(),
        "type_code": kind.full_type_code(office.config().issuer()), "sensitivity": kind.sensitivity(),
        "lookup_fields": kind.lookup_fields(), "schema": format!("/v1/certificate-types/{slug}/schema"),
    }))
}

pub(super) async fn schema(
    State(house): State<Arc<House>>,
    Named(slug): Named,
) -> Result<impl IntoResponse, Problem> {
    let kind = house.office.type_of(&slug).ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "application/schema+json")], kind.schema().to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueBody {
    r#type: String,
    application: Value,
    #[serde(default)]
    confirm_duplicate: bool,
}

pub(super) async fn issue(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    key: IdempotencyKey,
    headers: HeaderMap,
    Body(body): Body<IssueBody>,
) -> Result<Response, Problem> {
    let key = key.of(&mandate);
    let (issued, life) = house
        .run(Weight::Heavy, move |office| {
            // A type nobody has and a type the key does not cover are told apart by nobody without the right. What
            // is no type's name does not go on record: it may be anything.
            office.authorise(&mandate, Right::Issue, office.type_of(&body.r#type), None)?;
            let request = Request {
                idempotency_key: Some(key),
                confirm_duplicate: body.confirm_duplicate,
                ..Request::new(&body.r#type, &body.application)
            };
            let issued = office.issue(&mandate, request)?;
            let life = office.life(&issued.entry.identifier, None)?.ok_or_else(Problem::not_found)?;
            Ok((issued, life))
        })
        .await?;
    Ok(created(&house, &headers, issued, &life))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplaceBody {
    application: Value,
}

pub(super) async fn replace(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
    key: IdempotencyKey,
    headers: HeaderMap,
    Body(body): Body<ReplaceBody>,
) -> Result<Response, Problem> {
    let key = key.of(&mandate);
    let (issued, life) = house
        .run(Weight::Heavy, move |office| {
            let issued = office.replace(&mandate, &id, &body.application, Some(key))?;
            let life = office.life(&issued.entry.identifier, None)?.ok_or_else(Problem::not_found)?;
            Ok((issued, life))
        })
        .await?;
    Ok(created(&house, &headers, issued, &life))
}

/// 201, and what the caller asked for: the PDF at once, or the record.
fn created(house: &House, headers: &HeaderMap, issued: Issued, life: &Life) -> Response {
    metrics::counter!("certificates_issued_total", "replayed" => issued.replayed.to_string()).increment(1);
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let mut response = if accept.starts_with("application/pdf") {
        pdf(&issued.entry, issued.pdf)
    } else {
        Json(shaped(&house.office, life)).into_response()
    };
    *response.status_mut() = StatusCode::CREATED;
    let place = format!("/v1/certificates/{}", issued.entry.identifier);
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    let replayed = if issued.replayed { "true" } else { "false" };
    response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static(replayed));
    response
}

pub(super) async fn list(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    page: Page,
) -> Result<Response, Problem> {
    let (items, seen, last) = house
        .run(Weight::Light, move |office| {
            office.authorise(&mandate, Right::Read, None, Some("certificates"))?;
            let entries = office.ledger().list(page.after, page.limit)?;
            let last = entries.last().map(|entry| entry.record);
            let covered = |entry: &&Entry| mandate.covers(Right::Read, office.type_of(&entry.slug));
            let mut items = Vec::new();
            for entry in entries.iter().filter(covered) {
                items.extend(office.life(&entry.identifier, None)?.map(|life| shaped(office, &life)));
            }
            Ok((items, entries.len(), last))
        })
        .await?;
    Ok(page.shaped("/v1/certificates", &items, seen, last))
}

/// `?at=…`: the instant as of which the status is wanted.
pub(super) struct AsOf(pub(super) Option<Instant>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AsOfQuery {
    at: Option<String>,
}

impl FromRequestParts<Arc<House>> for AsOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Problem> {
        let query = Query::<AsOfQuery>::from_request_parts(parts, house).await;
        let Query(query) =
            query.map_err(|_| Problem::malformed("查询参数只有 at / the only query parameter is at"))?;
        query.at.as_deref().map(instant).transpose().map(Self)
    }
}

pub(super) async fn one(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
    AsOf(at): AsOf,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (id, form) = Form::of(&id, &headers)?;
    let weight = if form == Form::Png { Weight::Heavy } else { Weight::Light };
    let wanted = headers.get(header::IF_NONE_MATCH).cloned();
    house
        .run(weight, move |office| {
            let life = office.life(&id, at)?;
            office.authorise_record(&mandate, Right::Read, life.as_ref().map(|life| &life.entry))?;
            let life = life.ok_or_else(Problem::not_found)?;
            if form == Form::Json {
                return Ok(Json(shaped(office, &life)).into_response());
            }
            let tag = tag(&life.entry, form).ok_or_else(Problem::not_found)?;
            if wanted.as_ref().is_some_and(|wanted| *wanted == tag) {
                return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
            }
            let bytes = office.pdf(&life.entry)?;
            if form == Form::Pdf {
                return Ok(pdf(&life.entry, bytes));
            }
            let png = preview::page_png(bytes, 1, 110.0).map_err(|why| Problem::failure(&why))?;
            Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("image/png")), (header::ETAG, tag)], png)
                .into_response())
        })
        .await
}

pub(super) async fn history(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
) -> Result<Json<Value>, Problem> {
    let life = house
        .run(Weight::Light, move |office| {
            let life = office.life(&id, None)?;
            office.authorise_record(&mandate, Right::Read, life.as_ref().map(|life| &life.entry))?;
            life.ok_or_else(Problem::not_found)
        })
        .await?;
    let issued = json!({
        "at": life.entry.reserved_at.rfc3339(), "act": "issue", "reason": "", "operator": life.entry.operator,
    });
    let items: Vec<Value> = std::iter::once(issued).chain(life.history.iter().map(event)).collect();
    Ok(Json(json!({ "items": items })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActBody {
    act: Act,
    reason: String,
    #[serde(default)]
    detail: Option<Inspection>,
}

/// What an inspection (验审) found.
#[derive(Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
struct Inspection {
    year: u16,
    result: String,
    #[serde(default)]
    next_due: Option<String>,
}

pub(super) async fn act(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
    Body(body): Body<ActBody>,
) -> Result<Json<Value>, Problem> {
    if body.act == Act::Inspect && body.detail.is_none() {
        return Err(Problem::malformed(
            "验审须附 detail:年度与结果 / an inspection needs its detail: year and result",
        ));
    }
    let detail = body.detail.and_then(|detail| serde_json::to_string(&detail).ok());
    let word = body.act.word();
    let shaped = house
        .run(Weight::Light, move |office| {
            let life = office.act(&mandate, &id, body.act, &body.reason, detail)?;
            Ok(shaped(office, &life))
        })
        .await?;
    metrics::counter!("certificate_acts_total", "act" => word).increment(1);
    Ok(Json(shaped))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferBody {
    #[serde(default = "a_day")]
    minutes: u16,
}

fn a_day() -> u16 {
    1_440
}

pub(super) async fn offer(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
    Body(body): Body<OfferBody>,
) -> Result<Response, Problem> {
    let (token, until) = house
        .run(Weight::Light, move |office| Ok(office.offer_download(&mandate, &id, body.minutes)?))
        .await?;
    let answer = json!({ "link": format!("/d/{token}"), "expires_at": until.rfc3339() });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// In which form a certificate is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Pdf,
    Png,
}

impl Form {
    /// A suffix of the identifier decides, else `Accept`.
    fn of(id: &str, headers: &HeaderMap) -> Result<(String, Self), Problem> {
        for (suffix, form) in [(".json", Self::Json), (".pdf", Self::Pdf), (".png", Self::Png)] {
            if let Some(bare) = id.strip_suffix(suffix) {
                return Ok((bare.to_owned(), form));
            }
        }
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
        let first = accept.split([',', ';']).next().unwrap_or_default().trim();
        let form = match first {
            "application/pdf" => Self::Pdf,
            "image/png" => Self::Png,
            "application/json" | "*/*" | "application/*" | "" => Self::Json,
            _ => {
                let words = "只有 application/json、application/pdf、image/png / only these three";
                return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "unsupported", words));
            }
        };
        Ok((id.to_owned(), form))
    }
}

fn instant(text: &str) -> Result<Instant, Problem> {
    let words = "at 须为 RFC 3339 时刻 / at must be an RFC 3339 instant";
    Instant::from_rfc3339(text).ok_or_else(|| Problem::malformed(words))
}

/// A strong tag: the digest of the file, and the form.
fn tag(entry: &Entry, form: Form) -> Option<HeaderValue> {
    let digest = entry.document.map(hex::encode)?;
    let mark = if form == Form::Png { "-png" } else { "" };
    HeaderValue::from_str(&format!("\"{digest}{mark}\"")).ok()
}

fn pdf(entry: &Entry, bytes: Vec<u8>) -> Response {
    let name = format!("inline; filename=\"{}.pdf\"", entry.identifier);
    let mut response = ([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response();
    if let Some(tag) = tag(entry, Form::Pdf) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    response
}

fn event(event: &Event) -> Value {
    let detail: Option<Value> = event.detail.as_deref().and_then(|detail| serde_json::from_str(detail).ok());
    json!({
        "at": event.at.rfc3339(), "act": event.act.word(), "reason": event.reason, "detail": detail,
        "successor": event.successor, "operator": event.operator, "authority": event.authority,
    })
}

/// A certificate's record for a program. Nothing personal.
fn shaped(office: &Office, life: &Life) -> Value {
    let entry = &life.entry;
    let status = life.status.map(|status: Status| {
        json!({ "word": status.word(), "code": status.code(), "name": status.name(), "allowed": status.allowed() })
    });
    let place = format!("/v1/certificates/{}", entry.identifier);
    json!({
        "identifier": entry.identifier, "number": entry.number, "version": entry.version, "code": entry.code,
        "type": entry.slug, "type_name": office.type_of(&entry.slug).map(|kind| kind.name()),
        "status": status, "as_of": clock::now().rfc3339(), "issued_at": entry.reserved_at.rfc3339(),
        "valid_until": entry.valid_until, "sha256": entry.document.map(hex::encode),
        "successor": life.history.iter().rev().find_map(|event| event.successor.clone()),
        "links": {
            "self": place, "pdf": format!("{place}.pdf"), "png": format!("{place}.png"),
            "history": format!("{place}/history"),
        },
    })
}
