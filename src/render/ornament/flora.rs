//! 白玉兰 and 银杏: the city's flower, in side view on its bare branch and from above, and the leaf of long life.

use super::OrnamentError;
use super::params::Params;
use super::path::{Pen, Placing, Point};
use super::petals::{Ink, Petal};
use crate::domain::drawing::{Rgb, Shape};
use std::f64::consts::PI;

/// Tepals of a bloom in side view, back to front: a goblet that opens at the lip.
const BLOOM: [Petal; 9] = [
    Petal { lean: -20.0, length: 1.06, half: 0.20, bend: 10.0, tip: 0.66, base: 0.0 },
    Petal { lean: 21.0, length: 1.05, half: 0.20, bend: -8.0, tip: 0.66, base: 0.0 },
    Petal { lean: 1.0, length: 1.12, half: 0.22, bend: 4.0, tip: 0.62, base: 0.0 },
    Petal { lean: -34.0, length: 1.10, half: 0.19, bend: -34.0, tip: 0.66, base: 0.0 },
    Petal { lean: 32.0, length: 1.12, half: 0.19, bend: 40.0, tip: 0.66, base: 0.0 },
    Petal { lean: -34.0, length: 1.00, half: 0.225, bend: 22.0, tip: 0.62, base: 0.0 },
    Petal { lean: 33.0, length: 0.98, half: 0.215, bend: -20.0, tip: 0.62, base: 0.0 },
    Petal { lean: -12.0, length: 0.90, half: 0.235, bend: 14.0, tip: 0.60, base: 0.0 },
    Petal { lean: 17.0, length: 0.72, half: 0.205, bend: -6.0, tip: 0.60, base: 0.0 },
];

/// Tepals of a half-open bud.
const BUD: [Petal; 3] = [
    Petal { lean: -12.0, length: 0.74, half: 0.15, bend: 14.0, tip: 0.8, base: 0.0 },
    Petal { lean: 12.0, length: 0.74, half: 0.15, bend: -14.0, tip: 0.8, base: 0.0 },
    Petal { lean: 2.0, length: 0.70, half: 0.15, bend: -4.0, tip: 0.8, base: 0.0 },
];

/// A flower on its branch.
///
/// `x`, `y`: foot of the bloom; `size`: height of the bloom; `turn`: degrees counter-clockwise; `mirror`: 1 for the mirror
/// image; `branch`: 0 bloom alone, 1 a sprig with a bud; `colour`, `vein`, `fill`, `wood`; `width`; `veins`.
pub(super) fn magnolia(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let (x, y) =
        (p.number("x", p.page_w / 2.0, 0.0..=p.page_w)?, p.number("y", p.page_h / 2.0, 0.0..=p.page_h)?);
    let place = Placing {
        x,
        y: p.page_h - y,
        scale: p.number("size", 30.0, 2.0..=200.0)?,
        turn: p.number("turn", 0.0, -360.0..=360.0)?.to_radians(),
        mirror: p.count("mirror", 0, 0..=1)? == 1,
    };
    let branch = p.count("branch", 1, 0..=1)? == 1;
    let ink = ink(p)?;
    let wood = p.colour("wood", "#8a6a45")?;
    p.finish()?;
    let mut shapes = Vec::new();
    if branch {
        shapes.extend(sprig(&place, &ink, wood));
    }
    for petal in &BLOOM {
        shapes.extend(petal.paint(&place, &ink));
    }
    shapes.push(calyx(&place).filled(wood));
    Ok(shapes)
}

fn ink(p: &Params<'_>) -> Result<Ink, OrnamentError> {
    Ok(Ink {
        line: p.colour("colour", "#b0713f")?,
        vein: p.colour("vein", "#dcb88f")?,
        fill: p.colour("fill", "#fffaf0")?,
        width: p.number("width", 0.2, 0.04..=2.0)?,
        veins: p.count("veins", 5, 0..=15)?,
    })
}

