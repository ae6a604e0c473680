//! Does everything keep clear of what must stay readable?
//!
//! A page may be composed without a fault and still be useless: words across a QR code, over a face, under another
//! block, off the paper. So every composed block is looked at again before the page is written, and the certificate is
//! refused with the names of both blocks. Ornaments are the template's own and not looked at; a QR code covers them.

use super::RenderError;
use super::layout::Page;
use super::node::{Area, Art, Decoration, Fragment, Node, Placed};

/// Ink of an ideograph above and below its baseline, in em: a little less than the em box, so that solid lines may touch.
const ABOVE: f32 = 0.80;
const BELOW: f32 = 0.08;
/// Blank modules around a QR code (ISO/IEC 18004 §6.3.8).
pub(super) const QUIET_MODULES: f32 = 4.0;
/// Lengths are sums of rounded numbers.
const HAIR: f32 = 0.02;

/// What a piece of a page is to its neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Must be read: nothing may stand over it.
    Words,
    /// A QR code with its quiet zone, or a photo.
    Picture,
    /// A rule: may cross words, not pictures.
    Rule,
}

/// The pieces of a page, each with the block it belongs to.
pub(super) struct Clearance<'n> {
    pieces: Vec<(&'n str, Part, Area)>,
    /// The block that places the seal, which the seal is meant to cover.
    sealed: Option<&'n str>,
}

impl<'n> Clearance<'n> {
    pub(super) fn new() -> Self {
        Self { pieces: Vec::with_capacity(96), sealed: None }
    }

    /// Notes a composed block.
    pub(super) fn add(&mut self, block: &'n str, fragment: &Fragment<'_>) {
        if fragment.seal.is_some() {
            self.sealed = Some(block);
        }
        fragment.nodes.iter().for_each(|node| self.node(block, node));
    }

    fn node(&mut self, block: &'n str, node: &Node<'_>) {
        match node {
            Node::Group { kids, .. } => kids.iter().for_each(|kid| self.node(block, kid)),
            Node::Words { lines, .. } => self.pieces.extend(
                lines
                    .iter()
                    .filter(|placed| !placed.line.glyphs.is_empty())
                    .map(|placed| (block, Part::Words, ink(placed))),
            ),
            Node::Figure { area, art, .. } => {
                let area = match art {
                    Art::Qr { modules, .. } => area.grown(quiet_zone(area.width, modules.len())),
                    Art::Photo(_) => *area,
                };
                self.pieces.push((block, Part::Picture, area));
            }
            Node::Decoration(Decoration::Words(placed)) => {
                self.pieces.push((block, Part::Words, ink(placed)))
            }
            Node::Decoration(Decoration::Rule { from, to, .. }) => {
                let (x, y) = (from.0.min(to.0), from.1.min(to.1));
                let area = Area { x, y, width: (from.0 - to.0).abs(), height: (from.1 - to.1).abs() };
                self.pieces.push((block, Part::Rule, area));
            }
            Node::Decoration(Decoration::Panel { .. }) => {}
        }
    }

    /// Refuses words off the page or nearer to its edge than its margin, and pieces that run into each other.
    pub(super) fn check(&self, page: &Page, seal: Area) -> Result<(), RenderError> {
        for (at, &(block, part, area)) in self.pieces.iter().enumerate() {
            let margin = if part == Part::Words { page.margin } else { 0.0 };
            if part != Part::Rule && !area.within(page.width, page.height, margin) {
                return Err(RenderError::DoesNotFit { block: block.to_owned() });
            }
            let met = self.pieces.iter().skip(at + 1).find(|&&(other, as_what, its)| {
                // A picture's own caption must keep clear of it too; the lines of one block are its own affair.
                let own = other == block && part == as_what;
                !own && minds(part, as_what) && area.meets(its)
            });
            if let Some(&(other, ..)) = met {
                return Err(collides(block, other));
            }
            let under_seal = self.sealed != Some(block) && part != Part::Rule && seal.ellipse_meets(area);
            if under_seal {
                return Err(collides(block, self.sealed.unwrap_or("seal")));
            }
        }
        Ok(())
    }
}

/// Whether two pieces must keep apart: all but a rule from words and other rules.
fn minds(one: Part, other: Part) -> bool {
    !matches!((one, other), (Part::Rule, Part::Rule | Part::Words) | (Part::Words, Part::Rule))
}

fn collides(block: &str, other: &str) -> RenderError {
    RenderError::Collides { block: block.to_owned(), other: other.to_owned() }
}

/// Width in mm of the blank border of a code of some modules.
pub(super) fn quiet_zone(size: f32, modules: usize) -> f32 {
    #[allow(clippy::cast_precision_loss, reason = "at most 177 modules")]
    let module = size / modules.max(1) as f32;
    module * QUIET_MODULES
}

fn ink(placed: &Placed) -> Area {
    let size = placed.line.style.size;
    Area {
        x: placed.x,
        y: placed.y - ABOVE * size,
        width: placed.line.width(),
        height: (ABOVE + BELOW) * size,
    }
}

impl Area {
    /// The same with a border around it.
    pub(super) fn grown(self, by: f32) -> Self {
        Self { x: self.x - by, y: self.y - by, width: self.width + 2.0 * by, height: self.height + 2.0 * by }
    }

    fn within(self, width: f32, height: f32, margin: f32) -> bool {
        let least = margin - HAIR;
        self.x >= least
            && self.y >= least
            && self.x + self.width <= width - least
            && self.y + self.height <= height - least
    }

    fn meets(self, other: Self) -> bool {
        self.x + HAIR < other.x + other.width
            && other.x + HAIR < self.x + self.width
            && self.y + HAIR < other.y + other.height
            && other.y + HAIR < self.y + self.height
    }

    /// True when the ellipse inscribed in this area meets the other area.
    fn ellipse_meets(self, other: Self) -> bool {
        let (rx, ry) = (self.width / 2.0, self.height / 2.0);
        let (cx, cy) = (self.x + rx, self.y + ry);
        let nearest = |c: f32, from: f32, length: f32| c.clamp(from, from + length.max(0.0)) - c;
        let (dx, dy) = (nearest(cx, other.x, other.width), nearest(cy, other.y, other.height));
        (dx / rx).powi(2) + (dy / ry).powi(2) < 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Area = Area { x: 10.0, y: 10.0, width: 20.0, height: 20.0 };

    #[test]
    fn neighbours_that_touch_do_not_meet() {
        let beside = |x: f32, y: f32| Area { x, y, width: 20.0, height: 20.0 };
        assert!(!BOX.meets(beside(30.0, 10.0)) && !BOX.meets(beside(10.0, 30.0)));
        assert!(BOX.meets(beside(29.9, 29.9)) && BOX.meets(BOX));
        let rule = Area { x: 0.0, y: 20.0, width: 100.0, height: 0.0 };
        assert!(BOX.meets(rule) && rule.meets(BOX));
    }

    #[test]
    fn a_round_seal_leaves_its_corners_free() {
        let word = |x: f32, y: f32| Area { x, y, width: 2.0, height: 2.0 };
        assert!(!BOX.ellipse_meets(word(9.0, 9.0)) && !BOX.ellipse_meets(word(31.0, 20.0)));
        assert!(BOX.ellipse_meets(word(19.0, 19.0)) && BOX.ellipse_meets(word(9.5, 19.0)));
    }

    #[test]
    fn the_margin_counts() {
        assert!(
            BOX.within(40.0, 40.0, 10.0) && !BOX.within(40.0, 40.0, 10.5) && !BOX.within(29.0, 40.0, 0.0)
        );
    }
}
