//! Revocation evidence from outside the document. This room never fetches: a caller that may learns what is open, seeks it,
//! and judges again with what it found, and with what it could not find.

use crate::x509::{Certificate, Crl, Ocsp};

/// A certificate of a trusted path of which nothing at hand tells whether it is revoked.
#[derive(Clone, Debug)]
pub struct Open {
    /// The certificate.
    pub certificate: Certificate,
    /// Who issued it, by the path.
    pub issuer: Certificate,
}

/// What was sought. Nothing in it is believed but what an issuer signed.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// Revocation lists.
    pub crls: Vec<Crl>,
    /// OCSP answers.
    pub ocsps: Vec<Ocsp>,
    /// What could not be had.
    pub misses: Vec<Miss>,
}

/// A place that did not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// SHA-256 of the certificate it was asked about.
    pub certificate: [u8; 32],
    /// Host of the address.
    pub host: String,
    /// Why.
    pub why: MissReason,
}

/// Why a place did not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissReason {
    /// Its address is not on the allow-list, or is none that may be asked.
    NotAllowed,
    /// It leads into a private network.
    Private,
    /// No connection, no answer in time, or another status than 200.
    Unreachable,
    /// More bytes than are read.
    TooLarge,
    /// What came is no evidence about this certificate, by its issuer.
    NoEvidence,
    /// What came has run out, or the responder does not know the certificate.
    Silent,
}

impl MissReason {
    /// 中文 and English.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NotAllowed => ("地址不在允许之列", "its address is not allowed"),
            Self::Private => ("地址在内部网络", "it lies in a private network"),
            Self::Unreachable => ("连接不上或没有应答", "it cannot be reached or does not answer"),
            Self::TooLarge => ("应答过大", "the answer is too large"),
            Self::NoEvidence => ("应答不是签发者的凭据", "the answer is no evidence of the issuer"),
            Self::Silent => ("应答已过期,或不知道这张证书", "the answer has run out or knows nothing of it"),
        }
    }
}
