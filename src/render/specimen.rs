//! 样例 SPECIMEN: a red line that is read aloud, and a pale diagonal that cannot be overlooked.

use super::layout::{Align, Colour, Fit, Layout, Phrase, Text};
use super::vector::rounded;
use crate::domain::drawing::{Drawing, Paint, PathStep, Rgb, Shape};
use crate::fonts::{FontSet, Role};

/// What the red line says.
const WORDS: &str = "样例 SPECIMEN · 仅供演示，不具法律效力 · not a real certificate";
const WATERMARK: &str = "样例 SPECIMEN";
const RED: Rgb = Rgb(0.75, 0.0, 0.05);
/// Pale enough that text over it keeps a contrast above 7:1.
pub(super) const OPACITY: f32 = 0.10;

/// The red line as a block.
pub(super) fn line(layout: &Layout) -> Text {
    let (page, spec) = (&layout.page, &layout.specimen);
    Text {
        text: Phrase(vec![super::layout::Piece::Words(WORDS.to_owned())]),
        x: Some(spec.x.unwrap_or(page.width / 2.0)),
        y: Some(spec.y.unwrap_or(page.height - 8.0)),
        width: Some(page.width * 0.9),
        height: None,
        align: Align::Centre,
        size: spec.size.unwrap_or(3.6),
        font: Role::Bold,
        colour: Some(Colour(RED)),
        tracking: 0.0,
        heading: None,
        english: false,
        fit: Fit::Shrink,
        artifact: false,
    }
}

/// The diagonal as outlines, so that its letters are not mixed into the text that is read from the page.
pub(super) fn watermark(layout: &Layout, fonts: &FontSet) -> Drawing {
    let (page, spec) = (&layout.page, &layout.specimen);
    let width = fonts.width(Role::Bold, WATERMARK).unwrap_or(1.0);
    let diagonal = page.width.hypot(page.height);
    let em = spec.watermark.unwrap_or(diagonal * 0.72 / width);
    let (sin, cos) = (page.height / diagonal, page.width / diagonal);
    let centre = (page.width / 2.0, page.height - spec.watermark_y.unwrap_or(page.height / 2.0));
    let mut shapes = Vec::new();
    let mut x = -width / 2.0;
    for c in WATERMARK.chars() {
        let place = |px: f32, py: f32| {
            // The middle of an ideograph lies .38 em over the baseline.
            let (u, v) = ((x + px) * em, (py - 0.38) * em);
            (rounded(centre.0 + u * cos - v * sin), rounded(centre.1 + u * sin + v * cos))
        };
        let steps: Vec<PathStep> = fonts
            .outline(Role::Bold, c)
            .unwrap_or_default()
            .into_iter()
            .map(|step| moved(step, place))
            .collect();
        if !steps.is_empty() {
            shapes.push(Shape { steps, paint: Paint::Fill(RED) });
        }
        x += fonts.glyph(Role::Bold, c).map_or(0.0, |glyph| glyph.advance);
    }
    Drawing { width: page.width, height: page.height, shapes }
}

fn moved(step: PathStep, place: impl Fn(f32, f32) -> (f32, f32)) -> PathStep {
    match step {
        PathStep::Move(x, y) => {
            let p = place(x, y);
            PathStep::Move(p.0, p.1)
        }
        PathStep::Line(x, y) => {
            let p = place(x, y);
            PathStep::Line(p.0, p.1)
        }
        PathStep::Cubic(ax, ay, bx, by, x, y) => {
            let (a, b, p) = (place(ax, ay), place(bx, by), place(x, y));
            PathStep::Cubic(a.0, a.1, b.0, b.1, p.0, p.1)
        }
        PathStep::Close => PathStep::Close,
    }
}
