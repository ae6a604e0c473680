//! Which certificate does the document say it is? `metadata.json`, schema `yinzheng/1`, as of the sealed revision.

use super::finding::{DocumentFinding, Finding, LedgerFinding};
use super::report::SignatureReport;
use crate::pdf::File;
use serde::{Deserialize, Serialize};

/// Ours has some 3 KB; a photo or a font is not metadata.
const LARGEST: usize = 256 << 10;

/// What the document says of itself. Nothing of it is believed before the seal and the ledger agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// 证照标识.
    pub identifier: String,
    /// 证照编号.
    pub number: String,
    /// Verification code.
    pub code: String,
    /// Slug of the type.
    #[serde(rename = "type", alias = "type_slug")]
    pub type_slug: String,
    /// Last day of validity, `YYYY-MM-DD`; `None` is 长期.
    #[serde(default)]
    pub valid_until: Option<String>,
    /// True for what says 样例.
    #[serde(default)]
    pub specimen: bool,
}

/// Reads the claim of the last sealed revision, or of the newest when none is sealed.
pub(super) fn read(
    file: &File<'_>,
    signatures: &[SignatureReport],
    findings: &mut Vec<Finding>,
) -> Option<Claim> {
    let sealed =
        signatures.iter().filter(|signature| signature.intact.is_some()).filter_map(|s| s.revision).max();
    let as_of = sealed.unwrap_or(file.newest());
    let limit = |why| DocumentFinding::limit(why).map(Finding::from);
    let found = match file.attachments("metadata.json", as_of) {
        Ok(found) => found,
        Err(why) => {
            findings.extend(limit(why));
            return None;
        }
    };
    let mut claims: Vec<Claim> = Vec::new();
    for object in found.iter().take(4) {
        let data = match file.decoded(object, as_of) {
            Ok(data) => data,
            Err(why) => {
                findings.extend(limit(why));
                continue;
            }
        };
        if data.len() > LARGEST {
            continue;
        }
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(&data) else { continue };
        let ours = value.get("schema").and_then(serde_json::Value::as_str);
        if !ours.is_some_and(|schema| schema.starts_with("yinzheng/")) {
            continue;
        }
        match serde_json::from_value::<Claim>(value) {
            Ok(claim) => claims.push(claim),
            Err(_) => findings.push(LedgerFinding::ClaimMalformed.into()),
        }
    }
    if claims.len() > 1 {
        findings.push(LedgerFinding::ClaimAmbiguous.into());
    }
    let claim = claims.into_iter().next()?;
    if sealed.is_none() {
        findings.push(LedgerFinding::ClaimNotCovered.into());
    }
    if claim.specimen {
        findings.push(LedgerFinding::Specimen.into());
    }
    Some(claim)
}
