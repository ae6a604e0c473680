//! Check characters of the codes that stand on certificates. Pure arithmetic on ASCII, no meaning.
//!
//! ISO/IEC 7064 MOD 37,36 (证照标识, GB/T 36904), GB 11643 (公民身份号码), GB 32100 (统一社会信用代码)
//! and GB 11714 (组织机构代码).

/// The 31 symbols of GB 32100: no I, O, S, V, Z.
const USCC_SYMBOLS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const BASE36: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// ISO/IEC 7064 MOD 37,36 check character over digits and `A`–`Z`; `None` when another character occurs.
pub(super) fn mod_37_36(text: &str) -> Option<char> {
    let mut carry = 36u32;
    for symbol in text.chars() {
        if symbol.is_ascii_lowercase() {
            return None;
        }
        carry = (carry + symbol.to_digit(36)?) % 36;
        carry = if carry == 0 { 36 } else { carry };
        carry = carry * 2 % 37;
    }
    let check = (37 - carry) % 36;
    char::from_digit(check, 36).map(|c| c.to_ascii_uppercase())
}

/// Check character of the first 17 digits of a citizen identity number (GB 11643, MOD 11-2).
pub(super) fn citizen_id(first_17: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum = weighted(first_17, &WEIGHTS, |c| c.to_digit(10))?;
    "10X98765432".chars().nth(usize::try_from(sum % 11).ok()?)
}

/// Check character of the first 17 characters of a unified social credit code (GB 32100).
pub(super) fn uscc(first_17: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let value =
        |c: char| USCC_SYMBOLS.iter().position(|&s| char::from(s) == c).and_then(|p| u32::try_from(p).ok());
    let sum = weighted(first_17, &WEIGHTS, value)?;
    USCC_SYMBOLS.get(usize::try_from((31 - sum % 31) % 31).ok()?).map(|&s| char::from(s))
}

/// Check character of the first 8 characters of an organisation code (GB 11714).
pub(super) fn organisation_code(first_8: &str) -> Option<char> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let value = |c: char| BASE36.iter().position(|&s| char::from(s) == c).and_then(|p| u32::try_from(p).ok());
    match 11 - weighted(first_8, &WEIGHTS, value)? % 11 {
        11 => Some('0'),
        10 => Some('X'),
        digit => char::from_digit(digit, 10),
    }
}

fn weighted(text: &str, weights: &[u32], value: impl Fn(char) -> Option<u32>) -> Option<u32> {
    if text.chars().count() != weights.len() {
        return None;
    }
    text.chars().zip(weights).map(|(c, w)| value(c).map(|v| v * w)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_seen_in_use_and_the_iso_sample() {
        for (body, check) in [
            ("11100000000013338W03211220000013544541J2430599001", 'F'),
            ("11100000000013338W01111430000006122244L20230000403001", 'U'),
            ("11100000MB03271699022340100000000016001", '9'),
            ("11100000000013338W00911330105002500287C2025052201002", '0'),
            ("A12425GABC1234002", 'M'),
        ] {
            assert_eq!(mod_37_36(body), Some(check), "{body}");
        }
        assert_eq!(mod_37_36("abc"), None);
        assert_eq!(mod_37_36("甲"), None);
    }

    #[test]
    fn citizen_numbers() {
        for id in ["11010519491231002X", "440524188001010014", "990101199003071237", "990101202002290010"] {
            assert_eq!(citizen_id(&id[..17]), id.chars().last(), "{id}");
        }
        assert_eq!(citizen_id("1101051949123100"), None);
        assert_eq!(citizen_id("1101051949123100A"), None);
    }

    #[test]
    fn credit_codes_and_organisation_codes() {
        for code in [
            "111000000000131433",
            "11310000002420447T",
            "11990000000000019A",
            "519900000000000271",
            "52990000000000035Q",
        ] {
            assert_eq!(uscc(&code[..17]), code.chars().last(), "{code}");
            assert_eq!(organisation_code(&code[8..16]), code.chars().nth(16), "{code}");
        }
        assert_eq!(uscc("1199000000000001I"), None);
    }
}
