//! How many graphics states a page's content leaves open, and how many it closes that it never opened: whoever draws
//! behind it must know (ISO 32000-1 §8.4.2, §7.8.2).
//!
//! Only `q`, `Q` and what could look like them are understood: strings, names, comments, inline pictures. Nothing is drawn.

use super::file::File;
use super::object::{Object, Reference};
use super::{Bound, ReadError};

/// Bytes of one page's content, decoded, that are looked at; far above what a page has.
const MOST: usize = 64 << 20;

/// What is left open at the end of a page's content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// `q` without its `Q`.
    pub open: usize,
    /// `Q` before its `q`.
    pub overclosed: usize,
}

impl File<'_> {
    /// The balance of a page.
    ///
    /// # Errors
    /// Content that cannot be decoded; a limit.
    pub fn balance(&self, page: Reference, as_of: usize) -> Result<Balance, ReadError> {
        let Some(page) = self.object(page, as_of)? else { return Ok(Balance::default()) };
        let Some(contents) = page.value.as_dict().and_then(|page| page.find(b"Contents")) else {
            return Ok(Balance::default());
        };
        let held = self.resolve(contents, as_of)?;
        let parts: Vec<Object> = match &*held {
            Object::Array(parts) => parts.clone(),
            _ => vec![contents.clone()],
        };
        self.compared(parts.len())?;
        let mut content = Vec::new();
        for part in parts.iter().filter_map(Object::as_reference) {
            let Some(stream) = self.object(part, as_of)? else { continue };
            if stream.data_at.is_none() {
                continue;
            }
            content.extend_from_slice(&self.content(&stream, as_of)?);
            content.push(b'\n');
            if content.len() > MOST {
                return Err(self.limits().reached(Bound::TotalOutput));
            }
        }
        Ok(count(&content))
    }
}

fn count(content: &[u8]) -> Balance {
    let mut balance = Balance::default();
    let mut rest = content;
    while let Some((token, behind)) = next(rest) {
        rest = behind;
        match token {
            b"q" => balance.open = balance.open.saturating_add(1),
            b"Q" if balance.open > 0 => balance.open = balance.open.saturating_sub(1),
            b"Q" => balance.overclosed = balance.overclosed.saturating_add(1),
            b"ID" => rest = behind_picture(rest),
            _ => {}
        }
    }
    balance
}

fn is_white(octet: u8) -> bool {
    matches!(octet, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(octet: u8) -> bool {
    matches!(octet, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// The next run of regular characters that is no name, and what is behind it.
fn next(mut rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let regular = |octet: &u8| !is_white(*octet) && !is_delimiter(*octet);
    loop {
        let (first, behind) = rest.split_first()?;
        rest = match first {
            b'%' => behind_line(behind),
            b'(' => behind_string(behind),
            b'/' => behind.get(behind.iter().take_while(|octet| regular(octet)).count()..)?,
            octet if !regular(octet) => behind,
            _ => return rest.split_at_checked(rest.iter().take_while(|octet| regular(octet)).count()),
        };
    }
}

fn behind_line(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
    end.and_then(|end| rest.get(end..)).unwrap_or_default()
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
    use super::{Balance, count};

    #[test]
    fn only_operators_count() {
        let of = |content: &[u8]| {
            let Balance { open, overclosed } = count(content);
            (open, overclosed)
        };
        assert_eq!(of(b"q 1 0 0 1 0 0 cm Q"), (0, 0));
        assert_eq!(of(b"q q 1 w\nQ"), (1, 0));
        assert_eq!(of(b"Q Q q"), (1, 2));
        assert_eq!(of(b"(q \\) q (q)) Tj /q gs % q\n[(Q)] TJ <71> Tj q"), (1, 0));
        assert_eq!(of(b"q[1]0 d/Q gs Q"), (0, 0));
        assert_eq!(of(b"q BI /W 1 /H 1 ID q Q xEI Q EIq \x00\nEI Q"), (0, 0));
        assert_eq!(of(b"BI ID q"), (0, 0));
        assert_eq!(of(b"(q"), (0, 0));
    }
}
