//! A signature whose file stays with its owner: the digest of what it covers and its CMS value are handed in.
//!
//! Judged is what can be known: form, digest, signature value, path, revocation, times, level. What the value covers and
//! what was appended behind it only the file can tell: `coverage` and `changes` are `not_judged`, there is no proof of a
//! green file light ([`Intact`](super::Intact) cannot be made here), and the verdict is at best `indeterminate`. The digest
//! must be of the algorithm that the SignerInfo names (RFC 5652 §5.4); without signed attributes it is itself what was signed.

use super::Rules;
use super::evidence::Store;
use super::finding::{DocumentFinding, Finding, FormFinding};
use super::form::{self, Form, Kind, SubFilter};
use super::report::{Report, SignatureReport};
use super::ses;
use super::signature::{self, Around};
use super::signed::{self, Covering};
use super::vocabulary::{Changes, Coverage, Level};
use crate::asn1::oid;
use crate::cms::{SignedData, TstInfo};
use crate::crypto::{Digest, SHA1};
use crate::pdf;

/// What is handed in instead of a file.
#[derive(Clone, Copy, Debug)]
pub struct Unseen<'a> {
    digest: &'static Digest,
    value: &'a [u8],
    cms: &'a [u8],
    sub_filter: Option<&'a str>,
}

/// Why it cannot be judged: the caller's mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnseenError {
    /// A digest algorithm that is not known here.
    #[error(
        "不认识的摘要算法;可用 sha256、sha384、sha512、sha1、sha224、sha3-256、sha3-384、sha3-512、shake256、sm3 / unknown digest algorithm: one of these"
    )]
    Algorithm,
    /// A digest of the wrong length.
    #[error("{name} 的摘要是 {size} 字节 / a digest of {name} has {size} octets")]
    Length {
        /// The algorithm.
        name: &'static str,
        /// Octets it has.
        size: usize,
    },
    /// A `/SubFilter` under which neither CMS nor a seal stands.
    #[error(
        "sub_filter 须为 ETSI.CAdES.detached、adbe.pkcs7.detached、adbe.pkcs7.sha1、ETSI.RFC3161、GM.PKILite、GM.SM2 之一 / must be one of these"
    )]
    SubFilter,
}

impl<'a> Unseen<'a> {
    /// Names of `/SubFilter` that a caller may give.
    const KNOWN: [(&'static str, SubFilter); 6] = [
        ("ETSI.CAdES.detached", SubFilter::Cades),
        ("adbe.pkcs7.detached", SubFilter::Pkcs7),
        ("adbe.pkcs7.sha1", SubFilter::Pkcs7Sha1),
        ("ETSI.RFC3161", SubFilter::Rfc3161),
        ("GM.PKILite", SubFilter::Other),
        ("GM.SM2", SubFilter::Other),
    ];

    /// `algorithm` as people write it (`sha256`, `SHA-256`), the octets of the digest over both ranges of `/ByteRange`, the
    /// value of `/Contents` (DER or BER, padding allowed), and `/SubFilter` where it is known.
    ///
    /// # Errors
    /// [`UnseenError`].
    pub fn new(
        algorithm: &str,
        value: &'a [u8],
        cms: &'a [u8],
        sub_filter: Option<&'a str>,
    ) -> Result<Self, UnseenError> {
        let digest = Digest::by_name(algorithm).ok_or(UnseenError::Algorithm)?;
        if value.len() != digest.size() {
            return Err(UnseenError::Length { name: digest.name, size: digest.size() });
        }
        if sub_filter.is_some_and(|named| Self::KNOWN.iter().all(|(known, _)| *known != named)) {
            return Err(UnseenError::SubFilter);
        }
        Ok(Self { digest, value, cms, sub_filter })
    }

    /// What the caller says, or what the value itself is.
    fn form(&self, findings: &mut Vec<Finding>) -> Form {
        let named = Self::KNOWN.into_iter().find(|(name, _)| self.sub_filter == Some(name));
        let mut form = form::handed_in(self.cms.to_vec(), SubFilter::Cades, findings);
        form.sub_filter = named.map_or_else(|| likely(&form), |(_, sub_filter)| sub_filter);
        form
    }
}

/// A token stamps the document, twenty octets inside are the SHA-1 digest of `adbe.pkcs7.sha1`; everything else is read as a
/// detached signature.
fn likely(form: &Form) -> SubFilter {
    match SignedData::read(&form.der) {
        Ok(cms) if cms.content_type == oid::TST_INFO => SubFilter::Rfc3161,
        Ok(cms) if cms.content.is_some_and(|content| content.len() == SHA1.size()) => SubFilter::Pkcs7Sha1,
        _ => SubFilter::Cades,
    }
}

/// Judges it. Never fails, never panics, and never says more than `indeterminate`.
#[must_use]
pub fn verify_unseen(given: &Unseen<'_>, rules: &Rules<'_>) -> Report {
    let mut report = Report::new(0, rules);
    report.signatures.push(judge(given, rules));
    report.settle(rules.at, None);
    report.findings.push(DocumentFinding::NotSeen.into());
    report
}

fn judge(given: &Unseen<'_>, rules: &Rules<'_>) -> SignatureReport {
    let mut report = SignatureReport::new(None, given.sub_filter.unwrap_or_default().to_owned());
    report.coverage = Coverage::NotJudged;
    report.changes = Changes::NotJudged;
    let form = given.form(&mut report.findings);
    let covering = Covering::Digest { digest: given.digest, value: given.value };
    let store = Store::default();
    let around = Around { covering: &covering, form: &form, store: &store, rules };
    // One revision, as far as anybody can tell: what the value carries decides the level.
    report.revision = Some(0);
    match form.kind {
        Kind::Cms if form.sub_filter == SubFilter::Rfc3161 => {
            report.is_timestamp = true;
            report.level = Level::DocumentTimestamp;
            match imprint(&form).filter(|needed| needed.oid != given.digest.oid) {
                Some(needed) => report.findings.push(covering.wanting(needed)),
                None => signature::document_timestamp(&around, &mut report),
            }
        }
        Kind::Cms => {
            let signed = signed::check(&covering, &form, rules.suites, &mut report.findings);
            signature::learn(&around, &signed, &mut report);
        }
        Kind::Ses => {
            let _ = signature::seal(&around, &mut report);
        }
        Kind::Pkcs1 | Kind::Unknown => report.findings.push(FormFinding::ContentsUnknown.into()),
    }
    report
}

fn imprint(form: &Form) -> Option<&'static Digest> {
    let token = SignedData::read(&form.der).ok()?;
    Digest::by_oid(TstInfo::read(&token).ok()?.digest)
}

