//! A signature field that is there and empty: found by its name, weighed, filled (ISO 32000-1 §12.7.4.5).
//!
//! Its rectangle stays; the seal is drawn in the middle of it. A lock becomes the FieldMDP transform of the signature
//! (§12.8.2.4). What its seed value demands is obeyed or the field is refused; nothing is ignored.

use super::place::PlaceFault;
use super::{Spot, StampError};
use crate::domain::plain::plain;
use crate::pdf::{Dict, File, Geometry, Object, Reference};
use crate::render::SealField;

/// Bits of `/F` (Table 165): Invisible, Hidden, NoView, ToggleNoView.
const UNSEEN: i64 = 1 | 2 | 32 | 256;
const PRINT: i64 = 4;
/// No seal is drawn smaller than so much of its size.
const SMALLEST: f64 = 0.6;
/// Fields of a form that are looked at.
const FIELDS: usize = 20_000;
/// Levels of fields within fields.
const DEPTH: usize = 32;

/// An empty signature field.
pub(super) struct Empty {
    /// The field.
    pub(super) field: Reference,
    pub(super) dict: Dict,
    /// Its one widget, where that is another object.
    pub(super) widget: Option<(Reference, Dict)>,
    pub(super) spot: Spot,
    /// Width and height as shown, in mm.
    pub(super) size_mm: (f64, f64),
    /// How much of its size the seal has.
    pub(super) scale: f64,
    /// The FieldMDP transform that its lock asks for.
    pub(super) lock: Option<Dict>,
}

/// Fields as they are met.
struct Walk<'f, 'a> {
    file: &'f File<'a>,
    left: usize,
    /// Those that are empty and for signatures.
    empty: Vec<String>,
    found: Option<(Reference, Dict, bool)>,
}

/// Finds and weighs the field.
pub(super) fn find(file: &File<'_>, seal: &SealField, name: &str) -> Result<Empty, StampError> {
    let (field, dict) = by_name(file, name)?;
    let own = || name.to_owned();
    let widget = match dict.find(b"Kids").map(|kids| file.resolve(kids, file.newest())).transpose()? {
        None => None,
        Some(kids) => match kids.as_array() {
            Some([Object::Reference(kid)]) => {
                let object = file.object(*kid, file.newest())?.ok_or(StampError::Shape("/Kids"))?;
                Some((*kid, object.value.as_dict().ok_or(StampError::Shape("/Kids"))?.clone()))
            }
            // Several pictures of one signature.
            _ => return Err(StampError::Shape("/Kids")),
        },
    };
    let (shown, reference) =
        widget.as_ref().map_or((&dict, field), |(reference, widget)| (widget, *reference));
    let flags = shown.find(b"F").and_then(Object::as_integer).unwrap_or(0);
    if flags & UNSEEN != 0 || flags & PRINT == 0 {
        return Err(PlaceFault::FieldHidden { field: own() }.into());
    }
    let (page, index) = page_of(file, reference)?.ok_or_else(|| PlaceFault::FieldHidden { field: own() })?;
    let geometry = super::spot::geometry(file, page)?;
    let corners = shown.find(b"Rect").map(|corners| file.resolve(corners, file.newest())).transpose()?;
    let rectangle = corners.and_then(|corners| file.corners(&corners, file.newest()));
    let rectangle = rectangle.ok_or(StampError::Shape("/Rect"))?;
    let size_mm = as_shown(&geometry, rectangle);
    let scale = fitting(seal, size_mm, name)?;
    demands(file, &dict, seal, name)?;
    let spot = Spot { page: index, reference: page, rectangle, rotate: geometry.rotate };
    let lock = locked(file, &dict)?;
    Ok(Empty { field, dict, widget, spot, size_mm, scale, lock })
}

fn as_shown(geometry: &Geometry, [left, bottom, right, top]: [f64; 4]) -> (f64, f64) {
    let (width, height) = ((right - left) * geometry.unit_mm, (top - bottom) * geometry.unit_mm);
    if geometry.rotate.is_multiple_of(180) { (width, height) } else { (height, width) }
}

fn fitting(seal: &SealField, (width_mm, height_mm): (f64, f64), field: &str) -> Result<f64, PlaceFault> {
    let (width, height) = (f64::from(seal.seal.size().0), f64::from(seal.seal.size().1));
    let field = field.to_owned();
    if width_mm <= 0.0 || height_mm <= 0.0 {
        return Err(PlaceFault::FieldHidden { field });
    }
    let scale = (width_mm / width).min(height_mm / height).min(1.0);
    if scale < SMALLEST {
        let (seal_width_mm, seal_height_mm) = (width, height);
        return Err(PlaceFault::FieldSmall { field, width_mm, height_mm, seal_width_mm, seal_height_mm });
    }
    Ok(scale)
}

fn by_name(file: &File<'_>, name: &str) -> Result<(Reference, Dict), StampError> {
    let newest = file.newest();
    let catalog = file.catalog(newest)?;
    let form = catalog.value.as_dict().and_then(|root| root.find(b"AcroForm"));
    let form = form.map(|form| file.resolve(form, newest)).transpose()?;
    let fields = form.as_deref().and_then(Object::as_dict).and_then(|form| form.find(b"Fields"));
    let fields = fields.map(|fields| file.resolve(fields, newest)).transpose()?;
    let mut walk = Walk { file, left: FIELDS, empty: Vec::new(), found: None };
    if let Some(fields) = fields.as_deref() {
        walk.fields(fields, "", false, name, 0)?;
    }
    match walk.found {
        Some((field, dict, false)) => Ok((field, dict)),
        Some(_) => Err(PlaceFault::FieldSigned { field: name.to_owned() }.into()),
        None => Err(PlaceFault::NoField { asked: name.to_owned(), known: walk.empty }.into()),
    }
}

