//! How many graphics states a page's content leaves open, and how many it closes that it never opened: whoever draws
//! behind it must know (ISO 32000-1 §8.4.2, §7.8.2).
//!
//! Only `q`, `Q` and what could look like them are understood: strings, names, comments, inline pictures. Nothing is drawn.

use super::content::{Sign, Signs};
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
        Ok(count(&self.page_content(page, as_of)?))
    }

    /// The content of a page, decoded and put together.
    ///
    /// # Errors
    /// Content that cannot be decoded; a limit.
    pub fn page_content(&self, page: Reference, as_of: usize) -> Result<Vec<u8>, ReadError> {
        let Some(page) = self.object(page, as_of)? else { return Ok(Vec::new()) };
        let Some(contents) = page.value.as_dict().and_then(|page| page.find(b"Contents")) else {
            return Ok(Vec::new());
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
        Ok(content)
    }
}

fn count(content: &[u8]) -> Balance {
    let mut balance = Balance::default();
    for sign in Signs::of(content) {
        match sign {
            Sign::Word(b"q") => balance.open = balance.open.saturating_add(1),
            Sign::Word(b"Q") if balance.open > 0 => balance.open = balance.open.saturating_sub(1),
            Sign::Word(b"Q") => balance.overclosed = balance.overclosed.saturating_add(1),
            _ => {}
        }
    }
    balance
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
