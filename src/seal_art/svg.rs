//! A drawing as SVG, for previews and pages: the same vectors that go into the PDF.

use crate::domain::drawing::{Drawing, Paint, PathStep, Rgb};
use std::fmt::Write as _;

/// A whole SVG document in mm; numbers with three decimals, equal text for equal drawings.
#[must_use]
pub fn svg(drawing: &Drawing) -> String {
    let (w, h) = (number(drawing.width), number(drawing.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}mm\" height=\"{h}mm\" viewBox=\"0 0 {w} {h}\">"
    );
    for shape in &drawing.shapes {
        let paint = match shape.paint {
            Paint::Fill(colour) => format!("fill=\"{}\"", hex(colour)),
            Paint::Stroke { colour, width } => {
                format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"", hex(colour), number(width))
            }
        };
        // writing to a String cannot fail
        let _ = write!(out, "<path {paint} d=\"{}\"/>", path(&shape.steps, drawing.height));
    }
    out.push_str("</svg>");
    out
}

fn path(steps: &[PathStep], height: f32) -> String {
    let at = |x: f32, y: f32| format!("{} {}", number(x), number(height - y));
    let mut out = String::new();
    for step in steps {
        let _ = match *step {
            PathStep::Move(x, y) => write!(out, "M{}", at(x, y)),
            PathStep::Line(x, y) => write!(out, "L{}", at(x, y)),
            PathStep::Cubic(a, b, c, d, x, y) => write!(out, "C{} {} {}", at(a, b), at(c, d), at(x, y)),
            PathStep::Close => write!(out, "Z"),
        };
    }
    out
}

/// At most three decimals, no trailing zeros, no negative zero.
fn number(value: f32) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to 0..=255 first
fn hex(Rgb(r, g, b): Rgb) -> String {
    let part = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
    format!("#{:02x}{:02x}{:02x}", part(r), part(g), part(b))
}
