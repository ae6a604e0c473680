//! Small things by which readers differ: flags of annotations, wishes about printing, predictors.

use super::{Kind, Walk};
use crate::pdf::{Dict, Object, ReadError};

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
