//! Path steps → content stream operators.

use crate::domain::drawing::{Drawing, Paint, PathStep};
use pdf_writer::Content;
use std::io::Write;

/// Millimetres to PDF points.
pub(super) const POINTS: f32 = 72.0 / 25.4;

/// A micrometre: finer than any printer, and short in the file.
pub(super) fn rounded(value: f32) -> f32 {
    (value * 1000.0).round() / 1000.0
}

/// Draws a picture in its own millimetres, y upwards. Colours and widths are written only when they change.
pub(super) fn drawing(content: &mut Content, drawing: &Drawing) {
    let mut last = None;
    for shape in &drawing.shapes {
        if last != Some(shape.paint) {
            match shape.paint {
                Paint::Fill(c) => content.set_fill_rgb(rounded(c.0), rounded(c.1), rounded(c.2)),
                Paint::Stroke { colour: c, width } => content
                    .set_stroke_rgb(rounded(c.0), rounded(c.1), rounded(c.2))
                    .set_line_width(rounded(width)),
            };
            last = Some(shape.paint);
        }
        path(content, &shape.steps);
        match shape.paint {
            Paint::Fill(_) => content.fill_nonzero(),
            Paint::Stroke { .. } => content.stroke(),
        };
    }
}

fn path(content: &mut Content, steps: &[PathStep]) {
    for &step in steps {
        match step {
            PathStep::Move(x, y) => content.move_to(rounded(x), rounded(y)),
            PathStep::Line(x, y) => content.line_to(rounded(x), rounded(y)),
            PathStep::Cubic(ax, ay, bx, by, x, y) => {
                content.cubic_to(rounded(ax), rounded(ay), rounded(bx), rounded(by), rounded(x), rounded(y))
            }
            PathStep::Close => content.close_path(),
        };
    }
}

/// Deflates bytes. Level 9 for what is drawn once per template, 1 for what is drawn once per certificate.
pub(crate) fn deflated(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(
        Vec::with_capacity(bytes.len() / 2 + 64),
        flate2::Compression::new(level),
    );
    // Writing to memory has no way to fail; an empty stream would be caught by every reader.
    let done = encoder.write_all(bytes).and_then(|()| encoder.finish());
    done.unwrap_or_default()
}
