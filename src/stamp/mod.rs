//! A submitted document + a seal + a place → the document with one more revision that holds an empty signature field.
//!
//! ISO 32000-1 §7.5.6 (incremental updates), §12.7.4.5 (signature fields), §12.8.1: an approval signature, since whoever
//! made the document may have signed it before. No byte of the submitted file is touched, so earlier signatures stay what
//! they were. The room neither signs nor judges: `sign` fills the hole, `verify` reads the result.
//! [`gate::hazards`] tells what could change the document's face after it was sealed; whether that is asked is up to the
//! service.

mod edge;
mod existing;
mod field;
pub mod gate;
mod place;
mod rewrite;
mod sheets;
mod spot;

pub use edge::Slice;
pub use place::{PageEdge, Pages, Place, PlaceFault, Side, point};
pub use rewrite::{Changes, RewriteFault, Rewritten, rewrite};
pub use spot::Spot;

use crate::domain::Instant;
use crate::pdf::{AppendError, Dict, File, Object, ReadError, Reference, Text, UnsignedPdf, Update};
use crate::render::SealField;
use crate::seal_art::GlyphSource;
use sheets::Sheets;

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
    /// It was not written anew.
    #[error(transparent)]
    Rewrite(RewriteFault),
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
            Self::Rewrite(fault) => fault.code(),
            Self::Read(_) => "document.unreadable",
            Self::Append(AppendError::Encrypted) => "document.encrypted",
            Self::Append(AppendError::Ends) => "document.ends",
            Self::Append(AppendError::Full | AppendError::Signature) => "document.full",
            Self::Shape(_) => "document.shape",
        }
    }
}

/// What is to be done to a document.
#[derive(Clone, Copy)]
pub struct Wish<'w> {
    /// The seal.
    pub seal: &'w SealField,
    /// Where it goes.
    pub place: &'w Place,
    /// Whether it goes over the edges of the pages too.
    pub edge: Option<&'w PageEdge>,
    /// Whether the signature certifies the document: nothing may be changed behind it (DocMDP, P=1, §12.8.2.2).
    pub certify: bool,
    /// What numbers and codes are drawn with.
    pub letters: &'w dyn GlyphSource,
}

/// Where everything landed.
#[derive(Clone, Debug, PartialEq)]
pub struct Landed {
    /// The signature.
    pub spot: Spot,
    /// Further pages that the seal is drawn on, counted from 1.
    pub also_on: Vec<usize>,
    /// The slices on page edges.
    pub slices: Vec<Slice>,
}

/// Everything that was found before anything is written.
struct Plan {
    spot: Spot,
    further: Vec<spot::Impression>,
    existing: Option<existing::Empty>,
    slices: Vec<Slice>,
}

impl Plan {
    fn of(file: &File<'_>, wish: Wish<'_>) -> Result<Self, StampError> {
        let size = wish.seal.seal.size();
        let signed = || !file.signatures().values.is_empty();
        // Before anything is computed for pages that get nothing.
        if wish.edge.is_some() && signed() {
            return Err(PlaceFault::SignedBefore.into());
        }
        let slices = match wish.edge {
            Some(edge) => edge::slices(file, size, edge, wish.letters)?,
            None => Vec::new(),
        };
        let plan = match wish.place {
            Place::Point { pages, x_mm, y_mm } => {
                let (spot, further) = spot::find(file, size, pages, (*x_mm, *y_mm))?;
                Self { spot, further, existing: None, slices }
            }
            Place::Field { name } => {
                let empty = existing::find(file, wish.seal, name)?;
                Self { spot: empty.spot.clone(), further: Vec::new(), existing: Some(empty), slices }
            }
        };
        if plan.draws() && signed() {
            return Err(PlaceFault::SignedBefore.into());
        }
        Ok(plan)
    }

    /// Whether pages get more than a widget.
    fn draws(&self) -> bool {
        !self.further.is_empty() || !self.slices.is_empty()
    }

