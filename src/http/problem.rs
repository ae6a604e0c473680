//! RFC 9457 problem documents: one place where errors of the house become answers.
//!
//! `type` is stable (`urn:yinzheng:problem:…`); a Refusal says what to do next, a Failure shows an incident number and
//! nothing else. No personal value is ever repeated.

use crate::domain::{Bilingual, Problem as FieldProblem};
use crate::ledger::{GrantFault, LedgerError};
use crate::service::access::AccessError;
use crate::service::download::LinkError;
use crate::service::issue::IssueError;
use crate::service::lives::ActError;
use crate::service::look_up::LookUpError;
use crate::service::orders::OrderError;
use crate::service::seal_requests::SealRequestError;
use crate::service::seals::SealRegisterError;
use crate::service::stamp::StampingError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Faults of one answer.
const FAULTS: usize = 50;

/// An answer that is not what was asked for.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    detail: String,
    errors: Vec<FieldProblem>,
    retry_after: Option<u32>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: Bilingual,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldProblem],
}

impl Problem {
    pub(super) fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// The request cannot be read.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    /// Nothing there.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "没有这个资源 / no such resource")
    }

    /// Too much to do at this moment.
    pub(super) fn overloaded() -> Self {
        let words = "服务繁忙,请稍后重试 / busy at this moment, try again";
        Self { retry_after: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", words) }
    }

    /// Too many requests of one caller.
    pub(super) fn too_many(seconds: u32) -> Self {
        let words = "请求过于频繁,请按 Retry-After 重试 / too many requests, see Retry-After";
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", words);
        Self { retry_after: Some(seconds.max(1)), ..problem }
    }

    /// It takes longer than a request may.
    pub(super) fn too_slow() -> Self {
        let words = "未能在时限内完成;请以同一防重键再问 / not finished in time; ask again with the same idempotency key";
        Self { retry_after: Some(2), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "deadline", words) }
    }

    /// Our fault. The cause goes to the log under the number, never to the caller.
    pub(crate) fn failure(cause: &dyn std::fmt::Display) -> Self {
        let incident = crate::crypto::random::<8>().map_or_else(|| "-".to_owned(), hex::encode);
        tracing::error!(incident, cause = %cause, "failure");
        let words = format!(
            "服务故障,事件号 {incident};请稍后以同一防重键重试 / a failure of ours, incident {incident}; try again with the same idempotency key"
        );
        Self { retry_after: Some(5), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "failure", words) }
    }

    /// The same with one thing named.
    fn coded(mut self, pointer: &str, code: &'static str, words: &str) -> Self {
        let (zh, en) = words.split_once(" / ").unwrap_or((words, words));
        self.errors.push(FieldProblem { pointer: pointer.to_owned(), code, message: Bilingual::new(zh, en) });
        self
    }

    /// The register of seals does not allow it.
    fn of_seal(code: &'static str, words: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "seal_status", words).coded("/seal", code, words)
    }

    /// A page that shows this problem, with its status and when to come back.
    pub(crate) fn on(&self, page: Response) -> Response {
        let mut response = (self.status, page).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// Its words for people.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    fn title(&self) -> Bilingual {
        let (zh, en) = match self.kind {
            "malformed" => ("请求无法读取", "The request cannot be read"),
            "fields" => ("申请的字段有问题", "Fields of the application have problems"),
            "unauthorised" => ("需要有效的密钥", "A valid key is needed"),
            "forbidden" => ("密钥无权这样做", "The key does not cover this"),
            "not_found" => ("没有这个资源", "Not found"),
            "duplicate_matter" => ("同一事项已有证照", "There is a certificate for this matter"),
            "in_progress" => ("同一申请正在办理", "The same request is in progress"),
            "reservation_void" => ("该预留已作废", "The reservation is void"),
            "idempotency_key_reused" => {
                ("防重键已用于另一请求", "The idempotency key was used for another request")
            }
            "idempotency_key_missing" => ("缺少防重键", "The idempotency key is missing"),
            "not_allowed" => ("证照目前的状态不允许", "Not allowed from the certificate's status"),
            "batch_status" => ("批次目前的状态不允许", "Not allowed from the batch's status"),
            "seal_status" => ("印章目前的状态不允许", "Not allowed from the seal's status"),
            "order" => ("须由主管签署变更令", "An order of the officers is needed"),
            "document" => ("文件不能盖章", "The document cannot be stamped"),
            "approval" => ("用印审批不成立", "The approval does not hold"),
            "ceiling" => ("已达每小时签发上限", "The hourly ceiling is reached"),
            "gone" => ("链接已失效", "The link is spent"),
            "overloaded" | "too_many_requests" => ("请稍后重试", "Try again later"),
            "deadline" => ("未能在时限内完成", "Not finished in time"),
            "too_large" => ("内容过大", "Too large"),
            "unsupported" => ("不支持的内容类型", "Unsupported content type"),
            "method" => ("不支持的方法", "Method not allowed"),
            _ => ("服务故障", "A failure of ours"),
        };
        Bilingual::new(zh, en)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: format!("urn:yinzheng:problem:{}", self.kind),
            title: self.title(),
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<LedgerError> for Problem {
    fn from(why: LedgerError) -> Self {
        let (status, kind) = match &why {
            LedgerError::IdempotencyKeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
            LedgerError::ReservationVoid { .. } => (StatusCode::CONFLICT, "reservation_void"),
            LedgerError::InProgress { .. } => (StatusCode::CONFLICT, "in_progress"),
            LedgerError::DuplicateMatter { .. } => (StatusCode::CONFLICT, "duplicate_matter"),
            LedgerError::NotAllowed(_) => (StatusCode::CONFLICT, "not_allowed"),
            LedgerError::BatchState(_) => (StatusCode::CONFLICT, "batch_status"),
            LedgerError::SealNotInUse { .. } => return Self::of_seal("seal.not_in_use", &why.to_string()),
            LedgerError::SealAct(_) => return Self::of_seal("seal.act_not_allowed", &why.to_string()),
            LedgerError::Order(fault) => {
                let problem = Self::new(StatusCode::CONFLICT, "order", why.to_string());
                return problem.coded("", fault.code(), &why.to_string());
            }
            LedgerError::Ceiling { .. } => {
                let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "ceiling", why.to_string());
                return Self { retry_after: Some(600), ..problem };
            }
            LedgerError::Grant(fault) => {
                let status = match fault {
                    GrantFault::SamePerson | GrantFault::Manages => StatusCode::FORBIDDEN,
                    _ => StatusCode::CONFLICT,
                };
                let problem = Self::new(status, "approval", why.to_string());
                return problem.coded("", fault.code(), &why.to_string());
            }
            LedgerError::NotOnRecord => return Self::not_found(),
            _ => return Self::failure(&why),
        };
        Self::new(status, kind, why.to_string())
    }
}

