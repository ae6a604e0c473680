//! The QR code and the photo.

use super::super::RenderError;
use super::super::clearance::quiet_zone;
use super::super::layout::{Align, PhotoBox, QrBox};
use super::super::node::{Area, Art, Decoration, Fragment, Node, Placed, Tag};
use super::{Composer, start};
use crate::fonts::Role;

impl<'a> Composer<'a> {
    pub(super) fn photo(&self, spec: &'a PhotoBox) -> Option<Fragment<'a>> {
        let photo = self.facts.photo(&spec.path)?;
        let area = Area { x: spec.x, y: spec.y, width: spec.width, height: spec.height };
        let mut nodes = vec![Node::Figure { alt: spec.alt.clone(), area, art: Art::Photo(photo) }];
        if let Some(stroke) = spec.frame {
            nodes.push(Node::Decoration(Decoration::Panel {
                area,
                stroke: Some(stroke),
                fill: None,
                radius: 0.0,
            }));
        }
        Some(Fragment { nodes, ..Fragment::default() })
    }

    pub(super) fn qr(&self, spec: &'a QrBox) -> Result<Fragment<'a>, RenderError> {
        let particulars = self.facts.particulars;
        let code = fast_qr::QRBuilder::new(particulars.verify_url.as_str())
            .ecl(fast_qr::ECL::M)
            .build()
            .map_err(|_| RenderError::Address { length: particulars.verify_url.len() })?;
        let modules = (0..code.size)
            .map(|row| code[row][..code.size].iter().map(|module| module.value()).collect())
            .collect();
        let area = Area { x: spec.x, y: spec.y, width: spec.size, height: spec.size };
        // Ornaments and the watermark end where the code begins: scanners need four blank modules around it.
        let quiet = quiet_zone(spec.size, code.size);
        let ground = Node::Decoration(Decoration::Panel {
            area: area.grown(quiet),
            stroke: None,
            fill: Some(spec.ground.unwrap_or(self.ground)),
            radius: quiet / 2.0,
        });
        let alt = format!("核验二维码：{}，核验码 {}", particulars.verify_url, particulars.code);
        let art = Art::Qr { modules, colour: spec.colour.unwrap_or(self.ink) };
        let mut nodes = vec![ground, Node::Figure { alt, area, art }];
        if let Some(words) = spec.caption.as_ref().and_then(|phrase| self.facts.fill(phrase)) {
            let size = spec.caption_size.unwrap_or(3.2);
            let line = self.line(&words, self.style(Role::Regular, size, spec.colour))?;
            let x = start(Align::Centre, spec.x, spec.size, line.width());
            let y = spec.y + spec.size + spec.caption_gap.unwrap_or(0.0).max(quiet) + 0.88 * size;
            nodes.push(Node::Words { tag: Tag::Paragraph, lines: vec![Placed { x, y, line }] });
        }
        Ok(Fragment { nodes, ..Fragment::default() })
    }
}
