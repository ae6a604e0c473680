//! Where a seal is asked to go, in the words of whoever asks: a point, a field, words on the page, the date line. Words are
//! looked for in this document and become a point.
//!
//! GB/T 9704-2012 §7.3.5.1: the seal presses upon the issuer's name and the date, both in its lower half, and stands
//! upright; 骑年盖月 is the custom's name for it. One thing is asked for in one way, so that an approval names it.

use crate::pdf::File;
use crate::preview::{self, Letter, Line};
use crate::stamp::{PageEdge, Pages, Place, PlaceFault, Side, StampError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A placement as programs send it: exactly one of the point, the keyword, the field, the date line.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlacementBody {
    /// Pages of the point: `last`, `all`, `odd`, `even`, `1,3-5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pages: Option<String>,
    /// From the left edge of the page as shown, in mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    x_mm: Option<f64>,
    /// From the top edge, in mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    y_mm: Option<f64>,
    /// Words to stand on.
    #[serde(skip_serializing_if = "Option::is_none")]
    keyword: Option<String>,
    /// Which time they stand there, from 1; the last if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    occurrence: Option<u32>,
    /// From the middle of the words to the right, in mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    dx_mm: Option<f64>,
    /// From the middle of the words down, in mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    dy_mm: Option<f64>,
    /// An empty signature field.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// 骑年盖月.
    #[serde(skip_serializing_if = "Option::is_none")]
    date_line: Option<bool>,
    /// 骑缝章.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_edge: Option<PageEdgeBody>,
    /// The document was written anew here and is certified; only the service says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certify: Option<bool>,
}

/// 骑缝章 as programs send it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PageEdgeBody {
    side: SideBody,
    #[serde(default)]
    odd_only: bool,
    #[serde(default = "three")]
    narrowest_mm: f64,
    #[serde(default)]
    margin_mm: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    centre_mm: Option<f64>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum SideBody {
    Left,
    Right,
}

fn three() -> f64 {
    3.0
}

/// Where on the document.
#[derive(Clone, Debug, PartialEq)]
pub enum Anchor {
    /// A place that needs no reading.
    Place(Place),
    /// The middle of these words, and from there.
    Words {
        /// The words; white space does not count.
        words: String,
        /// Which time they stand there, counted from 1 in reading order; `None` is the last time.
        occurrence: Option<u32>,
        /// From the middle of the words to the centre of the seal, in mm to the right and down.
        offset_mm: (f64, f64),
    },
    /// 骑年盖月: over the last date that stands at the end of a line.
    DateLine,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// The seal.
    pub anchor: Anchor,
    /// 骑缝章 besides.
    pub edge: Option<PageEdge>,
    /// Whether the seal certifies the document: only of one that was written anew here.
    pub certify: bool,
}

/// Why there is no such place.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The document's text cannot be read.
    #[error(
        "文件的文字读不出来,请按页码与毫米定位 / the text of the document cannot be read: place the seal by page and millimetre"
    )]
    Text,
    /// Words that nobody can look for.
    #[error("要找的字须为 1 至 100 字 / words to look for have 1 to 100 characters")]
    Empty,
    /// The words are not there so many times.
    #[error("文件中“{words}”出现 {found} 次 / the words “{words}” stand in the document {found} times")]
    NoWords {
        /// What was looked for.
        words: String,
        /// How often it is there.
        found: usize,
    },
    /// No line ends with a date.
    #[error(
        "文件中没有落款日期(如 2026年11月26日)/ no line of the document ends with a date, as 2026年11月26日"
    )]
    NoDate,
    /// The page cannot be measured.
    #[error(transparent)]
    Stamp(#[from] StampError),
}

impl AnchorError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Text => "place.no_text",
            Self::Empty => "place.words",
            Self::NoWords { .. } => "place.no_words",
            Self::NoDate => "place.no_date",
            Self::Stamp(why) => why.code(),
        }
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place) => place.fmt(f),
            Self::DateLine => f.write_str("date line"),
            Self::Words { words, occurrence, offset_mm: (x, y) } => {
                let which = occurrence.map_or_else(|| "last".to_owned(), |occurrence| occurrence.to_string());
                write!(f, "words {words:?} ({which}) and {x:.3},{y:.3} mm")
            }
        }
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.anchor.fmt(f)?;
        self.edge.as_ref().map_or(Ok(()), |edge| write!(f, "; {edge}"))?;
        if self.certify { f.write_str("; certify") } else { Ok(()) }
    }
}

/// Millimetres that a placement may name.
const MOST_MM: f64 = 10_000.0;

