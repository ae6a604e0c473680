//! What the ledger answers when it does not do what it was asked.
//!
//! Three answers about durability never mix: done and durable (`Ok`), nothing of it is on record
//! ([`LedgerError::NotWritten`]), and not known yet ([`LedgerError::Unsettled`]).

use super::seal_requests::GrantFault;
use crate::domain::{NotAllowed, OrderFault, SealActRefused, SealStatus};
use rusqlite::ErrorCode;
use std::path::PathBuf;

/// Why the ledger did not do what it was asked. The first group is the caller's, the second ours.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The idempotency key was used for another application.
    #[error("防重键已用于另一申请 / idempotency key reused for another application")]
    IdempotencyKeyReused,
    /// The reservation behind the idempotency key was voided; use a fresh key.
    #[error("该预留已作废 {number},请换防重键重来 / reservation_void: {number} was voided, use a fresh key")]
    ReservationVoid {
        /// Its number, which stays accounted for.
        number: String,
    },
    /// The same request is being worked on, here or in another living process.
    #[error("同一申请正在办理 {number},稍后再问 / the same request is in progress as {number}, ask again")]
    InProgress {
        /// Its number.
        number: String,
    },
    /// The same holder, type and matter has a certificate; confirm to issue another.
    #[error(
        "同一持证人、同类、同一事项已有 {number},确需再发请确认 / {number} exists for the same holder, type and matter; confirm to issue another"
    )]
    DuplicateMatter {
        /// The existing number.
        number: String,
    },
    /// As many as may be issued in an hour.
    #[error(
        "“{slug}”一小时内已取 {ceiling} 个号,达到 yinzheng.toml 的 hourly_ceilings;请稍后再试或由运维调整 / {ceiling} numbers of {slug} were taken within the hour, the ceiling of yinzheng.toml: try later, or have it raised"
    )]
    Ceiling {
        /// The type.
        slug: String,
        /// The ceiling.
        ceiling: u32,
    },
    /// No issued certificate of that identifier, code or number.
    #[error("台账里没有这份证照 / no such certificate on record")]
    NotOnRecord,
    /// The act is not allowed from where the certificate stands.
    #[error(transparent)]
    NotAllowed(NotAllowed),
    /// The register does not let the seal be used.
    #[error("印章“{seal}”{},不能用印 / the seal {seal} is {} and is not used", .status.name().zh, .status.name().en)]
    SealNotInUse {
        /// Its role.
        seal: String,
        /// How it stands.
        status: SealStatus,
    },
    /// The seal's status does not allow the act.
    #[error(transparent)]
    SealAct(SealActRefused),
    /// What waits for an order of the officers, or an order that does not go on.
    #[error(transparent)]
    Order(#[from] OrderFault),
    /// A request for a seal that may not go on.
    #[error(transparent)]
    Grant(GrantFault),
    /// The batch stands where the act is not allowed.
    #[error("批次{},不能这样做 / not allowed: the batch is {}", .0.name().zh, .0.name().en)]
    BatchState(super::BatchState),
    /// No such ledger file: it is never made by opening.
    #[error("没有台账 {0} / no ledger at {0}")]
    Missing(PathBuf),
    /// A file stands where a ledger is to be made; nothing is ever overwritten.
    #[error("{0} 已存在 / already exists")]
    Exists(PathBuf),
    /// Made by a newer program.
    #[error(
        "台账版本 {found} 比程序新({known})/ ledger version {found} is newer than this program ({known})"
    )]
    Newer {
        /// Version of the file.
        found: u32,
        /// Version this program knows.
        known: u32,
    },
    /// The reservation is no longer open, or another process has taken it over.
    #[error("预留已了结或已由他人接手 / the reservation is closed, or was taken over")]
    Closed,
    /// The key file is not this ledger's, or older than it.
    #[error(
        "台账密钥文件不是这本台账的(缺第 {id} 号密钥或内容不符),请恢复正确的 ledger-keys.json / the key file does not belong to this ledger: key {id} is missing or different; restore the right ledger-keys.json"
    )]
    WrongKeys {
        /// Number of the key.
        id: u32,
    },
    /// Keys change only while no other process works on the ledger: it would seal under the old one.
    #[error(
        "另有进程正在使用台账,请先停下它再换钥 / another process works on the ledger; stop it before changing keys"
    )]
    NotAlone,
    /// Old keys are still needed.
    #[error(
        "仍有 {columns} 处用旧密钥加密,先重新加密 / {columns} columns are still sealed under old keys; reseal first"
    )]
    StillSealed {
        /// Sealed columns under old keys.
        columns: u64,
    },

    /// Nothing of the request is on record; the same request may be sent again.
    #[error("台账没有写入,什么也没记下:{cause} / nothing was written: {cause:#}")]
    NotWritten {
        /// Why.
        cause: Cause,
    },
    /// The disk failed in the act: the request may or may not turn out to be on record. The same
    /// request with the same idempotency key, or the next start, finds out.
    #[error(
        "台账写入结果未明,可能已落盘,请以同一防重键再问:{cause} / not known whether it was written; ask again with the same idempotency key: {cause:#}"
    )]
    Unsettled {
        /// Why.
        cause: Cause,
    },
    /// SQLite failed.
    #[error("台账失败 / ledger failure: {0}")]
    Store(#[from] rusqlite::Error),
    /// The folder in which processes show that they live.
    #[error("{path}: {source}")]
    Owners {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Sealed data does not open: altered.
    #[error("台账密文打不开 / sealed data does not open")]
    Sealed,
    /// No randomness.
    #[error("没有随机数 / no randomness")]
    Random,
    /// The writer has stopped.
    #[error("台账已停 / the ledger has stopped")]
    Stopped,
}

impl LedgerError {
    /// Whether the disk, or another process at the file, kept the ledger from being written.
    #[must_use]
    pub fn keeps_from_writing(&self) -> bool {
        let (Self::NotWritten { cause } | Self::Unsettled { cause }) = self else { return false };
        *cause != Cause::Other
    }
}

/// What kept the disk from taking a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Another process held the write lock for longer than we wait.
    Busy,
    /// No room.
    Full,
    /// The file or its file system cannot be written.
    ReadOnly,
    /// The device or a limit of the account failed the write.
    InputOutput,
    /// Anything else.
    Other,
}

impl Cause {
    pub(super) fn of(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => Self::InputOutput,
            _ => Self::Other,
        }
    }
}

/// 中文; with `{:#}` English.
impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (zh, en) = match self {
            Self::Busy => ("另一进程占用台账,请重试", "another process holds the ledger, try again"),
            Self::Full => ("磁盘已满,请腾出空间", "the disk is full, make room"),
            Self::ReadOnly => {
                ("台账只读,请检查挂载与权限", "the ledger is read-only, check mount and rights")
            }
            Self::InputOutput => ("磁盘读写失败,请检查磁盘与配额", "the disk failed, check it and the quota"),
            Self::Other => ("数据库出错", "the database failed"),
        };
        f.write_str(if f.alternate() { en } else { zh })
    }
}