    /// Draws the further impressions and the slices.
    fn draw(&self, sheets: &mut Sheets<'_, '_>, wish: Wish<'_>, at: Instant) -> Result<(), StampError> {
        let height = f64::from(wish.seal.seal.size().1);
        for impression in &self.further {
            let mut operators = String::from("q ");
            edge::numbers(&mut operators, &impression.matrix);
            sheets.draw(impression.reference, &format!("{operators}cm /{} Do Q", sheets::FORM));
        }
        for slice in &self.slices {
            let side = wish.edge.map(|edge| edge.side).unwrap_or_default();
            sheets.draw(slice.reference, &slice.content(height, sheets::FORM, wish.letters));
            sheets.keep(slice.reference, slice.private(side), at)?;
        }
        Ok(())
    }
}

/// The document with one more revision; its hole is empty.
///
/// # Errors
/// [`StampError`]; nothing was made then.
pub fn prepare(file: &File<'_>, wish: Wish<'_>, at: Instant) -> Result<(UnsignedPdf, Landed), StampError> {
    let (seal, size) = (wish.seal, wish.seal.seal.size());
    let plan = Plan::of(file, wish)?;
    let mut update = Update::new(file)?;
    let mut sheets = Sheets::of(file);
    let (value, form) = (update.fresh()?, update.fresh()?);
    // What the widget shows may be turned; what is drawn into pages is not.
    let alone = plan.existing.is_none() && plan.spot.rotate == 0;
    let upright = if alone || !(plan.draws() || plan.existing.is_some()) { form } else { update.fresh()? };
    if upright != form {
        update.put_stream(upright, appearance(size, 0), seal.seal.content());
    }
    plan.draw(&mut sheets, wish, at)?;
    let mut dict = Dict::of([
        (b"Type", Object::name(b"Sig")),
        (b"Filter", Object::name(seal.subfilter.filter())),
        (b"SubFilter", Object::name(seal.subfilter.word())),
        (b"M", Text::of_bytes(at.pdf_date().as_bytes()).into()),
    ]);
    if wish.certify {
        dict.set(b"Reference", Object::Array(vec![certification()]));
    }
    match &plan.existing {
        Some(empty) => {
            field::fill(&mut update, file, empty, [value, form])?;
            framed(&mut update, size, empty, [form, upright]);
            if let Some(lock) = &empty.lock {
                dict.set(b"Reference", Object::Array(vec![lock.clone().into()]));
            }
        }
        None => {
            update.put_stream(form, appearance(size, plan.spot.rotate), seal.seal.content());
            let field = field::Field { seal, spot: &plan.spot, value, form, certifies: wish.certify };
            field::add(&mut update, &mut sheets, file, &field)?;
        }
    }
    sheets.finish(&mut update, upright)?;
    update.put_signature(value, &dict, seal.hole)?;
    let also_on = plan.further.iter().map(|impression| impression.page).collect();
    Ok((update.finish()?, Landed { spot: plan.spot, also_on, slices: plan.slices }))
}

/// No change is allowed (Tables 253, 254).
fn certification() -> Object {
    let parameters = Dict::of([
        (b"Type", Object::name(b"TransformParams")),
        (b"P", Object::Integer(1)),
        (b"V", Object::name(b"1.2")),
    ]);
    let reference = Dict::of([
        (b"Type", Object::name(b"SigRef")),
        (b"TransformMethod", Object::name(b"DocMDP")),
        (b"TransformParams", parameters.into()),
    ]);
    reference.into()
}

/// The seal in the middle of a field of another shape.
fn framed(
    update: &mut Update<'_, '_>,
    size: (f32, f32),
    empty: &existing::Empty,
    [frame, upright]: [Reference; 2],
) {
    let ((width, height), scale) = (empty.size_mm, empty.scale);
    let left = (width - f64::from(size.0) * scale) / 2.0;
    let bottom = (height - f64::from(size.1) * scale) / 2.0;
    let mut content = String::from("q ");
    edge::numbers(&mut content, &[scale, 0.0, 0.0, scale, left, bottom]);
    content.push_str("cm /Seal Do Q");
    let mut dict = appearance((width as f32, height as f32), empty.spot.rotate);
    dict.remove(&[b"Filter"]);
    let seal = Dict::of([(b"Seal", upright.into())]);
    dict.set(b"Resources", Dict::of([(b"XObject", seal.into())]).into());
    update.put_stream(frame, dict, content.as_bytes());
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
