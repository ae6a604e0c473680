//! Pens for ornaments: curves through few cubic Béziers, turtles that walk in arcs, and a placing of motifs.

use crate::domain::drawing::{Paint, PathStep, Rgb, Shape};
use std::f64::consts::PI;

/// A point in mm, y up.
pub(super) type Point = (f64, f64);

/// An outline under construction, in f64.
#[derive(Clone, Debug, Default)]
pub(super) struct Pen {
    steps: Vec<Step>,
    at: Point,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Move(Point),
    Line(Point),
    Cubic(Point, Point, Point),
    Close,
}

impl Pen {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn start(&mut self, p: Point) -> &mut Self {
        self.steps.push(Step::Move(p));
        self.at = p;
        self
    }

    pub(super) fn line(&mut self, p: Point) -> &mut Self {
        self.steps.push(Step::Line(p));
        self.at = p;
        self
    }

    pub(super) fn cubic(&mut self, a: Point, b: Point, p: Point) -> &mut Self {
        self.steps.push(Step::Cubic(a, b, p));
        self.at = p;
        self
    }

    pub(super) fn close(&mut self) -> &mut Self {
        self.steps.push(Step::Close);
        self
    }

    /// Follows `curve` from `from` to `to` in `pieces` cubic pieces whose tangents are the curve's own. Starts a new contour
    /// unless `join`.
    pub(super) fn trace(
        &mut self,
        curve: impl Fn(f64) -> Point,
        from: f64,
        to: f64,
        pieces: u32,
        join: bool,
    ) -> &mut Self {
        let step = (to - from) / f64::from(pieces);
        let nudge = step * 1e-3;
        let slope = |t: f64| {
            let (a, b) = (curve(t - nudge), curve(t + nudge));
            ((b.0 - a.0) / (2.0 * nudge), (b.1 - a.1) / (2.0 * nudge))
        };
        let mut p = curve(from);
        let mut d = slope(from);
        if join {
            self.line(p);
        } else {
            self.start(p);
        }
        for i in 1..=pieces {
            let t = from + step * f64::from(i);
            let (q, e) = (curve(t), slope(t));
            let third = step / 3.0;
            self.cubic((p.0 + d.0 * third, p.1 + d.1 * third), (q.0 - e.0 * third, q.1 - e.1 * third), q);
            (p, d) = (q, e);
        }
        self
    }

    /// A full circle.
    pub(super) fn circle(&mut self, centre: Point, radius: f64) -> &mut Self {
        self.arc(centre, radius, 0.0, 2.0 * PI, false).close()
    }

    /// An arc about `centre`, angles in radians, counter-clockwise when `to > from`.
    pub(super) fn arc(&mut self, centre: Point, radius: f64, from: f64, to: f64, join: bool) -> &mut Self {
        let pieces = (((to - from).abs() / (PI / 2.0)) - 1e-9).ceil().max(1.0);
        let step = (to - from) / pieces;
        let k = 4.0 / 3.0 * (step / 4.0).tan() * radius;
        let at = |t: f64| (centre.0 + radius * t.cos(), centre.1 + radius * t.sin());
        if join {
            self.line(at(from));
        } else {
            self.start(at(from));
        }
        let mut t = from;
        while (to - t).abs() > 1e-9 {
            let u = t + step;
            let (p, q) = (at(t), at(u));
            self.cubic((p.0 - k * t.sin(), p.1 + k * t.cos()), (q.0 + k * u.sin(), q.1 - k * u.cos()), q);
            t = u;
        }
        self
    }

    pub(super) fn rectangle(&mut self, x0: f64, y0: f64, x1: f64, y1: f64) -> &mut Self {
        self.start((x0, y0)).line((x1, y0)).line((x1, y1)).line((x0, y1)).close()
    }

