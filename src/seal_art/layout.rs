//! The parts of a seal and their proportions. R is half the height; numbers are shares of R unless they say mm.

use super::SealArtError;
use super::glyph::{Glyph, moved};
use super::rim::{Rim, RimText, Side, count};
use crate::domain::drawing::{Paint, PathStep, Rgb, Shape};
use std::f64::consts::PI;

/// Ring thickness as a share of the height: 1.2 mm at 42 mm.
const RING: f64 = 0.028;
/// Blank between ring and name.
const GAP: f64 = 0.06;
/// Letters narrower than this for their height no longer read: the letters get lower first.
const NARROWEST: f64 = 0.50;
/// Letters are cut a little narrower than printed ones, as seal cutters do.
const WIDEST: f64 = 0.95;
/// A name's em is never below this.
const LOWEST: f64 = 0.17;
/// Kappa of the four-arc circle.
const KAPPA: f64 = 0.552_284_75;

/// The measured words.
pub(super) struct Words {
    pub(super) name: Vec<Glyph>,
    pub(super) sub_line: Option<Vec<Glyph>>,
    pub(super) code: Option<Vec<Glyph>>,
}

/// All shapes of the seal; the box's lower left corner is the origin.
pub(super) fn compose(
    width: f64,
    height: f64,
    words: &Words,
    star: bool,
    ink: Rgb,
) -> Result<Vec<Shape>, SealArtError> {
    let ring = RING * height;
    let plan = Plan {
        a: width / 2.0,
        b: height / 2.0,
        rim: Rim { a: width / 2.0 - ring, b: height / 2.0 - ring },
        round: (width - height).abs() < 1e-6,
        star,
        words,
    };
    let mut letters = Vec::new();
    plan.name(&mut letters)?;
    plan.code(&mut letters)?;
    let name_depth = plan.name_em()?.0 + GAP * plan.b;
    plan.sub_line(name_depth, &mut letters)?;
    plan.keeps_inside(&letters)?;
    let mut shapes = vec![Shape {
        steps: shifted(&ellipse(plan.a - ring / 2.0, plan.b - ring / 2.0), plan.a, plan.b),
        paint: Paint::Stroke { colour: ink, width: narrow(ring) },
    }];
    let mut filled = Vec::new();
    if let Some((y, radius)) = plan.star_at() {
        filled.extend(five_points(y, radius));
    }
    filled.extend(letters);
    shapes.push(Shape { steps: shifted(&filled, plan.a, plan.b), paint: Paint::Fill(ink) });
    Ok(shapes)
}

struct Plan<'a> {
    a: f64,
    b: f64,
    rim: Rim,
    round: bool,
    star: bool,
    words: &'a Words,
}

