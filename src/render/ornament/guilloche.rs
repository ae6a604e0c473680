//! Guilloche borders: strands that run once around the page and close on themselves.
//!
//! The phase counts whole waves on every side and every corner, so that all four corners look alike and no strand breaks.

use super::OrnamentError;
use super::params::Params;
use super::path::{Pen, Point, blend};
use crate::domain::drawing::Shape;
use std::f64::consts::PI;

/// A closed guilloche band along a rounded rectangle.
///
/// `margin`: page edge to the band's middle; `amplitude`: half the band; `period`: length of one figure; `strands`;
/// `swell`: how much the band breathes within a figure; `waves`: waves of a strand in a figure; `radius`: of the corners;
/// `colour`, `colour_to`: first and last strand; `width`: of the lines; `chain`: 2 lays a second chain half a figure further.
pub(super) fn border(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let margin = p.number("margin", 15.0, 2.0..=60.0)?;
    let band = Band {
        amplitude: p.number("amplitude", 3.0, 0.2..=12.0)?,
        swell: p.number("swell", 0.4, 0.0..=0.9)?,
        waves: p.count("waves", 1, 1..=6)?,
    };
    let period = p.number("period", 16.0, 4.0..=80.0)?;
    let radius = p.number("radius", 9.0, 1.0..=60.0)?;
    let strands = p.count("strands", 6, 1..=24)?;
    let chains = p.count("chain", 1, 1..=2)?;
    let (from, to) = (p.colour("colour", "#b8893f")?, p.colour("colour_to", "#d9bc83")?);
    let width = p.number("width", 0.16, 0.04..=2.0)?;
    p.finish()?;
    let track = Track::new(p, margin, radius, period)
        .ok_or_else(|| p.bad("margin", "smaller: the band does not fit"))?;
    let mut shapes = Vec::new();
    for chain in 0..chains {
        for strand in 0..strands {
            let phase = f64::from(strand) / f64::from(strands);
            let shift = f64::from(chain) / f64::from(chains);
            let pieces = (track.periods * f64::from(4 * band.waves + u32::from(band.swell > 0.0))).round();
            let mut pen = Pen::new();
            pen.trace(|u| band.at(&track, u, phase, shift), 0.0, track.periods, whole(pieces), false).close();
            let share = if strands > 1 { f64::from(strand) / f64::from(strands - 1) } else { 0.0 };
            shapes.push(pen.stroked(blend(from, to, if chain == 0 { share } else { 1.0 - share }), width));
        }
    }
    Ok(shapes)
}

struct Band {
    amplitude: f64,
    swell: f64,
    waves: u32,
}

impl Band {
    fn at(&self, track: &Track, u: f64, phase: f64, shift: f64) -> Point {
        let (point, normal) = track.at(u);
        // narrow where the sides begin: strands gather under a corner motif
        let breath = (1.0 - self.swell / 2.0) - self.swell / 2.0 * (2.0 * PI * (u + shift)).cos();
        let swing = (2.0 * PI * (f64::from(self.waves) * u + phase)).sin();
        let off = self.amplitude * breath * swing;
        (point.0 + normal.0 * off, point.1 + normal.1 * off)
    }
}

/// The middle line of a band, counted in figures.
struct Track {
    x: f64,
    y: f64,
    w: f64,
    h: f64,
    r: f64,
    /// Figures on the long and short straights and on a corner.
    across: f64,
    down: f64,
    bend: f64,
    periods: f64,
}

impl Track {
    fn new(p: &Params<'_>, margin: f64, radius: f64, period: f64) -> Option<Self> {
        let (w, h) = (p.page_w - 2.0 * margin, p.page_h - 2.0 * margin);
        let (straight_w, straight_h) = (w - 2.0 * radius, h - 2.0 * radius);
        if straight_w < period || straight_h < period {
            return None;
        }
        let figures = |length: f64| (length / period).round().max(1.0);
        let bend = (PI / 2.0 * radius / period).round().max(1.0);
        let (across, down) = (figures(straight_w), figures(straight_h));
        Some(Self {
            x: margin,
            y: margin,
            w,
            h,
            r: radius,
            across,
            down,
            bend,
            periods: 2.0 * (across + down) + 4.0 * bend,
        })
    }

    /// The point and the outward normal after `u` figures, counter-clockwise from the lower left straight's beginning.
    fn at(&self, u: f64) -> (Point, Point) {
        let mut u = u.rem_euclid(self.periods);
        let (x0, y0, x1, y1, r) = (self.x, self.y, self.x + self.w, self.y + self.h, self.r);
        let sides = [
            ((x0 + r, y0), (x1 - r, y0), self.across, (x1 - r, y0 + r)),
            ((x1, y0 + r), (x1, y1 - r), self.down, (x1 - r, y1 - r)),
            ((x1 - r, y1), (x0 + r, y1), self.across, (x0 + r, y1 - r)),
            ((x0, y1 - r), (x0, y0 + r), self.down, (x0 + r, y0 + r)),
        ];
        let mut angle = -PI / 2.0;
        for (from, to, figures, hub) in sides {
            if u < figures {
                let share = u / figures;
                return (
                    (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share),
                    (angle.cos(), angle.sin()),
                );
            }
            u -= figures;
            if u < self.bend {
                let a = angle + PI / 2.0 * u / self.bend;
                return ((hub.0 + r * a.cos(), hub.1 + r * a.sin()), (a.cos(), a.sin()));
            }
            u -= self.bend;
            angle += PI / 2.0;
        }
        ((x0 + r, y0), (0.0, -1.0))
    }
}

/// A positive whole number of pieces.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped first
pub(super) fn whole(v: f64) -> u32 {
    v.clamp(1.0, 20_000.0) as u32
}
