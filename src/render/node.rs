//! A composed page: what stands where and what it means, before it becomes PDF. Millimetres from the top left.

use super::layout::{Colour, Panel, Stroke};
use super::typeset::Line;
use crate::domain::Photo;

/// The meaning of a piece, as the structure tree names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// H1 to H6.
    Heading(u8),
    Paragraph,
    /// A paragraph to be read aloud in English.
    English,
    Table,
    Row,
    /// TH of a row (true) or of a column.
    Header {
        of_row: bool,
    },
    /// TD covering this many columns.
    Cell {
        columns: usize,
    },
}

/// A line and where its baseline begins.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) line: Line,
}

/// A rectangle: left, top, width, height.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// A decoration: said by nobody, painted as Artifact.
#[derive(Clone, Debug)]
pub(super) enum Decoration {
    Rule { from: (f32, f32), to: (f32, f32), stroke: Stroke, dash: Option<[f32; 2]> },
    Panel { area: Area, stroke: Option<Stroke>, fill: Option<Colour>, radius: f32 },
    Words(Placed),
}

/// What a figure shows.
#[derive(Clone, Debug)]
pub(super) enum Art<'a> {
    /// QR modules, row by row.
    Qr {
        modules: Vec<Vec<bool>>,
        colour: Colour,
    },
    Photo(&'a Photo),
}

/// One piece of a page.
#[derive(Clone, Debug)]
pub(super) enum Node<'a> {
    /// An element of other elements.
    Group {
        tag: Tag,
        kids: Vec<Node<'a>>,
    },
    /// An element of words.
    Words {
        tag: Tag,
        lines: Vec<Placed>,
    },
    /// A picture with its words for those who cannot see it.
    Figure {
        alt: String,
        area: Area,
        art: Art<'a>,
    },
    Decoration(Decoration),
}

/// A composed block.
#[derive(Clone, Debug, Default)]
pub(super) struct Fragment<'a> {
    pub(super) height: f32,
    pub(super) nodes: Vec<Node<'a>>,
    /// Centre of the seal, when this block places it.
    pub(super) seal: Option<(f32, f32)>,
}

impl Decoration {
    pub(super) fn rule(from: (f32, f32), to: (f32, f32), stroke: Stroke) -> Self {
        Self::Rule { from, to, stroke, dash: None }
    }

    pub(super) fn panel(spec: &Panel) -> Self {
        let area = Area { x: spec.x, y: spec.y, width: spec.width, height: spec.height };
        Self::Panel { area, stroke: spec.stroke, fill: spec.fill, radius: spec.radius }
    }

    fn shift(&mut self, dy: f32) {
        match self {
            Self::Rule { from, to, .. } => {
                from.1 += dy;
                to.1 += dy;
            }
            Self::Panel { area, .. } => area.y += dy,
            Self::Words(placed) => placed.y += dy,
        }
    }
}

impl Node<'_> {
    fn shift(&mut self, dy: f32) {
        match self {
            Self::Group { kids, .. } => kids.iter_mut().for_each(|kid| kid.shift(dy)),
            Self::Words { lines, .. } => lines.iter_mut().for_each(|placed| placed.y += dy),
            Self::Figure { area, .. } => area.y += dy,
            Self::Decoration(decoration) => decoration.shift(dy),
        }
    }
}

impl Fragment<'_> {
    /// The same fragment lower on the page.
    pub(super) fn shifted(mut self, dy: f32) -> Self {
        self.nodes.iter_mut().for_each(|node| node.shift(dy));
        if let Some((_, y)) = &mut self.seal {
            *y += dy;
        }
        self
    }
}
