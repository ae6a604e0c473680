//! A place asked for → a rectangle of a page of this file.

use super::StampError;
use super::place::{PageChoice, Place, PlaceFault};
use crate::pdf::{Dict, File, Object, Reference};

/// Where the seal goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// The page, counted from 1.
    pub page: usize,
    /// Its object.
    pub reference: Reference,
    /// Left, bottom, right, top in the coordinates of the file.
    pub rectangle: [f64; 4],
    /// Degrees clockwise by which the page is turned when shown.
    pub rotate: u16,
}

/// Widgets of a page that are looked at.
const WIDGETS: usize = 4096;
/// What a seal may stand over a page's edge by: rounding.
const TOLERANCE_MM: f64 = 0.01;

pub(super) fn find(file: &File<'_>, size: (f32, f32), place: &Place) -> Result<Spot, StampError> {
    let Place::Point { page, x_mm, y_mm } = place;
    let newest = file.newest();
    let pages = file.pages(newest)?;
    let index = match page {
        PageChoice::Nth(number) => usize::try_from(*number).unwrap_or(usize::MAX).saturating_sub(1),
        PageChoice::Last => pages.len().saturating_sub(1),
    };
    let missing = || {
        let asked = u32::try_from(index.saturating_add(1)).unwrap_or(u32::MAX);
        PlaceFault::NoPage { asked, pages: pages.len() }
    };
    let reference = *pages.get(index).ok_or_else(missing)?;
    let geometry = file.geometry(reference, newest)?.ok_or(StampError::Shape("/MediaBox"))?;
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let (page_width, page_height) = geometry.size_mm();
    let within = |centre: f64, side: f64, whole: f64| {
        centre - side / 2.0 >= -TOLERANCE_MM && centre + side / 2.0 <= whole + TOLERANCE_MM
    };
    if !within(*x_mm, width, page_width) || !within(*y_mm, height, page_height) {
        return Err(PlaceFault::OffPage {
            seal_width_mm: width,
            seal_height_mm: height,
            page_width_mm: page_width,
            page_height_mm: page_height,
        }
        .into());
    }
    let rectangle = geometry.rectangle((*x_mm, *y_mm), (width, height)).map(thousandths);
    if let Some(field) = covered(file, reference, rectangle)? {
        return Err(PlaceFault::Covers { field }.into());
    }
    Ok(Spot { page: index.saturating_add(1), reference, rectangle, rotate: geometry.rotate })
}

/// A third of a micrometre: nobody sees it, and the number stays short.
fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// The signature whose widget on this page is met by the rectangle, if there is one.
fn covered(file: &File<'_>, page: Reference, rectangle: [f64; 4]) -> Result<Option<String>, StampError> {
    let newest = file.newest();
    let Some(page) = file.object(page, newest)? else { return Err(StampError::Shape("page")) };
    let Some(annotations) = page.value.as_dict().and_then(|page| page.find(b"Annots")) else {
        return Ok(None);
    };
    let annotations = file.resolve(annotations, newest)?;
    for annotation in annotations.as_array().unwrap_or_default().iter().take(WIDGETS) {
        let annotation = file.resolve(annotation, newest)?;
        let Some(widget) = annotation.as_dict() else { continue };
        let Some(signed) = signed(file, widget)? else { continue };
        let corners = widget.find(b"Rect").map(|corners| file.resolve(corners, newest)).transpose()?;
        let Some([left, bottom, right, top]) = corners.and_then(|held| file.corners(&held, newest)) else {
            continue;
        };
        let [x0, y0, x1, y1] = rectangle;
        let empty = right <= left || top <= bottom;
        if !empty && left < x1 && right > x0 && bottom < y1 && top > y0 {
            return Ok(Some(signed));
        }
    }
    Ok(None)
}

/// The name of the field if this is the widget of a signature.
fn signed(file: &File<'_>, widget: &Dict) -> Result<Option<String>, StampError> {
    let newest = file.newest();
    let own = |dict: &Dict| -> Result<(bool, Option<String>), StampError> {
        let kind = dict.find(b"FT").map(|kind| file.resolve(kind, newest)).transpose()?;
        let name = dict.find(b"T").map(|name| file.resolve(name, newest)).transpose()?;
        let signs = kind.is_some_and(|kind| kind.as_name() == Some(b"Sig")) && dict.find(b"V").is_some();
        Ok((signs, name.and_then(|name| name.as_text().map(crate::pdf::Text::display))))
    };
    if let (true, name) = own(widget)? {
        return Ok(Some(name.unwrap_or_default()));
    }
    let parent = widget.find(b"Parent").map(|parent| file.resolve(parent, newest)).transpose()?;
    let Some(parent) = parent.as_deref().and_then(Object::as_dict) else { return Ok(None) };
    Ok(match own(parent)? {
        (true, name) => Some(name.unwrap_or_default()),
        _ => None,
    })
}
