//! Pictures of pages of a document that somebody brought, for a person who decides by them: within bounds, and never a white
//! page where words should be.

use super::compare::{Frame, State, draw, guarded};
use super::effort::Effort;
use super::words::says_something;
use super::{PreviewError, png_of};
use hayro::vello_cpu::Pixmap;
use std::sync::Arc;

/// Bytes of a document: what may be stamped, and what the seal adds.
const MOST_BYTES: usize = 80 << 20;
/// For all pages together: ten times what comparing twenty of them may cost.
const EFFORT: u64 = 400_000_000;
/// Pages that are looked at though nobody is shown them, and pixels of their longer side.
const CHECKED: usize = 200;
const SMALL: f64 = 400.0;
/// Pixels of the longer side at most.
const LONGEST: f64 = 2000.0;

/// PNG of each of these pages, counted from 1.
///
/// # Errors
/// [`PreviewError`]: one of them cannot be drawn within the bounds, is not there, or shows nothing of the words it holds.
pub fn pages(document: &[u8], wanted: &[usize], dpi: f32) -> Result<Vec<Vec<u8>>, PreviewError> {
    if document.len() > MOST_BYTES {
        return Err(PreviewError::TooLarge);
    }
    guarded(|| {
        let bytes: Arc<[u8]> = document.into();
        let state = State::open(&bytes, bytes.len()).ok_or(PreviewError::Page)?;
        let mut effort = Effort::of(EFFORT, state.largest());
        wanted.iter().map(|number| one(&state, &mut effort, *number, dpi)).collect()
    })
    .unwrap_or(Err(PreviewError::Page))
}

/// The first of the other pages that shows nothing of the words it holds; as many as may be drawn small within the bounds.
#[must_use]
pub fn blank(document: &[u8], but: &[usize]) -> Option<usize> {
    guarded(|| {
        let bytes: Arc<[u8]> = document.into();
        let state = State::open(&bytes, bytes.len())?;
        let mut effort = Effort::of(EFFORT, state.largest());
        let pages = (1..=CHECKED).map_while(|number| Some((number, state.page(number.checked_sub(1)?)?)));
        for (number, page) in pages.filter(|(number, _)| !but.contains(number)) {
            let frame = Frame::as_large_as(page, SMALL)?;
            effort.spend_on(page, frame.transform(), frame.size());
            if is_white(&draw(page, &frame)) && says_something(page) {
                return Some(number);
            }
        }
        None
    })
    .flatten()
}

fn one(state: &State, effort: &mut Effort, number: usize, dpi: f32) -> Result<Vec<u8>, PreviewError> {
    let page = number.checked_sub(1).and_then(|at| state.page(at)).ok_or(PreviewError::Page)?;
    let (width, height) = page.render_dimensions();
    let side = (f64::from(width.max(height)) * f64::from(dpi) / 72.0).min(LONGEST);
    let frame = Frame::as_large_as(page, side).ok_or(PreviewError::TooLarge)?;
    effort.spend_on(page, frame.transform(), frame.size());
    let picture = draw(page, &frame);
    if is_white(&picture) && says_something(page) {
        return Err(PreviewError::Blank { page: number });
    }
    png_of(&picture)
}

fn is_white(picture: &Pixmap) -> bool {
    picture.data().iter().all(|pixel| pixel.r > 250 && pixel.g > 250 && pixel.b > 250)
}