impl PlacementBody {
    /// What it means.
    ///
    /// # Errors
    /// The member that makes it impossible.
    pub fn read(self) -> Result<Placement, &'static str> {
        let sound = |mm: &f64| mm.is_finite() && mm.abs() <= MOST_MM;
        let lengths =
            [("x_mm", self.x_mm), ("y_mm", self.y_mm), ("dx_mm", self.dx_mm), ("dy_mm", self.dy_mm)];
        if let Some((name, _)) = lengths.iter().find(|(_, mm)| mm.is_some_and(|mm| !sound(&mm))) {
            return Err(name);
        }
        let of_words = self.occurrence.is_some() || self.dx_mm.is_some() || self.dy_mm.is_some();
        let of_point = self.pages.is_some() || self.x_mm.is_some() || self.y_mm.is_some();
        let anchor = match (self.keyword, self.field, self.date_line == Some(true)) {
            (Some(words), None, false) if !of_point => {
                if self.occurrence == Some(0) {
                    return Err("occurrence");
                }
                let offset_mm = (self.dx_mm.unwrap_or(0.0), self.dy_mm.unwrap_or(0.0));
                Anchor::Words { words, occurrence: self.occurrence, offset_mm }
            }
            (None, Some(name), false) if !of_point && !of_words => Anchor::Place(Place::Field { name }),
            (None, None, true) if !of_point && !of_words => Anchor::DateLine,
            (None, None, false) if !of_words => {
                let pages = self.pages.map_or(Ok(Pages::Last), |pages| pages.parse()).map_err(|_| "pages")?;
                Anchor::Place(Place::Point {
                    pages,
                    x_mm: self.x_mm.ok_or("x_mm")?,
                    y_mm: self.y_mm.ok_or("y_mm")?,
                })
            }
            _ => return Err("placement"),
        };
        let edge = self.page_edge.map(|edge| PageEdge {
            side: match edge.side {
                SideBody::Left => Side::Left,
                SideBody::Right => Side::Right,
            },
            odd_only: edge.odd_only,
            narrowest_mm: edge.narrowest_mm,
            margin_mm: edge.margin_mm,
            centre_mm: edge.centre_mm,
        });
        Ok(Placement { anchor, edge, certify: self.certify == Some(true) })
    }
}

impl Placement {
    /// As programs send it.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let mut body = PlacementBody::default();
        match &self.anchor {
            Anchor::Place(Place::Point { pages, x_mm, y_mm }) => {
                (body.pages, body.x_mm, body.y_mm) = (Some(pages.to_string()), Some(*x_mm), Some(*y_mm));
            }
            Anchor::Place(Place::Field { name }) => body.field = Some(name.clone()),
            Anchor::Words { words, occurrence, offset_mm: (x, y) } => {
                (body.keyword, body.occurrence) = (Some(words.clone()), *occurrence);
                (body.dx_mm, body.dy_mm) = (Some(*x), Some(*y));
            }
            Anchor::DateLine => body.date_line = Some(true),
        }
        body.page_edge = self.edge.as_ref().map(|edge| PageEdgeBody {
            side: if edge.side == Side::Left { SideBody::Left } else { SideBody::Right },
            odd_only: edge.odd_only,
            narrowest_mm: edge.narrowest_mm,
            margin_mm: edge.margin_mm,
            centre_mm: edge.centre_mm,
        });
        body.certify = self.certify.then_some(true);
        serde_json::to_value(body).unwrap_or_default()
    }

    /// What [`Placement::json`] wrote.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str::<PlacementBody>(text).ok()?.read().ok()
    }
}

/// How far above the date's baseline the middle of the seal is, in halves of its height.
const ABOVE_DATE: f64 = 0.72;
/// Characters that are looked for at most.
const WORDS: usize = 100;

