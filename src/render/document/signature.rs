//! The signature field of the first revision: certification at DocMDP P=1, one field, one hole.
//!
//! ISO 32000-1 §12.7.4.5, §12.8; EN 319 142-1 §5 and §6.3. The digest of the reference is left out on purpose
//! (ISO 19005-3 §6.4.3 forbids DigestMethod and its company there).

use super::super::seal::SealField;
use super::Objects;
use crate::pdf::UnsignedPdf;
use pdf_writer::types::{AnnotationFlags, FieldType};
use pdf_writer::{Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use std::ops::Range;

/// Stands in the byte range until the lengths are known; ten digits each, as a file of 2 GB would need.
const UNKNOWN: i32 = 1_999_999_999;
const UNKNOWN_RANGE: &[u8] = b"[0 1999999999 1999999999 1999999999]";

/// The field and its widget are one object. The appearance is the seal: normal state only (ISO 19005-3 §6.3.3).
pub(in crate::render) fn field(pdf: &mut Pdf, objects: &Objects, place: Rect, name_zh: &str) {
    let mut field = pdf.form_field(objects.widget);
    field.field_type(FieldType::Signature).partial_name(TextStr("Seal1")).alternate_name(TextStr(name_zh));
    field.pair(Name(b"V"), objects.value);
    let mut widget = field.into_annotation();
    widget
        .rect(place)
        .flags(AnnotationFlags::PRINT | AnnotationFlags::LOCKED)
        .page(objects.page)
        .struct_parent(objects.form_key);
    widget.appearance().normal().stream(objects.seal);
}

/// The signature dictionary; where in the file it was written.
pub(in crate::render) fn value(pdf: &mut Pdf, id: Ref, field: &SealField, date: &str) -> Range<usize> {
    let start = pdf.len();
    let mut value = pdf.indirect(id).dict();
    value
        .pair(Name(b"Type"), Name(b"Sig"))
        .pair(Name(b"Filter"), Name(field.subfilter.filter()))
        .pair(Name(b"SubFilter"), field.subfilter.name());
    value.pair(Name(b"M"), Str(date.as_bytes()));
    value.insert(Name(b"ByteRange")).array().item(0).item(UNKNOWN).item(UNKNOWN).item(UNKNOWN);
    // Bytes above ASCII, or the writer would choose a literal string: the zeros come afterwards.
    value.pair(Name(b"Contents"), Str(&vec![0xFF; field.hole]));
    let mut references = value.insert(Name(b"Reference")).array();
    let mut reference = references.push().dict();
    reference.pair(Name(b"Type"), Name(b"SigRef")).pair(Name(b"TransformMethod"), Name(b"DocMDP"));
    reference
        .insert(Name(b"TransformParams"))
        .dict()
        .pair(Name(b"Type"), Name(b"TransformParams"))
        .pair(Name(b"P"), 1)
        .pair(Name(b"V"), Name(b"1.2"));
    reference.finish();
    references.finish();
    value.finish();
    start..pdf.len()
}

/// Fills the hole with zeros and states the byte range, now that all lengths are known.
pub(in crate::render) fn patched(
    mut bytes: Vec<u8>,
    dictionary: Range<usize>,
    hole: usize,
) -> Option<UnsignedPdf> {
    let within = |needle: &[u8]| {
        bytes
            .get(dictionary.clone())?
            .windows(needle.len())
            .position(|window| window == needle)
            .map(|at| at + dictionary.start)
    };
    let range = within(UNKNOWN_RANGE)?;
    let opening = within(b"<FFFF")?;
    let closing = opening + 1 + 2 * hole;
    if bytes.get(closing) != Some(&b'>') {
        return None;
    }
    bytes.get_mut(opening + 1..closing)?.fill(b'0');
    let contents = opening..closing + 1;
    let stated = format!("[0 {} {} {}", contents.start, contents.end, bytes.len() - contents.end);
    let stated = format!("{stated:<width$}]", width = UNKNOWN_RANGE.len() - 1);
    bytes.get_mut(range..range + UNKNOWN_RANGE.len())?.copy_from_slice(stated.as_bytes());
    Some(UnsignedPdf { bytes, contents })
}
