//! A submitted document + a seal + a place → the document with one more revision that holds an empty signature field.
//!
//! ISO 32000-1 §7.5.6 (incremental updates), §12.7.4.5 (signature fields), §12.8.1: an approval signature, since whoever
//! made the document may have signed it before. No byte of the submitted file is touched, so earlier signatures stay what
//! they were. The room neither signs nor judges: `sign` fills the hole, `verify` reads the result.
//! [`gate::hazards`] tells what could change the document's face after it was sealed; whether that is asked is up to the
//! service.

mod field;
pub mod gate;
mod place;
mod spot;

pub use place::{PageChoice, Place, PlaceFault, point};
pub use spot::Spot;

use crate::domain::Instant;
use crate::pdf::{AppendError, Dict, File, Object, ReadError, Text, UnsignedPdf, Update};
use crate::render::SealField;

/// Why no signature field was added.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// The place asked for cannot be had.
    #[error(transparent)]
    Place(#[from] PlaceFault),
    /// The file cannot be read where it must be written anew.
    #[error("文件读不懂,不能加盖({0:?})/ the file cannot be read where it must be added to ({0:?})")]
    Read(#[from] ReadError),
    /// The file cannot be added to.
    #[error("文件不能追加内容({0})/ the file cannot be added to ({0})")]
    Append(#[from] AppendError),
    /// A page, form or catalog that is not what the standard says.
    #[error("文件的{0}不合 PDF 规范 / the file's {0} is not as ISO 32000 says")]
    Shape(&'static str),
}

impl StampError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Place(fault) => fault.code(),
            Self::Read(_) => "document.unreadable",
            Self::Append(AppendError::Encrypted) => "document.encrypted",
            Self::Append(AppendError::Ends) => "document.ends",
            Self::Append(AppendError::Full | AppendError::Signature) => "document.full",
            Self::Shape(_) => "document.shape",
        }
    }
}

/// The document with one more revision; its hole is empty.
///
/// # Errors
/// [`StampError`]; nothing was made then.
pub fn prepare(
    file: &File<'_>,
    seal: &SealField,
    place: &Place,
    at: Instant,
) -> Result<(UnsignedPdf, Spot), StampError> {
    let spot = spot::find(file, seal.seal.size(), place)?;
    let mut update = Update::new(file)?;
    let value = update.fresh()?;
    let form = update.fresh()?;
    let size = seal.seal.size();
    update.put_stream(form, appearance(size, spot.rotate), seal.seal.content());
    field::add(&mut update, file, seal, &spot, [value, form])?;
    let dict = Dict::of([
        (b"Type", Object::name(b"Sig")),
        (b"Filter", Object::name(b"Adobe.PPKLite")),
        (b"SubFilter", Object::name(seal.subfilter.word())),
        (b"M", Text::of_bytes(at.pdf_date().as_bytes()).into()),
    ]);
    update.put_signature(value, &dict, seal.hole)?;
    Ok((update.finish()?, spot))
}

/// The form of the seal (§8.10.2). Its box is in millimetres; turned so that it stands upright when the page is shown.
fn appearance((width, height): (f32, f32), rotate: u16) -> Dict {
    let number = |value: f32| Object::Real(f64::from(value));
    let turned = match rotate {
        90 => [0, 1, -1, 0, 0, 0],
        180 => [-1, 0, 0, -1, 0, 0],
        270 => [0, -1, 1, 0, 0, 0],
        _ => [1, 0, 0, 1, 0, 0],
    };
    let multiply = Dict::of([(b"Type", Object::name(b"ExtGState")), (b"BM", Object::name(b"Multiply"))]);
    let states = Dict::of([(b"Multiply", multiply.into())]);
    Dict::of([
        (b"Type", Object::name(b"XObject")),
        (b"Subtype", Object::name(b"Form")),
        (b"BBox", Object::Array(vec![number(0.0), number(0.0), number(width), number(height)])),
        (b"Matrix", Object::Array(turned.map(Object::Integer).to_vec())),
        (b"Resources", Dict::of([(b"ExtGState", states.into())]).into()),
        (b"Filter", Object::name(b"FlateDecode")),
    ])
}
