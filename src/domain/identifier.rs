//! 证照标识: the identifier every electronic certificate in China carries (GB/T 36904-2018 clause 3.1).
//!
//! `1.2.156.3005.2` . type code . issuer code . serial . version . check character, the last by ISO/IEC 7064
//! MOD 37,36 over the four segments without dots. Foreign identifiers are read leniently: software with a wrong
//! check computation is in use, so a wrong check character there is a remark, while our own must be right.

use super::check_digits;
use std::fmt;
use std::str::FromStr;

const ROOT: &str = "1.2.156.3005.2";
/// Longest segment seen is 32 characters; longer text is no identifier.
const SEGMENT_LIMIT: usize = 64;

/// A certificate identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateIdentifier {
    type_code: String,
    issuer_code: String,
    serial: String,
    version: String,
    check: char,
}

/// Why a text is not a certificate identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// It does not begin with `1.2.156.3005.2.`.
    #[error("does not begin with {ROOT}.")]
    Root,
    /// It has not the five segments after the root.
    #[error("has not five segments after the root")]
    Segments,
    /// A segment, counted from 1 after the root, is empty, too long, or not digits and capital letters.
    #[error("segment {0} is not digits and capital letters")]
    Segment(usize),
    /// The check character of one of our own identifiers is wrong.
    #[error("the check character is wrong")]
    Check,
}

impl CertificateIdentifier {
    /// Version 001 of a certificate. `type_code`: 18 characters of the definer and 3 digits; `serial`: digits and
    /// capital letters.
    ///
    /// # Errors
    /// [`IdentifierError::Segment`] when a segment is not digits and capital letters.
    pub fn new(type_code: &str, issuer_code: &str, serial: &str) -> Result<Self, IdentifierError> {
        Self::of_version(type_code, issuer_code, serial, 1)
    }

    /// The same for any version from 1 to 999: a replaced certificate keeps its serial.
    ///
    /// # Errors
    /// [`IdentifierError::Segment`], for a version of more than three digits as well.
    pub fn of_version(
        type_code: &str,
        issuer_code: &str,
        serial: &str,
        version: u32,
    ) -> Result<Self, IdentifierError> {
        if !(1..=999).contains(&version) {
            return Err(IdentifierError::Segment(4));
        }
        let version = format!("{version:03}");
        let segments = [type_code, issuer_code, serial, &version];
        check_segments(&segments)?;
        let check = check_digits::mod_37_36(&segments.concat()).ok_or(IdentifierError::Segment(1))?;
        let [type_code, issuer_code, serial] = [type_code, issuer_code, serial].map(str::to_owned);
        Ok(Self { type_code, issuer_code, serial, version, check })
    }

    /// Reads one of our own: the check character must be right.
    ///
    /// # Errors
    /// As [`FromStr`], and [`IdentifierError::Check`].
    pub fn parse_own(text: &str) -> Result<Self, IdentifierError> {
        let identifier: Self = text.parse()?;
        if identifier.check_fits() { Ok(identifier) } else { Err(IdentifierError::Check) }
    }

    /// Whether the check character is right. On a foreign document a wrong one is worth a remark only.
    #[must_use]
    pub fn check_fits(&self) -> bool {
        let body = [&*self.type_code, &self.issuer_code, &self.serial, &self.version].concat();
        check_digits::mod_37_36(&body) == Some(self.check)
    }

    /// 证照类型代码: usually 21 characters.
    #[must_use]
    pub fn type_code(&self) -> &str {
        &self.type_code
    }

    /// 证照颁发机构代码.
    #[must_use]
    pub fn issuer_code(&self) -> &str {
        &self.issuer_code
    }

    /// 流水号.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// 版本号, three digits from 001.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}

fn check_segments(segments: &[&str]) -> Result<(), IdentifierError> {
    let sound = |segment: &str| {
        (1..=SEGMENT_LIMIT).contains(&segment.len())
            && segment.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    };
    match segments.iter().position(|segment| !sound(segment)) {
        None => Ok(()),
        Some(index) => Err(IdentifierError::Segment(index + 1)),
    }
}

impl FromStr for CertificateIdentifier {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let rest =
            text.strip_prefix(ROOT).and_then(|rest| rest.strip_prefix('.')).ok_or(IdentifierError::Root)?;
        let segments: Vec<&str> = rest.splitn(7, '.').collect();
        let [type_code, issuer_code, serial, version, check] = segments[..] else {
            return Err(IdentifierError::Segments);
        };
        check_segments(&segments)?;
        let mut check_symbols = check.chars();
        let (Some(symbol), None) = (check_symbols.next(), check_symbols.next()) else {
            return Err(IdentifierError::Segment(5));
        };
        if version.len() != 3 || !version.bytes().all(|b| b.is_ascii_digit()) {
            return Err(IdentifierError::Segment(4));
        }
        let [type_code, issuer_code, serial, version] =
            [type_code, issuer_code, serial, version].map(str::to_owned);
        Ok(Self { type_code, issuer_code, serial, version, check: symbol })
    }
}

impl fmt::Display for CertificateIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { type_code, issuer_code, serial, version, check } = self;
        write!(f, "{ROOT}.{type_code}.{issuer_code}.{serial}.{version}.{check}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixture_identifiers() {
        for (digit, check) in ["0", "V", "J", "N", "V", "Q", "5"].iter().enumerate() {
            let n = digit + 1;
            let type_code = format!("11990000000000019A90{n}");
            let made =
                CertificateIdentifier::new(&type_code, "11990000000000019A", &format!("20260000000{n}"))
                    .unwrap();
            assert_eq!(
                made.to_string(),
                format!("1.2.156.3005.2.{type_code}.11990000000000019A.20260000000{n}.001.{check}")
            );
            assert_eq!(CertificateIdentifier::parse_own(&made.to_string()), Ok(made));
        }
    }

    #[test]
    fn foreign_identifiers_are_read_even_with_a_wrong_check() {
        let live = "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9";
        assert!(live.parse::<CertificateIdentifier>().unwrap().check_fits());
        let wrong = live.replace(".001.9", ".001.8");
        assert!(!wrong.parse::<CertificateIdentifier>().unwrap().check_fits());
        assert_eq!(CertificateIdentifier::parse_own(&wrong), Err(IdentifierError::Check));
    }

    #[test]
    fn what_is_no_identifier() {
        let parse = |text: &str| text.parse::<CertificateIdentifier>();
        assert_eq!(parse("1.2.156.3005.3.A.B.1.001.9"), Err(IdentifierError::Root));
        assert_eq!(parse("1.2.156.3005.2.A.B.1.001"), Err(IdentifierError::Segments));
        assert_eq!(parse("1.2.156.3005.2.A.B.1.001.9.9"), Err(IdentifierError::Segments));
        assert_eq!(parse("1.2.156.3005.2.A.b.1.001.9"), Err(IdentifierError::Segment(2)));
        assert_eq!(parse("1.2.156.3005.2.A.B.1.01.9"), Err(IdentifierError::Segment(4)));
        assert_eq!(parse("1.2.156.3005.2.A.B.1.001.99"), Err(IdentifierError::Segment(5)));
    }
}
