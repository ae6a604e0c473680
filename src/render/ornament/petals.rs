//! One petal: a blade about a bent axis, with veins that follow it, as an engraver hatches.

use super::path::{Pen, Placing, Point};
use crate::domain::drawing::{Rgb, Shape};
use std::f64::consts::PI;

/// The shape of a petal, base at the origin, growing upwards, in shares of its flower's size.
#[derive(Clone, Copy)]
pub(super) struct Petal {
    /// Degrees from upright, clockwise.
    pub(super) lean: f64,
    pub(super) length: f64,
    /// Half the greatest width.
    pub(super) half: f64,
    /// Degrees by which the axis bends towards its lean on the way to the tip.
    pub(super) bend: f64,
    /// 0.4 round, 1.0 pointed.
    pub(super) tip: f64,
    /// Distance of the base from the flower's middle.
    pub(super) base: f64,
}

/// Colours and lines of a flower.
#[derive(Clone, Copy)]
pub(super) struct Ink {
    pub(super) line: Rgb,
    pub(super) vein: Rgb,
    pub(super) fill: Rgb,
    pub(super) width: f64,
    pub(super) veins: u32,
}

impl Petal {
    /// Fill, veins and outline, in painting order.
    pub(super) fn paint(&self, place: &Placing, ink: &Ink) -> Vec<Shape> {
        let mut edge = Pen::new();
        edge.trace(|t| place.at(self.edge(t, -1.0)), 0.0, 1.0, 5, false);
        edge.trace(|t| place.at(self.edge(1.0 - t, 1.0)), 0.0, 1.0, 5, true).close();
        let mut shapes = vec![edge.filled(ink.fill)];
        if ink.veins > 0 {
            let mut veins = Pen::new();
            for i in 0..ink.veins {
                let across =
                    if ink.veins == 1 { 0.0 } else { 2.0 * f64::from(i) / f64::from(ink.veins - 1) - 1.0 };
                // outer veins end earlier, so that the tip stays light
                let end = 0.86 - 0.30 * across * across;
                veins.trace(|t| place.at(self.point(t, across * 0.74)), 0.12, end, 3, false);
            }
            shapes.push(veins.stroked(ink.vein, ink.width * 0.55));
        }
        shapes.push(edge.stroked(ink.line, ink.width));
        shapes
    }

    fn edge(&self, t: f64, side: f64) -> Point {
        self.point(t, side)
    }

    /// A point at `t` (0 base, 1 tip) and `across` (-1 left edge, 1 right edge).
    fn point(&self, t: f64, across: f64) -> Point {
        // even in t about both ends, so that the blade closes roundly
        let u = (1.0 - (PI * t).cos()) / 2.0;
        let power = |v: f64, e: f64| v.signum() * v.abs().powf(e);
        let (a, b) = (0.85, self.tip);
        let peak = (a / (a + b)).powf(a) * (b / (a + b)).powf(b);
        let half =
            self.half * power((PI * t / 2.0).sin(), 2.0 * a) * power((PI * t / 2.0).cos(), 2.0 * b) / peak;
        let lean = self.lean.to_radians();
        let bend = self.bend.to_radians();
        // axis: heading turns evenly from lean to lean + bend
        let heading = lean + bend * u;
        let (mut x, mut y) = (self.base * lean.sin(), self.base * lean.cos());
        if bend.abs() < 1e-6 {
            x += self.length * u * lean.sin();
            y += self.length * u * lean.cos();
        } else {
            x += self.length / bend * (lean.cos() - heading.cos());
            y += self.length / bend * (heading.sin() - lean.sin());
        }
        (x + across * half * heading.cos(), y - across * half * heading.sin())
    }
}
