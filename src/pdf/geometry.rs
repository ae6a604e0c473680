//! Where a point of a page as it is shown lies in the file: boxes, rotation and unit of a page (ISO 32000-1 §7.7.3.3,
//! §14.11.2).

use super::ReadError;
use super::file::File;
use super::object::{Dict, Object, Reference};

/// Steps up the page tree that are followed.
const STEPS: usize = 64;
/// Millimetres of a default user space unit.
const UNIT_MM: f64 = 25.4 / 72.0;
/// The smallest side of a page in units; what is smaller is nothing to look at.
const SMALLEST: f64 = 3.0;
/// The largest: 3.5 km on each side. Annex C has 14,400.
const LARGEST: f64 = 1e7;

/// How a page is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Left, bottom, right, top of what is shown, in default user space units.
    pub shown: [f64; 4],
    /// Degrees clockwise by which it is turned when shown: 0, 90, 180 or 270.
    pub rotate: u16,
    /// Millimetres of one unit.
    pub unit_mm: f64,
}

impl Geometry {
    /// Width and height as shown, in millimetres.
    #[must_use]
    pub fn size_mm(&self) -> (f64, f64) {
        let [left, bottom, right, top] = self.shown;
        let (width, height) = ((right - left) * self.unit_mm, (top - bottom) * self.unit_mm);
        if self.rotate.is_multiple_of(180) { (width, height) } else { (height, width) }
    }

    /// The point of the file's coordinates that is shown so many millimetres from the left and from the top edge.
    #[must_use]
    pub fn point(&self, from_left_mm: f64, from_top_mm: f64) -> (f64, f64) {
        let [left, bottom, right, top] = self.shown;
        let (x, y) = (from_left_mm / self.unit_mm, from_top_mm / self.unit_mm);
        match self.rotate {
            90 => (left + y, bottom + x),
            180 => (right - x, bottom + y),
            270 => (right - y, top - x),
            _ => (left + x, top - y),
        }
    }

    /// What takes millimetres of an upright drawing, whose lower left corner is shown at this point, into the file's
    /// coordinates: the six numbers of `cm` (ISO 32000-1 §8.3.3).
    #[must_use]
    pub fn upright(&self, from_left_mm: f64, from_top_mm: f64) -> [f64; 6] {
        let (x, y) = self.point(from_left_mm, from_top_mm);
        let one = 1.0 / self.unit_mm;
        let [a, b, c, d] = match self.rotate {
            90 => [0.0, one, -one, 0.0],
            180 => [-one, 0.0, 0.0, -one],
            270 => [0.0, -one, one, 0.0],
            _ => [one, 0.0, 0.0, one],
        };
        [a, b, c, d, x, y]
    }

    /// The rectangle, in the file's coordinates, that is shown with this centre and size.
    #[must_use]
    pub fn rectangle(&self, centre_mm: (f64, f64), size_mm: (f64, f64)) -> [f64; 4] {
        let (x, y) = self.point(centre_mm.0, centre_mm.1);
        let (width, height) = if self.rotate.is_multiple_of(180) { size_mm } else { (size_mm.1, size_mm.0) };
        let (half_width, half_height) = (width / self.unit_mm / 2.0, height / self.unit_mm / 2.0);
        [x - half_width, y - half_height, x + half_width, y + half_height]
    }
}

impl File<'_> {
    /// How a page is shown as of a revision; `None` where its boxes are not what a page may have.
    ///
    /// # Errors
    /// A node that cannot be read.
    pub fn geometry(&self, page: Reference, as_of: usize) -> Result<Option<Geometry>, ReadError> {
        let [media, crop, rotate] = [
            self.inherited(page, b"MediaBox", as_of)?,
            self.inherited(page, b"CropBox", as_of)?,
            self.inherited(page, b"Rotate", as_of)?,
        ];
        let own = self.object(page, as_of)?;
        // Not inherited (Table 30).
        let unit = match own.as_ref().and_then(|own| own.value.as_dict()) {
            Some(dict) => self.held(dict, b"UserUnit", as_of)?,
            None => None,
        };
        let Some(media) = media.and_then(|media| self.corners(&media, as_of)) else { return Ok(None) };
        let shown = match crop.and_then(|crop| self.corners(&crop, as_of)) {
            Some(crop) => overlap(media, crop).unwrap_or(media),
            None => media,
        };
        let turned =
            rotate.as_ref().map_or(Some(0), Object::as_integer).map(|degrees| degrees.rem_euclid(360));
        let unit = unit.as_ref().map_or(Some(1.0), Object::as_number);
        let [left, bottom, right, top] = shown;
        let sizes = SMALLEST..=LARGEST;
        let fits = sizes.contains(&(right - left)) && sizes.contains(&(top - bottom));
        Ok(match (turned, unit) {
            (Some(degrees @ (0 | 90 | 180 | 270)), Some(unit)) if fits && unit > 0.0 && unit <= 1000.0 => {
                let rotate = u16::try_from(degrees).unwrap_or(0);
                Some(Geometry { shown, rotate, unit_mm: unit * UNIT_MM })
            }
            _ => None,
        })
    }

    /// What a page has for a key, from itself or from the nodes above it (§7.7.3.4).
    ///
    /// # Errors
    /// A node that cannot be read.
    pub fn inherited(&self, page: Reference, key: &[u8], as_of: usize) -> Result<Option<Object>, ReadError> {
        let mut node = Some(page);
        for _ in 0..STEPS {
            let Some(object) = node.map(|node| self.object(node, as_of)).transpose()?.flatten() else {
                break;
            };
            let Some(dict) = object.value.as_dict() else { break };
            if let Some(found) = self.held(dict, key, as_of)? {
                return Ok(Some(found));
            }
            node = dict.reference(b"Parent");
        }
        Ok(None)
    }

    fn held(&self, dict: &Dict, key: &[u8], as_of: usize) -> Result<Option<Object>, ReadError> {
        dict.find(key).map(|value| self.resolve(value, as_of).map(|held| (*held).clone())).transpose()
    }

    /// A rectangle, from its lower left to its upper right corner.
    #[must_use]
    pub fn corners(&self, rectangle: &Object, as_of: usize) -> Option<[f64; 4]> {
        let items = rectangle.as_array()?;
        let mut sides = [0.0; 4];
        if items.len() != sides.len() {
            return None;
        }
        for (side, item) in sides.iter_mut().zip(items) {
            *side = self.resolve(item, as_of).ok()?.as_number().filter(|side| side.is_finite())?;
        }
        let [x0, y0, x1, y1] = sides;
        Some([x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)])
    }
}

fn overlap(one: [f64; 4], other: [f64; 4]) -> Option<[f64; 4]> {
    let [a, b, c, d] = one;
    let [e, f, g, h] = other;
    let [left, bottom, right, top] = [a.max(e), b.max(f), c.min(g), d.min(h)];
    (right > left && top > bottom).then_some([left, bottom, right, top])
}
