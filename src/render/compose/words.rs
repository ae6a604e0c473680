//! Single lines, paragraphs, and the issuer's two lines under the seal.

use super::super::RenderError;
use super::super::breaking::{self, Column};
use super::super::layout::{Align, Fit, IssuerLines, Paragraph, Text};
use super::super::node::{Decoration, Fragment, Node, Placed, Tag};
use super::super::typeset::shrink_steps;
use super::{Composer, MIDDLE_TO_BASELINE, Place, does_not_fit, start};

impl<'a> Composer<'a> {
    /// A line whose `x` is its left edge, centre or right edge as its alignment says.
    pub(super) fn text(
        &self,
        name: &str,
        spec: &Text,
        place: Place,
    ) -> Result<Option<Fragment<'a>>, RenderError> {
        let Some(words) = self.facts.fill(&spec.text) else { return Ok(None) };
        let mut style = self.style(spec.font, spec.size, spec.colour);
        style.tracking = spec.tracking;
        let mut line = self.line(&words, style)?;
        if let Some(width) = spec.width {
            line = line.fitted(width, spec.fit).ok_or_else(|| does_not_fit(name))?;
        }
        let x = match (spec.align, spec.width) {
            (Align::Spread, Some(width)) => {
                line = line.spread(width);
                place.x
            }
            (align, _) => start(align, place.x, 0.0, line.width()),
        };
        let placed = Placed { x, y: place.y, line };
        let node = if spec.artifact {
            Node::Decoration(Decoration::Words(placed))
        } else {
            let plain = if spec.english { Tag::English } else { Tag::Paragraph };
            Node::Words { tag: spec.heading.map_or(plain, Tag::Heading), lines: vec![placed] }
        };
        Ok(Some(Fragment { height: spec.size, nodes: vec![node], seal: None }))
    }

    pub(super) fn paragraph(
        &self,
        name: &str,
        spec: &Paragraph,
        place: Place,
    ) -> Result<Option<Fragment<'a>>, RenderError> {
        let Some(words) = self.facts.fill(&spec.text) else { return Ok(None) };
        for scale in shrink_steps(spec.fit) {
            let leading = spec.leading.unwrap_or(spec.size * 1.75) * scale;
            let style = self.style(spec.font, spec.size * scale, spec.colour);
            let column = Column { width: place.width, indent: spec.indent, align: spec.align, style };
            let mut nodes = Vec::new();
            let mut y = place.y;
            for text in words.split('\n').map(str::trim).filter(|text| !text.is_empty()) {
                let mut lines = Vec::new();
                for broken in breaking::paragraph(self.fonts, text, column)? {
                    lines.push(Placed {
                        x: place.x + broken.x,
                        y: y + leading / 2.0 + MIDDLE_TO_BASELINE * style.size,
                        line: broken.line,
                    });
                    y += leading;
                }
                nodes.push(Node::Words { tag: Tag::Paragraph, lines });
            }
            let height = y - place.y;
            if spec.height.is_none_or(|most| height <= most + 0.01) {
                return Ok((!nodes.is_empty()).then_some(Fragment { height, nodes, seal: None }));
            }
        }
        Err(does_not_fit(name))
    }

    /// Issuer and date, both centred on `x`, the issuer's baseline at `y`, and the seal over them.
    pub(super) fn issuer(
        &self,
        name: &str,
        spec: &IssuerLines,
        (x, y): (f32, f32),
    ) -> Result<Option<Fragment<'a>>, RenderError> {
        let style = self.style(spec.font, spec.size, spec.colour);
        let centre = y - spec.rise * self.seal_radius;
        let mut nodes = Vec::new();
        for (phrase, y) in [(&spec.text, y), (&spec.date, centre + spec.drop * self.seal_radius)] {
            if let Some(words) = self.facts.fill(phrase) {
                let line = self.line(&words, style)?;
                let line = match spec.width {
                    Some(width) => line.fitted(width, Fit::Shrink).ok_or_else(|| does_not_fit(name))?,
                    None => line,
                };
                let x = start(Align::Centre, x, 0.0, line.width());
                nodes.push(Node::Words { tag: Tag::Paragraph, lines: vec![Placed { x, y, line }] });
            }
        }
        Ok(Some(Fragment { height: 0.0, nodes, seal: Some((x, centre)) }))
    }

    /// The same in a flow: the seal's lower edge is the lower edge of the fragment.
    pub(super) fn issuer_in_flow(
        &self,
        name: &str,
        spec: &IssuerLines,
        place: Place,
    ) -> Result<Option<Fragment<'a>>, RenderError> {
        let height = spec.height.unwrap_or(2.0 * self.seal_radius);
        let x = spec.x.unwrap_or(place.x + place.width - spec.inset);
        let y = place.y + height - self.seal_radius * (1.0 - spec.rise);
        Ok(self.issuer(name, spec, (x, y))?.map(|fragment| Fragment { height, ..fragment }))
    }
}
