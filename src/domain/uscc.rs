//! 统一社会信用代码: the 18-character code of GB 32100.

use super::citizen_id::UNREAL_PROVINCE;
use super::problem::Complaint;
use super::{check_digits, text};
use std::fmt;

/// A unified social credit code with a right check character.
#[derive(Clone, PartialEq, Eq)]
pub struct Uscc(String);

impl Uscc {
    pub(super) fn parse(raw: &str, demo: bool) -> Result<Self, Complaint> {
        let code = text::code(raw);
        if code.len() != 18 || !code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
            return Err(Complaint::new(
                "uscc.format",
                "应为18位数字或大写字母",
                "must be 18 digits or capital letters",
            ));
        }
        let Some(check) = check_digits::uscc(&code[..17]) else {
            return Err(Complaint::new(
                "uscc.symbol",
                "不会含有字母 I、O、S、V、Z，请核对是否为数字 1、0、5、2",
                "never holds the letters I, O, S, V, Z; is it a digit 1, 0, 5 or 2?",
            ));
        };
        if !code.ends_with(check) {
            return Err(Complaint::new(
                "uscc.check_digit",
                "代码有误：最后一位校验码与前17位不符，请逐位核对",
                "a character is wrong: the last does not fit the first 17; compare one by one",
            ));
        }
        if &code[2..4] == UNREAL_PROVINCE && !demo {
            return Err(Complaint::new(
                "uscc.unreal_region",
                "第3、4位为99的地区是虚构的，只能用于演示",
                "region 99 is invented and accepted in demonstrations only",
            ));
        }
        Ok(Self(code))
    }

    /// True when `code` is 18 characters with a right check character (GB 32100), in any region.
    #[must_use]
    pub fn is_well_formed(code: &str) -> bool {
        let ascii = code.len() == 18 && code.is_ascii();
        ascii && check_digits::uscc(&code[..17]).is_some_and(|check| code.ends_with(check))
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether characters 9 to 17 are an organisation code with a right check character (GB 11714). Some
    /// codes of old individual businesses are not, so a mismatch is worth a remark, not a refusal.
    #[must_use]
    pub fn organisation_code_fits(&self) -> bool {
        check_digits::organisation_code(&self.0[8..16]) == self.0.chars().nth(16)
    }
}

impl fmt::Debug for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Uscc(elided)")
    }
}
