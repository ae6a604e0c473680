//! A glyph's outline as path steps.

use crate::domain::drawing::PathStep;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};

/// The outline in em: font units times `scale`, raised by `rise`.
pub(super) fn of(font: &FontRef<'_>, id: GlyphId, scale: f32, rise: f32) -> Option<Vec<PathStep>> {
    let glyph = font.outline_glyphs().get(id)?;
    let mut pen = Pen { steps: Vec::new(), last: (0.0, 0.0), scale, rise };
    glyph.draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), &mut pen).ok()?;
    Some(pen.steps)
}

struct Pen {
    steps: Vec<PathStep>,
    last: (f32, f32),
    scale: f32,
    rise: f32,
}

impl Pen {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (x * self.scale, y * self.scale + self.rise)
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.last = self.place(x, y);
        self.steps.push(PathStep::Move(self.last.0, self.last.1));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.last = self.place(x, y);
        self.steps.push(PathStep::Line(self.last.0, self.last.1));
    }

    /// A quadratic curve is the cubic whose handles are two thirds of the way to its control point.
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let (from, control, to) = (self.last, self.place(cx, cy), self.place(x, y));
        let near = |end: (f32, f32)| {
            (end.0 + (control.0 - end.0) * 2.0 / 3.0, end.1 + (control.1 - end.1) * 2.0 / 3.0)
        };
        let (a, b) = (near(from), near(to));
        self.steps.push(PathStep::Cubic(a.0, a.1, b.0, b.1, to.0, to.1));
        self.last = to;
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let (a, b) = (self.place(ax, ay), self.place(bx, by));
        self.last = self.place(x, y);
        self.steps.push(PathStep::Cubic(a.0, a.1, b.0, b.1, self.last.0, self.last.1));
    }

    fn close(&mut self) {
        self.steps.push(PathStep::Close);
    }
}
