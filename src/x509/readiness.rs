//! Whether a seal's key and certificate may be used, decided once at start.

use super::{Certificate, Checker};
use crate::crypto::PublicKey;
use crate::domain::Instant;

/// Why a seal is refused at start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// The private key belongs to another certificate.
    #[error("密钥与证书不是一对 / key and certificate do not match")]
    Mismatch,
    /// Before or after the certificate's validity.
    #[error("证书不在有效期内({0} 至 {1})/ certificate not valid now ({0} to {1})", .not_before.rfc3339(), .not_after.rfc3339())]
    OutOfDate {
        /// First instant.
        not_before: Instant,
        /// Last instant.
        not_after: Instant,
    },
    /// KeyUsage lacks digitalSignature and contentCommitment.
    #[error("证书的密钥用途不含数字签名 / the certificate's key usage does not allow signing")]
    Usage,
    /// A demonstration certificate outside demo mode.
    #[error("演示证书只能在演示模式下使用 / a demonstration certificate is refused outside demo mode")]
    Demonstration,
    /// The chain beside the certificate does not lead to the given anchors.
    #[error("证书链到不了信任锚:{0} / the chain does not reach an anchor: {0}")]
    Chain(super::PathError),
}

/// Everything a seal needs before its first use.
///
/// # Errors
/// The first reason to refuse it.
pub fn seal_ready(
    key: &PublicKey,
    certificate: &Certificate,
    chain: &[Certificate],
    anchors: &[Certificate],
    checker: &Checker,
    at: Instant,
    demonstration_allowed: bool,
) -> Result<(), KeyRefusal> {
    if key != certificate.key() {
        return Err(KeyRefusal::Mismatch);
    }
    let path = super::build(certificate, chain, anchors, checker).map_err(KeyRefusal::Chain)?;
    path.valid_at(at)
        .map_err(|p| KeyRefusal::OutOfDate { not_before: p.not_before, not_after: p.not_after })?;
    if !certificate.may_sign_documents() {
        return Err(KeyRefusal::Usage);
    }
    if !demonstration_allowed && path.certificates().iter().any(Certificate::is_demonstration) {
        return Err(KeyRefusal::Demonstration);
    }
    Ok(())
}