impl Walk<'_, '_> {
    fn fields(
        &mut self,
        fields: &Object,
        above: &str,
        signs: bool,
        wanted: &str,
        depth: usize,
    ) -> Result<(), StampError> {
        if depth > DEPTH {
            return Ok(());
        }
        for field in fields.as_array().unwrap_or_default() {
            let Some(left) = self.left.checked_sub(1) else { return Ok(()) };
            self.left = left;
            let held = self.file.resolve(field, self.file.newest())?;
            let (Some(dict), Some(reference)) = (held.as_dict(), field.as_reference()) else { continue };
            let part = dict.find(b"T").map(|name| self.file.resolve(name, self.file.newest())).transpose()?;
            let Some(part) = part.and_then(|part| part.as_text().map(crate::pdf::Text::display)) else {
                continue;
            };
            let full = if above.is_empty() { part } else { format!("{above}.{part}") };
            let signs = dict.name(b"FT").map_or(signs, |kind| kind == b"Sig");
            let kids =
                dict.find(b"Kids").map(|kids| self.file.resolve(kids, self.file.newest())).transpose()?;
            if signs {
                let filled = dict.find(b"V").is_some();
                if full == wanted {
                    self.found = Some((reference, dict.clone(), filled));
                }
                if !filled && self.empty.len() < 20 {
                    self.empty.push(full.clone());
                }
            }
            if let Some(kids) = kids.as_deref() {
                self.fields(kids, &full, signs, wanted, depth + 1)?;
            }
        }
        Ok(())
    }
}

/// The page that has the widget among its annotations, and its number from 1.
fn page_of(file: &File<'_>, widget: Reference) -> Result<Option<(Reference, usize)>, StampError> {
    let newest = file.newest();
    for (index, page) in file.pages(newest)?.into_iter().enumerate() {
        let Some(object) = file.object(page, newest)? else { continue };
        let Some(list) = object.value.as_dict().and_then(|page| page.find(b"Annots")) else { continue };
        let list = file.resolve(list, newest)?;
        let list = list.as_array().unwrap_or_default();
        file.compared(list.len())?;
        if list.iter().any(|one| one.as_reference() == Some(widget)) {
            return Ok(Some((page, index + 1)));
        }
    }
    Ok(None)
}

/// Obeys the seed value dictionary (Table 234): what it demands must be what this signature is.
fn demands(file: &File<'_>, field: &Dict, seal: &SealField, name: &str) -> Result<(), StampError> {
    /// Bits of `/Ff`: which entries are demands and not wishes.
    const DEMANDS: [(&[u8], i64); 2] = [(b"Filter", 1), (b"SubFilter", 2)];
    const OTHERS: i64 = !3;
    let Some(seed) = field.find(b"SV") else { return Ok(()) };
    let seed = file.resolve(seed, file.newest())?;
    let Some(seed) = seed.as_dict() else { return Ok(()) };
    let refused =
        |key: &str| Err(PlaceFault::FieldDemands { field: name.to_owned(), key: key.to_owned() }.into());
    let flags = seed.find(b"Ff").and_then(Object::as_integer).unwrap_or(0);
    if flags & OTHERS != 0 {
        return refused("Ff");
    }
    // A certification is not what is asked for here.
    if seed.find(b"MDP").is_some() {
        return refused("MDP");
    }
    for (key, bit) in DEMANDS {
        let Some(value) = seed.find(key).filter(|_| flags & bit != 0) else { continue };
        let value = file.resolve(value, file.newest())?;
        let own: &[u8] = if key == b"Filter" { b"Adobe.PPKLite" } else { seal.subfilter.word() };
        let fits = match &*value {
            Object::Array(items) => items.iter().any(|item| item.as_name() == Some(own)),
            one => one.as_name() == Some(own),
        };
        if !fits {
            return refused(&plain(&String::from_utf8_lossy(key), 40));
        }
    }
    Ok(())
}

/// The transform that a lock (Table 233) asks for.
fn locked(file: &File<'_>, field: &Dict) -> Result<Option<Dict>, StampError> {
    let Some(lock) = field.find(b"Lock") else { return Ok(None) };
    let lock = file.resolve(lock, file.newest())?;
    let Some(lock) = lock.as_dict() else { return Ok(None) };
    let action = lock.name(b"Action").ok_or(StampError::Shape("/Lock"))?;
    let mut parameters = Dict::of([
        (b"Type", Object::name(b"TransformParams")),
        (b"V", Object::name(b"1.2")),
        (b"Action", Object::name(action)),
    ]);
    if let Some(fields) = lock.find(b"Fields") {
        parameters.set(b"Fields", (*file.resolve(fields, file.newest())?).clone());
    }
    Ok(Some(Dict::of([
        (b"Type", Object::name(b"SigRef")),
        (b"TransformMethod", Object::name(b"FieldMDP")),
        (b"TransformParams", parameters.into()),
    ])))
}
