//! Is this the seal as its maker made it, and may this signer press it? (GM/T 0031-2014 §6.1.2, GB/T 38540-2020 §6.)

use super::super::evidence::Evidence;
use super::super::finding::{Finding, Party, SealFinding, TrustFinding};
use super::super::{Rules, trust};
use super::value::{self, Answer};
use crate::asn1::oid;
use crate::crypto::{self, Method};
use crate::domain::Instant;
use crate::ses::{Deviation, Picture, Seal, Signers};
use crate::x509::{self, Certificate};

/// Widest and highest seal in millimetres: the State Council's is 60 (国发〔1999〕25号), oblong ones of contracts and
/// invoices stay below 80.
const WIDEST_MM: u32 = 100;
/// Object identifiers and names under which lists of digests call SHA-256.
const SHA256_NAMES: [&str; 3] = ["2.16.840.1.101.3.4.2.1", "SHA256", "SHA-256"];
/// The same for SM3.
const SM3_NAMES: [&str; 2] = ["1.2.156.10197.1.401", "SM3"];

/// What was learned of a seal.
pub(super) struct Made {
    /// The maker's certificate.
    pub(super) maker: Option<Certificate>,
    /// How the maker signed.
    pub(super) method: Option<Method>,
    /// From when on it can be relied on no more although it was good: a certificate of its maker was revoked, or
    /// nothing is known of it since.
    pub(super) until: Option<Instant>,
    /// Nothing at all is known of revocations, and the rules demand it.
    pub(super) silent: bool,
    /// What only the check of a value shows.
    pub(super) raw: Option<Deviation>,
}

/// Judges the seal itself; every step says what it found.
pub(super) fn check(
    seal: &Seal<'_>,
    pool: &[Certificate],
    evidence: &Evidence<'_>,
    rules: &Rules<'_>,
    findings: &mut Vec<Finding>,
) -> Made {
    for extension in seal.extensions.iter().filter(|extension| extension.critical) {
        findings.push(SealFinding::CriticalExtension { oid: oid::dotted(extension.id) }.into());
    }
    if seal.time_stamp().is_some() {
        findings.push(SealFinding::TimeStampPresent(Party::Maker).into());
    }
    picture(&seal.picture, findings);
    let mut made = Made { maker: None, method: None, until: None, silent: false, raw: None };
    let Ok(maker) = Certificate::from_der(seal.maker_certificate) else {
        findings.push(SealFinding::CertificateUnreadable(Party::Maker).into());
        return made;
    };
    made.method = value::method(Party::Maker, seal.signature_algorithm, &maker, rules.suites, findings);
    match made.method.map(|method| value::check(&method, &maker, &seal.message(), seal.signature)) {
        Some(Answer::Right { raw }) => made.raw = raw.then_some(Deviation::RawSignature),
        Some(Answer::Wrong) => findings.push(SealFinding::MakerSignatureWrong.into()),
        None => {}
    }
    chain(&maker, seal.created, pool, evidence, rules, &mut made, findings);
    made.maker = Some(maker);
    made
}

/// The maker's chain, at the instant at which the seal was made.
///
/// What happened to the maker after that does not undo the seal (GM/T 0031-2025): expiry is told, a later revocation
/// leaves only the maker's own word for the time of making.
fn chain(
    maker: &Certificate,
    created: Instant,
    pool: &[Certificate],
    evidence: &Evidence<'_>,
    rules: &Rules<'_>,
    made: &mut Made,
    findings: &mut Vec<Finding>,
) {
    let told = |finding: TrustFinding| Finding::from(SealFinding::Chain { of: Party::Maker, finding });
    let path = match x509::build(maker, pool, rules.anchors, rules.checker) {
        Ok(path) => path,
        Err(why) => {
            findings.push(told(TrustFinding::NoPath { why }));
            return;
        }
    };
    if trust::distrusted(&path, rules) {
        findings.push(told(TrustFinding::Distrusted));
    }
    if !maker.may_sign_documents() {
        findings.push(told(TrustFinding::WrongUse));
    }
    if path.valid_at(created).is_err() {
        findings.push(SealFinding::MadeOutsideValidity.into());
    } else if let Err(problem) = path.valid_at(rules.at) {
        findings.push(SealFinding::MakerExpired { since: problem.not_after }.into());
    }
    let mut said = Vec::new();
    match trust::revocation(&path, evidence, rules, &mut said) {
        Some((known, revoked)) => made.until = known.into_iter().chain(revoked).min(),
        None => made.silent = true,
    }
    findings.extend(said.into_iter().filter_map(|finding| match finding {
        Finding::Trust(TrustFinding::Revoked { since, .. }) if since > created => {
            Some(SealFinding::MakerRevokedLater { since }.into())
        }
        Finding::Trust(finding) => Some(told(finding)),
        _ => None,
    }));
}

fn picture(picture: &Picture<'_>, findings: &mut Vec<Finding>) {
    if picture.data.is_empty() {
        findings.push(SealFinding::PictureMissing.into());
    } else if picture.declared().is_none() || picture.declared() != picture.sniffed() {
        findings.push(SealFinding::PictureKind.into());
    }
    let sizes = [picture.width_mm, picture.height_mm];
    if sizes.iter().any(|size| !(1..=WIDEST_MM).contains(size)) {
        findings.push(SealFinding::PictureSize.into());
    }
}

/// Whether the signer's certificate is among those that may press the seal: byte for byte, or by digest.
pub(super) fn listed(signers: &Signers<'_>, certificate: &[u8], findings: &mut Vec<Finding>) {
    let (found, comparable) = match signers {
        Signers::Certificates(list) => (list.contains(&certificate), true),
        Signers::Digests(list) => {
            let sm3 = crypto::SM3.of(&[certificate]);
            let sha256 = crypto::sha256(&[certificate]);
            let named = |kind: &str, names: &[&str]| names.iter().any(|name| kind.eq_ignore_ascii_case(name));
            let mut comparable = true;
            let found = list.iter().any(|entry| {
                let kind = entry.kind.trim();
                if named(kind, &SHA256_NAMES) {
                    return entry.value == sha256;
                }
                // The standard leaves the name free; a seal of SM2 hashes with SM3.
                comparable &= named(kind, &SM3_NAMES) || entry.value.len() == sm3.len();
                entry.value == sm3
            });
            (found, comparable)
        }
    };
    if !found {
        let finding =
            if comparable { SealFinding::SignerNotListed } else { SealFinding::SignersNotComparable };
        findings.push(finding.into());
    }
}
