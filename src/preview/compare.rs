//! Does a page look as it did? Two states of one file, drawn small and held against each other.
//!
//! Files of strangers are drawn here. So every step is bounded before it is taken (`streams.rs`, `effort.rs`), and
//! whatever hayro trips over ends in [`Likeness::NotDrawn`].

use super::effort::Effort;
use super::streams;
use hayro::hayro_interpret::{InterpreterSettings, TransformExt};
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, Rect};
use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::color::palette::css::WHITE;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Pages compared at most: what a person would look through.
pub const MOST_PAGES: usize = 20;

/// Bytes of a file whose pages are compared at most; it is copied once. Web uploads stop at 20 MiB.
pub const MOST_BYTES: usize = 32 << 20;

/// Pixels of a page at most: A3 at 72 dpi. Larger pages are drawn smaller.
const MOST_PIXELS: f64 = 1_002_822.0;

/// For all pages of both states together: some two seconds of the slowest machine.
const EFFORT: u64 = 40_000_000;

/// Steps of 255 between two pixels that still look alike: rounding, nothing more.
const ALIKE: u8 = 8;

/// Pixels around an excused area that its edges may touch.
const EDGE: f64 = 2.0;

/// A rectangle of a page that may look different, in default user space units (ISO 32000-1 §8.3.2.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Two opposite corners, in any order.
    pub corners: [(f64, f64); 2],
    /// True when it may fill a page, as a text field may. Otherwise more than half of the page excuses nothing: a
    /// signature has no reason to cover what was signed.
    pub may_fill: bool,
}

/// A page to compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Counted from 0.
    pub page: usize,
    /// Where it may differ.
    pub excused: Vec<Area>,
}

/// The outcome for a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// Pixel for pixel, outside the excused areas.
    Alike,
    /// Something else shows, or the page has another size, or only one state has it.
    Different,
    /// It could not be drawn within the bounds.
    NotDrawn,
}

/// Compares pages of a file with the same pages of its first `before` bytes. One answer for each sheet; those beyond
/// [`MOST_PAGES`] are not drawn.
#[must_use]
pub fn compare(file: &[u8], before: usize, sheets: &[Sheet]) -> Vec<Likeness> {
    let mut answers = vec![Likeness::NotDrawn; sheets.len()];
    if file.len() > MOST_BYTES || before > file.len() {
        return answers;
    }
    let bytes: Arc<[u8]> = file.into();
    let opened = guarded(|| Some((State::open(&bytes, before)?, State::open(&bytes, file.len())?)));
    let Some((old, new)) = opened.flatten() else { return answers };
    let mut effort = Effort::of(EFFORT, old.largest.max(new.largest));
    for (sheet, answer) in sheets.iter().zip(&mut answers).take(MOST_PAGES) {
        let left = effort.left();
        // Counted first: drawing what is too much would not end.
        let affordable = guarded(|| {
            [&old, &new].into_iter().filter_map(|state| state.page(sheet.page)).for_each(|page| {
                let frame = Frame::of(page);
                effort.spend_on(page, frame.transform, frame.size());
            });
        });
        if affordable.is_none() {
            // What was counted in vain is gone, but the next page gets its chance.
            effort = Effort::of(left / 2, old.largest.max(new.largest));
            continue;
        }
        *answer = guarded(|| likeness(&old, &new, sheet)).unwrap_or(Likeness::NotDrawn);
    }
    answers
}

/// The first bytes of a file, shared by both states.
struct Prefix {
    bytes: Arc<[u8]>,
    end: usize,
}

impl AsRef<[u8]> for Prefix {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.end).unwrap_or_default()
    }
}

/// A document as of a state.
pub(super) struct State {
    pdf: Pdf,
    largest: usize,
}

impl State {
    pub(super) fn open(bytes: &Arc<[u8]>, end: usize) -> Option<Self> {
        let pdf = Pdf::new(Arc::new(Prefix { bytes: Arc::clone(bytes), end })).ok()?;
        let largest = streams::largest_content(&pdf)?;
        Some(Self { pdf, largest })
    }

    /// Bytes of its largest content stream.
    pub(super) fn largest(&self) -> usize {
        self.largest
    }

