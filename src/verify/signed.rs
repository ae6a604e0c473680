//! Is this what the signer signed? The CMS value against the covered bytes (RFC 5652 §5.4, §5.6).
//!
//! What the signature does not protect is bound otherwise or lowers the light: digest algorithms must agree, the
//! signer's certificate must be the one that a signed attribute names, nothing may be there that is not understood.

use super::digests::Digests;
use super::finding::{Finding, SignedFinding};
use super::form::Form;
use super::vocabulary::Integrity;
use crate::asn1::oid;
use crate::cms::{CmsError, SignedData};
use crate::crypto::{self, Digest, Suite};
use crate::x509::Certificate;

/// Proof that digest, signature value and signer's certificate fit together and to the covered bytes.
#[derive(Debug)]
pub(super) struct DigestMatches(());

/// What was learned of a CMS value.
pub(super) struct Signed {
    pub(super) integrity: Integrity,
    pub(super) proof: Option<DigestMatches>,
    pub(super) signer: Option<Certificate>,
    /// Certificates inside other than the signer's, with their place in the set.
    pub(super) others: Vec<(usize, Option<Certificate>)>,
    pub(super) suite: Option<&'static Suite>,
    pub(super) covered_digest: [u8; 32],
    pub(super) signature_digest: Option<[u8; 32]>,
    pub(super) baseline: bool,
    /// The signature algorithm is written as our own profile writes it.
    pub(super) own_form: bool,
}

impl Signed {
    fn without(integrity: Integrity, covered_digest: [u8; 32]) -> Self {
        Self {
            integrity,
            proof: None,
            signer: None,
            others: Vec::new(),
            suite: None,
            covered_digest,
            signature_digest: None,
            baseline: false,
            own_form: false,
        }
    }
}

