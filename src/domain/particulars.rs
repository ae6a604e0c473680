//! What a reservation fixes about one certificate before it is drawn.

use super::problem::{Complaint, Place};
use super::{Bilingual, Instant, Problem, Uscc};
use serde::{Deserialize, Serialize};

/// The authority that issues (证照颁发机构).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Full name, as printed and sealed.
    pub name: Bilingual,
    /// Short name used inside certificate numbers (字号), as 沪民.
    pub short_name: String,
    /// Unified social credit code of the issuer, 18 characters (GB 32100).
    pub uscc: String,
    /// Code of the authority that defines the types, 18 characters; usually the issuer's own.
    pub definer_uscc: String,
    /// Administrative division, 6 digits (GB/T 2260).
    pub region: String,
}

impl Issuer {
    /// What makes it unusable as an issuer: pointers are member names. The unreal province 99 passes in demo mode only.
    #[must_use]
    pub fn check(&self, demo: bool) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut refuse =
            |member: &str, complaint| problems.push(Place::root().member(member, None).problem(complaint));
        for (member, code) in [("uscc", &self.uscc), ("definer_uscc", &self.definer_uscc)] {
            match Uscc::parse(code, demo) {
                Ok(parsed) if parsed.as_str() == code => {}
                Ok(_) => refuse(
                    member,
                    Complaint::new("uscc.format", "不得含空格或小写字母", "no spaces, no small letters"),
                ),
                Err(complaint) => refuse(member, complaint),
            }
        }
        for (member, text) in
            [("name", &self.name.zh), ("name", &self.name.en), ("short_name", &self.short_name)]
        {
            if text.trim().is_empty() {
                refuse(member, Complaint::new("field.required", "必填，请填写", "is required; fill it in"));
            }
        }
        let region = self.region.len() == 6 && self.region.bytes().all(|b| b.is_ascii_digit());
        if !region {
            refuse(
                "region",
                Complaint::new("issuer.region", "行政区划代码应为6位数字", "the region must be six digits"),
            );
        }
        problems
    }
}

/// Everything on a certificate's face that does not come from the application.
/// Rendering is a pure function of (template, application, particulars).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Particulars {
    /// 证照编号, as printed: the type's own 字号.
    pub number: String,
    /// 证照标识 by GB/T 36904, with root and dots: `1.2.156.3005.2.….c`.
    pub identifier: String,
    /// Verification code, printed form `7K3M-9QXR-2H5D`.
    pub code: String,
    /// The address the QR code holds, upper case so that it stays alphanumeric.
    pub verify_url: String,
    /// When the reservation was made; printed as the issue date unless the type says otherwise.
    pub issued_at: Instant,
    /// Who issues.
    pub issuer: Issuer,
    /// Day on which validity ends, both ends included; `None` is 长期.
    pub valid_until: Option<time::Date>,
    /// True for everything that must say 样例 SPECIMEN.
    pub specimen: bool,
}