    pub(super) fn page(&self, page: usize) -> Option<&Page<'_>> {
        self.pdf.pages().get(page)
    }
}

/// A page on its sheet of pixels.
pub(super) struct Frame {
    width: u16,
    height: u16,
    scale: f64,
    transform: Affine,
}

impl Frame {
    fn of(page: &Page<'_>) -> Self {
        let (width, height) = page.render_dimensions();
        let (width, height) = (f64::from(width), f64::from(height));
        Self::scaled(page, (MOST_PIXELS / (width * height)).sqrt().min(1.0))
    }

    /// Its longer side has so many pixels. `None` for a page of no size.
    pub(super) fn as_large_as(page: &Page<'_>, side: f64) -> Option<Self> {
        let (width, height) = page.render_dimensions();
        let scale = side / f64::from(width.max(height));
        let frame = Self::scaled(page, scale);
        (scale.is_finite() && frame.fits()).then_some(frame)
    }

    fn scaled(page: &Page<'_>, scale: f64) -> Self {
        let (width, height) = page.render_dimensions();
        let (width, height) = (f64::from(width), f64::from(height));
        let transform = Affine::scale(scale) * page.initial_transform(true).to_kurbo();
        // What does not fit is cut off; it saturates.
        Self { width: (width * scale) as u16, height: (height * scale) as u16, scale, transform }
    }

    pub(super) fn transform(&self) -> Affine {
        self.transform
    }

    pub(super) fn size(&self) -> Rect {
        Rect::new(0.0, 0.0, f64::from(self.width), f64::from(self.height))
    }

    fn fits(&self) -> bool {
        let pixels = f64::from(self.width) * f64::from(self.height);
        self.width > 0 && self.height > 0 && pixels <= 2.0 * MOST_PIXELS
    }
}

fn likeness(old: &State, new: &State, sheet: &Sheet) -> Likeness {
    let (before, now) = match (old.page(sheet.page), new.page(sheet.page)) {
        (Some(before), Some(now)) => (before, now),
        (None, None) => return Likeness::NotDrawn,
        _ => return Likeness::Different,
    };
    let (was, is) = (Frame::of(before), Frame::of(now));
    if (was.width, was.height) != (is.width, is.height) {
        return Likeness::Different;
    }
    if !is.fits() {
        return Likeness::NotDrawn;
    }
    let half = is.size().area() / 2.0;
    let areas = sheet.excused.iter().map(|area| (area.may_fill, on_pixels(area, &is)));
    let areas = areas.filter(|(may_fill, area)| *may_fill || area.intersect(is.size()).area() <= half);
    let excused: Vec<Rect> = areas.map(|(_, area)| area).collect();
    let (before, now) = (draw(before, &was), draw(now, &is));
    let width = usize::from(now.width());
    if width == 0 || before.data().len() != now.data().len() {
        return Likeness::NotDrawn;
    }
    let pairs = before.data().iter().zip(now.data()).enumerate();
    for (at, (one, other)) in pairs {
        let apart = [(one.r, other.r), (one.g, other.g), (one.b, other.b)];
        if apart.iter().all(|(one, other)| one.abs_diff(*other) <= ALIKE) {
            continue;
        }
        let (x, y) = ((at % width) as f64 + 0.5, (at / width) as f64 + 0.5);
        if !excused.iter().any(|area| area.contains((x, y))) {
            return Likeness::Different;
        }
    }
    Likeness::Alike
}

fn on_pixels(area: &Area, frame: &Frame) -> Rect {
    let [(x0, y0), (x1, y1)] = area.corners;
    frame.transform.transform_rect_bbox(Rect::new(x0, y0, x1, y1).abs()).inflate(EDGE, EDGE)
}

pub(super) fn draw(page: &Page<'_>, frame: &Frame) -> Pixmap {
    let scale = frame.scale as f32;
    let paper = hayro::PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let (cache, interpreter) = (hayro::RenderCache::new(), InterpreterSettings::default());
    hayro::render(page, &cache, &interpreter, &hayro::RenderSettings::default(), &paper)
}

/// Runs what may unwind: hayro on a file that it was not made for, or [`super::effort::Spent`].
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
