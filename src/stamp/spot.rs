//! A place asked for → a rectangle of a page of this file.

use super::StampError;
use super::place::{Pages, PlaceFault};
use crate::pdf::{Dict, File, Geometry, Object, Reference};

/// Where the signature stands.
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

/// A further place where the seal is drawn.
pub(super) struct Impression {
    /// The page, counted from 1.
    pub(super) page: usize,
    pub(super) reference: Reference,
    /// The six numbers of `cm` for an upright drawing in mm.
    pub(super) matrix: [f64; 6],
}

/// Widgets of a page that are looked at.
const WIDGETS: usize = 4096;
/// What a seal may stand over a page's edge by: rounding.
const TOLERANCE_MM: f64 = 0.01;

/// The spot on the last of the pages, and the impressions on the others.
pub(super) fn find(
    file: &File<'_>,
    size: (f32, f32),
    pages: &Pages,
    centre: (f64, f64),
) -> Result<(Spot, Vec<Impression>), StampError> {
    let all = file.pages(file.newest())?;
    let chosen = pages.among(all.len())?;
    let size = (f64::from(size.0), f64::from(size.1));
    let mut impressions = Vec::new();
    let mut spot = None;
    for index in chosen {
        let reference = *all.get(index).ok_or(StampError::Shape("page"))?;
        let geometry = geometry(file, reference)?;
        let rectangle = within(&geometry, centre, size)?;
        if let Some(field) = covered(file, reference, rectangle)? {
            return Err(PlaceFault::Covers { field }.into());
        }
        let page = index.saturating_add(1);
        let matrix = geometry.upright(centre.0 - size.0 / 2.0, centre.1 + size.1 / 2.0).map(thousandths);
        impressions.push(Impression { page, reference, matrix });
        spot = Some(Spot { page, reference, rectangle, rotate: geometry.rotate });
    }
    impressions.pop();
    Ok((spot.ok_or(StampError::Shape("page"))?, impressions))
}

/// How a page is shown.
pub(super) fn geometry(file: &File<'_>, page: Reference) -> Result<Geometry, StampError> {
    file.geometry(page, file.newest())?.ok_or(StampError::Shape("/MediaBox"))
}

/// The rectangle of the file's coordinates, if what has this centre and size does not leave the page.
pub(super) fn within(
    geometry: &Geometry,
    centre: (f64, f64),
    size: (f64, f64),
) -> Result<[f64; 4], PlaceFault> {
    let page = geometry.size_mm();
    let inside = |centre: f64, side: f64, whole: f64| {
        centre - side / 2.0 >= -TOLERANCE_MM && centre + side / 2.0 <= whole + TOLERANCE_MM
    };
    if inside(centre.0, size.0, page.0) && inside(centre.1, size.1, page.1) {
        return Ok(geometry.rectangle(centre, size).map(thousandths));
    }
    Err(PlaceFault::OffPage {
        seal_width_mm: size.0,
        seal_height_mm: size.1,
        page_width_mm: page.0,
        page_height_mm: page.1,
    })
}

/// A third of a micrometre: nobody sees it, and the number stays short.
pub(super) fn thousandths(value: f64) -> f64 {
    // Plus zero: there is no minus zero on a page.
    (value * 1000.0).round() / 1000.0 + 0.0
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