impl Anchor {
    /// The place in this document. `size` of the seal is in mm.
    ///
    /// # Errors
    /// [`AnchorError`].
    pub fn resolve(&self, file: &File<'_>, size: (f32, f32)) -> Result<Place, AnchorError> {
        let (line, first, last, rise_mm, offset_mm) = match self {
            Self::Place(place) => return Ok(place.clone()),
            Self::Words { words, occurrence, offset_mm } => {
                let words = crate::domain::plain_form(words);
                let words: Vec<char> = words.chars().filter(|c| !c.is_whitespace()).collect();
                if !(1..=WORDS).contains(&words.len()) {
                    return Err(AnchorError::Empty);
                }
                let lines = preview::lines(file.bytes()).ok_or(AnchorError::Text)?;
                let (line, at) = nth(&lines, &words, *occurrence)?;
                let (first, last) = span(line, at, words.len())?;
                // The middle of a character is above its baseline.
                let rise = first.em * 0.36;
                (line.clone(), first, last, rise, *offset_mm)
            }
            Self::DateLine => {
                let lines = preview::lines(file.bytes()).ok_or(AnchorError::Text)?;
                let mut dated = lines.iter().filter_map(|line| Some((line, date_at(line)?)));
                let (line, at) = dated.next_back().ok_or(AnchorError::NoDate)?;
                let (first, last) = span(line, at, line.letters.len() - at)?;
                (line.clone(), first, last, 0.0, (0.0, -f64::from(size.1) / 2.0 * ABOVE_DATE))
            }
        };
        let pages = file.pages(file.newest()).map_err(StampError::from)?;
        let page = *pages.get(line.page).ok_or(AnchorError::Text)?;
        let geometry = file.geometry(page, file.newest()).map_err(StampError::from)?;
        let geometry = geometry.ok_or(StampError::Shape("/MediaBox"))?;
        let (width_mm, height_mm) = geometry.size_mm();
        let (per_x, per_y) = (width_mm / line.page_size.0, height_mm / line.page_size.1);
        let page =
            u32::try_from(line.page).ok().and_then(|page| page.checked_add(1)).ok_or(AnchorError::Text)?;
        Ok(Place::Point {
            pages: Pages::Listed(vec![(page, page)]),
            x_mm: f64::midpoint(first.across.0, last.across.1) * per_x + offset_mm.0,
            y_mm: (first.baseline - rise_mm) * per_y + offset_mm.1,
        })
    }
}

/// The first and the last of so many letters.
fn span(line: &Line, at: usize, letters: usize) -> Result<(Letter, Letter), AnchorError> {
    let found = line.letters.get(at..at + letters).and_then(|found| Some((*found.first()?, *found.last()?)));
    found.ok_or(AnchorError::Text)
}

/// The line and the place in it where the words stand for the n-th or the last time.
fn nth<'l>(
    lines: &'l [Line],
    words: &[char],
    occurrence: Option<u32>,
) -> Result<(&'l Line, usize), AnchorError> {
    let stands = |line: &'l Line| {
        let starts = line.letters.windows(words.len()).enumerate();
        let same = |window: &[Letter]| window.iter().zip(words).all(|(letter, c)| letter.character == *c);
        starts.filter(move |(_, window)| same(window)).map(move |(at, _)| (line, at)).collect::<Vec<_>>()
    };
    let found: Vec<(&Line, usize)> = lines.iter().flat_map(stands).collect();
    let wanted = match occurrence {
        Some(nth) => usize::try_from(nth).ok().and_then(|nth| nth.checked_sub(1)),
        None => found.len().checked_sub(1),
    };
    let missing = || AnchorError::NoWords { words: words.iter().collect(), found: found.len() };
    wanted.and_then(|at| found.get(at)).copied().ok_or_else(missing)
}

/// Where in a line the date begins that ends it: `2026年11月26日`, `二〇二六年十一月二十六日`.
fn date_at(line: &Line) -> Option<usize> {
    let letters: Vec<char> = line.letters.iter().map(|letter| letter.character).collect();
    let is_digit = |c: &char| c.is_ascii_digit() || "〇零○一二三四五六七八九十元".contains(*c);
    let end = letters.strip_suffix(&['日'])?;
    let run = |before: &[char]| before.iter().rev().take_while(|c| is_digit(c)).count();
    let mut rest = end;
    for (mark, most) in [('月', 3), ('年', 2)] {
        let digits = run(rest);
        rest = rest.get(..rest.len() - digits).filter(|_| (1..=most).contains(&digits))?;
        rest = rest.strip_suffix(&[mark])?;
    }
    let year = run(rest);
    // A year of four digits: 2026, 二〇二六.
    (year >= 4).then(|| rest.len() - 4)
}

impl From<PlaceFault> for AnchorError {
    fn from(fault: PlaceFault) -> Self {
        Self::Stamp(fault.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Letter, Line, date_at};

    fn line(text: &str) -> Line {
        let letter = |character| Letter { character, across: (0.0, 1.0), baseline: 0.0, em: 1.0 };
        Line { page: 0, page_size: (1.0, 1.0), letters: text.chars().map(letter).collect() }
    }

    #[test]
    fn dates_end_lines() {
        assert_eq!(date_at(&line("2026年11月26日")), Some(0));
        assert_eq!(date_at(&line("示例市民政局2026年1月6日")), Some(6));
        assert_eq!(date_at(&line("二〇二六年十一月二十六日")), Some(0));
        for none in ["2026年11月26日起", "11月26日", "26年1月6日", "2026年月6日", "2026年11月日", "日", ""]
        {
            assert_eq!(date_at(&line(none)), None, "{none}");
        }
    }
}
