//! The policy and each step as a validation constraint (TS 119 102-2 §4.3.5).

use super::element::{Element, element};
use super::{digest, main_indication, sub_indication};
use crate::report::sheet::MOST_FINDINGS;
use crate::verify::{Checked, Effect, Finding, Judgement, Outcome, SignatureReport, Step};

/// What was demanded, and what came of it; without a signature only the steps of the document.
pub(super) fn report(judgement: &Judgement, signature: Option<&SignatureReport>) -> Element {
    let own = signature.map_or(&[][..], |signature| &signature.steps);
    let of_signature = own.iter().map(|checked| {
        let findings = signature.map_or(&[][..], |signature| &signature.findings);
        constraint("signature", checked, findings, Step::of_signature, signature)
    });
    let of_document = judgement
        .steps
        .iter()
        .map(|checked| constraint("document", checked, &judgement.findings, Step::of_document, None));
    element("ValidationConstraintsEvaluationReport")
        .child(policy(judgement))
        .all(of_signature)
        .all(of_document)
}

fn policy(judgement: &Judgement) -> Element {
    let policy = &judgement.policy;
    let whole = hex::decode(&policy.sha256).unwrap_or_default();
    let identifier = format!("urn:yinzheng:policy:{}:{}", uri_part(&policy.name), uri_part(&policy.version));
    let id = element("xades:SignaturePolicyId")
        .child(element("xades:SigPolicyId").child(element("xades:Identifier").text(identifier)))
        .child(digest("xades:SigPolicyHash", &whole));
    element("SignatureValidationPolicy")
        .child(element("SignaturePolicyIdentifier").child(id))
        .child(element("PolicyName").text(&policy.name))
}

/// A name of ours as part of a URN: what RFC 8141 does not allow is written by its bytes.
fn uri_part(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

fn constraint(
    of: &str,
    checked: &Checked,
    findings: &[Finding],
    step_of: fn(&Finding) -> Step,
    signature: Option<&SignatureReport>,
) -> Element {
    let applied = match checked.outcome {
        // Not asked for, or nothing to ask: the standard's word for it is disabled.
        Outcome::NotApplicable => "disabled",
        _ => "applied",
    };
    let own: Vec<&Finding> = findings.iter().filter(|finding| step_of(finding) == checked.step).collect();
    let more = own.len().saturating_sub(MOST_FINDINGS);
    let said = own.into_iter().take(MOST_FINDINGS).map(indication);
    let more = (more > 0).then(|| element("y:More").text(more.to_string()));
    let looked = element("y:Step")
        .with("outcome", checked.outcome.name())
        .child(element("y:zh").text(&checked.words.zh))
        .child(element("y:en").text(&checked.words.en));
    element("ValidationConstraint")
        .child(
            element("ValidationConstraintIdentifier")
                .text(format!("urn:yinzheng:step:{of}:{}", checked.step.name())),
        )
        .child(
            element("ConstraintStatus")
                .child(element("Status").text(format!("urn:etsi:019102:constraintStatus:{applied}"))),
        )
        .maybe(status(checked.outcome, signature))
        .child(element("Indications").child(looked).all(said).maybe(more))
}

/// The status of one constraint; the sub-indication is the signature's own where this step brought it about.
fn status(outcome: Outcome, signature: Option<&SignatureReport>) -> Option<Element> {
    let main = match outcome {
        Outcome::Passed | Outcome::Noted => "passed",
        Outcome::Failed => "failed",
        Outcome::Doubtful | Outcome::NotEstablished => "indeterminate",
        Outcome::NotApplicable => return None,
    };
    let lowered = matches!(outcome, Outcome::Failed | Outcome::Doubtful);
    let sub = signature.and_then(|signature| signature.sub_indication).filter(|_| lowered);
    Some(
        element("ValidationStatus")
            .child(element("MainIndication").text(main_indication(main)))
            .maybe(sub.map(|sub| element("SubIndication").text(sub_indication(sub.name())))),
    )
}

fn indication(finding: &Finding) -> Element {
    let words = finding.words();
    let severity = match finding.effect() {
        Effect::Note => "note",
        Effect::Warning | Effect::Amber(_) => "warning",
        Effect::Red(_) => "error",
    };
    element("y:Finding")
        .with("code", finding.code())
        .with("severity", severity)
        .child(element("y:zh").text(words.zh))
        .child(element("y:en").text(words.en))
}
