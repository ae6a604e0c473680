//! Is this what the signer signed? The CMS value against the covered bytes (RFC 5652 §5.4, §5.6).
//!
//! What the signature does not protect is bound otherwise or lowers the light: digest algorithms must agree, the
//! signer's certificate must be the one that a signed attribute names, nothing may be there that is not understood.

use super::digests::Digests;
use super::finding::{Finding, SignedFinding};
use super::form::{Form, SubFilter};
use super::vocabulary::Integrity;
use crate::asn1::{Reader, oid};
use crate::cms::{CmsError, Deviation, SignedData, SignerName};
use crate::crypto::{self, Digest, Method, SHA1, SHA256, Suite};
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
    pub(super) method: Option<Method>,
    /// Digest of what was signed where that is another than the method's.
    pub(super) content_digest: Option<&'static str>,
    /// SHA-256 of what is covered; none where only another digest was handed in.
    pub(super) covered_digest: Option<[u8; 32]>,
    pub(super) signature_digest: Option<[u8; 32]>,
    /// SHA-256 of what the signature value was made over.
    pub(super) signed_digest: Option<[u8; 32]>,
    pub(super) baseline: bool,
    /// Written as our own profile writes it.
    pub(super) own_form: bool,
    /// Unsigned and signed evidence that came along.
    pub(super) carried: Carried,
}

/// What a CMS value carries beside the signature, as received.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// Time-stamp tokens over the signature value (RFC 3161 Appendix A).
    pub(super) stamps: Vec<Vec<u8>>,
    /// The signature value that they stamp.
    pub(super) signature: Vec<u8>,
    /// Revocation lists, DER.
    pub(super) crls: Vec<Vec<u8>>,
    /// OCSP responses, DER.
    pub(super) ocsps: Vec<Vec<u8>>,
    /// An SES_Signature over the same bytes, among the signed attributes.
    pub(super) seal: Option<Vec<u8>>,
}

impl Signed {
    fn without(integrity: Integrity, covered_digest: Option<[u8; 32]>) -> Self {
        Self {
            integrity,
            proof: None,
            signer: None,
            others: Vec::new(),
            method: None,
            content_digest: None,
            covered_digest,
            signature_digest: None,
            signed_digest: None,
            baseline: false,
            own_form: false,
            carried: Carried::default(),
        }
    }
}

/// What a signature covers, and its digests.
pub(super) enum Covering<'b> {
    /// Bytes of the file.
    Bytes {
        /// Them.
        parts: Vec<&'b [u8]>,
        /// Their SHA-256.
        sha256: [u8; 32],
    },
    /// One digest, while the file stays where it is.
    Digest {
        /// Which.
        digest: &'static Digest,
        /// Its octets, as many as it has.
        value: &'b [u8],
    },
}

impl<'b> Covering<'b> {
    pub(super) fn of(bytes: &'b [u8], digests: &mut Digests<'_>, form: &Form) -> Self {
        let parts = form.ranges.iter().filter_map(|range| bytes.get(range.clone())).collect();
        Self::Bytes { parts, sha256: digests.covered(&form.ranges) }
    }

    /// `None` when only another digest is known.
    pub(super) fn digest(&self, digest: &Digest) -> Option<Vec<u8>> {
        match self {
            Self::Bytes { sha256, .. } if digest.oid == SHA256.oid => Some(sha256.to_vec()),
            Self::Bytes { parts, .. } => Some(digest.of(parts)),
            Self::Digest { digest: known, value } => (known.oid == digest.oid).then(|| value.to_vec()),
        }
    }

    fn knows(&self, wanted: &Digest) -> bool {
        match self {
            Self::Bytes { .. } => true,
            Self::Digest { digest, .. } => digest.oid == wanted.oid,
        }
    }

    pub(super) fn sha256(&self) -> Option<[u8; 32]> {
        self.digest(&SHA256).and_then(|digest| digest.try_into().ok())
    }

