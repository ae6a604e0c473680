//! Identity documents of people: which kinds there are, what their numbers look like, and the holder code
//! type each has in GB/T 36903 Annex A.

use super::citizen_id::{self, CitizenId, Sex};
use super::problem::Complaint;
use super::text::{self, TextRules};
use super::{AcceptContext, Bilingual, check_digits};
use std::fmt;
use time::Date;

/// The kinds of identity document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityKind {
    /// 居民身份证.
    CitizenId,
    /// 港澳居民来往内地通行证.
    HkMacauPermit,
    /// 台湾居民来往大陆通行证.
    TaiwanPermit,
    /// 港澳台居民居住证: its number is a citizen identity number of province 81, 82 or 83.
    HkMacauTaiwanResidencePermit,
    /// 中国护照.
    CnPassport,
    /// 外国护照.
    ForeignPassport,
    /// 外国人永久居留身份证.
    ForeignPermanentResidence,
    /// Any other, as a 出生医学证明.
    Other,
}

impl IdentityKind {
    /// All kinds, in the order forms show them.
    pub const ALL: [Self; 8] = [
        Self::CitizenId,
        Self::HkMacauPermit,
        Self::TaiwanPermit,
        Self::HkMacauTaiwanResidencePermit,
        Self::CnPassport,
        Self::ForeignPassport,
        Self::ForeignPermanentResidence,
        Self::Other,
    ];

    /// The word in applications, as `hk_macau_permit`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// 持证主体代码类型代码 of GB/T 36903 Annex A. A residence permit of Hong Kong, Macao and Taiwan residents
    /// carries a 公民身份号码, hence 111; the annex has no row for the foreigners' card, hence 999.
    #[must_use]
    pub fn holder_code_type(self) -> &'static str {
        self.row().1
    }

    /// Its name.
    #[must_use]
    pub fn words(self) -> Bilingual {
        Bilingual::new(self.row().2, self.row().3)
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    fn row(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::CitizenId => ("citizen_id", "111", "居民身份证", "Resident identity card"),
            Self::HkMacauPermit => {
                ("hk_macau_permit", "516", "港澳居民来往内地通行证", "Mainland travel permit (HK/Macao)")
            }
            Self::TaiwanPermit => {
                ("taiwan_permit", "511", "台湾居民来往大陆通行证", "Mainland travel permit (Taiwan)")
            }
            Self::HkMacauTaiwanResidencePermit => (
                "hk_macau_taiwan_residence_permit",
                "111",
                "港澳台居民居住证",
                "Residence permit (HK/Macao/Taiwan)",
            ),
            Self::CnPassport => ("cn_passport", "414", "中国护照", "Chinese passport"),
            Self::ForeignPassport => ("foreign_passport", "414", "外国护照", "Foreign passport"),
            Self::ForeignPermanentResidence => (
                "foreign_permanent_residence",
                "999",
                "外国人永久居留身份证",
                "Foreign permanent resident card",
            ),
            Self::Other => ("other", "999", "其他证件", "Other document"),
        }
    }

    /// A pattern for the JSON Schema; the real check is `IdentityDocument::parse`.
    pub(super) fn pattern(self) -> &'static str {
        match self {
            Self::CitizenId => "^[1-9][0-9]{16}[0-9Xx]$",
            Self::HkMacauPermit => "^[HMhm][0-9]{8}([0-9]{2})?$",
            Self::TaiwanPermit => "^([0-9]{8}|[0-9]{10}[A-Za-z])$",
            Self::HkMacauTaiwanResidencePermit => "^8[123][0-9]{15}[0-9Xx]$",
            Self::CnPassport => "^[A-Za-z]{1,2}[0-9]{7,8}$",
            Self::ForeignPassport => "^[A-Za-z0-9]{5,20}$",
            Self::ForeignPermanentResidence => "^([A-Za-z]{3}[0-9]{12}|9[0-9]{16}[0-9Xx])$",
            Self::Other => "^.{3,40}$",
        }
    }
}

/// An identity document whose number has the form of its kind. `Debug` is elided.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityDocument {
    kind: IdentityKind,
    number: String,
    birth_date: Option<Date>,
}

