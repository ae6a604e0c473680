//! Fonts: what every machine shows alike is inside, and is what it says (ISO 32000-1 §9.6 to §9.9).

use super::{Kind, Walk};
use crate::pdf::{Dict, Held, Indirect, Object, ReadError};

/// The standard 14 fonts, which every reader has to have (§9.6.2.2), in an encoding that the standard names.
const STANDARD: [&[u8]; 14] = [
    b"Times-Roman",
    b"Times-Bold",
    b"Times-Italic",
    b"Times-BoldItalic",
    b"Helvetica",
    b"Helvetica-Bold",
    b"Helvetica-Oblique",
    b"Helvetica-BoldOblique",
    b"Courier",
    b"Courier-Bold",
    b"Courier-Oblique",
    b"Courier-BoldOblique",
    b"Symbol",
    b"ZapfDingbats",
];
/// Encodings that the standard names (Annex D).
const ENCODINGS: [&[u8]; 4] =
    [b"StandardEncoding", b"MacRomanEncoding", b"WinAnsiEncoding", b"MacExpertEncoding"];
/// Octets of a font file that are looked at.
const HEAD: usize = 4096;
/// Largest font file.
const MOST_FILE: usize = 64 << 20;
/// Codes of a simple font, and glyphs of another.
const CODES: std::ops::RangeInclusive<i64> = 0..=255;
const GLYPHS: std::ops::RangeInclusive<i64> = 0..=65_535;

fn is_everywhere(font: &Dict, name: &[u8]) -> bool {
    let encoding = font.find(b"Encoding");
    let named =
        encoding.is_none_or(|encoding| encoding.as_name().is_some_and(|name| ENCODINGS.contains(&name)));
    named && font.name(b"Subtype") == Some(b"Type1") && STANDARD.contains(&name)
}

impl Walk<'_, '_> {
    /// A font with a name, by its kind.
    pub(super) fn font(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        let name = dict.name(b"BaseFont").unwrap_or_default();
        let newest = self.file.newest();
        let descriptor =
            dict.find(b"FontDescriptor").map(|found| self.file.resolve(found, newest)).transpose()?;
        let descriptor = descriptor.as_deref().and_then(Object::as_dict);
        let mut embedded = false;
        for key in [b"FontFile".as_slice(), b"FontFile2", b"FontFile3"] {
            let file = descriptor.and_then(|descriptor| descriptor.find(key));
            let Some(Held::There(file)) = file.map(|file| self.file.resolve(file, newest)).transpose()?
            else {
                continue;
            };
            embedded |= file.data_at.is_some() && self.is_font(&file, key)?;
        }
        if !embedded && !is_everywhere(dict, name) {
            self.note(Kind::FontNotEmbedded, number, name);
        }
        self.codes(dict, number)
    }

    /// A font that pages name, whatever it says of itself.
    pub(super) fn used_font(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        let kind = self.named(dict, b"Subtype")?;
        let newest = self.file.newest();
        let inside = match kind.as_deref() {
            Some(b"Type0") => {
                let below = dict
                    .find(b"DescendantFonts")
                    .map(|below| self.file.resolve(below, newest))
                    .transpose()?;
                let first = below.as_deref().and_then(Object::as_array).and_then(<[Object]>::first);
                let first = first.map(|first| self.file.resolve(first, newest)).transpose()?;
                first.is_some_and(|first| {
                    first.as_dict().is_some_and(|first| first.find(b"FontDescriptor").is_some())
                })
            }
            Some(b"Type3") => {
                let glyphs =
                    dict.find(b"CharProcs").map(|glyphs| self.file.resolve(glyphs, newest)).transpose()?;
                glyphs.is_some_and(|glyphs| {
                    glyphs.as_dict().is_some_and(|glyphs| glyphs.iter().next().is_some())
                })
            }
            // Weighed where the walk meets it.
            Some(b"Type1" | b"TrueType" | b"MMType1") => true,
            _ => false,
        };
        if !inside {
            let name = self.named(dict, b"BaseFont")?;
            self.note(Kind::FontNotEmbedded, number, name.or(kind).as_deref().unwrap_or(b"Font"));
        }
        Ok(())
    }

    /// Ranges of codes and of widths that a font can have.
    fn codes(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        for key in [b"FirstChar".as_slice(), b"LastChar"] {
            if self.whole(dict, key)?.is_some_and(|code| !CODES.contains(&code)) {
                self.note(Kind::Unreadable, number, key);
            }
        }
        let Some(widths) = dict.find(b"W") else { return Ok(()) };
        let held = self.file.resolve(widths, self.file.newest())?;
        let numbers = held.as_array().unwrap_or_default().iter().filter_map(Object::as_integer);
        // Widths are small too: every whole number of the list is below the largest glyph.
        if numbers.into_iter().any(|glyph| !GLYPHS.contains(&glyph) && glyph.abs() > *GLYPHS.end()) {
            self.note(Kind::Bomb, number, b"W");
        }
        Ok(())
    }

    /// Whether a font file is one of its kind.
    fn is_font(&mut self, file: &Indirect, key: &[u8]) -> Result<bool, ReadError> {
        let newest = self.file.newest();
        if self.file.raw_data(file, newest).is_err() {
            return Ok(false);
        }
        let Some(head) = self.file.beginning(file, newest, HEAD)? else { return Ok(false) };
        let len = self.file.grown_len(file, newest, MOST_FILE)?;
        let kind = file.value.as_dict().and_then(|dict| dict.name(b"Subtype"));
        let is_sfnt = |tables: &[&[u8]]| sfnt(&head, len, tables);
        let is_cff = matches!(head.as_slice(), [1, _, header, 1..=4, ..] if *header >= 4) && len > 32;
        Ok(match (key, kind) {
            (b"FontFile", _) => (head.starts_with(b"%!") || head.starts_with(&[0x80, 1])) && len > 64,
            (b"FontFile2", _) => is_sfnt(&[b"glyf", b"loca", b"head", b"maxp"]),
            (_, Some(b"OpenType")) => is_sfnt(&[b"head", b"maxp"]) || is_cff,
            _ => is_cff || is_sfnt(&[b"CFF "]),
        })
    }
}

/// A file of tables (OpenType §font file), each within it.
fn sfnt(head: &[u8], len: usize, wanted: &[&[u8]]) -> bool {
    let version = head.get(..4);
    if !matches!(version, Some(b"\0\x01\0\0" | b"true" | b"OTTO" | b"ttcf")) {
        return false;
    }
    if version == Some(b"ttcf") {
        return len > 64;
    }
    let count = head.get(4..6).map_or(0, |two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let number = |entry: &[u8], at: usize| {
        let four: Option<[u8; 4]> = entry.get(at..at.saturating_add(4)).and_then(|four| four.try_into().ok());
        four.and_then(|four| usize::try_from(u32::from_be_bytes(four)).ok())
    };
    let tables = head.get(12..).unwrap_or_default().chunks_exact(16).take(count);
    let mut within = Vec::new();
    for entry in tables {
        let end = number(entry, 8).zip(number(entry, 12)).and_then(|(at, size)| at.checked_add(size));
        if end.is_some_and(|end| end <= len) {
            within.push(entry.get(..4).unwrap_or_default());
        }
    }
    wanted.iter().all(|table| within.contains(table))
}
