//! One signature: `SignatureValidationReport` (TS 119 102-2 §4.3).

use super::element::{Element, element};
use super::objects::{Objects, reference};
use super::{constraints, digest, main_indication, sub_indication};
use crate::domain::Instant;
use crate::verify::{
    Coverage, Finding, Indication, Judgement, Level, SignatureReport, SignedFinding, TrustFinding,
};

pub(super) fn report(
    judgement: &Judgement,
    at: usize,
    signature: &SignatureReport,
    objects: &mut Objects,
) -> Element {
    element("SignatureValidationReport")
        .child(identifier(at, signature))
        .child(constraints::report(judgement, Some(signature)))
        .child(times(judgement, signature, objects))
        .maybe(document(signature, objects))
        .child(attributes(signature, objects))
        .maybe(signer(signature, objects))
        .child(process(signature))
        .child(status(signature, objects))
}

/// §4.2.3: the digest of what was signed (DTBSR) and the signature value.
fn identifier(at: usize, signature: &SignatureReport) -> Element {
    let value = (!signature.value.is_empty()).then(|| element("ds:SignatureValue").base64(&signature.value));
    element("SignatureIdentifier")
        .with("id", format!("signature-{}", at + 1))
        .maybe(signature.signed_digest.map(|signed| digest("DigestAlgAndValue", &signed)))
        .maybe(value)
        .child(element("HashOnly").text("false"))
        .child(element("DocHashOnly").text((signature.coverage == Coverage::NotJudged).to_string()))
        .maybe(signature.field.as_ref().map(|field| element("DAIdentifier").text(field)))
}

/// §4.3.6: the best time known, and who proves it: a time-stamp found here, or the ledger, which was handed in.
fn times(judgement: &Judgement, signature: &SignatureReport, objects: &mut Objects) -> Element {
    let own = signature.timestamps.iter();
    let documents =
        judgement.signatures.iter().filter(|one| one.is_timestamp).flat_map(|one| &one.timestamps);
    let proof = signature
        .proven_by
        .map(|proven| (proven, own.chain(documents).find(|stamp| stamp.trusted && stamp.at == Some(proven))));
    let best = match proof {
        Some((proven, Some(stamp))) => {
            let id = objects.stamp(stamp);
            poe(&proven.rfc3339(), "validation").child(reference("POEObject", &id))
        }
        Some((proven, None)) => poe(&proven.rfc3339(), "provided"),
        // Nothing proves more than that it exists now (EN 319 102-1 §5.5.4).
        None => poe(&judgement.at, "validation"),
    };
    element("ValidationTimeInfo").child(element("ValidationTime").text(&judgement.at)).child(best)
}

fn poe(at: &str, proof: &str) -> Element {
    element("BestSignatureTime")
        .child(element("POETime").text(at))
        .child(element("TypeOfProof").text(format!("urn:etsi:019102:poetype:{proof}")))
}

fn document(signature: &SignatureReport, objects: &mut Objects) -> Option<Element> {
    let covered = signature.covered_digest?;
    let id = objects.covered(signature)?;
    Some(
        element("SignersDocument")
            .child(digest("DigestAlgAndValue", &covered))
            .child(reference("SignersDocumentRepresentation", &id)),
    )
}

/// §4.3.8: what the signature says of itself.
fn attributes(signature: &SignatureReport, objects: &mut Objects) -> Element {
    let claimed =
        |at: Instant| element("SigningTime").with("Signed", "true").child(element("Time").text(at.rfc3339()));
    let mut all = element("SignatureAttributes").maybe(signature.signed_at_claimed.map(claimed));
    for stamp in &signature.timestamps {
        let (Some(at), id) = (stamp.at, objects.stamp(stamp)) else { continue };
        let name = if stamp.kind == "document" { "DocTimeStamp" } else { "SignatureTimeStamp" };
        let stamped = element(name)
            .with("Signed", "false")
            .child(reference("AttributeObject", &id))
            .child(element("TimeStampValue").text(at.rfc3339()));
        all = all.child(stamped);
    }
    let subfilter = element("SubFilter").with("Signed", "true");
    all.child(subfilter.child(element("SubFilterElement").text(&signature.subfilter)))
}