/// Branch, twig and bud below and beside the bloom.
fn sprig(place: &Placing, ink: &Ink, wood: Rgb) -> Vec<Shape> {
    let mut shapes = vec![
        limb(place, [(-0.95, -1.25), (-0.62, -0.80), (-0.06, -0.62), (0.0, 0.0)], 0.055, 0.028).filled(wood),
        limb(place, [(-0.50, -0.74), (-0.20, -0.70), (0.42, -0.78), (0.66, -0.36)], 0.034, 0.016)
            .filled(wood),
        limb(place, [(-0.78, -0.98), (-0.82, -0.80), (-0.98, -0.66), (-0.98, -0.52)], 0.028, 0.010)
            .filled(wood),
    ];
    let bud = |at: Point, scale: f64, lean: f64| {
        let (x, y) = place.at(at);
        let turn = place.turn + if place.mirror { -lean } else { lean };
        Placing { x, y, scale: place.scale * scale, turn, mirror: place.mirror }
    };
    let big = bud((0.66, -0.37), 0.62, -0.38);
    for petal in &BUD {
        shapes.extend(petal.paint(&big, ink));
    }
    shapes.push(calyx(&big).filled(wood));
    let small = bud((-0.98, -0.53), 0.26, 0.10);
    for petal in &BUD[2..] {
        shapes.extend(petal.paint(&small, &Ink { veins: 0, ..*ink }));
    }
    shapes.push(calyx(&small).filled(wood));
    shapes
}

/// A tapering limb along one cubic.
fn limb(place: &Placing, c: [Point; 4], from: f64, to: f64) -> Pen {
    let at = |t: f64, side: f64| {
        let s = 1.0 - t;
        let w = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
        let x: f64 = (0..4).map(|i| w[i] * c[i].0).sum();
        let y: f64 = (0..4).map(|i| w[i] * c[i].1).sum();
        let d = [-3.0 * s * s, 3.0 * s * s - 6.0 * s * t, 6.0 * s * t - 3.0 * t * t, 3.0 * t * t];
        let dx: f64 = (0..4).map(|i| d[i] * c[i].0).sum();
        let dy: f64 = (0..4).map(|i| d[i] * c[i].1).sum();
        let length = dx.hypot(dy).max(1e-9);
        let half = (from + (to - from) * t) / 2.0 * side;
        place.at((x - dy / length * half, y + dx / length * half))
    };
    let mut pen = Pen::new();
    pen.trace(|t| at(t, 1.0), 0.0, 1.0, 4, false);
    pen.trace(|t| at(1.0 - t, -1.0), 0.0, 1.0, 4, true).close();
    pen
}

/// The cup at a flower's foot.
fn calyx(place: &Placing) -> Pen {
    let at = |x: f64, y: f64| place.at((x, y));
    let mut pen = Pen::new();
    pen.start(at(-0.075, 0.075));
    pen.cubic(at(-0.06, 0.0), at(-0.03, -0.04), at(0.0, -0.05));
    pen.cubic(at(0.03, -0.04), at(0.06, 0.0), at(0.075, 0.075));
    pen.cubic(at(0.045, 0.05), at(0.02, 0.06), at(0.0, 0.085));
    pen.cubic(at(-0.02, 0.06), at(-0.045, 0.05), at(-0.075, 0.075)).close();
    pen
}

/// A magnolia seen from above: three wreaths of tepals about a heart of stamens.
///
/// `x`, `y`, `radius`; `corners` as in `rosette`; `colour`, `vein`, `fill`, `heart`; `width`; `veins`; `stamens`: 0 for a
/// plain heart, as small flowers need.
pub(super) fn magnolia_rosette(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let (x, y) =
        (p.number("x", p.page_w / 2.0, 0.0..=p.page_w)?, p.number("y", p.page_h / 2.0, 0.0..=p.page_h)?);
    let radius = p.number("radius", 12.0, 0.5..=200.0)?;
    let turn = p.number("turn", 0.0, -360.0..=360.0)?.to_radians();
    let corners = p.number("corners", 0.0, 0.0..=200.0)?;
    let ink = ink(p)?;
    let heart = p.colour("heart", "#c98a3a")?;
    let stamens = p.count("stamens", 16, 0..=40)?;
    p.finish()?;
    let (r, t) = (p.page_w - corners, p.page_h - corners);
    let places = if corners > 0.0 {
        vec![(corners, corners, PI / 4.0), (r, corners, -PI / 4.0), (r, t, PI / 4.0), (corners, t, -PI / 4.0)]
    } else {
        vec![(x, p.page_h - y, 0.0)]
    };
    let mut shapes = Vec::new();
    for (x, y, lean) in places {
        let place = Placing { x, y, scale: radius, turn: turn + lean, mirror: false };
        shapes.extend(from_above(&place, &ink, heart, stamens));
    }
    Ok(shapes)
}

