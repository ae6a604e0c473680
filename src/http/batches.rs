//! 批次用印: many documents in one form, one decision, progress by asking or by listening, results as a zip or a table.

use super::caller::{Called, IdempotencyKey};
use super::certificates::{Body, Named, Page};
use super::edge::Weight;
use super::form::Brought;
use super::stampings::{DecisionBody, accepted, decision};
use super::{House, Problem, results};
use crate::ledger::{Batch, BatchAct, BatchItem};
use crate::service::access::Mandate;
use crate::service::batches::{AskedBatch, MOST_FILES};
use crate::service::clock;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, unfold};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// Bytes of a form that brings a batch.
pub(super) const LARGEST: usize = 128 << 20;
/// How often a batch is looked at for those who listen.
const GLANCE: Duration = Duration::from_millis(500);
/// Glances of one listener: an hour. A browser connects again by itself.
const GLANCES: u32 = 7200;

pub(super) async fn ask(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    key: IdempotencyKey,
    brought: Brought,
) -> Result<Response, Problem> {
    let key = key.of(&mandate);
    let (batch, replayed) = house
        .run(Weight::Heavy, move |office| {
            let files: Vec<(String, &[u8])> =
                brought.files.iter().map(|(name, file)| (name.clone(), file.as_ref())).collect();
            let asked = AskedBatch {
                files: &files,
                seal: &brought.wanted.seal,
                placement: &brought.placement,
                reason: &brought.wanted.reason,
                applicant: &brought.wanted.applicant,
                rewrite: brought.rewrites(),
                idempotency_key: &key,
            };
            Ok(office.ask_for_batch(&mandate, &asked)?)
        })
        .await?;
    Ok(accepted(&format!("/v1/batches/{}", batch.batch), shaped(&batch), replayed))
}

pub(super) async fn list(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    page: Page,
) -> Result<Response, Problem> {
    let seen =
        house.run(Weight::Light, move |office| Ok(office.batches(&mandate, page.after, page.limit)?)).await?;
    let items: Vec<Value> = seen.batches.iter().map(shaped).collect();
    Ok(page.shaped("/v1/batches", &items, seen.read, seen.last))
}

pub(super) async fn one(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
) -> Result<Json<Value>, Problem> {
    let batch = house.run(Weight::Light, move |office| Ok(office.batch(&mandate, &id)?)).await?;
    Ok(Json(shaped(&batch)))
}

pub(super) async fn items(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
    page: Page,
) -> Result<Response, Problem> {
    let path = format!("/v1/batches/{id}/items");
    let after = u32::try_from(page.after).unwrap_or(u32::MAX);
    let (batch, items) = house
        .run(Weight::Light, move |office| Ok(office.batch_items(&mandate, &id, after, page.limit)?))
        .await?;
    let over = batch.state(clock::now()).is_over();
    let last = items.last().map(|last| u64::from(last.item));
    let shown: Vec<Value> = items.iter().map(|item| shaped_item(item, over)).collect();
    Ok(page.shaped(&path, &shown, items.len(), last))
}

pub(super) async fn decide(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
    Body(body): Body<DecisionBody>,
) -> Result<Json<Value>, Problem> {
    let batch = house
        .run(Weight::Light, move |office| Ok(office.decide_batch(&mandate, &id, &body.read()?)?))
        .await?;
    house.granted.notify_one();
    Ok(Json(shaped(&batch)))
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Pause,
    Resume,
    Cancel,
    Retry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActBody {
    act: Act,
}

pub(super) async fn act(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
    Body(body): Body<ActBody>,
) -> Result<Json<Value>, Problem> {
    let act = match body.act {
        Act::Pause => BatchAct::Pause,
        Act::Resume => BatchAct::Resume,
        Act::Cancel => BatchAct::Cancel,
        Act::Retry => BatchAct::Retry,
    };
    let batch = house.run(Weight::Light, move |office| Ok(office.act_on_batch(&mandate, &id, act)?)).await?;
    house.granted.notify_one();
    Ok(Json(shaped(&batch)))
}

/// A listener of one batch.
struct Listener {
    house: Arc<House>,
    seen: Batch,
    told: Option<Value>,
    glances: u32,
    over: bool,
    _permit: OwnedSemaphorePermit,
}

pub(super) async fn events(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let permit = Arc::clone(&house.listeners).try_acquire_owned().map_err(|_| Problem::overloaded())?;
    let seen = house.run(Weight::Light, move |office| Ok(office.batch(&mandate, &id)?)).await?;
    let listener = Listener { house, seen, told: None, glances: 0, over: false, _permit: permit };
    let events = unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

impl Listener {
    /// The next change: `progress` while the batch goes on, `end` once it is over, and nothing behind that.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.over || self.house.is_closing() || self.glances >= GLANCES {
                return None;
            }
            if self.told.is_some() {
                tokio::time::sleep(GLANCE).await;
                let batch = self.seen.batch.clone();
                let again = self.house.run(Weight::Light, move |office| Ok(office.batch_again(&batch)?));
                self.seen = again.await.ok()?;
            }
            self.glances += 1;
            let shown = shaped(&self.seen);
            if self.told.as_ref() == Some(&shown) {
                continue;
            }
            self.over = self.seen.state(clock::now()).is_over();
            let event = Event::default().event(if self.over { "end" } else { "progress" });
            let event = event.data(shown.to_string());
            self.told = Some(shown);
            return Some(event);
        }
    }
}

