//! Judges a PDF: raw, or as the part `file` of a form. A bad document is an answer, not an error.

use super::edge::Weight;
use super::reports::Wanted;
use super::{House, Problem};
use crate::service::selftest::{SelfTest, Set};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use std::net::SocketAddr;
use std::sync::Arc;

/// The document of a request, whichever way it travels.
pub(crate) struct Document(pub(crate) Bytes);

impl FromRequest<Arc<House>> for Document {
    type Rejection = Problem;

    async fn from_request(request: Request, house: &Arc<House>) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim().to_owned();
        let most = house.server.body_mib;
        let refused = |_| {
            let words = format!("文件读不完整,或超过 {most} MiB / incomplete, or larger than {most} MiB");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", words)
        };
        let bytes = match essence.as_str() {
            "application/pdf" | "application/octet-stream" => {
                Bytes::from_request(request, house).await.map_err(|why| refused(why.to_string()))?
            }
            "multipart/form-data" => {
                let form = Multipart::from_request(request, house).await;
                let mut form =
                    form.map_err(|_| Problem::malformed("表单读不了 / the form cannot be read"))?;
                let mut found = None;
                while let Some(part) = form.next_field().await.map_err(|why| refused(why.to_string()))? {
                    if part.name() == Some("file") {
                        found = Some(part.bytes().await.map_err(|why| refused(why.to_string()))?);
                    }
                }
                found.ok_or_else(|| {
                    Problem::malformed("表单缺少 file 部分 / the form lacks the part `file`")
                })?
            }
            _ => {
                let words = "请以 application/pdf 原样发送,或用 multipart/form-data 的 file 部分 / send application/pdf raw, or the part `file` of multipart/form-data";
                return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported", words));
            }
        };
        if bytes.is_empty() {
            return Err(Problem::malformed("文件是空的 / the file is empty"));
        }
        Ok(Self(bytes))
    }
}

pub(super) async fn verify(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    wanted: Result<Wanted, Problem>,
    Document(bytes): Document,
) -> Result<Response, Problem> {
    house.limit_stranger(from.ip())?;
    // Refused after the document was read: who is still sending it would see a broken connection instead of the reason.
    let wanted = wanted?;
    let judged = house.run(Weight::Heavy, move |office| {
        let judgement = office.check(&bytes)?;
        wanted.answer(&judgement, &office.config().issuer().name.zh)
    });
    judged.await
}

/// Tries this verifier on the shipped attacks; one test at a time, whoever asks.
pub(super) async fn self_test(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
) -> Result<Json<SelfTest>, Problem> {
    house.limit_stranger(from.ip())?;
    let permit = Arc::clone(&house.self_test).try_acquire_owned().map_err(|_| Problem::overloaded())?;
    let tested = house.run(Weight::Heavy, move |_| {
        // Kept until the work is done, even if the caller is no longer waiting.
        let _permit = permit;
        Set::shipped().run().map_err(|why| Problem::failure(&why))
    });
    Ok(Json(tested.await?))
}
