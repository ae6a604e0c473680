//! Rosettes as a geometric lathe cuts them: many closed curves about one centre.

use super::OrnamentError;
use super::guilloche::whole;
use super::params::Params;
use super::path::{Pen, blend};
use crate::domain::drawing::Shape;
use std::f64::consts::PI;

/// A rosette; four of them with `corners`.
///
/// `style`: `lace` (waves between two circles), `swirl` (lobed rings, each a little smaller and turned), `lathe` (lobed loops
/// through the middle); `x`, `y`: centre; `radius`, `inner`; `lobes`; `layers`; `depth`: of the lobes in a swirl;
/// `twist`: degrees from the first to the last ring of a swirl; `colour`, `colour_to`; `width`; `fill`: a disc of this colour
/// under the lines, so that a border ends at the rosette; `corners`: distance of the centre from both page edges, then `x`
/// and `y` are not used.
pub(super) fn rosette(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let style = p.choice("style", &["lace", "swirl", "lathe"])?;
    let (x, y) =
        (p.number("x", p.page_w / 2.0, 0.0..=p.page_w)?, p.number("y", p.page_h / 2.0, 0.0..=p.page_h)?);
    let wheel = Wheel {
        style,
        radius: p.number("radius", (p.page_w / 3.0).min(p.page_h / 3.0), 0.5..=400.0)?,
        inner: p.number("inner", 0.35, 0.0..=0.98)?,
        lobes: p.count("lobes", 12, 2..=90)?,
        layers: p.count("layers", 10, 1..=80)?,
        depth: p.number("depth", 0.10, 0.0..=0.6)?,
        twist: p.number("twist", 30.0, -720.0..=720.0)?.to_radians(),
    };
    let (from, to) = (p.colour("colour", "#c9a45c")?, p.colour("colour_to", "#e6d2a8")?);
    let width = p.number("width", 0.14, 0.04..=2.0)?;
    let fill = p.optional_colour("fill")?;
    let corners = p.number("corners", 0.0, 0.0..=200.0)?;
    p.finish()?;
    let centres = if corners > 0.0 {
        let (r, t) = (p.page_w - corners, p.page_h - corners);
        vec![(corners, corners), (r, corners), (r, t), (corners, t)]
    } else {
        vec![(x, p.page_h - y)]
    };
    let mut shapes = Vec::new();
    if let Some(fill) = fill {
        let mut discs = Pen::new();
        for &centre in &centres {
            discs.circle(centre, wheel.radius);
        }
        shapes.push(discs.filled(fill));
    }
    for layer in 0..wheel.layers {
        let mut pen = Pen::new();
        for &(cx, cy) in &centres {
            wheel.ring(layer, cx, cy, &mut pen);
        }
        let share = if wheel.layers > 1 { f64::from(layer) / f64::from(wheel.layers - 1) } else { 0.0 };
        shapes.push(pen.stroked(blend(from, to, share), width));
    }
    Ok(shapes)
}

struct Wheel {
    style: &'static str,
    radius: f64,
    inner: f64,
    lobes: u32,
    layers: u32,
    depth: f64,
    twist: f64,
}

impl Wheel {
    fn ring(&self, layer: u32, cx: f64, cy: f64, pen: &mut Pen) {
        let share = f64::from(layer) / f64::from(self.layers);
        let lobes = f64::from(self.lobes);
        let at = |t: f64| {
            let (r, a) = match self.style {
                "swirl" => {
                    let size = 1.0 - (1.0 - self.inner) * share;
                    let turn = self.twist * share;
                    (size * (1.0 - self.depth + self.depth * (lobes * (t - turn)).cos()), t)
                }
                "lathe" => {
                    let wave = (lobes * t + 2.0 * PI * share).sin() * (t * 3.0).cos();
                    (f64::midpoint(1.0, self.inner) + (1.0 - self.inner) / 2.0 * wave, t)
                }
                _ => {
                    let wave = (lobes * t + 2.0 * PI * share).sin();
                    (f64::midpoint(1.0, self.inner) + (1.0 - self.inner) / 2.0 * wave, t)
                }
            };
            (cx + self.radius * r * a.cos(), cy + self.radius * r * a.sin())
        };
        let pieces = if self.style == "lathe" { 5.0 * lobes + 12.0 } else { (4.0 * lobes).max(16.0) };
        pen.trace(at, 0.0, 2.0 * PI, whole(pieces), false).close();
    }
}