    /// Adds another pen's steps, each point moved by `place`.
    pub(super) fn stamp(&mut self, motif: &Self, place: &Placing) -> &mut Self {
        for step in &motif.steps {
            self.steps.push(match *step {
                Step::Move(p) => Step::Move(place.at(p)),
                Step::Line(p) => Step::Line(place.at(p)),
                Step::Cubic(a, b, p) => Step::Cubic(place.at(a), place.at(b), place.at(p)),
                Step::Close => Step::Close,
            });
        }
        self
    }

    pub(super) fn filled(&self, colour: Rgb) -> Shape {
        Shape { steps: self.finish(), paint: Paint::Fill(colour) }
    }

    pub(super) fn stroked(&self, colour: Rgb, width: f64) -> Shape {
        Shape { steps: self.finish(), paint: Paint::Stroke { colour, width: narrow(width) } }
    }

    fn finish(&self) -> Vec<PathStep> {
        let n = narrow;
        self.steps
            .iter()
            .map(|step| match *step {
                Step::Move(p) => PathStep::Move(n(p.0), n(p.1)),
                Step::Line(p) => PathStep::Line(n(p.0), n(p.1)),
                Step::Cubic(a, b, p) => PathStep::Cubic(n(a.0), n(a.1), n(b.0), n(b.1), n(p.0), n(p.1)),
                Step::Close => PathStep::Close,
            })
            .collect()
    }
}

/// Hundredths of a millimetre: finer than any printer's dot, and half the bytes of a longer number.
#[allow(clippy::cast_possible_truncation)] // millimetres on a page of at most 2 m
fn narrow(v: f64) -> f32 {
    ((v * 100.0).round() / 100.0) as f32
}

/// Where a motif stands: scaled, mirrored, turned and moved, in that order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placing {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) scale: f64,
    /// Counter-clockwise, radians.
    pub(super) turn: f64,
    /// Mirrored left to right first.
    pub(super) mirror: bool,
}

impl Placing {
    pub(super) fn at(&self, p: Point) -> Point {
        let (sin, cos) = self.turn.sin_cos();
        let x = if self.mirror { -p.0 } else { p.0 } * self.scale;
        let y = p.1 * self.scale;
        (self.x + x * cos - y * sin, self.y + x * sin + y * cos)
    }
}

/// A pen that walks: forward, or along an arc that keeps its heading smooth.
pub(super) struct Turtle {
    pub(super) pen: Pen,
    pub(super) at: Point,
    /// Heading, radians, counter-clockwise from east.
    pub(super) heading: f64,
}

impl Turtle {
    pub(super) fn new(at: Point, heading: f64) -> Self {
        let mut pen = Pen::new();
        pen.start(at);
        Self { pen, at, heading }
    }

    pub(super) fn forward(&mut self, length: f64) -> &mut Self {
        self.at = (self.at.0 + length * self.heading.cos(), self.at.1 + length * self.heading.sin());
        self.pen.line(self.at);
        self
    }

    /// Walks an arc of `radius` through `degrees`, left positive.
    pub(super) fn arc(&mut self, radius: f64, degrees: f64) -> &mut Self {
        let side = degrees.signum();
        let normal = self.heading + side * PI / 2.0;
        let centre = (self.at.0 + radius * normal.cos(), self.at.1 + radius * normal.sin());
        let from = normal + PI;
        let to = from + degrees.to_radians();
        let mut arc = Pen::new();
        arc.arc(centre, radius, from, to, false);
        // the arc begins where the turtle stands: only its cubics are new
        self.pen.steps.extend(arc.steps.into_iter().skip(1));
        self.at = (centre.0 + radius * to.cos(), centre.1 + radius * to.sin());
        self.heading += degrees.to_radians();
        self
    }
}

/// A colour on the way from one to another, `share` 0 to 1.
#[allow(clippy::cast_possible_truncation)] // a share of 0 to 1
pub(super) fn blend(from: Rgb, to: Rgb, share: f64) -> Rgb {
    let s = share.clamp(0.0, 1.0) as f32;
    let mix = |a: f32, b: f32| a + (b - a) * s;
    Rgb(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}
