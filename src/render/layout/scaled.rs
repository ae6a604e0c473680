//! The same blocks smaller: what a flow tries when its column is too short. Widths and places across stay.

use super::{Block, Body, IssuerLines, Paragraph, Rows, Space, Table, Text};

impl Block {
    /// Sizes and heights times `by`.
    pub(in crate::render) fn scaled(&self, by: f32) -> Self {
        let part = |size: Option<f32>| size.map(|size| size * by);
        let body = match self.body.clone() {
            Body::Text(b) => {
                Body::Text(Text { size: b.size * by, height: part(b.height), tracking: b.tracking * by, ..b })
            }
            Body::Rows(b) => Body::Rows(Rows {
                size: b.size * by,
                label_size: part(b.label_size),
                pitch: b.pitch * by,
                between: b.between * by,
                ..b
            }),
            Body::Paragraph(b) => Body::Paragraph(Paragraph {
                size: b.size * by,
                leading: part(b.leading),
                height: part(b.height),
                ..b
            }),
            Body::Table(b) => Body::Table(Table {
                size: b.size * by,
                header_size: part(b.header_size),
                pitch: b.pitch * by,
                ..b
            }),
            // The seal keeps its size in millimetres, and so does the room it needs.
            Body::Issuer(b) => Body::Issuer(IssuerLines { size: b.size * by, ..b }),
            Body::Space(b) => Body::Space(Space { height: b.height * by }),
            other => other,
        };
        Self { space_before: self.space_before * by, body, ..self.clone() }
    }
}
