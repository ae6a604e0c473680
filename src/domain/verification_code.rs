//! 核验码: the 12 characters that find a certificate when only paper is at hand.
//!
//! 55 random bits and 5 check bits in Crockford's base 32 (no I, L, O, U). The check symbol is a weighted sum over
//! GF(32) with eleven different weights, so every single wrong symbol and every exchange of two symbols is caught.
//! The code is a capability: whoever knows it may ask; so it stays out of `Debug`.

use std::fmt;
use std::str::FromStr;

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// x⁵ + x² + 1, primitive over GF(2).
const POLYNOMIAL: u8 = 0b10_0101;
const RANDOM_BITS: u32 = 55;

/// A verification code with right check symbol.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerificationCode([u8; 12]);

/// Why a text is not a verification code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It has not 12 symbols.
    #[error("a verification code has 12 characters, this has {0}")]
    Length(usize),
    /// A character that never occurs, counted from 1.
    #[error("character {0} does not occur in verification codes")]
    Symbol(usize),
    /// The check symbol does not fit: mistyped.
    #[error("mistyped: the check character does not fit")]
    Check,
}

impl VerificationCode {
    /// From 7 random bytes, of which 55 bits are used. The caller has the source of randomness.
    #[must_use]
    pub fn from_random(bytes: [u8; 7]) -> Self {
        let bits =
            bytes.iter().fold(0u64, |bits, &byte| bits << 8 | u64::from(byte)) & ((1 << RANDOM_BITS) - 1);
        let mut symbols = [0u8; 12];
        for (index, symbol) in symbols.iter_mut().take(11).enumerate() {
            *symbol = (bits >> (RANDOM_BITS as usize - 5 * (index + 1))) as u8 & 31;
        }
        symbols[11] = check(&symbols);
        Self(symbols)
    }

    /// The 12 characters without hyphens.
    #[must_use]
    pub fn compact(&self) -> String {
        self.0.iter().map(|&symbol| char::from(SYMBOLS[usize::from(symbol & 31)])).collect()
    }
}

/// Horner's rule with generator 2 of GF(32): symbol i weighs 2^(11-i), and 2 has order 31.
fn check(symbols: &[u8; 12]) -> u8 {
    symbols.iter().take(11).fold(0, |sum, symbol| double(sum ^ symbol))
}

fn double(element: u8) -> u8 {
    let doubled = element << 1;
    if doubled & 32 == 0 { doubled } else { doubled ^ POLYNOMIAL }
}

impl FromStr for VerificationCode {
    type Err = CodeError;

    /// Blind to case, spaces, hyphens and full-width forms; reads I and L as 1, O as 0.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let mut symbols = [0u8; 12];
        let mut count = 0;
        let separator =
            |c: &char| c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '－' | '_' | '.');
        // Longer text than any spelling of a code is cut off; it fails by its length.
        for c in text.chars().take(200).filter(|c| !separator(c)) {
            let narrow = match u32::from(c) {
                wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
                _ => c,
            };
            let wanted = match narrow.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            };
            let found =
                SYMBOLS.iter().position(|&s| char::from(s) == wanted).ok_or(CodeError::Symbol(count + 1))?;
            if let Some(symbol) = symbols.get_mut(count) {
                *symbol = found as u8;
            }
            count += 1;
        }
        if count != 12 {
            return Err(CodeError::Length(count));
        }
        if check(&symbols) != symbols[11] { Err(CodeError::Check) } else { Ok(Self(symbols)) }
    }
}

impl fmt::Display for VerificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.compact();
        write!(f, "{}-{}-{}", &text[..4], &text[4..8], &text[8..])
    }
}

impl fmt::Debug for VerificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerificationCode(elided)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: [u8; 7] = [0x7f, 0x31, 0x04, 0xd2, 0xaa, 0x5b, 0x19];

    #[test]
    fn prints_and_reads_back_however_it_is_typed() {
        let code = VerificationCode::from_random(SEED);
        let printed = code.to_string();
        assert_eq!(printed.len(), 14);
        assert_eq!(printed.parse(), Ok(code));
        assert_eq!(printed.to_lowercase().replace('-', " ").parse(), Ok(code));
        assert_eq!(format!("  {}－ ", printed.replace('-', "")).parse(), Ok(code));
        assert_eq!(printed.replace('0', "o").replace('1', "l").parse(), Ok(code));
        assert_eq!("123".parse::<VerificationCode>(), Err(CodeError::Length(3)));
        assert_eq!("U".repeat(12).parse::<VerificationCode>(), Err(CodeError::Symbol(1)));
        assert!(!format!("{code:?}").contains(&printed[..4]));
    }

    #[test]
    fn all_55_bits_count() {
        for bit in 0..55 {
            let mut other = SEED;
            other[6 - bit / 8] ^= 1 << (bit % 8);
            assert_ne!(VerificationCode::from_random(SEED), VerificationCode::from_random(other));
        }
    }

    #[test]
    fn every_wrong_symbol_and_every_exchange_is_caught() {
        let code = VerificationCode::from_random(SEED).compact();
        for at in 0..12 {
            for &symbol in SYMBOLS {
                let mut typed = code.clone().into_bytes();
                typed[at] = symbol;
                let typed = String::from_utf8(typed).unwrap();
                assert_eq!(typed.parse::<VerificationCode>().is_ok(), typed == code);
            }
            for other in 0..12 {
                let mut typed = code.clone().into_bytes();
                typed.swap(at, other);
                let typed = String::from_utf8(typed).unwrap();
                assert_eq!(typed.parse::<VerificationCode>().is_ok(), typed == code);
            }
        }
    }
}