/// Checks the value against the covered bytes.
pub(super) fn check(
    bytes: &[u8],
    digests: &mut Digests<'_>,
    form: &Form,
    suites: &[&'static Suite],
    findings: &mut Vec<Finding>,
) -> Signed {
    let parts: Vec<&[u8]> = form.ranges.iter().filter_map(|range| bytes.get(range.clone())).collect();
    let covered_digest = digests.covered(&form.ranges);
    let cms = match SignedData::read(&form.der) {
        Ok(cms) => cms,
        Err(why) => {
            findings.push(refusal(why));
            return Signed::without(Integrity::Unverifiable, covered_digest);
        }
    };
    let mut signed = Signed::without(Integrity::Unverifiable, covered_digest);
    signed.signature_digest = Some(crypto::sha256(&[cms.signature]));
    if cms.length != form.der.len() {
        findings.push(SignedFinding::Inconsistent { rule: "length" }.into());
    }
    if cms.unsigned_attributes {
        findings.push(SignedFinding::TimestampNotJudged.into());
    }
    sort_certificates(&cms, &mut signed);
    signed.baseline = attributes(&cms, &mut signed, findings);
    let Some(digest) = digest(cms.digest) else {
        findings.push(SignedFinding::AlgorithmUnsupported { oid: oid::dotted(cms.digest) }.into());
        signed.integrity = Integrity::Unsupported;
        return signed;
    };
    let matches = match cms.message_digest() {
        None => {
            findings.push(SignedFinding::AttributeWrong { name: "message-digest" }.into());
            false
        }
        Some(claimed) => {
            let actual = if digest.oid == oid::SHA256 { covered_digest.to_vec() } else { digest.of(&parts) };
            if claimed != actual {
                findings.push(SignedFinding::DigestDiffers.into());
                signed.integrity = Integrity::Broken;
            }
            claimed == actual
        }
    };
    value(&cms, suites, &mut signed, matches, findings);
    signed
}

/// The signature value under the signer's key.
fn value(
    cms: &SignedData<'_>,
    suites: &[&'static Suite],
    signed: &mut Signed,
    matches: bool,
    findings: &mut Vec<Finding>,
) {
    let Some(signer) = &signed.signer else {
        findings.push(SignedFinding::SignerCertificateMissing.into());
        return;
    };
    let Ok(suite) = crypto::cms_suite(suites, cms.signature_algorithm, cms.digest, signer.key().kind) else {
        let named = crate::asn1::Reader::new(cms.signature_algorithm);
        let named = named.clone().any().ok().and_then(|value| value.open().ok()?.oid().ok());
        findings
            .push(SignedFinding::AlgorithmUnsupported { oid: oid::dotted(named.unwrap_or_default()) }.into());
        if signed.integrity != Integrity::Broken {
            signed.integrity = Integrity::Unsupported;
        }
        return;
    };
    signed.suite = Some(suite);
    signed.own_form = suite.identifier == cms.signature_algorithm;
    if suite.verify(signer.key(), &cms.message(), cms.signature).is_err() {
        findings.push(SignedFinding::SignatureWrong.into());
        signed.integrity = Integrity::Broken;
        return;
    }
    if !matches || signed.integrity == Integrity::Broken {
        return;
    }
    signed.integrity = Integrity::Ok;
    // Every rule of this room that lowers the file light denies the proof.
    let lowered = findings
        .iter()
        .any(|finding| matches!(finding, Finding::Signed(_)) && finding.lowers(super::Question::File));
    signed.proof = (!lowered).then_some(DigestMatches(()));
}

/// The signer's certificate is the one whose issuer and serial number the signature names.
fn sort_certificates(cms: &SignedData<'_>, signed: &mut Signed) {
    for (index, der) in cms.certificates.iter().enumerate() {
        let certificate = Certificate::from_der(der).ok();
        let named = certificate.as_ref().is_some_and(|certificate| {
            certificate.issuer_raw() == cms.issuer && certificate.serial() == cms.serial
        });
        if named && signed.signer.is_none() {
            signed.signer = certificate;
        } else {
            signed.others.push((index, certificate));
        }
    }
}

/// The signed attributes. True when they are those of PAdES baseline.
fn attributes(cms: &SignedData<'_>, signed: &mut Signed, findings: &mut Vec<Finding>) -> bool {
    let mut baseline = true;
    if !cms.content_type_is_data() {
        findings.push(SignedFinding::AttributeWrong { name: "content-type" }.into());
        baseline = false;
    }
    if cms.has_signing_time() {
        findings.push(SignedFinding::SigningTimeAttribute.into());
        baseline = false;
    }
    let Some(binding) = cms.signing_certificate() else {
        findings.push(SignedFinding::SignerNotBound.into());
        return false;
    };
    let named = digest(binding.digest.unwrap_or(oid::SHA256));
    match (named, &signed.signer) {
        (Some(digest), Some(signer)) if digest.of(&[signer.der()]) == binding.hash => baseline,
        (None, _) => {
            findings.push(SignedFinding::AttributeWrong { name: "signing-certificate-v2" }.into());
            false
        }
        (_, None) => false,
        _ => {
            findings.push(SignedFinding::SignerBindingDiffers.into());
            signed.integrity = Integrity::Broken;
            false
        }
    }
}

fn digest(oid: &[u8]) -> Option<&'static Digest> {
    [&crypto::SHA256, &crypto::SHA384, &crypto::SHA512].into_iter().find(|digest| digest.oid == oid)
}

fn refusal(why: CmsError) -> Finding {
    match why {
        CmsError::Signers(count) => SignedFinding::SignerCount { count }.into(),
        CmsError::Content => SignedFinding::EncapsulatedContent.into(),
        CmsError::NoSignedAttributes => SignedFinding::NoSignedAttributes.into(),
        CmsError::DigestAlgorithm => SignedFinding::Inconsistent { rule: "digestAlgorithms" }.into(),
        CmsError::Version => SignedFinding::Inconsistent { rule: "version" }.into(),
        other => SignedFinding::Malformed { why: other.to_string() }.into(),
    }
}
