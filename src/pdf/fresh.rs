//! A whole file written from nothing: one revision, one table, nothing that the root does not lead to
//! (ISO 32000-1 §7.5).

use super::object::{Dict, Object, Reference};
use super::write::{begin, write, write_dict};
use std::io::Write;

/// Largest number of an object.
const MOST: u32 = 8_388_607;

/// A file in the making.
#[derive(Default)]
pub struct Fresh {
    /// Of object 1 and on; empty until it is put.
    bodies: Vec<Vec<u8>>,
}

impl Fresh {
    /// A number that is not taken; none when all are.
    pub fn take(&mut self) -> Option<Reference> {
        let number =
            u32::try_from(self.bodies.len().checked_add(1)?).ok().filter(|number| *number <= MOST)?;
        self.bodies.push(Vec::new());
        Some(Reference { number, generation: 0 })
    }

    /// Writes an object.
    pub fn put(&mut self, reference: Reference, value: &Object) {
        let mut body = Vec::new();
        write(&mut body, value);
        self.keep(reference, body);
    }

    /// Writes a stream whose data are filtered as the dictionary says; its length is set here.
    pub fn put_stream(&mut self, reference: Reference, mut dict: Dict, data: &[u8]) {
        dict.set(b"Length", Object::Integer(i64::try_from(data.len()).unwrap_or(i64::MAX)));
        let mut body = Vec::with_capacity(data.len().saturating_add(256));
        write_dict(&mut body, &dict);
        body.extend_from_slice(b"\nstream\n");
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.keep(reference, body);
    }

    fn keep(&mut self, reference: Reference, body: Vec<u8>) {
        let at = usize::try_from(reference.number).ok().and_then(|number| number.checked_sub(1));
        if let Some(place) = at.and_then(|at| self.bodies.get_mut(at)) {
            *place = body;
        }
    }

    /// The file. `trailer` has its root and what else a trailer may have; size is added. What was taken and never put is
    /// null.
    #[must_use]
    pub fn finish(self, mut trailer: Dict) -> Vec<u8> {
        let room =
            self.bodies.iter().map(|body| body.len().saturating_add(48)).fold(1024, usize::saturating_add);
        let mut out = Vec::with_capacity(room);
        out.extend_from_slice(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
        let mut places = Vec::with_capacity(self.bodies.len());
        for (number, body) in (1..).zip(&self.bodies) {
            places.push(out.len());
            begin(&mut out, Reference { number, generation: 0 });
            out.extend_from_slice(if body.is_empty() { b"null" } else { body });
            out.extend_from_slice(b"\nendobj\n");
        }
        let (at, size) = (out.len(), places.len().saturating_add(1));
        let _ = write!(out, "xref\n0 {size}\n0000000000 65535 f \n");
        for place in places {
            let _ = writeln!(out, "{place:010} 00000 n ");
        }
        trailer.set(b"Size", Object::Integer(i64::try_from(size).unwrap_or(i64::MAX)));
        out.extend_from_slice(b"trailer\n");
        write_dict(&mut out, &trailer);
        let _ = write!(out, "\nstartxref\n{at}\n%%EOF\n");
        out
    }
}
