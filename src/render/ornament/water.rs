//! Water: 海水 bands of scales with standing rocks (江崖), and fields of fine waves as on passport paper.

use super::OrnamentError;
use super::guilloche::whole;
use super::params::Params;
use super::path::{Pen, blend};
use crate::domain::drawing::{Rgb, Shape};
use std::f64::consts::PI;

/// A band of overlapping wave scales on a base line.
///
/// `x`, `y`: left end of the base line; `w`: its length; `scale`: radius of a scale; `rows`: at the highest place; `profile`:
/// `flat`, `valley` (high at both ends), `hill` (high in the middle); `arcs` in a scale; `rocks`: 1 for three rocks in the
/// middle; `colour`, `colour_to`: front and back row; `fill`: paper; `width`.
pub(super) fn sea(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let (x, y) = (p.number("x", 20.0, 0.0..=p.page_w)?, p.number("y", p.page_h - 20.0, 0.0..=p.page_h)?);
    let w = p.number("w", p.page_w - 40.0, 5.0..=2000.0)?;
    let wanted = p.number("scale", 5.0, 0.5..=60.0)?;
    let rows = p.count("rows", 3, 1..=12)?;
    let profile = p.choice("profile", &["flat", "valley", "hill"])?;
    let arcs = p.count("arcs", 4, 1..=8)?;
    let rocks = p.count("rocks", 0, 0..=1)? == 1;
    let (front, back) = (p.colour("colour", "#3f7f86")?, p.colour("colour_to", "#9fc4c4")?);
    let fill = p.colour("fill", "#fffdf8")?;
    let width = p.number("width", 0.16, 0.04..=2.0)?;
    p.finish()?;
    let count = (w / (2.0 * wanted)).round().max(1.0);
    let water = Water { x, base: p.page_h - y, w, r: w / count / 2.0, rows, arcs, profile, fill, width };
    let mut shapes = Vec::new();
    for row in (0..rows).rev() {
        let share = if rows > 1 { f64::from(row) / f64::from(rows - 1) } else { 0.0 };
        if rocks && row == rows.saturating_sub(2) {
            shapes.extend(water.rocks(front));
        }
        water.row(row, count, blend(front, back, share), &mut shapes);
    }
    Ok(shapes)
}

struct Water {
    x: f64,
    base: f64,
    w: f64,
    r: f64,
    rows: u32,
    arcs: u32,
    profile: &'static str,
    fill: Rgb,
    width: f64,
}

impl Water {
    fn row(&self, row: u32, count: f64, colour: Rgb, shapes: &mut Vec<Shape>) {
        let odd = row % 2 == 1;
        let y = self.base + f64::from(row) * self.r / 2.0;
        let mut i = 0.0;
        // odd rows stand in the gaps and are one scale shorter
        while i < if odd { count - 1.0 } else { count } {
            let x = self.x + self.r * (2.0 * i + if odd { 2.0 } else { 1.0 });
            if f64::from(row) < self.height_at((x - self.x) / self.w) {
                shapes.extend(self.scale(x, y, row == 0, colour));
            }
            i += 1.0;
        }
    }

    /// Rows at a place, 0 to 1 along the band.
    fn height_at(&self, along: f64) -> f64 {
        let off = (2.0 * along - 1.0).abs();
        let rows = f64::from(self.rows);
        match self.profile {
            "valley" => 1.0 + (rows - 1.0) * off.powf(1.6) + 0.35,
            "hill" => 1.0 + (rows - 1.0) * (1.0 - off.powf(1.4)) + 0.1,
            _ => rows,
        }
    }

    fn scale(&self, x: f64, y: f64, front: bool, colour: Rgb) -> [Shape; 2] {
        // the front row ends on the base line; the others reach down to the next row's middle
        let dip = if front { 0.0 } else { PI / 6.0 };
        let mut ground = Pen::new();
        ground.arc((x, y), self.r, -dip, PI + dip, false).close();
        let mut lines = Pen::new();
        for i in 0..self.arcs {
            let r = self.r * (1.0 - f64::from(i) / (f64::from(self.arcs) + 0.35));
            let dip = if front { 0.0 } else { (self.r / 2.0 / r).min(1.0).asin() };
            lines.arc((x, y), r, -dip, PI + dip, false);
        }
        [ground.filled(self.fill), lines.stroked(colour, self.width)]
    }

