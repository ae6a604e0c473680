//! Does the file show the picture that was sealed? (GB/T 38540-2020 §7: the application shows the seal's own picture.)
//!
//! The widget of the signature is drawn by itself on bare paper and held against the picture inside the seal. What a
//! machine cannot decide, a person is asked to.

use super::super::finding::{Finding, SealFinding};
use super::super::report::SignatureReport;
use super::report::Shown;
use crate::pdf::{Dict, File, Frame, Object, ReadError, Reference, SignatureValue};

/// What is asked of the preview room, and answered.
#[cfg(feature = "preview")]
mod drawn {
    pub(super) use crate::preview::{Shows, shows};
}

/// Without pictures nothing can be compared, and the report says so.
#[cfg(not(feature = "preview"))]
#[allow(dead_code, reason = "nothing is drawn")]
mod drawn {
    pub(super) enum Shows {
        Same,
        Different,
        Nothing,
        NotDrawn,
    }
    pub(super) fn shows(_: Vec<u8>, _: &[u8]) -> Shows {
        Shows::NotDrawn
    }
}

use drawn::{Shows, shows};

/// Parents followed from one widget.
const STEPS: usize = 256;
/// Widgets of one signature that are looked at.
const WIDGETS: usize = 8;
/// `/F`: Hidden and `NoView` (ISO 32000-1 Table 165).
const UNSEEN: i64 = 2 | 32;
/// Millimetres of a default user space unit.
const UNIT_MM: f64 = 25.4 / 72.0;
/// Millimetres by which a side may differ from what was sealed; the seal counts in whole ones.
const SCALED_MM: f64 = 1.5;

/// A widget of the signature, as the newest revision shows it.
struct Widget {
    reference: Reference,
    frame: Frame,
    /// Whether a viewer draws anything at all.
    seen: bool,
    /// Default user space units of the page, in units of 1/72 inch.
    unit: f64,
}

/// Compares what is shown of the seal that `value` is or carries, and says so in its report.
pub(in crate::verify) fn compare(file: &File<'_>, value: &SignatureValue, report: &mut SignatureReport) {
    let Some(facts) = report.seal.as_mut().and_then(|seal| seal.facts.as_mut()) else { return };
    let picture = &mut facts.picture;
    // Said already.
    if picture.data.is_empty() {
        return;
    }
    let sides = [picture.width_mm, picture.height_mm].map(f64::from);
    let widgets = widgets(file, value).unwrap_or_default();
    let mut shown = Shown::Nothing;
    let mut scaled = false;
    for widget in widgets.iter().filter(|widget| widget.seen) {
        let excerpt = file.excerpt(widget.reference, widget.frame, file.newest());
        let this = match excerpt.map_or(Shows::NotDrawn, |excerpt| shows(excerpt, &picture.data)) {
            Shows::Same => Shown::Same,
            Shows::Different => Shown::Different,
            Shows::Nothing => continue,
            Shows::NotDrawn => Shown::NotCompared,
        };
        scaled |= this == Shown::Same && widget.is_scaled(sides);
        shown = shown.max(this);
    }
    picture.shown = shown;
    let finding = match shown {
        Shown::NotAsked | Shown::Same => None,
        Shown::Nothing => Some(SealFinding::PictureNotShown),
        Shown::NotCompared => Some(SealFinding::PictureNotCompared),
        Shown::Different => Some(SealFinding::PictureDiffers),
    };
    let scaled = scaled.then_some(SealFinding::PictureScaled);
    report.findings.extend(finding.into_iter().chain(scaled).map(Finding::from));
}

impl Widget {
    fn is_scaled(&self, sealed: [f64; 2]) -> bool {
        let [x0, y0, x1, y1] = self.frame.corners;
        let sides = [x1 - x0, y1 - y0].map(|side| side.abs() * self.unit * UNIT_MM);
        let far = |sides: [f64; 2]| {
            sides.iter().zip(sealed).any(|(shown, sealed)| (shown - sealed).abs() > SCALED_MM)
        };
        let [width, height] = sides;
        far([width, height]) && far([height, width])
    }
}

/// The widgets of the field that holds the value, page by page.
fn widgets(file: &File<'_>, value: &SignatureValue) -> Result<Vec<Widget>, ReadError> {
    let mut found = Vec::new();
    for reference in file.pages(file.newest())? {
        let Some(page) = file.object(reference, file.newest())? else { continue };
        let Some(page) = page.value.as_dict() else { continue };
        let Some(list) = page.find(b"Annots") else { continue };
        let list = file.resolve(list, file.newest())?;
        let annotations = list.as_array().unwrap_or_default();
        file.compared(annotations.len())?;
        for reference in annotations.iter().filter_map(Object::as_reference) {
            let Some(object) = file.object(reference, file.newest())? else { continue };
            let Some(widget) = object.value.as_dict() else { continue };
            let is_widget = widget.name(b"Subtype") == Some(b"Widget");
            if is_widget && found.len() < WIDGETS && holds(file, widget, value)? {
                found.extend(frame(file, page, reference, widget)?);
            }
        }
    }
    Ok(found)
}

/// True when the widget's own `/V`, or the one it has from a field above, is this value (ISO 32000-1 §12.7.3.1).
fn holds(file: &File<'_>, widget: &Dict, value: &SignatureValue) -> Result<bool, ReadError> {
    Ok(match inherited(file, widget, b"V")? {
        Some(Object::Reference(reference)) => Some(reference) == value.reference,
        Some(Object::Dict(dict)) => value.reference.is_none() && dict.span == value.dict.span,
        _ => false,
    })
}

/// An entry that a node has itself or from those above it, as written.
fn inherited(file: &File<'_>, node: &Dict, key: &[u8]) -> Result<Option<Object>, ReadError> {
    let mut node = node.clone();
    for _ in 0..STEPS {
        if let Some(value) = node.find(key) {
            return Ok(Some(value.clone()));
        }
        let Some(parent) = node.reference(b"Parent") else { break };
        let Some(object) = file.object(parent, file.newest())? else { break };
        let Some(parent) = object.value.as_dict() else { break };
        node = parent.clone();
    }
    Ok(None)
}

fn frame(
    file: &File<'_>,
    page: &Dict,
    reference: Reference,
    widget: &Dict,
) -> Result<Option<Widget>, ReadError> {
    let number = |value: Option<&Object>| {
        value.map(|value| file.resolve(value, file.newest())).transpose().map(|held| held?.as_number())
    };
    let Some(rectangle) = widget.find(b"Rect") else { return Ok(None) };
    let rectangle = file.resolve(rectangle, file.newest())?;
    let sides: Vec<f64> =
        rectangle.as_array().unwrap_or_default().iter().filter_map(Object::as_number).collect();
    let [x0, y0, x1, y1] = sides[..] else { return Ok(None) };
    let corners = [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)];
    let flags = number(widget.find(b"F"))?.unwrap_or(0.0) as i64;
    let rotate = inherited(file, page, b"Rotate")?;
    let rotate = number(rotate.as_ref())?.unwrap_or(0.0) as i64;
    let seen = flags & UNSEEN == 0 && corners[2] - corners[0] > 1.0 && corners[3] - corners[1] > 1.0;
    let unit = number(page.find(b"UserUnit"))?.filter(|unit| *unit > 0.0).unwrap_or(1.0);
    Ok(Some(Widget { reference, frame: Frame { corners, rotate }, seen, unit }))
}