    /// Whether `signature` is one over what is covered, without signed attributes between them.
    fn verifies(&self, method: &Method, signer: &Certificate, signature: &[u8]) -> bool {
        match self {
            Self::Bytes { parts, .. } => method.verify_parts(signer.key(), parts, signature).is_ok(),
            Self::Digest { value, .. } => method.verify_digest(signer.key(), value, signature).is_ok(),
        }
    }

    /// Why a digest that is needed is not known.
    pub(super) fn wanting(&self, needed: &'static Digest) -> Finding {
        let given = match self {
            Self::Digest { digest, .. } => digest.name,
            Self::Bytes { .. } => "",
        };
        SignedFinding::OtherDigest { needed: needed.name, given }.into()
    }
}

/// Checks the value against what it covers.
pub(super) fn check(
    covering: &Covering<'_>,
    form: &Form,
    suites: &[&'static Suite],
    findings: &mut Vec<Finding>,
) -> Signed {
    match SignedData::read(&form.der) {
        Ok(cms) => {
            let signed = judged(&cms, covering, form, findings);
            let refused = |method: &Method| match method.suite() {
                Some(suite) => suites.iter().all(|known| known.id != suite.id),
                None => method.is_retired(),
            };
            if let Some(method) = signed.method.filter(refused) {
                findings.push(SignedFinding::AlgorithmNotAllowed { what: method.label() }.into());
            }
            signed
        }
        Err(why) => {
            findings.push(refusal(why));
            Signed::without(Integrity::Unverifiable, covering.sha256())
        }
    }
}

fn judged(cms: &SignedData<'_>, covering: &Covering<'_>, form: &Form, findings: &mut Vec<Finding>) -> Signed {
    let mut signed = Signed::without(Integrity::Unverifiable, covering.sha256());
    signed.signature_digest = Some(crypto::sha256(&[cms.signature]));
    signed.signed_digest =
        cms.message().map(|message| crypto::sha256(&[&message])).or_else(|| covering.sha256());
    if cms.length != form.der.len() {
        findings.push(SignedFinding::Inconsistent { rule: "length" }.into());
    }
    deviations(cms, form, findings);
    signed.carried = carried(cms);
    sort_certificates(cms, &mut signed);
    let attributes = cms.has_signed_attributes().then(|| attributes(cms, &mut signed, findings));
    signed.baseline = attributes == Some(true) && cms.deviations.is_empty() && !form.ber;
    let Some(digest) = Digest::by_oid(cms.digest) else {
        findings.push(SignedFinding::AlgorithmUnsupported { oid: oid::dotted(cms.digest) }.into());
        signed.integrity = Integrity::Unsupported;
        return signed;
    };
    let mut fits = content(cms, covering, form, &mut signed, findings);
    if cms.has_signed_attributes() && fits {
        let actual = match form.sub_filter {
            SubFilter::Pkcs7Sha1 => Some(digest.of(&[cms.content.unwrap_or_default()])),
            _ => covering.digest(digest),
        };
        fits &= match actual {
            Some(actual) => claimed_digest(cms, &actual, &mut signed, findings),
            None => {
                findings.push(covering.wanting(digest));
                false
            }
        };
    }
    value(cms, covering, form, &mut signed, fits, findings);
    signed.own_form &= !form.ber;
    signed
}

/// Whether the message-digest attribute is the digest of what was signed.
fn claimed_digest(
    cms: &SignedData<'_>,
    actual: &[u8],
    signed: &mut Signed,
    findings: &mut Vec<Finding>,
) -> bool {
    let Some(claimed) = cms.message_digest() else {
        findings.push(SignedFinding::AttributeWrong { name: "message-digest" }.into());
        return false;
    };
    if claimed != actual {
        findings.push(SignedFinding::DigestDiffers.into());
        signed.integrity = Integrity::Broken;
    }
    claimed == actual
}

/// What RFC 5652 allows beyond our own profile is a note; a version that does not fit is a contradiction.
fn deviations(cms: &SignedData<'_>, form: &Form, findings: &mut Vec<Finding>) {
    if form.ber {
        findings.push(SignedFinding::OtherForm { what: "BER" }.into());
    }
    for deviation in &cms.deviations {
        findings.push(match deviation {
            Deviation::NoSignedAttributes => SignedFinding::NoSignedAttributes.into(),
            Deviation::Version => SignedFinding::Inconsistent { rule: "version" }.into(),
            other => SignedFinding::OtherForm { what: other.name() }.into(),
        });
    }
    let unknown = cms.unsigned.iter().find(|attribute| attribute.name != oid::SIGNATURE_TIME_STAMP);
    if let Some(attribute) = unknown {
        findings.push(SignedFinding::UnsignedAttributes { oid: oid::dotted(attribute.name) }.into());
    }
}

/// Content inside: the digest of what is covered under `adbe.pkcs7.sha1`, and out of place everywhere else.
fn content(
    cms: &SignedData<'_>,
    covering: &Covering<'_>,
    form: &Form,
    signed: &mut Signed,
    findings: &mut Vec<Finding>,
) -> bool {
    match (form.sub_filter, cms.content) {
        (SubFilter::Pkcs7Sha1, Some(content)) => {
            let Some(actual) = covering.digest(&SHA1) else {
                findings.push(covering.wanting(&SHA1));
                return false;
            };
            if content == actual {
                signed.content_digest = Some(SHA1.name);
                return true;
            }
            findings.push(SignedFinding::DigestDiffers.into());
            signed.integrity = Integrity::Broken;
            false
        }
        (SubFilter::Pkcs7Sha1, None) => {
            findings.push(SignedFinding::Inconsistent { rule: "adbe.pkcs7.sha1 without content" }.into());
            false
        }
        (_, Some(_)) => {
            findings.push(SignedFinding::EncapsulatedContent.into());
            true
        }
        (_, None) if !cms.has_plain_content() => {
            findings.push(SignedFinding::Inconsistent { rule: "eContentType" }.into());
            true
        }
        (_, None) => true,
    }
}

/// The signature value under the signer's key.
fn value(
    cms: &SignedData<'_>,
    covering: &Covering<'_>,
    form: &Form,
    signed: &mut Signed,
    fits: bool,
    findings: &mut Vec<Finding>,
) {
    let Some(signer) = &signed.signer else {
        findings.push(SignedFinding::SignerCertificateMissing.into());
        return;
    };
    let Ok(method) = Method::recognise(cms.signature_algorithm, Some(cms.digest), signer.key()) else {
        findings.push(unsupported(cms.signature_algorithm));
        if signed.integrity != Integrity::Broken {
            signed.integrity = Integrity::Unsupported;
        }
        return;
    };
    signed.method = Some(method);
    signed.own_form = is_as_ours(cms, &method);
    let right = |message: &[u8]| method.verify(signer.key(), message, cms.signature).is_ok();
    let verified = match (cms.message(), form.sub_filter) {
        (Some(message), _) => {
            right(&message) || cms.message_in_order().is_some_and(|message| right(&message))
        }
        (None, SubFilter::Pkcs7Sha1) => right(cms.content.unwrap_or_default()),
        (None, _) if !covering.knows(method.digest) => {
            findings.push(covering.wanting(method.digest));
            return;
        }
        (None, _) if matches!(covering, Covering::Digest { .. }) && method.needs_message() => {
            findings.push(unsupported(cms.signature_algorithm));
            signed.integrity = Integrity::Unsupported;
            return;
        }
        (None, _) => covering.verifies(&method, signer, cms.signature),
    };
    if !verified {
        findings.push(SignedFinding::SignatureWrong.into());
        signed.integrity = Integrity::Broken;
        return;
    }
    if !fits || signed.integrity == Integrity::Broken {
        return;
    }
    signed.integrity = Integrity::Ok;
    signed.proof = proof(findings);
}

/// Written as ours are: by RFC 5652, or with SM2 by GB/T 35275 throughout.
fn is_as_ours(cms: &SignedData<'_>, method: &Method) -> bool {
    /// AlgorithmIdentifier of 1.2.156.10197.1.301.1.
    const SM2_SIGN: &[u8] = &[0x30, 0x0b, 0x06, 0x09, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x01];
    let Some(suite) = method.suite() else { return false };
    match cms.deviations.as_slice() {
        [] => suite.identifier == cms.signature_algorithm,
        [Deviation::Gbt35275] => suite.key == crypto::KeyKind::Sm2 && cms.signature_algorithm == SM2_SIGN,
        _ => false,
    }
}

/// Every rule of this room that lowers the file light denies the proof.
fn proof(findings: &[Finding]) -> Option<DigestMatches> {
    let lowered = findings
        .iter()
        .any(|finding| matches!(finding, Finding::Signed(_)) && finding.lowers(super::Question::File));
    (!lowered).then_some(DigestMatches(()))
}

/// A signature algorithm that is not checked here.
pub(super) fn unsupported(identifier: &[u8]) -> Finding {
    let named = Reader::new(identifier).any().ok().and_then(|value| value.open().ok()?.oid().ok());
    SignedFinding::AlgorithmUnsupported { oid: oid::dotted(named.unwrap_or_default()) }.into()
}

fn carried(cms: &SignedData<'_>) -> Carried {
    let owned = |list: &[&[u8]]| list.iter().map(|one| one.to_vec()).collect::<Vec<_>>();
    let mut carried = Carried {
        stamps: cms.unsigned_values(oid::SIGNATURE_TIME_STAMP).map(|value| value.raw.to_vec()).collect(),
        signature: cms.signature.to_vec(),
        crls: owned(&cms.crls),
        ocsps: owned(&cms.ocsps),
        seal: cms.value(oid::SES_SIGNATURE).map(|value| value.raw.to_vec()),
    };
    if let Some(archive) = cms.value(oid::REVOCATION_ARCHIVAL) {
        let _ = archival(archive, &mut carried);
    }
    carried
}

/// RevocationInfoArchival (ISO 32000-1 §12.8.3.3.2): `[0]` lists, `[1]` OCSP responses.
fn archival(value: crate::asn1::Tlv<'_>, carried: &mut Carried) -> Result<(), crate::asn1::DerError> {
    let mut parts = value.open()?;
    for (tag, into) in [(0xa0, &mut carried.crls), (0xa1, &mut carried.ocsps)] {
        let Some(list) = parts.optional(tag)? else { continue };
        let mut list = list.open()?.expect(crate::asn1::tag::SEQUENCE)?.open()?;
        while !list.is_empty() && into.len() < 64 {
            into.push(list.any()?.raw.to_vec());
        }
    }
    Ok(())
}

/// True when this is the certificate that the signature names.
pub(super) fn is_named(certificate: &Certificate, name: SignerName<'_>) -> bool {
    match name {
        SignerName::Issued { issuer, serial } => {
            certificate.issuer_raw() == issuer && certificate.serial() == serial
        }
        SignerName::KeyIdentifier(identifier) => certificate.key_identifier() == Some(identifier),
    }
}

fn sort_certificates(cms: &SignedData<'_>, signed: &mut Signed) {
    for (index, der) in cms.certificates.iter().enumerate() {
        let certificate = Certificate::from_der(der).ok();
        let named = certificate.as_ref().is_some_and(|certificate| is_named(certificate, cms.signer));
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
    if !cms.content_type_fits() {
        findings.push(SignedFinding::AttributeWrong { name: "content-type" }.into());
        baseline = false;
    }
    if cms.has_signing_time() {
        findings.push(SignedFinding::SigningTimeAttribute.into());
        baseline = false;
    }
    match binding(cms, signed.signer.as_ref()) {
        Binding::None => {
            findings.push(SignedFinding::SignerNotBound.into());
            false
        }
        Binding::Unknown => {
            findings.push(SignedFinding::AttributeWrong { name: "signing-certificate-v2" }.into());
            false
        }
        Binding::Right { first_version } => baseline && !first_version,
        Binding::Unchecked => false,
        Binding::Wrong => {
            findings.push(SignedFinding::SignerBindingDiffers.into());
            signed.integrity = Integrity::Broken;
            false
        }
    }
}

/// What the signing-certificate attribute says of the signer's certificate (RFC 5035).
pub(super) enum Binding {
    /// There is none.
    None,
    /// It cannot be read, or its digest is not known.
    Unknown,
    /// The signer's certificate is not there to be compared.
    Unchecked,
    /// It names this certificate.
    Right {
        /// With SHA-1, by RFC 2634.
        first_version: bool,
    },
    /// It names another one.
    Wrong,
}

pub(super) fn binding(cms: &SignedData<'_>, signer: Option<&Certificate>) -> Binding {
    let present =
        [oid::SIGNING_CERTIFICATE, oid::SIGNING_CERTIFICATE_V2].iter().any(|name| cms.value(name).is_some());
    let Some(named) = cms.signing_certificate() else {
        return if present { Binding::Unknown } else { Binding::None };
    };
    let default = if named.first_version { oid::SHA1 } else { oid::SHA256 };
    let Some(digest) = Digest::by_oid(named.digest.unwrap_or(default)) else { return Binding::Unknown };
    let Some(signer) = signer else { return Binding::Unchecked };
    let same = digest.of(&[signer.der()]) == named.hash
        && named.serial.is_none_or(|serial| serial == signer.serial());
    if same { Binding::Right { first_version: named.first_version } } else { Binding::Wrong }
}

fn refusal(why: CmsError) -> Finding {
    match why {
        CmsError::Signers(count) => SignedFinding::SignerCount { count }.into(),
        CmsError::Content => SignedFinding::EncapsulatedContent.into(),
        CmsError::DigestAlgorithm => SignedFinding::Inconsistent { rule: "digestAlgorithms" }.into(),
        CmsError::Version => SignedFinding::Inconsistent { rule: "version" }.into(),
        other => SignedFinding::Malformed { why: other.to_string() }.into(),
    }
}

/// A bare PKCS#1 signature over the covered bytes, with the signer's certificate in `/Cert` (ISO 32000-1 §12.8.3.2).
pub(super) fn bare(
    covering: &Covering<'_>,
    form: &Form,
    certificates: &[Vec<u8>],
    findings: &mut Vec<Finding>,
) -> Signed {
    let mut signed = Signed::without(Integrity::Unverifiable, covering.sha256());
    let mut known = certificates.iter().map(|der| Certificate::from_der(der).ok());
    signed.signer = known.next().flatten();
    signed.others =
        known.enumerate().map(|(index, certificate)| (index.saturating_add(1), certificate)).collect();
    let value = Reader::new(&form.der).any().ok();
    let (Some(signer), Some(value)) = (&signed.signer, value) else {
        findings.push(SignedFinding::SignerCertificateMissing.into());
        return signed;
    };
    signed.signature_digest = Some(crypto::sha256(&[value.content]));
    signed.signed_digest = covering.sha256();
    signed.carried.signature = value.content.to_vec();
    findings.push(SignedFinding::NoSignedAttributes.into());
    // The dictionary names no digest; SHA-1 in nearly all of them, the others since PDF 1.6.
    let identifier = crate::asn1::write::sequence(&[&crate::asn1::write::oid(oid::RSA_ENCRYPTION)]);
    let method = [oid::SHA1, oid::SHA256, oid::SHA384, oid::SHA512].into_iter().find_map(|digest| {
        let method = Method::recognise(&identifier, Some(digest), signer.key()).ok()?;
        covering.verifies(&method, signer, value.content).then_some(method)
    });
    let Some(method) = method else {
        let supported = Method::recognise(&identifier, Some(oid::SHA1), signer.key()).is_ok();
        findings.push(if supported {
            SignedFinding::SignatureWrong.into()
        } else {
            unsupported(&identifier)
        });
        signed.integrity = if supported { Integrity::Broken } else { Integrity::Unsupported };
        return signed;
    };
    signed.method = Some(method);
    signed.integrity = Integrity::Ok;
    signed.proof = proof(findings);
    signed
}
