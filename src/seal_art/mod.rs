//! What does the imprint of an official seal look like?
//!
//! Vectors from a name: ring, name along the rim, star, sub-line, optional 13-digit number (国发〔1999〕25号: round, star in
//! the middle, name from left to right around it). No emblem is drawn and none is shipped: 国徽法 names who may carry it.
//! Every glyph is confined to its own wedge of the rim, so that letters cannot touch whatever the name.
//! It does not know fonts, pages or PDF; the raster twin is somebody else's work.

mod glyph;
mod layout;
mod rim;
mod svg;

#[cfg(test)]
mod tests;

pub use svg::svg;

use crate::domain::drawing::{Drawing, PathStep, Rgb};

/// Seal red, sRGB #D7000F.
pub const SEAL_RED: Rgb = Rgb(215.0 / 255.0, 0.0, 15.0 / 255.0);

/// Smallest and largest side in mm: below 10 mm no name reads, above 60 mm no rule allows one.
const SIZE_MM: std::ops::RangeInclusive<f32> = 10.0..=60.0;
/// Shortest and longest name: beyond 26 characters the strokes of a 42 mm seal fall under 0.1 mm.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=26;
/// Shortest and longest sub-line: more than 12 characters leave the chord under the star.
const SUB_LINE_CHARS: std::ops::RangeInclusive<usize> = 2..=12;
/// Digits of a registered seal's number.
const CODE_DIGITS: usize = 13;
/// An oval wider than this for its height has tips too sharp to carry letters.
const OVAL_RATIO: std::ops::RangeInclusive<f32> = 1.0..=2.0;

/// Where the outlines of characters come from.
pub trait GlyphSource {
    /// Outline of `c` in em units (1.0 is the em, baseline at y = 0, y up) and its advance in em; `None` when no font has it.
    fn outline(&self, c: char) -> Option<(Vec<PathStep>, f32)>;
}

/// Outer shape of a seal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SealShape {
    /// A circle.
    Circle {
        /// Outer diameter in mm, 10 to 60.
        diameter_mm: f32,
    },
    /// An ellipse lying on its long side.
    Oval {
        /// Outer width in mm, 10 to 60.
        width_mm: f32,
        /// Outer height in mm, 10 to 60, at most the width and at least half of it.
        height_mm: f32,
    },
}

/// What a seal says and how large it is.
#[derive(Clone, Debug, PartialEq)]
pub struct SealDesign {
    /// Outer shape and size.
    pub shape: SealShape,
    /// Name along the upper rim, 2 to 26 characters.
    pub name: String,
    /// A straight line under the star, as 收养登记专用章; 2 to 12 characters.
    pub sub_line: Option<String>,
    /// Five-pointed star in the middle.
    pub star: bool,
    /// Ink. The default of the house is [`SEAL_RED`].
    pub colour: Rgb,
    /// Number of the registered seal along the lower rim: 13 digits.
    pub code: Option<String>,
}

impl SealDesign {
    /// A round red seal with a star: the common form of an organ's own seal.
    pub fn round(name: impl Into<String>, diameter_mm: f32) -> Self {
        Self {
            shape: SealShape::Circle { diameter_mm },
            name: name.into(),
            sub_line: None,
            star: true,
            colour: SEAL_RED,
            code: None,
        }
    }

    /// The same seal for one purpose, as 收养登记专用章.
    #[must_use]
    pub fn with_sub_line(mut self, words: impl Into<String>) -> Self {
        self.sub_line = Some(words.into());
        self
    }
}

