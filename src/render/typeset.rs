//! Words → a line of glyphs of known width. Horizontal Chinese needs no shaping: one character, one glyph.

use super::RenderError;
use super::layout::Fit;
use crate::domain::drawing::Rgb;
use crate::fonts::{FontSet, Glyph, Role};

/// The least a line is shrunk before the certificate is refused: below, a printed page is hard to read.
const LEAST_SHRINK: f32 = 0.6;

/// How a line is set. Lengths in mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    pub(super) role: Role,
    pub(super) size: f32,
    pub(super) colour: Rgb,
    /// Extra space after each character but the last.
    pub(super) tracking: f32,
}

/// A line ready to be placed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) glyphs: Vec<(Glyph, char)>,
    pub(super) style: Style,
}

impl Line {
    /// Sets words in a line.
    pub(super) fn set(fonts: &FontSet, text: &str, style: Style) -> Result<Self, RenderError> {
        let glyphs = text
            .chars()
            .map(|c| glyph(fonts, style.role, c).map(|glyph| (glyph, c)))
            .collect::<Result<_, _>>()?;
        Ok(Self { glyphs, style })
    }

    /// Width in mm, from the first glyph's origin to the last one's advance.
    pub(super) fn width(&self) -> f32 {
        self.natural() * self.style.size + self.gaps() * self.style.tracking
    }

    /// Sum of advances in em.
    pub(super) fn natural(&self) -> f32 {
        self.glyphs.iter().map(|(glyph, _)| glyph.advance).sum()
    }

    /// Number of places between characters.
    #[allow(clippy::cast_precision_loss, reason = "a line has some dozens of characters")]
    pub(super) fn gaps(&self) -> f32 {
        self.glyphs.len().saturating_sub(1) as f32
    }

    /// The same line tracked so that it fills a width; a single character stays where it is.
    pub(super) fn spread(mut self, width: f32) -> Self {
        if self.gaps() > 0.0 {
            self.style.tracking = (width - self.natural() * self.style.size) / self.gaps();
        }
        self
    }

    /// The line made to fit a width by its rule. `Wrap` cannot help a single line and refuses too.
    pub(super) fn fitted(mut self, width: f32, fit: Fit) -> Option<Self> {
        // A hair of tolerance: widths are sums of rounded numbers.
        let excess = self.width() / (width + 0.01);
        if excess <= 1.0 {
            return Some(self);
        }
        if fit != Fit::Shrink || excess > 1.0 / LEAST_SHRINK {
            return None;
        }
        self.style.size /= excess;
        self.style.tracking /= excess;
        Some(self)
    }

    /// True when the characters stand so far apart that a reader of the file would see separate words.
    pub(super) fn is_loose(&self) -> bool {
        self.gaps() > 0.0 && self.style.tracking > 0.08 * self.style.size
    }

    /// Its characters.
    pub(super) fn text(&self) -> String {
        self.glyphs.iter().map(|&(_, c)| c).collect()
    }
}

/// The glyph of a character, or the refusal that names it.
pub(super) fn glyph(fonts: &FontSet, role: Role, c: char) -> Result<Glyph, RenderError> {
    fonts.glyph(role, c).ok_or(RenderError::MissingCharacter { code_point: u32::from(c) })
}

/// Sizes tried when a paragraph may shrink, largest first.
pub(super) fn shrink_steps(fit: Fit) -> impl Iterator<Item = f32> {
    let steps: &[f32] =
        if fit == Fit::Shrink { &[1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, LEAST_SHRINK] } else { &[1.0] };
    steps.iter().copied()
}
