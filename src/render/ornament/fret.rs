//! 回纹: square scrolls in pairs along the page, a whole number on each side, a closed square in each corner.

use super::OrnamentError;
use super::params::Params;
use super::path::Pen;
use crate::domain::drawing::Shape;

/// Half of a pair on a grid of one line pitch, from the middle of its foot to the eye; the other half is its mirror image.
const SCROLL: [(f64, f64); 10] = [
    (4.5, 0.0),
    (4.5, 4.0),
    (0.5, 4.0),
    (0.5, 1.0),
    (3.5, 1.0),
    (3.5, 3.0),
    (1.5, 3.0),
    (1.5, 2.0),
    (2.5, 2.0),
    (2.5, 2.0),
];
/// Width of a pair with its blank, in pitches.
const PAIR: f64 = 10.0;
/// Height of the band, in pitches.
const HEIGHT: f64 = 4.0;

/// A 回纹 border.
///
/// `margin`: page edge to the band's outer line; `band`: its height; `width`: of the line; `colour`.
pub(super) fn border(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let margin = p.number("margin", 13.0, 0.0..=100.0)?;
    let band = p.number("band", 5.0, 1.0..=30.0)?;
    let width = p.number("width", 0.5, 0.05..=5.0)?;
    let colour = p.colour("colour", "#2f5d50")?;
    p.finish()?;
    let pitch = band / HEIGHT;
    let (w, h) = (p.page_w - 2.0 * margin, p.page_h - 2.0 * margin);
    let clear = band + pitch;
    if w < 2.0 * clear + PAIR * pitch || h < 2.0 * clear + PAIR * pitch {
        return Err(p.bad("margin", "smaller: the band does not fit"));
    }
    let mut pen = Pen::new();
    let (left, bottom, right, top) = (margin, margin, margin + w, margin + h);
    // each side: a map from (along, up from the outer edge) to the page
    row(&mut pen, w - 2.0 * clear, pitch, |s, v| (left + clear + s, bottom + v));
    row(&mut pen, w - 2.0 * clear, pitch, |s, v| (right - clear - s, top - v));
    row(&mut pen, h - 2.0 * clear, pitch, |s, v| (right - v, bottom + clear + s));
    row(&mut pen, h - 2.0 * clear, pitch, |s, v| (left + v, top - clear - s));
    for (x, y) in [(left, bottom), (right - band, bottom), (right - band, top - band), (left, top - band)] {
        pen.rectangle(x, y, x + band, y + band);
        pen.rectangle(x + pitch, y + pitch, x + band - pitch, y + band - pitch);
        pen.rectangle(x + 1.9 * pitch, y + 1.9 * pitch, x + band - 1.9 * pitch, y + band - 1.9 * pitch);
    }
    Ok(vec![pen.stroked(colour, width)])
}

/// Pairs along one side, standing and hanging in turn; an odd number, so that both ends look alike.
fn row(pen: &mut Pen, length: f64, pitch: f64, place: impl Fn(f64, f64) -> (f64, f64)) {
    let fitting = (length / (PAIR * pitch)).floor().max(1.0);
    let pairs = if fitting % 2.0 < 0.5 && fitting > 1.0 { fitting - 1.0 } else { fitting };
    let pairs = if length / (PAIR * pitch * pairs) > 1.12 { fitting } else { pairs };
    let step = length / pairs;
    let kx = (step - pitch) / (PAIR - 1.0);
    let mut done = 0.0;
    while done < pairs {
        let middle = step * (done + 0.5);
        let hanging = done % 2.0 > 0.5;
        let at = |x: f64, y: f64| place(middle + x * kx, if hanging { HEIGHT - y } else { y } * pitch);
        // one stroke from eye to eye
        for (i, &(x, y)) in SCROLL.iter().rev().enumerate() {
            if i == 0 {
                pen.start(at(-x, y))
            } else {
                pen.line(at(-x, y))
            };
        }
        for &(x, y) in &SCROLL {
            pen.line(at(x, y));
        }
        done += 1.0;
    }
}
