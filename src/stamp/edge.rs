//! 骑缝章: a seal over the edges of all sheets, cut into upright slices that are drawn into the pages.
//!
//! Each slice is the seal's own vector drawing behind a clip, with the page's number and a code of its content beside it, so
//! that a sheet exchanged on paper shows. The same stands in the page's private data (ISO 32000-1 §14.5), where a verifier
//! finds it. One signature covers all of them: several widgets for one value would contradict §12.7.4.5.

use super::StampError;
use super::place::{PageEdge, PlaceFault, Side};
use super::spot::{geometry, thousandths, within};
use crate::domain::drawing::PathStep;
use crate::pdf::{Dict, File, Object, PageDigests, Reference, Text, page_code};
use crate::seal_art::GlyphSource;
use std::fmt::Write;

/// Pages that carry slices at most.
const PAGES: usize = 2000;
/// Height of the em of number and code, in mm.
const EM_MM: f64 = 2.4;
/// From the edge of the page to the feet of number and code, in mm: printers reach there.
const INSET_MM: f64 = 5.0;
/// Between slice and number, in mm.
const GAP_MM: f64 = 1.5;

/// A slice of the seal on one page.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The page, counted from 1.
    pub page: usize,
    /// Pages of the document.
    pub pages: usize,
    /// What the page's content is called on paper.
    pub code: String,
    /// Which part of the seal, from its left side, in mm.
    pub part_mm: (f64, f64),
    /// Its object.
    pub(super) reference: Reference,
    /// The six numbers of `cm` for an upright drawing in mm from the slice's lower left corner.
    matrix: [f64; 6],
    /// Where number and code begin in that drawing.
    words_at: (f64, f64),
}

/// The slices of a document, in the order of its pages.
pub(super) fn slices(
    file: &File<'_>,
    size: (f32, f32),
    edge: &PageEdge,
    letters: &dyn GlyphSource,
) -> Result<Vec<Slice>, StampError> {
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let sound = (1.0..=20.0).contains(&edge.narrowest_mm) && (0.0..=10.0).contains(&edge.margin_mm);
    if !sound {
        return Err(PlaceFault::Edge.into());
    }
    let all = file.pages(file.newest())?;
    let carrying: Vec<usize> = (0..all.len()).step_by(if edge.odd_only { 2 } else { 1 }).collect();
    if !(2..=PAGES).contains(&carrying.len()) {
        return Err(PlaceFault::EdgePages { pages: carrying.len() }.into());
    }
    // As many imprints as it takes, all of them as even as they can be.
    let most =
        (2..=PAGES).take_while(|slices| width / float(*slices) >= edge.narrowest_mm).last().unwrap_or(2);
    let imprints = carrying.len().div_ceil(most);
    let mut slices = Vec::with_capacity(carrying.len());
    let mut digests = PageDigests::new(file, file.newest());
    for imprint in 0..imprints {
        let share = |of: usize| of * carrying.len() / imprints;
        let sheets = carrying.get(share(imprint)..share(imprint + 1)).unwrap_or_default();
        let step = width / float(sheets.len());
        for (at, index) in sheets.iter().enumerate() {
            // Fanned to the right the first sheet shows the left of the seal; to the left, the right of it.
            let from = match edge.side {
                Side::Right => float(at) * step,
                Side::Left => width - float(at + 1) * step,
            };
            let reference = *all.get(*index).ok_or(StampError::Shape("page"))?;
            let shown = geometry(file, reference)?;
            let (page_width, page_height) = shown.size_mm();
            let middle = edge.centre_mm.unwrap_or(page_height / 2.0);
            let left = match edge.side {
                Side::Right => page_width - edge.margin_mm - step,
                Side::Left => edge.margin_mm,
            };
            within(&shown, (left + step / 2.0, middle), (step, height))?;
            let code = page_code(&digests.of(reference)?);
            let mut slice = Slice {
                page: index + 1,
                pages: all.len(),
                code,
                part_mm: (from, from + step),
                reference,
                matrix: shown.upright(left, middle + height / 2.0).map(thousandths),
                words_at: (0.0, 0.0),
            };
            let feet = match edge.side {
                Side::Right => step + edge.margin_mm - INSET_MM,
                Side::Left => INSET_MM + EM_MM * 0.7 - edge.margin_mm,
            };
            let length = slice.words_length(letters).ok_or(StampError::Shape("font"))?;
            let below = page_height - (middle + height / 2.0) >= length + 2.0 * GAP_MM;
            slice.words_at = (feet, if below { -GAP_MM - length } else { height + GAP_MM });
            slices.push(slice);
        }
    }
    Ok(slices)
}

fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

impl Slice {
    fn words(&self) -> String {
        format!("{}/{} {}", self.page, self.pages, self.code)
    }

    fn words_length(&self, letters: &dyn GlyphSource) -> Option<f64> {
        let widths: Option<f64> = self.words().chars().map(|c| advance(letters, c)).sum::<Option<f64>>();
        widths.map(|width| width * EM_MM)
    }

    /// The operators that draw it; the seal is the form of this name.
    pub(super) fn content(&self, height: f64, name: &str, letters: &dyn GlyphSource) -> String {
        let mut out = String::from("q ");
        numbers(&mut out, &self.matrix);
        out.push_str("cm q ");
        let (from, to) = self.part_mm;
        numbers(&mut out, &[0.0, 0.0, to - from, height]);
        out.push_str("re W n ");
        numbers(&mut out, &[1.0, 0.0, 0.0, 1.0, -from, 0.0]);
        let _ = write!(out, "cm /{name} Do Q 0.3 g ");
        // Upwards along the edge.
        numbers(&mut out, &[0.0, EM_MM, -EM_MM, 0.0, self.words_at.0, self.words_at.1]);
        out.push_str("cm ");
        let mut x = 0.0;
        for c in self.words().chars() {
            if let Some((outline, _)) = letters.outline(c) {
                outlined(&mut out, &outline, x);
            }
            x += advance(letters, c).unwrap_or(0.5);
        }
        out.push_str("f Q");
        out
    }

    /// What the page's private data says.
    pub(super) fn private(&self, side: Side) -> Dict {
        let count = |value: usize| Object::Integer(i64::try_from(value).unwrap_or(i64::MAX));
        Dict::of([
            (b"Page", count(self.page)),
            (b"Pages", count(self.pages)),
            (b"Code", Text::of_bytes(self.code.as_bytes()).into()),
            (b"Side", Object::name(side.word().as_bytes())),
            (
                b"Part",
                Object::Array(vec![
                    Object::Real(thousandths(self.part_mm.0)),
                    Object::Real(thousandths(self.part_mm.1)),
                ]),
            ),
        ])
    }
}

fn advance(letters: &dyn GlyphSource, c: char) -> Option<f64> {
    match c {
        ' ' => Some(0.35),
        _ => letters.outline(c).map(|(_, advance)| f64::from(advance)),
    }
}

fn outlined(out: &mut String, steps: &[PathStep], x: f64) {
    for step in steps {
        let at = |a: f32, b: f32| [f64::from(a) + x, f64::from(b)];
        match *step {
            PathStep::Move(a, b) => {
                numbers(out, &at(a, b));
                out.push_str("m ");
            }
            PathStep::Line(a, b) => {
                numbers(out, &at(a, b));
                out.push_str("l ");
            }
            PathStep::Cubic(a, b, c, d, e, f) => {
                numbers(out, &[at(a, b), at(c, d), at(e, f)].concat());
                out.push_str("c ");
            }
            PathStep::Close => out.push_str("h "),
        }
    }
}

/// Numbers of a content stream, each with a space behind it.
pub(super) fn numbers(out: &mut String, values: &[f64]) {
    for value in values {
        let _ = write!(out, "{} ", thousandths(*value));
    }
}