/// What the owner of a file hands over instead of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// The digest algorithm, as `sha256`.
    pub algorithm: String,
    /// Digest over both ranges of `/ByteRange`, hexadecimal.
    pub digest: String,
    /// The value of `/Contents` without its padding, as received: CMS, or SES_Signature.
    pub cms: Vec<u8>,
    /// `/SubFilter` as written.
    pub sub_filter: String,
    /// The pressing of an electronic seal: SES_Signature, with the digest over the same bytes that it holds.
    pub pressing: Option<Pressing>,
}

/// A national signature, taken out of what holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressing {
    /// DER of SES_Signature (GB/T 38540).
    pub der: Vec<u8>,
    /// Its digest algorithm, as `sm3`.
    pub algorithm: String,
    /// Digest over both ranges of `/ByteRange`, hexadecimal.
    pub digest: String,
}

/// Why nothing can be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandOverError {
    /// The file cannot be read.
    #[error("文件读不了 / the file cannot be read")]
    Unreadable,
    /// No such signature.
    #[error("没有第 {which} 个印章,文件里共 {count} 个 / no signature {which}: the file holds {count}")]
    None {
        /// Asked for, from 1.
        which: usize,
        /// There are.
        count: usize,
    },
    /// Its dictionary or value is not in order.
    #[error("第 {0} 个印章的写法不合规,取不出签名值 / signature {0} is malformed: nothing to hand over")]
    Form(usize),
}

/// Digest and value of signature `which`, counted from 1 as a report lists them.
///
/// # Errors
/// [`HandOverError`].
pub fn hand_over(bytes: &[u8], limits: &pdf::Limits, which: usize) -> Result<HandedOver, HandOverError> {
    let file = pdf::open(bytes, limits).map_err(|_| HandOverError::Unreadable)?;
    let traces = file.signatures();
    let count = traces.values.len();
    let value = which.checked_sub(1).and_then(|at| traces.values.get(at));
    let value = value.ok_or(HandOverError::None { which, count })?;
    let wrong = HandOverError::Form(which);
    let form = form::read(&file, value, &mut Vec::new()).ok_or(wrong)?;
    let digest = match form.sub_filter {
        _ if form.kind == Kind::Ses => ses::digest(&form.der),
        SubFilter::Pkcs7Sha1 => Some(&SHA1),
        SubFilter::Rfc3161 => imprint(&form),
        _ => SignedData::read(&form.der).ok().and_then(|cms| Digest::by_oid(cms.digest)),
    };
    let digest = digest.ok_or(wrong)?;
    let pressed = match form.kind {
        Kind::Ses => Some(form.der.to_vec()),
        _ => {
            SignedData::read(&form.der).ok().and_then(|cms| Some(cms.value(oid::SES_SIGNATURE)?.raw.to_vec()))
        }
    };
    let parts: Option<Vec<&[u8]>> = form.ranges.iter().map(|range| bytes.get(range.clone())).collect();
    let parts = parts.ok_or(wrong)?;
    let pressing = pressed.and_then(|der| {
        let own = ses::digest(&der)?;
        Some(Pressing { algorithm: own.plain_name(), digest: hex::encode(own.of(&parts)), der })
    });
    Ok(HandedOver {
        algorithm: digest.plain_name(),
        digest: hex::encode(digest.of(&parts)),
        pressing,
        cms: form::received(value).ok_or(wrong)?,
        sub_filter: form::sub_filter_name(&value.dict),
    })
}
