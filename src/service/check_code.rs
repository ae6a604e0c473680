//! What a verification code tells whoever holds the paper: that there is such a certificate, its status, and masked
//! fields to compare with the paper. Types that are looked up by possession only say that more is needed.

use super::office::Office;
use crate::domain::{Bilingual, PublicLookup, Status, VerificationCode};
use crate::ledger::LedgerError;
use serde::Serialize;
use serde_json::Value as Json;

/// What a stranger sees.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// The code in its printed form.
    pub code: String,
    /// `shown`, or `possession_needed` when the type shows nothing to strangers.
    pub answer: &'static str,
    /// The same in words.
    pub words: Bilingual,
    /// Name of the type; absent when more is needed.
    pub certificate_type: Option<Bilingual>,
    /// Printed number.
    pub number: Option<String>,
    /// Status now.
    pub status: Option<Status>,
    /// Day of issue.
    pub issued_on: Option<String>,
    /// Last day of validity; absent for 长期.
    pub valid_until: Option<String>,
    /// Label, value and English label, in face order; masked unless the type is open.
    pub fields: Vec<SeenField>,
    /// True for specimens.
    pub specimen: bool,
}

/// One line to compare with the paper.
#[derive(Clone, Debug, Serialize)]
pub struct SeenField {
    /// Its label.
    pub label: Bilingual,
    /// Its value as printed, masked where the type says so.
    pub value: String,
}

/// Answers a code; `None` when it is mistyped or nobody's, which are one and the same to strangers.
///
/// # Errors
/// The ledger failed.
pub fn check_code(office: &Office, code: &str) -> Result<Option<Seen>, LedgerError> {
    let Ok(code) = code.parse::<VerificationCode>() else { return Ok(None) };
    let code = code.to_string();
    let Some(life) = office.life(&code, None)? else { return Ok(None) };
    let (Some(status), Some(kind)) = (life.status, office.type_of(&life.entry.slug)) else { return Ok(None) };
    let more = Seen {
        code,
        answer: "possession_needed",
        words: Bilingual::new(
            "编号有效;本类证照不公开,请持证到签发机关核对",
            "the code is known; this type is not shown to strangers: ask the issuing office with the paper at hand",
        ),
        certificate_type: None,
        number: None,
        status: None,
        issued_on: None,
        valid_until: None,
        fields: Vec::new(),
        specimen: office.is_demo(),
    };
    let masked = match kind.public_lookup() {
        PublicLookup::Open => false,
        PublicLookup::Masked => true,
        PublicLookup::Possession | PublicLookup::None => return Ok(Some(more)),
    };
    let name = status.name();
    let kept: Json = serde_json::from_str(&office.ledger().application(&life.entry)?).unwrap_or_default();
    let accepted = office.accept(&life.entry.slug, &kept, life.entry.reserved_at).ok();
    let holders = accepted.map(|accepted| accepted.holders()).unwrap_or_default();
    let lines = holders.into_iter().flat_map(|holder| {
        let number = Bilingual::new(holder.code_type_name(), "Number of holder");
        [(Bilingual::new("持证主体", "Holder"), holder.name), (number, holder.code)]
    });
    let shown = |value: String| if masked { mask(&value) } else { value };
    let fields = lines.map(|(label, value)| SeenField { label, value: shown(value) });
    Ok(Some(Seen {
        answer: "shown",
        words: Bilingual::new(format!("证照{}", name.zh), format!("the certificate is {}", name.en)),
        certificate_type: Some(kind.name().clone()),
        number: Some(life.entry.number.clone()),
        status: Some(status),
        issued_on: Some(life.entry.reserved_at.beijing_date().to_string()),
        valid_until: life.entry.valid_until.clone(),
        fields: fields.collect(),
        ..more
    }))
}

/// Of a name the first character, of a number the last four: enough to compare, too little to learn.
fn mask(value: &str) -> String {
    let length = value.chars().count();
    if value.chars().all(|c| c.is_ascii_alphanumeric()) && length >= 8 {
        let tail: String = value.chars().skip(length - 4).collect();
        return format!("{}{tail}", "*".repeat(length - 4));
    }
    let mut characters = value.chars();
    let first = characters.next().map(String::from).unwrap_or_default();
    format!("{first}{}", "*".repeat(length.saturating_sub(1).min(8)))
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn masks_tell_a_comparison_and_no_more() {
        assert_eq!(mask("欧阳𠅤"), "欧**");
        assert_eq!(mask("990101199808161280"), "**************1280");
        assert_eq!(mask("H1234567"), "****4567");
        assert_eq!((mask("A1"), mask("")), ("A*".to_owned(), String::new()));
    }
}
