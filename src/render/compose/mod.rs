//! Blocks of a layout and the facts of a certificate → a composed page.
//!
//! Nothing is clipped or overprinted: what does not fit is a refusal that names its block.

mod cells;
mod figures;
mod flow;
mod rows;
mod words;

use super::RenderError;
use super::facts::Facts;
use super::layout::{Align, Block, Body, Colour};
use super::node::{Decoration, Fragment, Node};
use super::typeset::{Line, Style};
use crate::fonts::FontSet;

/// Height of a line of text set solid in a flow, in em.
const LINE_HEIGHT: f32 = 1.75;
/// Half of the ideograph's height above and below: the baseline lies this far under a row's middle, in em.
const MIDDLE_TO_BASELINE: f32 = 0.38;

/// What composing needs to know.
#[derive(Clone, Copy)]
pub(super) struct Composer<'a> {
    pub(super) fonts: &'a FontSet,
    pub(super) facts: Facts<'a>,
    pub(super) ink: Colour,
    /// What the page is made of, where a QR code needs it blank.
    pub(super) ground: Colour,
    /// Half the seal's height in mm.
    pub(super) seal_radius: f32,
}

/// Where a block may stand: left edge, top (or baseline of text) and width.
#[derive(Clone, Copy)]
struct Place {
    x: f32,
    y: f32,
    width: f32,
}

impl<'a> Composer<'a> {
    /// A block that stands on the page by itself; `None` when it vanishes.
    pub(super) fn block(&self, block: &'a Block) -> Result<Option<Fragment<'a>>, RenderError> {
        if !self.facts.holds(block.when.as_ref()) {
            return Ok(None);
        }
        let at = |x: Option<f32>, y: Option<f32>, width: Option<f32>| Place {
            x: x.unwrap_or(0.0),
            y: y.unwrap_or(0.0),
            width: width.unwrap_or(0.0),
        };
        let name = block.name.as_str();
        match &block.body {
            Body::Text(spec) => self.text(name, spec, at(spec.x, spec.y, spec.width)),
            Body::Issuer(spec) => self.issuer(name, spec, (spec.x.unwrap_or(0.0), spec.y.unwrap_or(0.0))),
            Body::Rows(spec) => self.rows(name, spec, at(spec.x, spec.y, spec.width)),
            Body::Paragraph(spec) => self.paragraph(name, spec, at(spec.x, spec.y, spec.width)),
            Body::Table(spec) => self.table(name, spec, at(spec.x, spec.y, spec.width)),
            Body::Photo(spec) => Ok(self.photo(spec)),
            Body::Qr(spec) => self.qr(spec).map(Some),
            Body::Flow(spec) => self.flow(name, spec).map(Some),
            Body::Seal(spec) => Ok(Some(Fragment { seal: Some((spec.x, spec.y)), ..Fragment::default() })),
            Body::Box(spec) => Ok(Some(decoration(Decoration::panel(spec)))),
            Body::Line(spec) => {
                let from = (spec.x.unwrap_or(0.0), spec.y.unwrap_or(0.0));
                let to = (spec.x2.unwrap_or(from.0), spec.y2.unwrap_or(from.1));
                Ok(Some(decoration(Decoration::Rule { from, to, stroke: spec.stroke(), dash: spec.dash })))
            }
            Body::Space(_) => Ok(None),
        }
    }

    fn style(&self, role: crate::fonts::Role, size: f32, colour: Option<Colour>) -> Style {
        Style { role, size, colour: colour.unwrap_or(self.ink).0, tracking: 0.0 }
    }

    fn line(&self, text: &str, style: Style) -> Result<Line, RenderError> {
        Line::set(self.fonts, text, style)
    }
}

fn decoration(decoration: Decoration) -> Fragment<'static> {
    Fragment { nodes: vec![Node::Decoration(decoration)], ..Fragment::default() }
}

/// Where a line of some width begins in a place.
fn start(align: Align, x: f32, room: f32, width: f32) -> f32 {
    match align {
        Align::Centre => x + (room - width) / 2.0,
        Align::Right => x + room - width,
        Align::Left | Align::Spread | Align::Justify => x,
    }
}

fn does_not_fit(block: &str) -> RenderError {
    RenderError::DoesNotFit { block: block.to_owned() }
}
