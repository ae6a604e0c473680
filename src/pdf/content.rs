//! The signs of which a page's content is made (ISO 32000-1 §7.8.2): names, numbers, operators. Strings, comments and the
//! data of inline pictures are passed over; nothing is drawn and nothing fails.

use super::object::hex_value;
use std::borrow::Cow;

/// One sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sign<'c> {
    /// A name without its slash, as it is written.
    Name(&'c [u8]),
    /// A number.
    Number(f64),
    /// `[`.
    Open,
    /// `]`.
    Close,
    /// An operator, or what stands where one should.
    Word(&'c [u8]),
}

/// The signs of content, one after the other.
pub struct Signs<'c> {
    rest: &'c [u8],
}

impl<'c> Signs<'c> {
    /// Those of decoded content.
    #[must_use]
    pub fn of(content: &'c [u8]) -> Self {
        Self { rest: content }
    }
}

impl<'c> Iterator for Signs<'c> {
    type Item = Sign<'c>;

    fn next(&mut self) -> Option<Sign<'c>> {
        loop {
            let (first, behind) = self.rest.split_first()?;
            self.rest = match first {
                b'%' => behind_line(behind),
                b'(' => behind_string(behind),
                b'<' if behind.first() != Some(&b'<') => behind_digits(behind),
                b'<' => behind.get(1..).unwrap_or_default(),
                b'/' => {
                    let (name, behind) = run(behind);
                    self.rest = behind;
                    return Some(Sign::Name(name));
                }
                b'[' | b']' => {
                    self.rest = behind;
                    return Some(if *first == b'[' { Sign::Open } else { Sign::Close });
                }
                octet if is_white(*octet) || is_delimiter(*octet) => behind,
                _ => {
                    let (word, behind) = run(self.rest);
                    self.rest = if word == b"ID" { behind_picture(behind) } else { behind };
                    return Some(number(word).map_or(Sign::Word(word), Sign::Number));
                }
            };
        }
    }
}

/// A name with its `#xx` undone (§7.3.5).
#[must_use]
pub fn plain_name(written: &[u8]) -> Cow<'_, [u8]> {
    if !written.contains(&b'#') {
        return Cow::Borrowed(written);
    }
    let mut plain = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((first, behind)) = rest.split_first() {
        let digits = match behind {
            [high, low, ..] if *first == b'#' => hex_value(*high).zip(hex_value(*low)),
            _ => None,
        };
        let (octet, behind) = match digits {
            Some((high, low)) => (high << 4 | low, behind.get(2..).unwrap_or_default()),
            None => (*first, behind),
        };
        plain.push(octet);
        rest = behind;
    }
    Cow::Owned(plain)
}

fn number(word: &[u8]) -> Option<f64> {
    if !word.first().is_some_and(|first| first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    std::str::from_utf8(word).ok()?.parse().ok()
}

fn is_white(octet: u8) -> bool {
    matches!(octet, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(octet: u8) -> bool {
    matches!(octet, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// The regular characters that begin here, and what is behind them.
fn run(rest: &[u8]) -> (&[u8], &[u8]) {
    let regular = |octet: &&u8| !is_white(**octet) && !is_delimiter(**octet);
    rest.split_at_checked(rest.iter().take_while(regular).count()).unwrap_or((rest, &[]))
}

fn behind_line(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
    end.and_then(|end| rest.get(end..)).unwrap_or_default()
}

fn behind_digits(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|octet| *octet == b'>');
    end.and_then(|end| rest.get(end.saturating_add(1)..)).unwrap_or_default()
}

fn behind_string(mut rest: &[u8]) -> &[u8] {
    let mut depth = 1_usize;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            b'\\' => rest = rest.get(1..).unwrap_or_default(),
            b'(' => depth = depth.saturating_add(1),
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    rest
}

/// Behind `EI` with white space on both sides: its data may hold anything else.
fn behind_picture(rest: &[u8]) -> &[u8] {
    let ends = |at: &usize| {
        let before =
            at.checked_sub(1).and_then(|before| rest.get(before)).is_some_and(|octet| is_white(*octet));
        let behind = rest.get(at.saturating_add(2)).is_none_or(|octet| is_white(*octet));
        before && behind
    };
    let end = memchr::memmem::find_iter(rest, b"EI").find(ends);
    end.and_then(|end| rest.get(end.saturating_add(2)..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Sign, Signs, plain_name};

    #[test]
    fn signs_are_told_apart() {
        let all: Vec<Sign> = Signs::of(b"/F#31 12 Tf[(a)<62>-.5]TJ <</A 1>>BI/W 9 ID x EI Q%q\n+1").collect();
        let expected = [
            Sign::Name(b"F#31"),
            Sign::Number(12.0),
            Sign::Word(b"Tf"),
            Sign::Open,
            Sign::Number(-0.5),
            Sign::Close,
            Sign::Word(b"TJ"),
            Sign::Name(b"A"),
            Sign::Number(1.0),
            Sign::Word(b"BI"),
            Sign::Name(b"W"),
            Sign::Number(9.0),
            Sign::Word(b"ID"),
            Sign::Word(b"Q"),
            Sign::Number(1.0),
        ];
        assert_eq!(all, expected);
        assert_eq!(&*plain_name(b"F#31"), b"F1");
        assert_eq!(&*plain_name(b"F#3"), b"F#3");
    }
}
