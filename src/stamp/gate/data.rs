//! Streams: what they grow to, whether everybody can undo their filters, and what pictures say of themselves.

use super::{Kind, Walk};
use crate::pdf::{Dict, Indirect, Object, ReadError, grows};

/// What one stream may come to in bytes: an A4 sheet at 600 dpi in full colour has 104 MB.
const MOST_GROWN: usize = 128 << 20;
/// Pixels of a picture: A4 at 1,200 dpi has 139 million.
const MOST_PIXELS: i64 = 250_000_000;
/// Pixels of all pictures: 500 sheets of A4 at 600 dpi.
const MOST_PIXELS_TOGETHER: i64 = 18_000_000_000;
/// Filters of one stream.
const MOST_FILTERS: usize = 4;
/// Sides of a picture by its own head.
const HEAD: usize = 1 << 16;
/// Filters of the standard (Table 6).
const KNOWN: [&[u8]; 17] = [
    b"ASCIIHexDecode",
    b"AHx",
    b"ASCII85Decode",
    b"A85",
    b"LZWDecode",
    b"LZW",
    b"FlateDecode",
    b"Fl",
    b"RunLengthDecode",
    b"RL",
    b"CCITTFaxDecode",
    b"CCF",
    b"JBIG2Decode",
    b"DCTDecode",
    b"DCT",
    b"JPXDecode",
    b"Crypt",
];

impl Walk<'_, '_> {
    /// Filters and what comes of them.
    pub(super) fn growth(&mut self, object: &Indirect, dict: &Dict) -> Result<(), ReadError> {
        let (newest, number) = (self.file.newest(), object.reference.number);
        let filters = self.file.filters(dict, newest)?;
        let growing = filters.iter().filter(|name| grows(name)).count();
        if growing > 1 || filters.len() > MOST_FILTERS || self.filters_of(dict)? > MOST_FILTERS {
            self.note(Kind::Bomb, number, b"Filter");
        } else if let Some(unknown) = filters.iter().find(|name| !KNOWN.contains(&name.as_slice())) {
            self.note(Kind::Unreadable, number, unknown);
        } else if growing == 1 {
            let most = MOST_GROWN.min(self.left);
            let len = self.file.grown_len(object, newest, most).unwrap_or(0);
            self.left = self.left.saturating_sub(len);
            if len >= most {
                self.note(Kind::Bomb, number, b"Filter");
            }
        }
        // In a file that is not encrypted nothing can be under a filter of encryption but the one that does nothing.
        if filters.iter().any(|name| name == b"Crypt") && self.crypt(dict)? {
            self.note(Kind::Encrypted, number, b"Crypt");
        }
        if self.named(dict, b"Subtype")?.as_deref() == Some(b"Image") {
            self.picture(object, dict, &filters)?;
        }
        Ok(())
    }

    /// How many filters are listed, whatever they are.
    fn filters_of(&self, dict: &Dict) -> Result<usize, ReadError> {
        let Some(value) = dict.find(b"Filter") else { return Ok(0) };
        Ok(self.file.resolve(value, self.file.newest())?.as_array().map_or(1, <[Object]>::len))
    }

    fn crypt(&self, dict: &Dict) -> Result<bool, ReadError> {
        let Some(value) = dict.find(b"DecodeParms") else { return Ok(false) };
        let held = self.file.resolve(value, self.file.newest())?;
        let all = held.as_array().unwrap_or(std::slice::from_ref(&*held));
        let other =
            |one: &Object| one.as_dict().and_then(|one| one.name(b"Name")).is_some_and(|n| n != b"Identity");
        Ok(all.iter().any(other))
    }

    /// A picture is as large as its dictionary says, and its own head says the same (§8.9.5).
    fn picture(&mut self, object: &Indirect, dict: &Dict, filters: &[Vec<u8>]) -> Result<(), ReadError> {
        let number = object.reference.number;
        let mut sides = [0_i64; 2];
        for (side, key) in sides.iter_mut().zip([b"Width".as_slice(), b"Height"]) {
            *side = self.whole(dict, key)?.unwrap_or(0);
        }
        let [width, height] = sides;
        // JPEG 2000 says it all itself, and some writers leave the rest out.
        let own = filters.last().is_some_and(|name| name == b"JPXDecode");
        if (width <= 0 || height <= 0) && !own {
            self.note(Kind::Unreadable, number, b"Width");
        }
        let pixels = width.max(0).saturating_mul(height.max(0));
        self.pixels = self.pixels.saturating_add(pixels);
        if pixels > MOST_PIXELS || self.pixels > MOST_PIXELS_TOGETHER {
            self.note(Kind::Bomb, number, b"Width");
        }
        let read =
            self.file.beginning(object, self.file.newest(), HEAD).unwrap_or_default().unwrap_or_default();
        let head = match filters.last().map(Vec::as_slice) {
            Some(b"DCTDecode" | b"DCT") => jpeg(&read),
            Some(b"JPXDecode") => jpeg2000(&read),
            Some(b"JBIG2Decode") => jbig2(&read),
            Some(b"CCITTFaxDecode" | b"CCF") => self.fax(dict)?,
            _ => None,
        };
        match head {
            Some((across, down)) if across.saturating_mul(down) > MOST_PIXELS => {
                self.note(Kind::Bomb, number, b"Width");
            }
            Some((across, down)) if !own && (across, down) != (width, height) && down != 0 => {
                self.note(Kind::Unreadable, number, b"Width");
            }
            _ => {}
        }
        self.mask(object, dict)
    }

