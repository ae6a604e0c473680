//! A column whose items push down what follows.

use super::super::RenderError;
use super::super::layout::{Align, Block, Body, Flow, Text};
use super::super::node::{Decoration, Fragment};
use super::{Composer, LINE_HEIGHT, MIDDLE_TO_BASELINE, Place, decoration, does_not_fit};

impl<'a> Composer<'a> {
    pub(super) fn flow(&self, name: &str, spec: &'a Flow) -> Result<Fragment<'a>, RenderError> {
        for items in std::iter::once(&spec.items).chain(&spec.smaller) {
            let items = self.items(spec, items)?;
            let between = items.iter().skip(1).map(|(block, _)| spec.gap + block.space_before).sum::<f32>();
            let height = items.iter().map(|(_, fragment)| fragment.height).sum::<f32>() + between;
            let spare = spec.bottom - spec.y - height;
            if spare >= -0.01 {
                return Ok(stacked(spec, items, spare));
            }
        }
        Err(does_not_fit(name))
    }

    /// The items that are present, each with its top at y = 0.
    fn items(&self, spec: &Flow, blocks: &'a [Block]) -> Result<Vec<(&'a Block, Fragment<'a>)>, RenderError> {
        let mut items = Vec::new();
        for block in blocks {
            if let Some(fragment) = self.item(block, Place { x: spec.x, y: 0.0, width: spec.width })? {
                items.push((block, fragment));
            }
        }
        Ok(items)
    }

    /// An item with its top at y = 0.
    fn item(&self, block: &'a Block, place: Place) -> Result<Option<Fragment<'a>>, RenderError> {
        if !self.facts.holds(block.when.as_ref()) {
            return Ok(None);
        }
        let name = block.name.as_str();
        match &block.body {
            Body::Text(spec) => self.text_in_flow(name, spec, place),
            Body::Rows(spec) => self.rows(name, spec, place),
            Body::Paragraph(spec) => self.paragraph(name, spec, place),
            Body::Table(spec) => self.table(name, spec, place),
            Body::Issuer(spec) => self.issuer_in_flow(name, spec, place),
            Body::Line(spec) => {
                let y = spec.width / 2.0;
                let rule = Decoration::Rule {
                    from: (place.x, y),
                    to: (place.x + place.width, y),
                    stroke: spec.stroke(),
                    dash: spec.dash,
                };
                Ok(Some(Fragment { height: spec.width, ..decoration(rule) }))
            }
            Body::Space(spec) => Ok(Some(Fragment { height: spec.height, ..Fragment::default() })),
            Body::Seal(_) | Body::Photo(_) | Body::Qr(_) | Body::Box(_) | Body::Flow(_) => Ok(None),
        }
    }

    fn text_in_flow(
        &self,
        name: &str,
        spec: &Text,
        place: Place,
    ) -> Result<Option<Fragment<'a>>, RenderError> {
        let height = spec.height.unwrap_or(LINE_HEIGHT * spec.size);
        let x = match spec.align {
            Align::Centre => place.x + place.width / 2.0,
            Align::Right => place.x + place.width,
            Align::Left | Align::Spread | Align::Justify => place.x,
        };
        let y = height / 2.0 + MIDDLE_TO_BASELINE * spec.size;
        let fragment = self.text(
            name,
            &Text { width: spec.width.or(Some(place.width)), ..spec.clone() },
            Place { x, y, ..place },
        )?;
        Ok(fragment.map(|fragment| Fragment { height, ..fragment }))
    }
}

/// Items under each other; what is spare widens the gaps.
fn stacked<'a>(spec: &Flow, items: Vec<(&Block, Fragment<'a>)>, spare: f32) -> Fragment<'a> {
    #[allow(clippy::cast_precision_loss, reason = "some dozens of items")]
    let gap = match (spec.spread, items.len()) {
        (Some(most), 2..) => (spec.gap + spare / (items.len() - 1) as f32).min(most.max(spec.gap)),
        _ => spec.gap,
    };
    let mut flow = Fragment::default();
    let mut y = spec.y;
    for (at, (block, fragment)) in items.into_iter().enumerate() {
        if at > 0 {
            y += gap + block.space_before;
        }
        let height = fragment.height;
        let fragment = fragment.shifted(y);
        flow.seal = flow.seal.or(fragment.seal);
        flow.nodes.extend(fragment.nodes);
        y += height;
    }
    flow.height = y - spec.y;
    flow
}
