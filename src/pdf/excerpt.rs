//! One annotation as a document of its own: a bare page that shows nothing else. For looking at a seal without what
//! lies below it.

use super::file::File;
use super::filters;
use super::object::{Object, Reference};
use super::write::{begin, write};
use super::{Bound, ReadError};
use std::collections::HashSet;
use std::io::Write;

/// Objects of an excerpt at most: an appearance of Acrobat has some twenty.
const MOST_OBJECTS: usize = 512;

/// Bytes of an excerpt at most: a seal scanned at 1,200 dpi, uncompressed.
const MOST_BYTES: usize = 16 << 20;

/// Entries of an annotation that lead away from how it looks.
const AWAY: [&[u8]; 8] = [b"Parent", b"P", b"V", b"A", b"AA", b"Dest", b"Popup", b"IRT"];

/// The page that carries an excerpt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left, bottom, right and top in default user space units: the rectangle of the annotation.
    pub corners: [f64; 4],
    /// `/Rotate` of the page that it is taken from.
    pub rotate: i64,
}

impl File<'_> {
    /// The annotation as of a revision, with everything that its look depends on, on a page of its own.
    ///
    /// # Errors
    /// What cannot be read; [`Bound::StreamOutput`] and [`Bound::Items`] where it is too much.
    pub fn excerpt(&self, annotation: Reference, frame: Frame, as_of: usize) -> Result<Vec<u8>, ReadError> {
        let mut out = b"%PDF-1.7\n".to_vec();
        let mut places: Vec<(u32, usize)> = Vec::new();
        let mut seen = HashSet::from([annotation]);
        let mut stack = vec![annotation];
        let mut highest = 0;
        while let Some(reference) = stack.pop() {
            let Some(object) = self.object(reference, as_of)? else { continue };
            if places.len() >= MOST_OBJECTS {
                return Err(self.limits.reached(Bound::Items));
            }
            highest = highest.max(reference.number);
            places.push((reference.number, out.len()));
            begin(&mut out, reference);
            let mut value = object.value.clone();
            if let Object::Dict(dict) = &mut value {
                dict.entries.retain(|(key, _)| !AWAY.contains(&key.as_slice()));
            }
            if object.data_at.is_some()
                && let Object::Dict(dict) = &mut value
            {
                let data = self.plain_data(&object, as_of)?;
                if out.len().saturating_add(data.len()) > MOST_BYTES {
                    return Err(self.limits.reached(Bound::StreamOutput));
                }
                filters::without_crypt(dict);
                dict.entries.retain(|(key, _)| key.as_slice() != b"Length");
                let length = i64::try_from(data.len()).unwrap_or(i64::MAX);
                dict.entries.push((b"Length".as_slice().into(), Object::Integer(length)));
                write(&mut out, &value);
                out.extend_from_slice(b"\nstream\n");
                out.extend_from_slice(&data);
                out.extend_from_slice(b"\nendstream");
            } else {
                write(&mut out, &value);
            }
            out.extend_from_slice(b"\nendobj\n");
            below(&value, &mut |reference| {
                if seen.insert(reference) {
                    stack.push(reference);
                }
            });
        }
        finish(&mut out, &mut places, highest, annotation, frame);
        Ok(out)
    }
}

/// Catalog, page tree, page and cross-reference table.
fn finish(
    out: &mut Vec<u8>,
    places: &mut Vec<(u32, usize)>,
    highest: u32,
    annotation: Reference,
    frame: Frame,
) {
    let [catalog, pages, page] = [1, 2, 3].map(|more| highest.saturating_add(more));
    let [x0, y0, x1, y1] = frame.corners;
    let (number, generation) = (annotation.number, annotation.generation);
    let own = [
        (catalog, format!("<</Type/Catalog/Pages {pages} 0 R>>")),
        (pages, format!("<</Type/Pages/Count 1/Kids[{page} 0 R]>>")),
        (
            page,
            format!(
                "<</Type/Page/Parent {pages} 0 R/MediaBox[{x0} {y0} {x1} {y1}]/Rotate {}/Resources<<>>/Annots[{number} {generation} R]>>",
                frame.rotate
            ),
        ),
    ];
    for (number, value) in own {
        places.push((number, out.len()));
        begin(out, Reference { number, generation: 0 });
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\nendobj\n");
    }
    places.sort_unstable();
    let at = out.len();
    out.extend_from_slice(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, offset) in places {
        // Each in a section of its own: numbers have gaps.
        let generation = if *number == annotation.number { annotation.generation } else { 0 };
        let _ = write!(out, "{number} 1\n{offset:010} {generation:05} n \n");
    }
    let size = page.saturating_add(1);
    let _ = write!(out, "trailer\n<</Size {size}/Root {catalog} 0 R>>\nstartxref\n{at}\n%%EOF\n");
}

fn below(value: &Object, found: &mut dyn FnMut(Reference)) {
    match value {
        Object::Reference(reference) => found(*reference),
        Object::Array(items) => items.iter().for_each(|item| below(item, found)),
        Object::Dict(dict) => dict.iter().for_each(|(_, value)| below(value, found)),
        _ => {}
    }
}