fn signer(signature: &SignatureReport, objects: &mut Objects) -> Option<Element> {
    let signer = signature.signer.as_ref()?;
    let id = objects.certificate(signer);
    Some(
        element("SignerInformation")
            .child(reference("SignerCertificate", &id))
            .child(element("Signer").text(&signer.subject)),
    )
}

/// §4.3.11: which of the three processes of EN 319 102-1 the evidence in the file calls for.
fn process(signature: &SignatureReport) -> Element {
    let name = match signature.level {
        Level::BaselineLta => "LTA",
        _ if signature.proven_by.is_some() || !signature.timestamps.is_empty() => "LTVM",
        _ => "Basic",
    };
    element("SignatureValidationProcess").child(
        element("SignatureValidationProcessID").text(format!("urn:etsi:019102:validationprocess:{name}")),
    )
}

/// §4.3.4.
fn status(signature: &SignatureReport, objects: &mut Objects) -> Element {
    let main = match signature.indication {
        Indication::TotalPassed => "total-passed",
        Indication::TotalFailed => "total-failed",
        Indication::Indeterminate => "indeterminate",
    };
    let sub = signature.sub_indication.map(|sub| element("SubIndication").text(sub_indication(sub.name())));
    let data = element("AssociatedValidationReportData")
        .maybe(chain(signature, objects))
        .maybe(algorithm(signature, objects));
    let revoked = revocations(signature, objects);
    element("SignatureValidationStatus")
        .child(element("MainIndication").text(main_indication(main)))
        .maybe(sub)
        .child(data)
        .all(revoked)
}

/// Signer first; the last one is the anchor only where a path was found.
fn chain(signature: &SignatureReport, objects: &mut Objects) -> Option<Element> {
    let (first, rest) = signature.chain.split_first()?;
    let mut all =
        element("CertificateChain").child(reference("SigningCertificate", &objects.certificate(first)));
    let (anchor, between) = match rest.split_last() {
        Some((last, between)) if signature.is_rooted() => (Some(last), between),
        None if signature.is_rooted() => (Some(first), rest),
        _ => (None, rest),
    };
    for link in between {
        all = all.child(reference("IntermediateCertificate", &objects.certificate(link)));
    }
    Some(all.maybe(anchor.map(|link| reference("TrustAnchor", &objects.certificate(link)))))
}

/// The method of the signature value; secure unless a finding says otherwise.
fn algorithm(signature: &SignatureReport, objects: &mut Objects) -> Option<Element> {
    let uri = signature.algorithm_uri()?;
    let id = objects.value(signature)?;
    let mut weak = None;
    let mut refused = false;
    for finding in &signature.findings {
        match finding.plain() {
            Finding::Signed(SignedFinding::WeakAlgorithm { until, .. }) => weak = Some(*until),
            Finding::Signed(
                SignedFinding::AlgorithmUnsupported { .. } | SignedFinding::AlgorithmNotAllowed { .. },
            ) => refused = true,
            _ => {}
        }
    }
    let secure = !refused && weak.is_none();
    // The last day counts whole, in Beijing's time.
    let until = weak.map(|until| element("NotAfter").text(format!("{until}T23:59:59+08:00")));
    Some(
        element("CryptoInformation")
            .child(reference("ValidationObjectId", &id))
            .child(element("Algorithm").text(uri))
            .child(element("SecureAlgorithm").text(secure.to_string()))
            .maybe(until),
    )
}

fn revocations(signature: &SignatureReport, objects: &mut Objects) -> Vec<Element> {
    let mut all = Vec::new();
    for finding in &signature.findings {
        let Finding::Trust(TrustFinding::Revoked { since, place }) = finding.plain() else { continue };
        let Some(link) = signature.chain.get(*place) else { continue };
        let id = objects.certificate(link);
        let status = element("RevocationStatusInformation")
            .child(reference("ValidationObjectId", &id))
            .child(element("RevocationTime").text(since.rfc3339()));
        all.push(element("AssociatedValidationReportData").child(status));
    }
    all
}