fn from_above(place: &Placing, ink: &Ink, heart: Rgb, count: u32) -> Vec<Shape> {
    let mut shapes = Vec::new();
    // three whorls of three, as the flower has them: no tepal of a whorl hides another
    for (first, length, half) in [(0.0, 0.96, 0.34), (60.0, 0.92, 0.33), (0.0, 0.62, 0.24)] {
        for third in [0.0, 120.0, 240.0] {
            let petal = Petal { lean: first + third, length, half, bend: 9.0, tip: 0.62, base: 0.05 };
            shapes.extend(petal.paint(place, ink));
        }
    }
    let mut stamens = Pen::new();
    for i in 0..count {
        let a = 2.0 * PI / f64::from(count) * f64::from(i);
        let r = if i % 2 == 0 { 0.20 } else { 0.155 };
        stamens.circle(place.at((r * a.cos(), r * a.sin())), 0.02 * place.scale);
    }
    stamens.circle(place.at((0.0, 0.0)), 0.085 * place.scale);
    shapes.push(stamens.filled(heart));
    shapes
}

/// A ginkgo leaf in line.
///
/// `x`, `y`: foot of the blade; `size`: length of the blade; `turn`; `mirror`; `colour`, `vein`, `fill`; `width`; `veins`.
pub(super) fn ginkgo(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let (x, y) =
        (p.number("x", p.page_w / 2.0, 0.0..=p.page_w)?, p.number("y", p.page_h / 2.0, 0.0..=p.page_h)?);
    let place = Placing {
        x,
        y: p.page_h - y,
        scale: p.number("size", 30.0, 1.0..=300.0)?,
        turn: p.number("turn", 0.0, -360.0..=360.0)?.to_radians(),
        mirror: p.count("mirror", 0, 0..=1)? == 1,
    };
    let (line, vein) = (p.colour("colour", "#7f9c86")?, p.colour("vein", "#b9cdbd")?);
    let fill = p.colour("fill", "#f6faf6")?;
    let width = p.number("width", 0.2, 0.04..=3.0)?;
    let veins = p.count("veins", 25, 0..=81)?;
    p.finish()?;
    let reach = 74.0_f64.to_radians();
    // the fan: two lobes, a cleft in the middle, a faint ripple along the edge, rounded shoulders
    let rim = |a: f64| {
        let cleft = 0.40 * (-(a / 0.075).powi(2)).exp();
        let lobes = 0.10 * (1.0 - (a.abs() / reach - 0.42).powi(2) * 2.4);
        let ripple = 0.010 * (a * 27.0).cos();
        let fall = 0.26 * (a.abs() / reach).powi(5);
        0.92 + lobes + ripple - cleft - fall
    };
    let at = |a: f64, r: f64| place.at((r * a.sin(), r * a.cos()));
    let mut edge = Pen::new();
    let flank = |side: f64| [at(side * 0.35, 0.20), at(side * reach * 0.97, 0.34)];
    edge.start(at(0.0, 0.0)).cubic(flank(-1.0)[0], flank(-1.0)[1], at(-reach, rim(-reach)));
    edge.trace(|a| at(a, rim(a)), -reach, reach, 48, true);
    edge.cubic(flank(1.0)[1], flank(1.0)[0], at(0.0, 0.0)).close();
    let mut lines = Pen::new();
    for i in 0..veins {
        let a =
            if veins == 1 { 0.0 } else { (2.0 * f64::from(i) / f64::from(veins - 1) - 1.0) * reach * 0.94 };
        let end = rim(a) - 0.05;
        let begin = if i % 2 == 0 { 0.04 } else { 0.34 };
        // veins leave the stalk upright and spread
        lines.trace(
            |r| at(a * (r / end).clamp(0.0, 1.2).sqrt() * (0.62 + 0.38 * r / end), r),
            begin,
            end,
            3,
            false,
        );
    }
    let stalk = limb(&place, [(0.13, -0.62), (0.02, -0.44), (-0.02, -0.22), (0.0, 0.04)], 0.030, 0.020);
    Ok(vec![
        edge.filled(fill),
        lines.stroked(vein, width * 0.6),
        edge.stroked(line, width),
        stalk.filled(line),
    ])
}
