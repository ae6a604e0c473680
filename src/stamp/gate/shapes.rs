//! Small things by which readers differ: flags of annotations, wishes about printing, predictors.

use super::{Kind, Walk};
use crate::pdf::{Dict, Indirect, Object, ReadError, Sign, Signs};

/// Flags under which an annotation shows on the screen and on paper alike or not at all (Table 165): the rest depends on
/// the reader, its zoom, or the printer.
const STEADY: i64 = 4 | 64 | 128 | 512;
const PRINT: i64 = 4;
/// Boxes and pages that a reader is asked to show or print instead (Table 150).
const WISHES: [&[u8]; 5] = [b"ViewArea", b"ViewClip", b"PrintArea", b"PrintClip", b"PrintPageRange"];
/// Columns of a row at most.
const WIDEST: i64 = 1 << 20;

impl Walk<'_, '_> {
    /// An annotation that shows here and not there.
    pub(super) fn flags(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        // Fields for signatures are often not shown at all, and other fields are told of anyway.
        if self.named(dict, b"Subtype")?.as_deref() == Some(b"Widget") {
            return Ok(());
        }
        let held = dict.find(b"F").map(|flags| self.file.resolve(flags, self.file.newest())).transpose()?;
        let flags = held.and_then(|held| held.as_integer()).unwrap_or(0);
        if flags & !STEADY != 0 || flags & PRINT == 0 {
            self.note(Kind::Appearance, number, b"F");
        }
        Ok(())
    }

    /// Links and windows of notes show nothing of their own; an open window lies over the page.
    pub(super) fn unseen(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        let open = dict.find(b"Open").map(|open| self.file.resolve(open, self.file.newest())).transpose()?;
        let open = self.named(dict, b"Subtype")?.as_deref() == Some(b"Popup")
            && open.is_some_and(|open| matches!(*open, Object::Bool(true)));
        if open || dict.find(b"AP").is_some() {
            self.note(Kind::Appearance, number, if open { b"Open" } else { b"AP" });
        }
        Ok(())
    }

    /// A field that waits for its signature and already looks like one.
    pub(super) fn looks_signed(&mut self, look: &Indirect) -> Result<(), ReadError> {
        let content = self.file.content(look, self.file.newest()).unwrap_or_default();
        if paints(&content) {
            self.note(Kind::Appearance, look.reference.number, b"Sig");
        }
        Ok(())
    }

    /// Pages, presentations and scripts that are kept under names.
    pub(super) fn names(&mut self, names: &Dict, number: u32) {
        let kept = [
            (b"JavaScript".as_slice(), Kind::Script),
            (b"Templates", Kind::Unreferenced),
            (b"AlternatePresentations", Kind::Media),
            (b"Renditions", Kind::Media),
        ];
        for (key, kind) in kept {
            if names.find(key).is_some() {
                self.note(kind, number, key);
            }
        }
    }

    /// What every address of the document is added to (Table 207).
    pub(super) fn base(&mut self, value: &Object, number: u32) -> Result<(), ReadError> {
        let held = self.file.resolve(value, self.file.newest())?;
        if held.as_dict().is_some_and(|dict| dict.find(b"Base").is_some()) {
            self.note(Kind::Action, number, b"Base");
        }
        Ok(())
    }

    /// The size that a trailer gives is a number (Table 15).
    pub(super) fn sizes(&mut self) {
        let sound = |size: &Object| size.as_integer().is_some_and(|size| size > 0);
        if !self.file.revisions().iter().all(|revision| revision.trailer.find(b"Size").is_some_and(sound)) {
            self.found.push(super::Hazard {
                kind: Kind::Unreadable,
                object: None,
                detail: "Size".to_owned(),
            });
        }
    }

    pub(super) fn preferences(&mut self, value: &Object, number: u32) -> Result<(), ReadError> {
        let held = self.file.resolve(value, self.file.newest())?;
        let wish = held.as_dict().and_then(|dict| WISHES.into_iter().find(|wish| dict.find(wish).is_some()));
        if let Some(wish) = wish {
            self.note(Kind::Appearance, number, wish);
        }
        Ok(())
    }

    /// Parameters that no writer means (Table 8).
    pub(super) fn parameters(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        let Some(value) = dict.find(b"DecodeParms").or_else(|| dict.find(b"DP")) else { return Ok(()) };
        let (file, newest) = (self.file, self.file.newest());
        let held = file.resolve(value, newest)?;
        let all = match &*held {
            Object::Array(all) => all.clone(),
            one => vec![one.clone()],
        };
        for one in all {
            let held = file.resolve(&one, newest)?;
            let Some(parameters) = held.as_dict() else { continue };
            let number_of = |key: &[u8], usual: i64| -> Result<i64, ReadError> {
                let held = parameters.find(key).map(|value| file.resolve(value, newest)).transpose()?;
                Ok(held.map_or(usual, |held| held.as_integer().unwrap_or(-1)))
            };
            let predictor = number_of(b"Predictor", 1)?;
            let (colours, bits) = (number_of(b"Colors", 1)?, number_of(b"BitsPerComponent", 8)?);
            let columns = number_of(b"Columns", 1)?;
            let sound = matches!(predictor, 1 | 2 | 10..=15)
                && (1..=32).contains(&colours)
                && matches!(bits, 1 | 2 | 4 | 8 | 16)
                && (1..=WIDEST).contains(&columns)
                && columns.saturating_mul(colours) <= WIDEST
                && matches!(number_of(b"EarlyChange", 1)?, 0 | 1);
            // Pictures by other filters have other parameters under some of these names.
            let others = [b"K".as_slice(), b"JBIG2Globals", b"ColorTransform"];
            if !sound && others.iter().all(|key| parameters.find(key).is_none()) {
                self.note(Kind::Bomb, number, b"DecodeParms");
            }
        }
        Ok(())
    }
}

/// Whether content draws anything.
pub(super) fn paints(content: &[u8]) -> bool {
    const PAINTING: [&[u8]; 16] = [
        b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"Do", b"sh", b"Tj", b"TJ", b"'", b"\"",
        b"ID",
    ];
    Signs::of(content).any(|sign| matches!(sign, Sign::Word(word) if PAINTING.contains(&word)))
}

/// The name of a file and nothing else: no path, no drive, nothing that turns the reading direction.
pub(super) fn is_plain_name(name: &str) -> bool {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !name.contains(['/', '\\', ':']) && !name.contains(steers)
}
