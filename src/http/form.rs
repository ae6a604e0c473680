//! A form that brings documents and says, in the part `request`, what is asked for on them.

use super::{House, Problem};
use crate::service::batches::MOST_FILES;
use crate::service::placement::{Placement, PlacementBody};
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// Bytes of the part `request`.
const LARGEST_REQUEST: usize = 64 << 10;

/// What becomes of a document that could change its face after it was sealed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// It is refused.
    #[default]
    Refuse,
    /// It is written anew, and certified.
    Rewrite,
}

/// The part `request`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    pub(super) seal: String,
    placement: PlacementBody,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    pub(super) reason: String,
    #[serde(default)]
    pub(super) applicant: String,
}

/// The parts of the form.
pub(super) struct Brought {
    /// Documents and the names they came under, in order; at least one.
    pub(super) files: Vec<(String, Bytes)>,
    pub(super) wanted: Wanted,
    pub(super) placement: Placement,
    /// A place among the forms that are held in memory.
    _permit: OwnedSemaphorePermit,
}

impl FromRequest<Arc<House>> for Brought {
    type Rejection = Problem;

    async fn from_request(request: Request, house: &Arc<House>) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.trim_start().starts_with("multipart/form-data")) {
            let words = "请以 multipart/form-data 发送 file 与 request 两部分 / send the parts `file` and `request` of multipart/form-data";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported", words));
        }
        let permit = Arc::clone(&house.forms).try_acquire_owned().map_err(|_| Problem::overloaded())?;
        let form = Multipart::from_request(request, house).await;
        let mut form = form.map_err(|_| Problem::malformed("表单读不了 / the form cannot be read"))?;
        let (files, wanted) = parts(&mut form).await?;
        let missing =
            |name| Problem::malformed(format!("表单缺少 {name} 部分 / the form lacks the part `{name}`"));
        if files.is_empty() {
            return Err(missing("file"));
        }
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
        if wanted.placement.certify.is_some() {
            let words = "certify 由服务决定;要重写请用 mode / certify is not asked for: mode is";
            return Err(Problem::malformed(words));
        }
        let placement = std::mem::take(&mut wanted.placement).read().map_err(|member| {
            let words = format!("placement 不成立:{member};点位、keyword、field、date_line 四者择一 / the placement cannot be meant: {member}; name one of point, keyword, field, date_line");
            Problem::malformed(words)
        })?;
        Ok(Self { files, wanted, placement, _permit: permit })
    }
}

/// The documents and the part `request`, as they came.
async fn parts(form: &mut Multipart) -> Result<(Vec<(String, Bytes)>, Option<Bytes>), Problem> {
    let (mut files, mut wanted) = (Vec::new(), None);
    while let Some(part) = form.next_field().await.map_err(cut)? {
        match part.name() {
            Some("file") => {
                let name = part.file_name().map(str::to_owned);
                let name = name.unwrap_or_else(|| format!("{}.pdf", files.len() + 1));
                files.push((name, part.bytes().await.map_err(cut)?));
                if files.len() > MOST_FILES {
                    let words = format!(
                        "文件多于 {MOST_FILES} 份,请分批 / more than {MOST_FILES} files: send them in several forms"
                    );
                    return Err(Problem::malformed(words));
                }
            }
            Some("request") => wanted = Some(part.bytes().await.map_err(cut)?),
            _ => {
                return Err(Problem::malformed(
                    "表单只有 file 与 request / the form has the parts file and request only",
                ));
            }
        }
    }
    Ok((files, wanted))
}

/// A form that ends early or does not end.
fn cut(why: MultipartError) -> Problem {
    match why.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let words = "表单过大:单份不超过 body_mib,批次不超过 128 MiB / the form is too large: body_mib for one document, 128 MiB for a batch";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", words)
        }
        _ => Problem::malformed("表单读不了或不完整 / the form cannot be read or is cut short"),
    }
}

impl Brought {
    /// Whether what would be refused is to be written anew.
    pub(super) fn rewrites(&self) -> bool {
        self.wanted.mode == Mode::Rewrite
    }

    /// The one document of a form that is to bring one.
    pub(super) fn only(&self) -> Result<&Bytes, Problem> {
        match self.files.as_slice() {
            [(_, file)] if !file.is_empty() => Ok(file),
            [_] => Err(Problem::malformed("file 部分是空的 / the part `file` is empty")),
            _ => Err(Problem::malformed(
                "这里一次一份文件;多份请用 /v1/batches / one file at a time here: /v1/batches takes many",
            )),
        }
    }
}