/// A seal that cannot be drawn as asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SealArtError {
    /// A side outside the limits.
    #[error("印章尺寸须为 10 至 60 毫米 / seal size {given_mm} mm is outside 10 to 60 mm")]
    Size {
        /// The side asked for.
        given_mm: f32,
    },
    /// An oval too flat or standing on end.
    #[error(
        "椭圆印章宽高比须为 1 至 2 / an oval seal is 1 to 2 times as wide as high, not {width_mm} × {height_mm} mm"
    )]
    Ratio {
        /// Width asked for.
        width_mm: f32,
        /// Height asked for.
        height_mm: f32,
    },
    /// A name too short or too long.
    #[error("印章名称须为 2 至 26 字 / the seal's name has {chars} characters; 2 to 26 are possible")]
    NameLength {
        /// Characters given.
        chars: usize,
    },
    /// A sub-line too short or too long.
    #[error("印章横文须为 2 至 12 字 / the seal's sub-line has {chars} characters; 2 to 12 are possible")]
    SubLineLength {
        /// Characters given.
        chars: usize,
    },
    /// Anything but 13 digits.
    #[error("印章编码须为 13 位数字 / a seal number is 13 digits")]
    Code,
    /// A colour outside sRGB.
    #[error("印章颜色超出 sRGB 范围 / the seal's colour is not in sRGB")]
    Colour,
    /// A character without ink: a space, a control character, or one no font has.
    #[error("字库缺字 U+{:04X} / no font draws U+{:04X}", u32::from(*.0), u32::from(*.0))]
    MissingGlyph(char),
    /// The words do not fit at a legible size.
    #[error("印文过长,无法清晰排布 / the words do not fit this seal legibly")]
    DoesNotFit,
}

/// Draws a seal. The drawing's box is the seal's outer size, in mm, y up.
///
/// # Errors
/// A [`SealArtError`] that says which part of the design is impossible.
pub fn draw(design: &SealDesign, glyphs: &dyn GlyphSource) -> Result<Drawing, SealArtError> {
    let (width, height) = size(design.shape)?;
    let name = characters(&design.name, &NAME_CHARS).map_err(|chars| SealArtError::NameLength { chars })?;
    let sub_line = match &design.sub_line {
        Some(words) => {
            Some(characters(words, &SUB_LINE_CHARS).map_err(|chars| SealArtError::SubLineLength { chars })?)
        }
        None => None,
    };
    let code = match &design.code {
        Some(code) if code.len() == CODE_DIGITS && code.bytes().all(|b| b.is_ascii_digit()) => {
            Some(code.chars().collect())
        }
        Some(_) => return Err(SealArtError::Code),
        None => None,
    };
    let Rgb(r, g, b) = design.colour;
    if [r, g, b].iter().any(|part| !(0.0..=1.0).contains(part)) {
        return Err(SealArtError::Colour);
    }
    let words = layout::Words {
        name: glyph::load(&name, glyphs)?,
        sub_line: sub_line.map(|s| glyph::load(&s, glyphs)).transpose()?,
        code: code.map(|s: Vec<char>| glyph::load(&s, glyphs)).transpose()?,
    };
    let shapes = layout::compose(f64::from(width), f64::from(height), &words, design.star, design.colour)?;
    Ok(Drawing { width, height, shapes })
}

fn size(shape: SealShape) -> Result<(f32, f32), SealArtError> {
    let (width_mm, height_mm) = match shape {
        SealShape::Circle { diameter_mm } => (diameter_mm, diameter_mm),
        SealShape::Oval { width_mm, height_mm } => (width_mm, height_mm),
    };
    for given_mm in [width_mm, height_mm] {
        if !SIZE_MM.contains(&given_mm) {
            return Err(SealArtError::Size { given_mm });
        }
    }
    if OVAL_RATIO.contains(&(width_mm / height_mm)) {
        Ok((width_mm, height_mm))
    } else {
        Err(SealArtError::Ratio { width_mm, height_mm })
    }
}

/// The characters of a text, or how many there are when that is out of range. Stops counting soon after the limit.
fn characters(text: &str, range: &std::ops::RangeInclusive<usize>) -> Result<Vec<char>, usize> {
    let found: Vec<char> = text.chars().take(range.end() + 1).collect();
    if range.contains(&found.len()) { Ok(found) } else { Err(found.len()) }
}
