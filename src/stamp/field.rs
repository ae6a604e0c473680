//! A new signature field with its widget: into the form, onto the page (ISO 32000-1 §12.7.2, §12.5.6.19).

use super::existing::Empty;
use super::sheets::Sheets;
use super::{Spot, StampError};
use crate::pdf::{Dict, File, Object, Reference, Text, Update};
use crate::render::SealField;
use std::collections::BTreeSet;

/// `/SigFlags`: there are signatures, and only appending keeps them (Table 219).
const SIGNED_AND_APPENDED: i64 = 3;
/// `/F` of the widget: Print and Locked (Table 165).
const PRINT_AND_LOCKED: i64 = 4 | 128;

/// A field that is to be.
pub(super) struct Field<'s> {
    pub(super) seal: &'s SealField,
    pub(super) spot: &'s Spot,
    /// Its signature dictionary.
    pub(super) value: Reference,
    /// Its appearance.
    pub(super) form: Reference,
    /// Whether its signature certifies the document.
    pub(super) certifies: bool,
}

/// Adds the field.
pub(super) fn add(
    update: &mut Update<'_, '_>,
    sheets: &mut Sheets<'_, '_>,
    file: &File<'_>,
    field: &Field<'_>,
) -> Result<(), StampError> {
    let Field { seal, spot, value, form, certifies } = *field;
    let widget = update.fresh()?;
    let name = into_form(update, file, Some(widget), certifies.then_some(value))?;
    onto_page(update, sheets, file, spot.reference, widget)?;
    let dict = Dict::of([
        (b"Type", Object::name(b"Annot")),
        (b"Subtype", Object::name(b"Widget")),
        (b"FT", Object::name(b"Sig")),
        (b"T", Text::of_words(&name).into()),
        (b"TU", Text::of_words(&seal.name_zh).into()),
        (b"F", Object::Integer(PRINT_AND_LOCKED)),
        (b"P", spot.reference.into()),
        (b"Rect", Object::Array(spot.rectangle.map(Object::Real).to_vec())),
        (b"AP", Dict::of([(b"N", form.into())]).into()),
        (b"V", value.into()),
    ]);
    update.put(widget, &dict.into());
    Ok(())
}

/// Fills a field that is there; `value` and `form` are its signature dictionary and its appearance.
pub(super) fn fill(
    update: &mut Update<'_, '_>,
    file: &File<'_>,
    empty: &Empty,
    [value, form]: [Reference; 2],
) -> Result<(), StampError> {
    into_form(update, file, None, None)?;
    let look = Dict::of([(b"N", form.into())]);
    let mut field = empty.dict.clone();
    field.set(b"V", value.into());
    match &empty.widget {
        None => field.set(b"AP", look.into()),
        Some((reference, widget)) => {
            let mut widget = widget.clone();
            widget.set(b"AP", look.into());
            update.put(*reference, &widget.into());
        }
    }
    update.put(empty.field, &field.into());
    Ok(())
}

/// Says in the form that there are signatures, and puts a new field among its fields; the field's name. What certifies
/// is named in the catalog (Table 258).
fn into_form(
    update: &mut Update<'_, '_>,
    file: &File<'_>,
    field: Option<Reference>,
    certifies: Option<Reference>,
) -> Result<String, StampError> {
    let newest = file.newest();
    let catalog = file.catalog(newest)?;
    let mut root = catalog.value.as_dict().ok_or(StampError::Shape("/Root"))?.clone();
    let held = root.find(b"AcroForm").map(|form| file.resolve(form, newest)).transpose()?;
    let own = held.as_ref().and_then(|held| held.reference());
    let mut form = match held.as_deref() {
        None | Some(Object::Null) => Dict::default(),
        Some(form) => form.as_dict().ok_or(StampError::Shape("/AcroForm"))?.clone(),
    };
    let fields = form.find(b"Fields").map(|fields| file.resolve(fields, newest)).transpose()?;
    let mut list = match fields.as_deref() {
        None | Some(Object::Null) => Vec::new(),
        Some(fields) => fields.as_array().ok_or(StampError::Shape("/Fields"))?.to_vec(),
    };
    let name = free_name(file, &list)?;
    let grown = field.is_some();
    list.extend(field.map(Object::from));
    match fields.as_ref().and_then(|held| held.reference()) {
        Some(own) if grown => update.put(own, &Object::Array(list)),
        None if grown => form.set(b"Fields", Object::Array(list)),
        _ => {}
    }
    let flags = form.find(b"SigFlags").and_then(Object::as_integer).unwrap_or(0);
    if !grown && flags & SIGNED_AND_APPENDED == SIGNED_AND_APPENDED {
        return Ok(name);
    }
    form.set(b"SigFlags", Object::Integer(flags | SIGNED_AND_APPENDED));
    let reference = match own {
        Some(own) => own,
        None => {
            let fresh = update.fresh()?;
            root.set(b"AcroForm", fresh.into());
            fresh
        }
    };
    if let Some(value) = certifies {
        root.set(b"Perms", Dict::of([(b"DocMDP", value.into())]).into());
    }
    if own.is_none() || certifies.is_some() {
        update.put(catalog.reference, &root.into());
    }
    update.put(reference, &form.into());
    Ok(name)
}

/// `Seal1`, `Seal2`, …: the first that no field of the form has.
fn free_name(file: &File<'_>, fields: &[Object]) -> Result<String, StampError> {
    let mut taken = BTreeSet::new();
    for field in fields {
        let field = file.resolve(field, file.newest())?;
        let Some(name) = field.as_dict().and_then(|field| field.find(b"T")) else { continue };
        if let Some(name) = file.resolve(name, file.newest())?.as_text() {
            taken.insert(name.display());
        }
    }
    let free = (1_u32..).map(|number| format!("Seal{number}")).find(|name| !taken.contains(name));
    free.ok_or(StampError::Shape("/Fields"))
}

/// Puts the widget among the annotations of the page, as the last: it is drawn over what was there.
fn onto_page(
    update: &mut Update<'_, '_>,
    sheets: &mut Sheets<'_, '_>,
    file: &File<'_>,
    page: Reference,
    widget: Reference,
) -> Result<(), StampError> {
    let newest = file.newest();
    let dict = sheets.page(page)?;
    let held = dict.find(b"Annots").map(|list| file.resolve(list, newest)).transpose()?;
    let mut list = match held.as_deref() {
        None | Some(Object::Null) => Vec::new(),
        Some(list) => list.as_array().ok_or(StampError::Shape("/Annots"))?.to_vec(),
    };
    list.push(widget.into());
    let own = held.as_ref().and_then(|held| held.reference());
    match own {
        // Its own object stays its own, unless another page shows the same list.
        Some(own) if !shared(file, page, own)? => update.put(own, &Object::Array(list)),
        _ => dict.set(b"Annots", Object::Array(list)),
    }
    Ok(())
}

fn shared(file: &File<'_>, page: Reference, annotations: Reference) -> Result<bool, StampError> {
    let newest = file.newest();
    for other in file.pages(newest)?.into_iter().filter(|other| *other != page) {
        let Some(object) = file.object(other, newest)? else { continue };
        if object.value.as_dict().and_then(|dict| dict.reference(b"Annots")) == Some(annotations) {
            return Ok(true);
        }
    }
    Ok(false)
}
