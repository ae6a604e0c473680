//! A vector picture in millimetres, y pointing up: the common word of seals, ornaments and pages.

/// A step of an outline. Coordinates in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PathStep {
    /// Start a new contour at a point.
    Move(f32, f32),
    /// Straight line to a point.
    Line(f32, f32),
    /// Cubic Bézier: two control points, then the end point.
    Cubic(f32, f32, f32, f32, f32, f32),
    /// Close the contour.
    Close,
}

/// A colour in sRGB, each part 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rgb(pub f32, pub f32, pub f32);

/// How a shape is put on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Paint {
    /// Filled by the non-zero winding rule.
    Fill(Rgb),
    /// A line of the given width in millimetres.
    Stroke {
        /// Line colour.
        colour: Rgb,
        /// Line width in millimetres.
        width: f32,
    },
}

/// One painted outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Its outline.
    pub steps: Vec<PathStep>,
    /// Its paint.
    pub paint: Paint,
}

/// A vector picture: shapes in painting order inside a box from (0, 0) to (width, height).
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// Width in millimetres.
    pub width: f32,
    /// Height in millimetres.
    pub height: f32,
    /// Shapes, first painted first.
    pub shapes: Vec<Shape>,
}
