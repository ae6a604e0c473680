//! Letters along the inside of a rim: equal slots by arc length, each letter inside its own wedge.

use super::glyph::{Glyph, moved};
use crate::domain::drawing::PathStep;

/// Samples of the arc-length table; the error is below a thousandth of a millimetre on 60 mm.
const SAMPLES: u32 = 512;

/// The inner edge of the ring: an ellipse about the origin.
#[derive(Clone, Copy)]
pub(super) struct Rim {
    pub(super) a: f64,
    pub(super) b: f64,
}

/// Which half of the rim carries the text, both read from left to right.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Side {
    /// Heads outwards, along the top.
    Upper,
    /// Heads inwards, along the bottom.
    Lower,
}

/// A text along the rim.
pub(super) struct RimText<'a> {
    pub(super) glyphs: &'a [Glyph],
    pub(super) side: Side,
    /// Blank between rim and ink, mm.
    pub(super) gap: f64,
    /// Em height, mm.
    pub(super) em: f64,
    /// Half the swept parameter angle, radians from the middle.
    pub(super) half_sweep: f64,
    /// Least blank between neighbours, mm.
    pub(super) clearance: f64,
}

/// A point of a letter's baseline and the direction of its head.
#[derive(Clone, Copy)]
struct Frame {
    x: f64,
    y: f64,
    up: (f64, f64),
}

impl Frame {
    /// Reading direction.
    fn along(&self) -> (f64, f64) {
        (self.up.1, -self.up.0)
    }
}

impl RimText<'_> {
    /// The most that letters may be widened (1.0 = as designed) so that each stays in its wedge; not positive when none does.
    pub(super) fn widest(&self, rim: Rim) -> f64 {
        let cuts = self.slots(rim);
        let mut widest = f64::INFINITY;
        for (i, glyph) in self.glyphs.iter().enumerate() {
            let frame = cuts.frame(2 * i + 1);
            for (border, sense) in [(cuts.frame(2 * i), -1.0), (cuts.frame(2 * i + 2), 1.0)] {
                widest = widest.min(self.widest_beside(glyph, frame, border, sense));
            }
        }
        widest
    }

    /// Appends all letters, widened by `stretch`.
    pub(super) fn place(&self, rim: Rim, stretch: f64, out: &mut Vec<PathStep>) {
        let cuts = self.slots(rim);
        for (i, glyph) in self.glyphs.iter().enumerate() {
            let frame = cuts.frame(2 * i + 1);
            let along = frame.along();
            let (kx, ky) = (self.em * stretch, self.em);
            moved(
                &glyph.steps,
                |x, y| {
                    let (x, y) = ((x - glyph.centre) * kx, y * ky);
                    (frame.x + along.0 * x + frame.up.0 * y, frame.y + along.1 * x + frame.up.1 * y)
                },
                out,
            );
        }
    }

    /// How far one letter may be widened beside one border of its wedge. The border is the rim's normal at the slot's end;
    /// `sense` is +1 for the right border, -1 for the left.
    fn widest_beside(&self, glyph: &Glyph, frame: Frame, border: Frame, sense: f64) -> f64 {
        let (along, normal) = (frame.along(), border.along());
        let dot = |p: (f64, f64)| sense * (p.0 * normal.0 + p.1 * normal.1);
        let from = dot((frame.x - border.x, frame.y - border.y));
        let mut widest = f64::INFINITY;
        for &(x, y) in &glyph.points {
            let room = -self.clearance / 2.0 - from - y * self.em * dot(frame.up);
            let push = (x - glyph.centre) * self.em * dot(along);
            if push > 0.0 {
                widest = widest.min(room / push);
            } else if room < 0.0 {
                return 0.0;
            }
        }
        widest
    }

    /// Middle height of the ink above the baseline, em: slots are measured there.
    fn middle(&self) -> f64 {
        self.glyphs.iter().map(|g| f64::midpoint(g.top, g.bottom)).sum::<f64>() / count(self.glyphs.len())
    }

    /// Distance from the rim to the baseline, mm.
    fn drop(&self) -> f64 {
        match self.side {
            Side::Upper => self.gap + self.em * self.glyphs.iter().map(|g| g.top).fold(0.0, f64::max),
            Side::Lower => self.gap - self.em * self.glyphs.iter().map(|g| g.bottom).fold(0.0, f64::min),
        }
    }

    fn frame(&self, rim: Rim, t: f64) -> Frame {
        let (sin, cos) = t.sin_cos();
        let length = (rim.b * sin).hypot(rim.a * cos);
        let outward = (rim.b * sin / length, rim.a * cos / length);
        let drop = self.drop();
        let point = (rim.a * sin - outward.0 * drop, rim.b * cos - outward.1 * drop);
        match self.side {
            Side::Upper => Frame { x: point.0, y: point.1, up: outward },
            // the upper half turned over: heads point to the middle
            Side::Lower => Frame { x: point.0, y: -point.1, up: (-outward.0, outward.1) },
        }
    }

    /// Borders and middles of the slots, alternating, equally spaced by arc length at the middle of the ink.
    fn slots(&self, rim: Rim) -> Slots<'_> {
        let lift = self.middle() * self.em;
        let at = |i: u32| self.half_sweep * (2.0 * f64::from(i) / f64::from(SAMPLES) - 1.0);
        let mut table = vec![(0.0, at(0))];
        let mut last = self.frame(rim, at(0));
        let mut length = 0.0;
        for i in 1..=SAMPLES {
            let next = self.frame(rim, at(i));
            let dx = (next.x + next.up.0 * lift) - (last.x + last.up.0 * lift);
            let dy = (next.y + next.up.1 * lift) - (last.y + last.up.1 * lift);
            length += dx.hypot(dy);
            table.push((length, at(i)));
            last = next;
        }
        Slots { text: self, rim, table, length }
    }
}

struct Slots<'a> {
    text: &'a RimText<'a>,
    rim: Rim,
    table: Vec<(f64, f64)>,
    length: f64,
}

impl Slots<'_> {
    /// Frame number `half` of 0 ..= 2n: even ones are borders, odd ones middles.
    fn frame(&self, half: usize) -> Frame {
        let wanted = self.length * count(half) / (2.0 * count(self.text.glyphs.len()));
        let after = self.table.partition_point(|(l, _)| *l < wanted).clamp(1, self.table.len() - 1);
        let ((l0, t0), (l1, t1)) = (self.table[after - 1], self.table[after]);
        let share = if l1 > l0 { ((wanted - l0) / (l1 - l0)).clamp(0.0, 1.0) } else { 0.0 };
        self.text.frame(self.rim, t0 + (t1 - t0) * share)
    }
}

/// A small count as a number.
pub(super) fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}
