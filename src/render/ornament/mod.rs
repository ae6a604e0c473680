//! What ornaments can a page carry?
//!
//! Pure functions from a few numbers and colours to vectors: guilloche, rosettes, frames, 回纹, magnolia, ginkgo, 海水江崖, wave
//! fields. Curves are true cubics, few of them: an ornament is drawn once per template and travels in every certificate.
//! Positions are given as in `layout.toml` (mm from the top left corner); drawings come back y up, as large as the page.
//! No emblem of state is among them, by law and by choice; nothing here is random or knows a certificate.

mod flora;
mod frame;
mod fret;
mod guilloche;
mod params;
mod path;
mod petals;
mod rosette;
mod water;

#[cfg(test)]
mod tests;

use crate::domain::drawing::{Drawing, Paint, PathStep, Shape};
use params::Params;

/// Most outline steps of one ornament: a hundred times a sensible one is a mistake or an attack, not a design.
const MAX_STEPS: usize = 12_000;
/// Largest page side in mm, as in the layout language.
const MAX_PAGE_MM: f32 = 2_000.0;

/// An ornament that cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrnamentError {
    /// No such ornament.
    #[error("没有名为 {kind} 的纹饰 / no ornament {kind:?}; there are: {known}")]
    UnknownKind {
        /// The kind asked for.
        kind: String,
        /// The kinds there are.
        known: String,
    },
    /// A parameter this kind does not have.
    #[error("纹饰 {kind} 没有参数 {name} / ornament {kind} has no parameter {name:?}; it has: {known}")]
    UnknownParameter {
        /// The ornament.
        kind: &'static str,
        /// The parameter given.
        name: String,
        /// Its parameters.
        known: String,
    },
    /// A parameter of the wrong kind or outside its limits.
    #[error("纹饰 {kind} 的参数 {name} 须为 {wanted} / parameter {name} of ornament {kind} must be {wanted}")]
    BadParameter {
        /// The ornament.
        kind: &'static str,
        /// The parameter.
        name: &'static str,
        /// What it must be.
        wanted: String,
    },
    /// A page without a sensible size.
    #[error("页面尺寸无效 / a page is up to 2000 mm wide and high")]
    Page,
    /// Ink beyond the edge of the page.
    #[error("纹饰 {kind} 超出页面 / ornament {kind} runs off the page")]
    OutsidePage {
        /// The ornament.
        kind: &'static str,
    },
    /// Too fine for its size.
    #[error("纹饰 {kind} 线条过密 / ornament {kind} would need more than 12000 outline steps")]
    TooDense {
        /// The ornament.
        kind: &'static str,
    },
}

type Painter = fn(&Params<'_>) -> Result<Vec<Shape>, OrnamentError>;

/// Every ornament by name.
const KINDS: &[(&str, Painter)] = &[
    ("corners", frame::corners),
    ("flourish", frame::flourish),
    ("frame", frame::frame),
    ("fret_border", fret::border),
    ("ginkgo", flora::ginkgo),
    ("guilloche_border", guilloche::border),
    ("magnolia", flora::magnolia),
    ("magnolia_rosette", flora::magnolia_rosette),
    ("panel", frame::panel),
    ("rosette", rosette::rosette),
    ("sea", water::sea),
    ("wave_field", water::field),
];

/// Names of the ornaments there are, sorted.
#[must_use]
pub fn kinds() -> Vec<&'static str> {
    KINDS.iter().map(|(name, _)| *name).collect()
}

/// Draws one ornament for a page of `page_w` × `page_h` mm.
///
/// # Errors
/// An [`OrnamentError`] naming the ornament, the parameter and what is possible.
pub fn draw(kind: &str, params: &toml::Table, page_w: f32, page_h: f32) -> Result<Drawing, OrnamentError> {
    let Some((name, painter)) = KINDS.iter().find(|(name, _)| *name == kind) else {
        return Err(OrnamentError::UnknownKind { kind: kind.to_owned(), known: kinds().join(", ") });
    };
    for side in [page_w, page_h] {
        if !(1.0..=MAX_PAGE_MM).contains(&side) {
            return Err(OrnamentError::Page);
        }
    }
    let shapes = painter(&Params::new(name, params, f64::from(page_w), f64::from(page_h)))?;
    if shapes.iter().map(|s| s.steps.len()).sum::<usize>() > MAX_STEPS {
        return Err(OrnamentError::TooDense { kind: name });
    }
    if !shapes.iter().all(|s| inside(s, page_w, page_h)) {
        return Err(OrnamentError::OutsidePage { kind: name });
    }
    Ok(Drawing { width: page_w, height: page_h, shapes })
}

/// True when all ink but half a line's width lies on the page. Curves are looked at in five places: control points may
/// lie outside while the curve does not.
fn inside(shape: &Shape, page_w: f32, page_h: f32) -> bool {
    let edge = match shape.paint {
        Paint::Fill(_) => 0.02,
        Paint::Stroke { width, .. } => 0.02 + width / 2.0,
    };
    let on = |x: f32, y: f32| (-edge..=page_w + edge).contains(&x) && (-edge..=page_h + edge).contains(&y);
    let mut at = (0.0, 0.0);
    shape.steps.iter().all(|step| match *step {
        PathStep::Move(x, y) | PathStep::Line(x, y) => {
            at = (x, y);
            on(x, y)
        }
        PathStep::Cubic(a, b, c, d, x, y) => {
            let from = std::mem::replace(&mut at, (x, y));
            [0.2_f32, 0.4, 0.6, 0.8, 1.0].into_iter().all(|t| {
                let s = 1.0 - t;
                let w = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
                let mix = |p: [f32; 4]| p.iter().zip(w).map(|(p, w)| p * w).sum::<f32>();
                on(mix([from.0, a, c, x]), mix([from.1, b, d, y]))
            })
        }
        PathStep::Close => true,
    })
}
