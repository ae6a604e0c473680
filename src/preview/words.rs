//! Where does a document show these words? Its pages are run against a device that keeps letters and draws nothing.
//!
//! A letter's Unicode comes from the file (`/ToUnicode`, glyph names); a page whose fonts do not say it has no words here.
//! Lines are level ones as shown, from top to bottom and from left to right; a column beside another makes lines of its
//! own where the gap is wide. Bounded like everything that is drawn of strangers.

use super::compare::{State, guarded};
use super::effort::Effort;
use crate::domain::plain_form;
use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, TransformExt, interpret_page,
};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, Point, Rect, Vec2};
use std::sync::Arc;

/// Bytes of a document that is read: what may be stamped.
const MOST_BYTES: usize = 64 << 20;
/// For all pages together: five times what comparing twenty of them may cost.
const EFFORT: u64 = 200_000_000;
/// Letters of a document.
const LETTERS: usize = 4_000_000;

/// Letters that stand on one line, as shown; lengths in points from the top left corner of the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The page, counted from 0.
    pub page: usize,
    /// Width and height of the page as shown.
    pub page_size: (f64, f64),
    /// From left to right, without white space; each a character in its plain form (NFKC).
    pub letters: Vec<Letter>,
}

/// A character and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Letter {
    /// The character.
    pub character: char,
    /// Left and right of its advance.
    pub across: (f64, f64),
    /// Its baseline, from the top.
    pub baseline: f64,
    /// The size of its font.
    pub em: f64,
}

impl Line {
    /// The words of the line.
    #[must_use]
    pub fn text(&self) -> String {
        self.letters.iter().map(|letter| letter.character).collect()
    }
}

/// All lines of a document; `None` when it cannot be drawn or costs too much.
#[must_use]
pub fn lines(document: &[u8]) -> Option<Vec<Line>> {
    if document.len() > MOST_BYTES {
        return None;
    }
    guarded(|| read(document)).flatten()
}

fn read(document: &[u8]) -> Option<Vec<Line>> {
    let bytes: Arc<[u8]> = document.into();
    let state = State::open(&bytes, bytes.len())?;
    let mut effort = Effort::of(EFFORT, state.largest());
    let mut lines = Vec::new();
    let mut left = LETTERS;
    for index in 0.. {
        let Some(page) = state.page(index) else { break };
        let (width, height) = page.render_dimensions();
        let size = (f64::from(width), f64::from(height));
        let (transform, area) =
            (page.initial_transform(true).to_kurbo(), Rect::new(0.0, 0.0, size.0, size.1));
        // Counted first: reading what is too much would not end.
        effort.spend_on(page, transform, area);
        let mut keeper = Keeper { letters: Vec::new(), left };
        keeper.read(page, transform, area);
        left = keeper.left;
        let on_page = in_lines(keeper.letters).into_iter();
        lines.extend(on_page.map(|letters| Line { page: index, page_size: size, letters }));
    }
    Some(lines)
}

/// Whether a page holds any letter that is drawn.
pub(super) fn says_something(page: &Page<'_>) -> bool {
    let (width, height) = page.render_dimensions();
    let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut keeper = Keeper { letters: Vec::new(), left: LETTERS };
    keeper.read(page, page.initial_transform(true).to_kurbo(), area);
    keeper.letters.iter().any(|letter| area.contains((letter.across.0, letter.baseline)))
}

/// Letters into lines: near one baseline, and no gap wider than two ems.
fn in_lines(mut letters: Vec<Letter>) -> Vec<Vec<Letter>> {
    letters.sort_by(|one, other| one.baseline.total_cmp(&other.baseline));
    let mut rows: Vec<Vec<Letter>> = Vec::new();
    for letter in letters {
        match rows.last_mut() {
            Some(row)
                if row
                    .last()
                    .is_some_and(|last| letter.baseline - last.baseline <= last.em.min(letter.em) * 0.3) =>
            {
                row.push(letter);
            }
            _ => rows.push(vec![letter]),
        }
    }
    let mut lines = Vec::new();
    for mut row in rows {
        row.sort_by(|one, other| one.across.0.total_cmp(&other.across.0));
        let apart = |one: &Letter, next: &Letter| next.across.0 - one.across.1 <= 2.0 * one.em.max(next.em);
        lines.extend(row.chunk_by(apart).map(<[Letter]>::to_vec));
    }
    lines
}

struct Keeper {
    letters: Vec<Letter>,
    left: usize,
}

impl Keeper {
    fn read<'a>(&mut self, page: &'a Page<'a>, transform: Affine, area: Rect) {
        let (cache, settings) = (InterpreterCache::new(), InterpreterSettings::default());
        let mut context = Context::new(transform, area, &cache, page.xref(), settings);
        interpret_page(page, &mut context, self);
    }

    fn keep(&mut self, glyph: &Glyph<'_>, place: Affine) {
        let text = match glyph.as_unicode() {
            Some(BfString::Char(c)) => c.to_string(),
            Some(BfString::String(text)) => text,
            None => return,
        };
        let advance = match glyph {
            Glyph::Outline(glyph) => glyph.advance_width(),
            Glyph::Type3(glyph) => glyph.advance_width(),
        };
        let origin = place * Point::ORIGIN;
        let em = (place * Point::new(0.0, 1000.0) - origin).hypot();
        let along: Vec2 = place * Point::new(f64::from(advance.unwrap_or(500.0)), 0.0) - origin;
        let level = along.x > 0.0 && along.y.abs() < along.x * 0.05;
        if !level || !em.is_finite() || !origin.is_finite() {
            return;
        }
        let characters: Vec<char> = plain_form(&text).chars().filter(|c| !c.is_whitespace()).collect();
        let share = along.x / f64::from(u32::try_from(characters.len().max(1)).unwrap_or(1));
        let mut x = origin.x;
        for character in characters {
            let Some(left) = self.left.checked_sub(1) else { return };
            self.left = left;
            self.letters.push(Letter { character, across: (x, x + share), baseline: origin.y, em });
            x += share;
        }
    }
}

impl<'a> Device<'a> for Keeper {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            self.keep(glyph, props.transform * glyph.transform());
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