impl Plan<'_> {
    fn name(&self, out: &mut Vec<PathStep>) -> Result<(), SealArtError> {
        let (em, stretch) = self.name_em()?;
        self.name_text(em).place(self.rim, stretch, out);
        Ok(())
    }

    /// Em height in mm and widening of the name: lower letters until they may be wide enough to read.
    fn name_em(&self) -> Result<(f64, f64), SealArtError> {
        let n = self.words.name.len();
        let first = match n {
            0..=10 => 0.335,
            11..=16 => 0.30,
            _ => 0.27,
        } * if self.round { 1.0 } else { 1.08 };
        let mut em = first * self.b;
        while em >= LOWEST * self.b {
            let widest = self.name_text(em).widest(self.rim);
            if widest >= NARROWEST {
                return Ok((em, widest.min(WIDEST)));
            }
            em *= 0.97;
        }
        Err(SealArtError::DoesNotFit)
    }

    fn name_text(&self, em: f64) -> RimText<'_> {
        RimText {
            glyphs: &self.words.name,
            side: Side::Upper,
            gap: GAP * self.b,
            em,
            half_sweep: self.name_sweep() / 2.0,
            clearance: 0.022 * self.b,
        }
    }

    /// Swept parameter angle of the name, radians: short names stay above, long ones run down the sides, but never into
    /// the sub-line or the number.
    fn name_sweep(&self) -> f64 {
        let n = count(self.words.name.len());
        let degrees = if self.round {
            let wanted = if n <= 7.0 { 31.0 * n } else { 217.0 + 9.0 * (n - 7.0) };
            let most: f64 = match (&self.words.sub_line, &self.words.code) {
                (Some(_), _) => 244.0,
                (None, Some(_)) => 276.0,
                (None, None) => 290.0,
            };
            wanted.min(most)
        } else {
            (26.0 * n).min(204.0)
        };
        degrees * PI / 180.0
    }

    fn code(&self, out: &mut Vec<PathStep>) -> Result<(), SealArtError> {
        let Some(code) = &self.words.code else { return Ok(()) };
        let em = (0.125 * self.b).max(1.1);
        // digits are set at 1.2 of their own width: registered numbers are spaced
        let advance = code.iter().map(|g| g.right - g.left).fold(0.0, f64::max) * em * 1.35;
        let radius = self.rim.a - em;
        let text = RimText {
            glyphs: code,
            side: Side::Lower,
            gap: 0.045 * self.b,
            em,
            half_sweep: (count(code.len()) * advance / radius / 2.0).min(0.62),
            clearance: 0.1 * em,
        };
        let widest = text.widest(self.rim);
        if widest < 0.4 {
            return Err(SealArtError::DoesNotFit);
        }
        text.place(self.rim, widest.min(1.0), out);
        Ok(())
    }

    /// A straight line in the lower half, as wide as the chord and the ends of the name allow.
    fn sub_line(&self, name_depth: f64, out: &mut Vec<PathStep>) -> Result<(), SealArtError> {
        let Some(words) = &self.words.sub_line else { return Ok(()) };
        let lifted = if self.words.code.is_some() { 0.09 } else { 0.0 };
        let (baseline, mut em) = match (self.round, self.star) {
            (true, true) => ((-0.64 + lifted) * self.b, 0.215 * self.b),
            (true, false) => (-0.34 * self.b, 0.26 * self.b),
            (false, true) => ((-0.58 + lifted) * self.b, 0.26 * self.b),
            (false, false) => ((-0.38 + lifted) * self.b, 0.36 * self.b),
        };
        let natural: f64 = words.iter().map(|g| (g.right - g.left) + 0.09).sum::<f64>() - 0.09;
        let first = em;
        while em >= 0.12 * self.b {
            let room = 2.0 * self.free_half_width(baseline, baseline + 0.88 * em, name_depth);
            let stretch = room / (natural * em);
            // lower letters first, narrow ones only when they would get too low
            let narrowest = if em > 0.7 * first { 0.78 } else { 0.60 };
            if stretch >= narrowest {
                straight(words, baseline + (first - em) * 0.3, em, stretch.min(0.92), natural, out);
                return Ok(());
            }
            em *= 0.97;
        }
        Err(SealArtError::DoesNotFit)
    }

    /// Half the width that is free between two heights: inside the rim, and inside the name where that comes down so far.
    fn free_half_width(&self, low: f64, high: f64, name_depth: f64) -> f64 {
        let air = 0.05 * self.b;
        let inside = |inset: f64, y: f64| {
            let (a, b) = (self.rim.a - inset, self.rim.b - inset);
            a * (1.0 - (y / b).powi(2)).max(0.0).sqrt()
        };
        let rim = inside(air, low).min(inside(air, high));
        let end = (self.name_sweep() / 2.0).min(PI);
        let above_name_end = high + air < end.cos() * self.rim.b;
        if above_name_end {
            return rim;
        }
        // beside the name's last letters: inside their feet, or below the border of the last wedge
        let feet = inside(name_depth + air, high).min(inside(name_depth + air, low));
        let wedge = if self.round && high < 0.0 { -high * (PI - end).tan() - air } else { 0.0 };
        rim.min(feet.max(wedge))
    }

    fn star_at(&self) -> Option<(f64, f64)> {
        match (self.star, self.round, &self.words.sub_line) {
            (false, _, _) => None,
            (true, true, _) => Some((0.0, 0.36 * self.b)),
            (true, false, None) => Some((-0.08 * self.b, 0.34 * self.b)),
            (true, false, Some(_)) => Some((0.02 * self.b, 0.25 * self.b)),
        }
    }

    /// No ink may reach the ring, whatever the font did.
    fn keeps_inside(&self, letters: &[PathStep]) -> Result<(), SealArtError> {
        let outside = |x: f32, y: f32| {
            let (x, y) = (f64::from(x) / self.rim.a, f64::from(y) / self.rim.b);
            x * x + y * y >= 1.0
        };
        let crosses = letters.iter().any(|step| match *step {
            PathStep::Move(x, y) | PathStep::Line(x, y) => outside(x, y),
            PathStep::Cubic(a, b, c, d, x, y) => outside(a, b) || outside(c, d) || outside(x, y),
            PathStep::Close => false,
        });
        if crosses { Err(SealArtError::DoesNotFit) } else { Ok(()) }
    }
}

/// Letters in a row about x = 0, ink to ink with an even blank.
fn straight(words: &[Glyph], baseline: f64, em: f64, stretch: f64, natural: f64, out: &mut Vec<PathStep>) {
    let mut x = -natural * em * stretch / 2.0;
    for glyph in words {
        moved(&glyph.steps, |gx, gy| (x + (gx - glyph.left) * em * stretch, baseline + gy * em), out);
        x += (glyph.right - glyph.left + 0.09) * em * stretch;
    }
}

/// A five-pointed star about (0, y).
fn five_points(y: f64, radius: f64) -> Vec<PathStep> {
    let inner = radius * (18.0_f64).to_radians().sin() / (36.0_f64).to_radians().cos();
    let mut steps: Vec<PathStep> = (0..10_u32)
        .map(|i| {
            let (sin, cos) = (36.0 * f64::from(i)).to_radians().sin_cos();
            let r = if i % 2 == 0 { radius } else { inner };
            let (px, py) = (narrow(r * sin), narrow(y + r * cos));
            if i == 0 { PathStep::Move(px, py) } else { PathStep::Line(px, py) }
        })
        .collect();
    steps.push(PathStep::Close);
    steps
}

/// An ellipse about the origin from four arcs.
fn ellipse(a: f64, b: f64) -> Vec<PathStep> {
    let (ka, kb) = (narrow(a * KAPPA), narrow(b * KAPPA));
    let (a, b) = (narrow(a), narrow(b));
    vec![
        PathStep::Move(a, 0.0),
        PathStep::Cubic(a, kb, ka, b, 0.0, b),
        PathStep::Cubic(-ka, b, -a, kb, -a, 0.0),
        PathStep::Cubic(-a, -kb, -ka, -b, 0.0, -b),
        PathStep::Cubic(ka, -b, a, -kb, a, 0.0),
        PathStep::Close,
    ]
}

fn shifted(steps: &[PathStep], dx: f64, dy: f64) -> Vec<PathStep> {
    let mut out = Vec::with_capacity(steps.len());
    moved(steps, |x, y| (x + dx, y + dy), &mut out);
    out
}

#[allow(clippy::cast_possible_truncation)] // millimetres within ±60: far inside f32
fn narrow(v: f64) -> f32 {
    v as f32
}
