//! A verification report under this office's seal: draw → put on record → seal → read back.
//!
//! Nothing is sealed that is not on record: before the key is used, the decision to seal is in the ledger with the digest
//! of the very bytes that the seal will cover and that of the document reported on. The report itself is not kept: whoever
//! asked for it files it, and the record tells whether it is ours. Nothing leaves that our own verifier does not find
//! genuine.

use super::access::Mandate;
use super::assets::Assets;
use super::office::{Office, OpenError, Seal, load_fonts};
use super::{check, clock};
use crate::crypto::sha256;
use crate::ledger::LedgerError;
use crate::report::{self, ReportError, Sealing, Subject};
use crate::sign::SealError;
use crate::verify::{Finding, Judgement, Verdict};
use std::path::PathBuf;

/// What the record of decisions calls it.
pub(super) const RIGHT: &str = "seal_report";
/// The seal that is taken when none is named.
const USUAL: &str = "bureau";

/// Why there is no sealed report.
#[derive(Debug, thiserror::Error)]
pub enum SealedReportError {
    /// No such seal.
    #[error("没有“{asked}”印章;有 {} / no seal {asked}: name one of these", .known.join("、"))]
    NoSeal {
        /// What was asked for.
        asked: String,
        /// Roles that have one.
        known: Vec<String>,
    },
    /// It was not drawn.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// It could not be put on record, so it was not sealed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It was not sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The drawn page has no place for a seal.
    #[error("报告没有盖章的位置 / the report has no place for a seal")]
    NoHole,
    /// Our own verifier did not find it genuine, so it was not released.
    #[error("自检未通过({verdict:?}:{}),未放行 / failed inspection, not released", .findings.join(", "))]
    Inspection {
        /// What it found instead.
        verdict: Verdict,
        /// Codes of its findings.
        findings: Vec<&'static str>,
    },
}

impl Office {
    /// The report on a judgement as PDF/A under the seal of a role; the default is the bureau's, or the only one.
    ///
    /// # Errors
    /// [`SealedReportError`].
    pub fn sealed_report(
        &self,
        mandate: &Mandate,
        judgement: &Judgement,
        subject: Subject<'_>,
        role: Option<&str>,
    ) -> Result<Vec<u8>, SealedReportError> {
        let (role, seal) = self.seal_for_reports(role)?;
        self.seal_in_use(role)?;
        let office = self.config.issuer().name.zh.as_str();
        let at = clock::now();
        let sealing = Sealing { office, at, field: &seal.field };
        let subject = Subject { office: Some(office), ..subject };
        let page = report::page(judgement, subject, &self.fonts, sealing)?;
        let covered = page
            .bytes
            .get(..page.contents.start)
            .zip(page.bytes.get(page.contents.end..))
            .map(|(before, after)| sha256(&[before, after]))
            .ok_or(SealedReportError::NoHole)?;
        let target = format!(
            "report {} of document {} by {}",
            hex::encode(covered),
            judgement.sha256.as_deref().unwrap_or("?"),
            hex::encode(seal.certificate.fingerprint())
        );
        self.decided(mandate.authority(), RIGHT, Some(&target), true, "report")?;
        let sealed = seal.press(page, at)?;
        let read = check::unrecorded(self, sealed.bytes());
        if read.verdict != Verdict::GenuineInForce || *sealed.covered_digest() != covered {
            let of_signatures = read.signatures.iter().flat_map(|signature| &signature.findings);
            let findings = of_signatures.chain(&read.findings).map(Finding::code).collect();
            return Err(SealedReportError::Inspection { verdict: read.verdict, findings });
        }
        Ok(sealed.bytes().to_vec())
    }

    fn seal_for_reports(&self, role: Option<&str>) -> Result<(&str, &Seal), SealedReportError> {
        let only = || self.seals.iter().next().filter(|_| self.seals.len() == 1);
        let found = match role {
            Some(role) => self.seals.get_key_value(role),
            None => self.seals.get_key_value(USUAL).or_else(only),
        };
        found.map(|(role, seal)| (role.as_str(), seal)).ok_or_else(|| SealedReportError::NoSeal {
            asked: role.unwrap_or(USUAL).to_owned(),
            known: self.seals.keys().cloned().collect(),
        })
    }
}

/// Why a report without an office was not drawn.
#[derive(Debug, thiserror::Error)]
pub enum PlainReportError {
    /// The fonts.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It was not drawn.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// The report as PDF/A that nobody seals, with the fonts of this program or of the given folders.
///
/// # Errors
/// [`PlainReportError`].
pub fn unsealed_report(
    judgement: &Judgement,
    subject: Subject<'_>,
    folders: Vec<PathBuf>,
) -> Result<Vec<u8>, PlainReportError> {
    let fonts = load_fonts(&Assets::new(folders, None))?;
    Ok(report::unsealed(judgement, subject, &fonts)?)
}