/// What is read for a zip or a table.
async fn whole(house: &House, mandate: Mandate, id: String) -> Result<(Vec<BatchItem>, bool), Problem> {
    let most = u32::try_from(MOST_FILES).unwrap_or(u32::MAX);
    let (batch, items) =
        house.run(Weight::Light, move |office| Ok(office.batch_items(&mandate, &id, 0, most)?)).await?;
    Ok((items, batch.state(clock::now()).is_over()))
}

pub(super) async fn table(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
) -> Result<Response, Problem> {
    let name = format!("attachment; filename=\"{id}.csv\"");
    let (items, over) = whole(&house, mandate, id).await?;
    let table = results::table(&items, over).map_err(|why| Problem::failure(&why))?;
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, name.as_str())];
    Ok((headers, table).into_response())
}

pub(super) async fn zip(
    State(house): State<Arc<House>>,
    Called(mandate): Called,
    Named(id): Named,
) -> Result<Response, Problem> {
    let permit = Arc::clone(&house.listeners).try_acquire_owned().map_err(|_| Problem::overloaded())?;
    let name = format!("attachment; filename=\"{id}.zip\"");
    let (items, over) = whole(&house, mandate, id).await?;
    let body = results::zip(Arc::clone(&house.office), items, over, permit);
    let headers = [(header::CONTENT_TYPE, "application/zip"), (header::CONTENT_DISPOSITION, name.as_str())];
    Ok((headers, body).into_response())
}

/// A batch for a program.
fn shaped(batch: &Batch) -> Value {
    let (asked, counts) = (&batch.asked, batch.counts);
    let place = format!("/v1/batches/{}", batch.batch);
    let state = batch.state(clock::now());
    let placement: Value = serde_json::from_str(&asked.placement).unwrap_or_default();
    json!({
        "id": batch.batch, "state": state.word(), "state_name": state.name(), "halted_by": batch.halted_by,
        "counts": {
            "total": counts.total, "refused": counts.refused, "waiting": counts.waiting,
            "stamped": counts.stamped, "failed": counts.failed,
        },
        "seal": asked.seal, "sha256": hex::encode(batch.digest), "placement": placement, "reason": asked.reason,
        "applicant": asked.applicant, "requested_at": asked.requested_at.rfc3339(),
        "expires_at": asked.expires_at.rfc3339(), "decision": decision(asked),
        "links": {
            "self": place, "items": format!("{place}/items"), "events": format!("{place}/events"),
            "approval": format!("{place}/approval"), "acts": format!("{place}/acts"),
            "csv": format!("{place}/results.csv"), "zip": format!("{place}/results.zip"),
        },
    })
}

fn shaped_item(item: &BatchItem, over: bool) -> Value {
    let place = item.request.as_ref().map(|request| format!("/v1/stampings/{request}"));
    let page = place.as_ref().map(|place| format!("{place}/pages/{{n}}.png"));
    let pdf = place.as_ref().filter(|_| item.used.is_some()).map(|place| format!("{place}.pdf"));
    let error = item.fault.as_ref().map(|(code, words)| json!({ "code": code, "words": words }));
    json!({
        "item": item.item, "file": item.name, "state": item.word(over), "error": error,
        "sha256": item.source.map(hex::encode), "use_number": item.used.map(|(number, _)| number),
        "stamped_sha256": item.used.map(|(_, digest)| hex::encode(digest)),
        "links": { "request": place, "page": page, "pdf": pdf },
    })
}