    /// A mask has no mask (Table 145).
    fn mask(&mut self, object: &Indirect, dict: &Dict) -> Result<(), ReadError> {
        for key in [b"SMask".as_slice(), b"Mask"] {
            let Some(value) = dict.find(key) else { continue };
            let held = self.file.resolve(value, self.file.newest())?;
            let above = held.as_dict().is_some_and(|mask| {
                mask.find(b"SMask").is_some_and(|own| !matches!(own, Object::Name(_)))
                    || mask.find(b"Mask").is_some_and(|own| own.as_array().is_none())
            });
            if above {
                self.note(Kind::Unreadable, object.reference.number, key);
            }
        }
        Ok(())
    }

    /// Columns and rows of a fax, where its parameters name both.
    fn fax(&self, dict: &Dict) -> Result<Option<(i64, i64)>, ReadError> {
        let Some(value) = dict.find(b"DecodeParms").or_else(|| dict.find(b"DP")) else { return Ok(None) };
        let held = self.file.resolve(value, self.file.newest())?;
        let all = held.as_array().unwrap_or(std::slice::from_ref(&*held));
        let Some(parameters) = all.iter().find_map(Object::as_dict) else { return Ok(None) };
        let (columns, rows) = (self.whole(parameters, b"Columns")?, self.whole(parameters, b"Rows")?);
        // Rows are often left out or are those of the scanner: only what is absurd counts.
        let absurd = |side: &i64| !(0..=1 << 20).contains(side);
        Ok([columns, rows].iter().flatten().any(absurd).then_some((i64::MAX, 1)))
    }

    /// A whole number, wherever it stands.
    pub(super) fn whole(&self, dict: &Dict, key: &[u8]) -> Result<Option<i64>, ReadError> {
        let held = dict.find(key).map(|value| self.file.resolve(value, self.file.newest())).transpose()?;
        Ok(held.and_then(|held| held.as_integer()))
    }
}

fn word(octets: &[u8], at: usize) -> Option<i64> {
    let two: [u8; 2] = octets.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(u16::from_be_bytes(two).into())
}

fn long(octets: &[u8], at: usize) -> Option<i64> {
    let four: [u8; 4] = octets.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_be_bytes(four).into())
}

/// Width and height of the first frame (ITU-T T.81 §B.2.2).
fn jpeg(octets: &[u8]) -> Option<(i64, i64)> {
    let mut at = 2_usize;
    loop {
        let marker = *octets.get(at.checked_add(1)?)?;
        if octets.get(at) != Some(&0xff) {
            return None;
        }
        let behind = at.checked_add(2)?;
        match marker {
            0xff => at = at.checked_add(1)?,
            0x01 | 0xd0..=0xd8 => at = behind,
            0xd9 | 0xda => return None,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some((word(octets, at.checked_add(7)?)?, word(octets, at.checked_add(5)?)?));
            }
            _ => at = behind.checked_add(usize::try_from(word(octets, behind)?).ok()?)?,
        }
    }
}

/// Width and height of the code stream's size segment (ITU-T T.800 §A.5.1), wherever its box begins.
fn jpeg2000(octets: &[u8]) -> Option<(i64, i64)> {
    let at = octets.windows(4).position(|four| four == [0xff, 0x4f, 0xff, 0x51])?;
    let field = |offset: usize| long(octets, at.checked_add(offset)?);
    Some((field(8)?.checked_sub(field(16)?)?, field(12)?.checked_sub(field(20)?)?))
}

/// Width and height of the page that the first segments describe (ITU-T T.88 §7.4.8); its height may be open.
fn jbig2(octets: &[u8]) -> Option<(i64, i64)> {
    // Segment 48 with a number of four octets, no references and a page of one octet.
    let page = octets.get(4)? & 0x3f == 48 && octets.get(5)? >> 5 == 0;
    let height = long(octets, 15)?;
    page.then_some((long(octets, 11)?, if height == 0xffff_ffff { 0 } else { height }))
}
