//! One signature value of a seal under one certificate's key.

use super::super::finding::{Finding, Party, SealFinding};
use crate::asn1::{oid, write};
use crate::crypto::{self, KeyKind, Method, Suite};
use crate::x509::Certificate;

/// What the key says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It made it.
    Right {
        /// True for the bare r‖s.
        raw: bool,
    },
    /// It did not.
    Wrong,
}

/// The method that the bare identifier of a seal names for this key, and what is to be said of it. `None` is neither
/// right nor wrong: it is not supported.
pub(super) fn method(
    of: Party,
    algorithm: &[u8],
    signer: &Certificate,
    suites: &[&'static Suite],
    findings: &mut Vec<Finding>,
) -> Option<Method> {
    let identifier = write::sequence(&[&write::oid(algorithm)]);
    let Ok(method) = Method::recognise(&identifier, None, signer.key()) else {
        findings.push(SealFinding::AlgorithmUnsupported { of, oid: oid::dotted(algorithm) }.into());
        return None;
    };
    let refused = match method.suite() {
        Some(suite) => suites.iter().all(|known| known.id != suite.id),
        None => method.is_retired(),
    };
    if refused {
        findings.push(SealFinding::AlgorithmNotAllowed { of, what: method.label() }.into());
    }
    Some(method)
}

/// Checks `signature` over `message`.
pub(super) fn check(method: &Method, signer: &Certificate, message: &[u8], signature: &[u8]) -> Answer {
    let key = signer.key();
    let form = match key.kind {
        KeyKind::Sm2 => crypto::sm2::verify(&key.octets, crypto::sm2::DEFAULT_ID, &[message], signature),
        _ => method.verify(key, message, signature).map(|()| crypto::sm2::SignatureForm::Der),
    };
    form.map_or(Answer::Wrong, |form| Answer::Right { raw: form == crypto::sm2::SignatureForm::Raw })
}