    /// Three standing rocks, the middle one highest, each of nested outlines.
    fn rocks(&self, colour: Rgb) -> Vec<Shape> {
        let mut shapes = Vec::new();
        let middle = self.x + self.w / 2.0;
        let foot = self.base + self.r * 0.3;
        for (dx, height, half) in [(-1.45, 3.3, 0.85), (1.45, 3.3, 0.85), (0.0, 4.9, 1.05)] {
            for nest in 0..4_u32 {
                let shrink = 1.0 - 0.24 * f64::from(nest);
                let (h, b) = (height * self.r * (1.0 - 0.17 * f64::from(nest)), half * self.r * shrink);
                let x = middle + dx * self.r;
                let mut pen = Pen::new();
                pen.start((x - b, foot));
                pen.cubic(
                    (x - b * 1.15, foot + h * 0.45),
                    (x - b * 0.75, foot + h * 0.72),
                    (x - b * 0.28, foot + h * 0.93),
                );
                pen.cubic(
                    (x - b * 0.16, foot + h),
                    (x + b * 0.16, foot + h),
                    (x + b * 0.28, foot + h * 0.93),
                );
                pen.cubic((x + b * 0.75, foot + h * 0.72), (x + b * 1.15, foot + h * 0.45), (x + b, foot))
                    .close();
                if nest == 0 {
                    shapes.push(pen.filled(self.fill));
                }
                shapes.push(pen.stroked(colour, self.width * if nest == 0 { 1.5 } else { 1.0 }));
            }
        }
        shapes
    }
}

/// Fine waves across a box, closer together towards one end, in two families that cross.
///
/// `x`, `y`, `w`, `h`: the box; `lines`; `amplitude`; `period`; `drift`: waves by which the last line is shifted against the
/// first; `density`: 1 even, above 1 closer towards the bottom, below 1 towards the top; `colour`, `colour_to`: top and bottom
/// (iris print); `cross`: 1 for the second family; `width`.
pub(super) fn field(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let (x, y) = (p.number("x", 0.0, 0.0..=p.page_w)?, p.number("y", 0.0, 0.0..=p.page_h)?);
    let (w, h) = (p.number("w", p.page_w - x, 1.0..=2000.0)?, p.number("h", p.page_h - y, 1.0..=2000.0)?);
    let lines = p.count("lines", 40, 2..=200)?;
    let amplitude = p.number("amplitude", 3.0, 0.0..=60.0)?;
    let waves = (w / p.number("period", 30.0, 2.0..=500.0)?).round().max(1.0);
    let drift = p.number("drift", 1.0, -20.0..=20.0)?;
    let density = p.number("density", 1.4, 0.3..=4.0)?;
    let (top, bottom) = (p.colour("colour", "#8fc7c9")?, p.colour("colour_to", "#f2b79a")?);
    let families = p.count("cross", 1, 0..=1)? + 1;
    let width = p.number("width", 0.12, 0.04..=2.0)?;
    p.finish()?;
    let top_edge = p.page_h - y;
    let mut shapes = Vec::new();
    for line in 0..lines {
        let share = f64::from(line) / f64::from(lines - 1);
        // lines keep within the box: the middle lines run between both edges less the amplitude
        let depth = amplitude + (h - 2.0 * amplitude) * (1.0 - (1.0 - share).powf(density));
        let mut pen = Pen::new();
        for family in 0..families {
            let sense = if family == 0 { 1.0 } else { -1.0 };
            let at = |u: f64| {
                let phase = 2.0 * PI * (waves * u + sense * drift * share);
                let swell = 0.62 + 0.38 * (2.0 * PI * u - sense * PI * share).cos();
                (x + w * u, top_edge - depth - sense * amplitude * swell * phase.sin())
            };
            pen.trace(at, 0.0, 1.0, whole(waves * 4.0), false);
        }
        shapes.push(pen.stroked(blend(top, bottom, share), width));
    }
    Ok(shapes)
}