impl From<AccessError> for Problem {
    fn from(why: AccessError) -> Self {
        match why {
            AccessError::Unknown | AccessError::Expired | AccessError::Revoked => {
                Self::new(StatusCode::UNAUTHORIZED, "unauthorised", why.to_string())
            }
            AccessError::Denied(_) => Self::new(StatusCode::FORBIDDEN, "forbidden", why.to_string()),
            AccessError::Ledger(why) => why.into(),
            AccessError::Wish => Self::malformed(why.to_string()),
            AccessError::Random => Self::failure(&why),
        }
    }
}

impl From<IssueError> for Problem {
    fn from(why: IssueError) -> Self {
        match why {
            IssueError::NoSuchType(_) => Self::not_found(),
            IssueError::Fields(errors) => {
                let detail = format!("申请有 {0} 个问题 / the application has {0} problems", errors.len());
                Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "fields", detail) }
            }
            // What does not fit on the page is the application's doing, and its number is void.
            IssueError::Render(why) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "fields", why.to_string()),
            IssueError::Ledger(why) => why.into(),
            other => Self::failure(&other),
        }
    }
}

impl From<StampingError> for Problem {
    fn from(why: StampingError) -> Self {
        let words = why.to_string();
        match why {
            StampingError::Ledger(why) => why.into(),
            StampingError::Seal(_) | StampingError::Inspection(_) => Self::failure(&why),
            StampingError::Hazards(hazards) => {
                let errors = hazards.iter().map(|hazard| {
                    let (zh, en) = hazard.kind.words();
                    let place = hazard.object.map_or_else(String::new, |number| format!("/objects/{number}"));
                    let message = Bilingual::new(zh, en);
                    FieldProblem { pointer: format!("/file{place}"), code: hazard.kind.code(), message }
                });
                let errors = errors.collect();
                Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "document", words) }
            }
            StampingError::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", words),
            _ => {
                let code = why.code();
                let pointer = match code.split('.').next() {
                    Some("place") => "/placement",
                    Some("seal") => "/seal",
                    _ => "/file",
                };
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "document", words.clone())
                    .coded(pointer, code, &words)
            }
        }
    }
}