impl IdentityDocument {
    pub(super) fn parse(
        kind: IdentityKind,
        raw: &str,
        context: &AcceptContext<'_>,
    ) -> Result<Self, Vec<Complaint>> {
        if kind == IdentityKind::Other {
            let rules = TextRules { multiline: false, max_length: 40, repertoire: context.repertoire };
            let number = text::clean(raw, &rules)?;
            if number.chars().count() < 3 {
                return Err(vec![format_complaint(kind)]);
            }
            return Ok(Self { kind, number, birth_date: None });
        }
        Self::parse_coded(kind, raw, context).map_err(|complaint| vec![complaint])
    }

    fn parse_coded(kind: IdentityKind, raw: &str, context: &AcceptContext<'_>) -> Result<Self, Complaint> {
        let number = text::code(raw);
        let birth_date = match kind {
            IdentityKind::CitizenId => Some(CitizenId::parse(raw, context)?.birth_date()),
            IdentityKind::HkMacauTaiwanResidencePermit => {
                let id = CitizenId::parse(raw, context)?;
                if !matches!(&id.as_str()[..2], "81" | "82" | "83") {
                    return Err(format_complaint(kind));
                }
                Some(id.birth_date())
            }
            IdentityKind::ForeignPermanentResidence if number.len() == 18 => {
                if !well_formed(kind, &number) {
                    return Err(format_complaint(kind));
                }
                if check_digits::citizen_id(&number[..17]) != number.chars().last() {
                    return Err(citizen_id::check_digit());
                }
                Some(citizen_id::birth_date(&number, 6, context.today)?)
            }
            _ if well_formed(kind, &number) => None,
            _ => return Err(format_complaint(kind)),
        };
        Ok(Self { kind, number, birth_date })
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> IdentityKind {
        self.kind
    }

    /// Its number, upper case.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The birth date its number records, when the kind records one.
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        self.birth_date
    }

    /// The sex its number records, when the kind records one.
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        self.birth_date.map(|_| citizen_id::sex_of(&self.number))
    }
}

impl fmt::Debug for IdentityDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityDocument({}, elided)", self.kind.code())
    }
}

fn well_formed(kind: IdentityKind, number: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase());
    if !number.is_ascii() {
        return false;
    }
    match kind {
        IdentityKind::HkMacauPermit => {
            matches!(number.len(), 9 | 11) && number.starts_with(['H', 'M']) && digits(&number[1..])
        }
        IdentityKind::TaiwanPermit => {
            (number.len() == 8 && digits(number))
                || (number.len() == 11 && digits(&number[..10]) && letters(&number[10..]))
        }
        IdentityKind::CnPassport => {
            let head = number.bytes().take_while(u8::is_ascii_uppercase).count();
            matches!(head, 1 | 2) && matches!(number.len() - head, 7 | 8) && digits(&number[head..])
        }
        IdentityKind::ForeignPassport => {
            (5..=20).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric())
        }
        IdentityKind::ForeignPermanentResidence => match number.len() {
            15 => letters(&number[..3]) && digits(&number[3..]),
            18 => number.starts_with('9') && digits(&number[..17]),
            _ => false,
        },
        _ => false,
    }
}

fn format_complaint(kind: IdentityKind) -> Complaint {
    let (zh, en) = match kind {
        IdentityKind::HkMacauPermit => ("应为H或M加8位（或10位）数字", "must be H or M and 8 (or 10) digits"),
        IdentityKind::TaiwanPermit => ("应为8位数字", "must be 8 digits"),
        IdentityKind::CnPassport => {
            ("应为1至2个字母加7至8位数字", "must be 1 or 2 letters and 7 or 8 digits")
        }
        IdentityKind::ForeignPassport => ("应为5至20位字母或数字", "must be 5 to 20 letters or digits"),
        IdentityKind::ForeignPermanentResidence => (
            "应为3个字母加12位数字，或者以9开头的18位号码",
            "must be 3 letters and 12 digits, or 18 characters beginning with 9",
        ),
        IdentityKind::HkMacauTaiwanResidencePermit => {
            ("应为81、82或83开头的18位号码", "must be 18 characters beginning with 81, 82 or 83")
        }
        IdentityKind::CitizenId | IdentityKind::Other => ("应为3至40个字", "must be 3 to 40 characters"),
    };
    let words = kind.words();
    Complaint::new(
        "identity_document.format",
        format!("{}号码{zh}，请核对", words.zh),
        format!("{}: the number {en}; check it", words.en),
    )
}
