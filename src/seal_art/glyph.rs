//! Outlines measured: what a character's ink really covers.

use super::{GlyphSource, SealArtError};
use crate::domain::drawing::PathStep;

/// More steps than any font's character has; a guard against a hostile glyph source.
const MAX_STEPS: usize = 4_000;

/// An outline in em units with the box of its control points, which contains the ink.
pub(super) struct Glyph {
    pub(super) steps: Vec<PathStep>,
    /// Every control point.
    pub(super) points: Vec<(f64, f64)>,
    /// x of the middle about which it is placed: between the middle of the advance and that of the ink.
    pub(super) centre: f64,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// Loads every character, refusing those without ink.
pub(super) fn load(text: &[char], source: &dyn GlyphSource) -> Result<Vec<Glyph>, SealArtError> {
    text.iter().map(|&c| measure(c, source)).collect()
}

fn measure(c: char, source: &dyn GlyphSource) -> Result<Glyph, SealArtError> {
    let (steps, advance) = source.outline(c).ok_or(SealArtError::MissingGlyph(c))?;
    let points: Vec<(f64, f64)> = steps.iter().flat_map(controls).collect();
    let usable = points.iter().all(|(x, y)| x.abs() < 4.0 && y.abs() < 4.0);
    if points.is_empty() || steps.len() > MAX_STEPS || !usable {
        return Err(SealArtError::MissingGlyph(c));
    }
    let low = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).fold(f64::INFINITY, f64::min);
    let high = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
    let (left, right, bottom, top) = (low(|p| p.0), high(|p| p.0), low(|p| p.1), high(|p| p.1));
    // Seal cutters centre the ink, type designers the advance; the middle of both is steady to the eye.
    let centre = 0.35 * f64::from(advance) / 2.0 + 0.65 * f64::midpoint(left, right);
    Ok(Glyph { steps, points, centre, left, right, top, bottom })
}

/// The points that a step adds, end point last.
fn controls(step: &PathStep) -> Vec<(f64, f64)> {
    let p = |x: f32, y: f32| (f64::from(x), f64::from(y));
    match *step {
        PathStep::Move(x, y) | PathStep::Line(x, y) => vec![p(x, y)],
        PathStep::Cubic(a, b, c, d, x, y) => vec![p(a, b), p(c, d), p(x, y)],
        PathStep::Close => Vec::new(),
    }
}

/// Moves an outline: `place` maps em units to millimetres.
#[allow(clippy::cast_possible_truncation)] // millimetres within ±60: far inside f32
pub(super) fn moved(steps: &[PathStep], place: impl Fn(f64, f64) -> (f64, f64), out: &mut Vec<PathStep>) {
    let at = |x: f32, y: f32| {
        let (x, y) = place(f64::from(x), f64::from(y));
        (x as f32, y as f32)
    };
    for step in steps {
        out.push(match *step {
            PathStep::Move(x, y) => {
                let (x, y) = at(x, y);
                PathStep::Move(x, y)
            }
            PathStep::Line(x, y) => {
                let (x, y) = at(x, y);
                PathStep::Line(x, y)
            }
            PathStep::Cubic(a, b, c, d, x, y) => {
                let ((a, b), (c, d), (x, y)) = (at(a, b), at(c, d), at(x, y));
                PathStep::Cubic(a, b, c, d, x, y)
            }
            PathStep::Close => PathStep::Close,
        });
    }
}
