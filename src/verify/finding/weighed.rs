//! Findings about the certificate that the document claims to be, and the ledger's word on it.

use super::{CERTIFICATE_AMBER, CERTIFICATE_RED, FILE_AMBER, NOTE, Row, row};
use crate::domain::{Bilingual, Status};

/// About the certificate and the ledger's word on it.
#[derive(Clone, Debug, PartialEq)]
pub enum LedgerFinding {
    /// The document claims to be one of our certificates and no ledger was asked.
    NotAsked,
    /// The ledger knows no such certificate.
    NotOnRecord,
    /// The ledger knows the certificate; this file is another one.
    OtherFile,
    /// The signed content is the issued one, the bytes around the signature are not.
    SignatureOnly,
    /// The number on the document is not the one on record.
    NumberDiffers,
    /// In force.
    InForce,
    /// No longer in force: the validity ended.
    Expired {
        /// Last day of validity.
        since: time::Date,
    },
    /// Never came into force.
    Void,
    /// Revoked, suspended or replaced, in the ledger's words.
    NotInForce {
        /// Where it stands; none: reserved, never issued.
        status: Option<Status>,
    },
    /// `metadata.json` cannot be read.
    ClaimMalformed,
    /// More than one `metadata.json`.
    ClaimAmbiguous,
    /// The claim stands in no sealed revision.
    ClaimNotCovered,
    /// A specimen that grants nothing.
    Specimen,
}

impl LedgerFinding {
    pub(super) fn row(&self) -> Row {
        match self {
            Self::NotAsked => row(
                "ledger.not_asked",
                CERTIFICATE_AMBER,
                "没有查询台账,不知道证照目前是否有效。",
                "The ledger was not asked: whether the certificate is in force is not known.",
            ),
            Self::NotOnRecord => row(
                "ledger.not_on_record",
                CERTIFICATE_AMBER,
                "台账里没有这份证照。",
                "The ledger holds no such certificate.",
            ),
            Self::OtherFile => row(
                "ledger.other_file",
                CERTIFICATE_RED,
                "台账里有这份证照,但签发的不是这个文件。",
                "The ledger holds this certificate, but another file was issued.",
            ),
            Self::SignatureOnly => row(
                "ledger.signature_only",
                FILE_AMBER,
                "签名内容与签发时一致,但文件字节与台账所存不同。",
                "What was signed is what was issued, but the file differs from the one on record.",
            ),
            Self::NumberDiffers => row(
                "ledger.number_differs",
                CERTIFICATE_RED,
                "文件上的编号与台账不符。",
                "The number on the document is not the one on record.",
            ),
            Self::InForce => {
                row("ledger.in_force", NOTE, "台账:证照目前有效。", "The ledger says: in force.")
            }
            Self::Expired { since } => row(
                "ledger.expired",
                CERTIFICATE_RED,
                format!("证照有效期已于 {since} 届满。"),
                format!("The certificate's validity ended on {since}."),
            ),
            Self::Void => row(
                "ledger.void",
                CERTIFICATE_RED,
                "台账:编号已作废。",
                "The ledger says: the number is void.",
            ),
            Self::NotInForce { status } => {
                let state = status.map_or_else(|| Bilingual::new("尚未签发", "never issued"), Status::name);
                row(
                    "ledger.not_in_force",
                    CERTIFICATE_RED,
                    format!("台账:证照目前无效({})。", state.zh),
                    format!("The ledger says: not in force ({}).", state.en),
                )
            }
            _ => self.about_claim(),
        }
    }

    fn about_claim(&self) -> Row {
        match self {
            Self::ClaimMalformed => row(
                "claim.malformed",
                CERTIFICATE_AMBER,
                "文件自带的证照信息无法读取。",
                "The document's own certificate data cannot be read.",
            ),
            Self::ClaimAmbiguous => row(
                "claim.ambiguous",
                CERTIFICATE_AMBER,
                "文件带有多份互相竞争的证照信息。",
                "The document holds more than one set of certificate data.",
            ),
            Self::ClaimNotCovered => row(
                "claim.not_covered",
                CERTIFICATE_AMBER,
                "文件自带的证照信息没有印章覆盖。",
                "No seal covers the document's own certificate data.",
            ),
            _ => row(
                "claim.specimen",
                NOTE,
                "这是样例,不具有任何效力。",
                "This is a specimen and grants nothing.",
            ),
        }
    }
}