impl From<SealRequestError> for Problem {
    fn from(why: SealRequestError) -> Self {
        let words = why.to_string();
        match why {
            SealRequestError::Access(why) => why.into(),
            SealRequestError::Ledger(why) => why.into(),
            SealRequestError::Stamping(why) => why.into(),
            SealRequestError::Member(_) => Self::malformed(words),
            SealRequestError::Preview(_) => {
                let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "document", words.clone());
                problem.coded("/file", "document.not_shown", &words)
            }
            SealRequestError::NoneFits(faults) => {
                let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "document", words);
                let coded =
                    |problem: Self, (at, (name, (code, words))): (usize, (String, (String, String)))| {
                        let words = format!("{name}:{code} {words}");
                        problem.coded(&format!("/file/{at}"), "document.refused", &words)
                    };
                faults.into_iter().enumerate().take(FAULTS).fold(problem, coded)
            }
            SealRequestError::Gone => Self::new(StatusCode::GONE, "gone", words),
        }
    }
}

impl From<SealRegisterError> for Problem {
    fn from(why: SealRegisterError) -> Self {
        match why {
            SealRegisterError::Access(why) => why.into(),
            SealRegisterError::Ledger(why) => why.into(),
            SealRegisterError::Reason | SealRegisterError::Name => Self::malformed(why.to_string()),
        }
    }
}

impl From<OrderError> for Problem {
    fn from(why: OrderError) -> Self {
        match why {
            OrderError::Access(why) => why.into(),
            OrderError::Ledger(why) => why.into(),
            OrderError::Reason => Self::malformed(why.to_string()),
        }
    }
}

impl From<ActError> for Problem {
    fn from(why: ActError) -> Self {
        match why {
            ActError::Access(why) => why.into(),
            ActError::Ledger(why) => why.into(),
            ActError::Issue(why) => why.into(),
            ActError::Reason | ActError::Replace => Self::malformed(why.to_string()),
        }
    }
}

impl From<LookUpError> for Problem {
    fn from(why: LookUpError) -> Self {
        match why {
            LookUpError::Member(_) | LookUpError::Personal(_) | LookUpError::Ground => {
                Self::malformed(why.to_string())
            }
            LookUpError::Role => Self::new(StatusCode::FORBIDDEN, "forbidden", why.to_string()),
            LookUpError::Ledger(why) => why.into(),
            LookUpError::Random => Self::failure(&why),
        }
    }
}

impl From<LinkError> for Problem {
    fn from(why: LinkError) -> Self {
        match why {
            LinkError::Access(why) => why.into(),
            LinkError::Ledger(why) => why.into(),
            LinkError::Minutes => Self::malformed(why.to_string()),
            LinkError::Spent(_) => Self::new(StatusCode::GONE, "gone", why.to_string()),
            LinkError::Random => Self::failure(&why),
        }
    }
}
