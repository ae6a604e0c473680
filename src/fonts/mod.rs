//! The fonts: which has a character, how wide it is, what its outline looks like.
//!
//! Per character the first font of a role's chain that has it wins: Bold → Regular → rare, Regular → rare.
//! A character counts as had only when its glyph has an outline (or is a space), so that nothing is ever
//! printed as a blank box. The rare-character font is large and seldom needed: it stays compressed until a
//! character asks for it. Fonts come in as bytes; where they lie is the service's business.

mod face;
mod outline;

use crate::domain::Repertoire;
use crate::domain::drawing::PathStep;
pub use face::{Face, FontError};
use std::sync::OnceLock;

/// Which cut a text is set in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Text.
    #[default]
    Regular,
    /// Titles and seals; holds GB 2312 only and falls back to Regular.
    Bold,
}

/// One font file, plain TrueType or compressed with zstd.
#[derive(Clone)]
pub struct FontSource {
    /// PostScript name, as `NotoSerifSC-Regular`. ASCII without spaces.
    pub name: String,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

/// Which face of the set a glyph is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaceId(u8);

const REGULAR: FaceId = FaceId(0);
const BOLD: FaceId = FaceId(1);
const RARE: FaceId = FaceId(2);

impl FaceId {
    /// Every face, in order of index.
    pub const ALL: [Self; 3] = [REGULAR, BOLD, RARE];

    /// 0, 1 or 2.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A character as a face draws it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyph {
    /// The face.
    pub face: FaceId,
    /// Glyph index in it; never 0.
    pub id: u16,
    /// Width in em.
    pub advance: f32,
}

/// The three fonts of the house.
pub struct FontSet {
    regular: Face,
    bold: Face,
    rare: Lazy,
}

struct Lazy {
    source: FontSource,
    face: OnceLock<Result<Face, FontError>>,
}

impl FontSet {
    /// Reads the fonts for text, for titles, and (later, when first needed) for rare characters.
    ///
    /// # Errors
    /// A file that is not zstd or TrueType, or that lacks a table. The rare font's faults appear in
    /// [`FontSet::rare`], since it is read late.
    pub fn new(regular: FontSource, bold: FontSource, rare: FontSource) -> Result<Self, FontError> {
        Ok(Self {
            regular: Face::read(&regular, None)?,
            bold: Face::read(&bold, None)?,
            rare: Lazy { source: rare, face: OnceLock::new() },
        })
    }

    /// The glyph for `c`; `None` when no font has an outline for it.
    #[must_use]
    pub fn glyph(&self, role: Role, c: char) -> Option<Glyph> {
        if role == Role::Bold
            && let Some(glyph) = self.bold.glyph(BOLD, c)
        {
            return Some(glyph);
        }
        if let Some(glyph) = self.regular.glyph(REGULAR, c) {
            return Some(glyph);
        }
        // Nothing below the ideographs is in the rare font: do not unpack 30 MB to learn that.
        if u32::from(c) < 0x2E80 {
            return None;
        }
        self.rare().ok()?.glyph(RARE, c)
    }

    /// The outline of `c` in em (1 is the em height), baseline at y = 0, y upwards, from x = 0.
    #[must_use]
    pub fn outline(&self, role: Role, c: char) -> Option<Vec<PathStep>> {
        let glyph = self.glyph(role, c)?;
        self.face(glyph.face)?.outline(glyph.id)
    }

    /// Width of a text in em; `None` when a character has no glyph.
    #[must_use]
    pub fn width(&self, role: Role, text: &str) -> Option<f32> {
        text.chars().map(|c| self.glyph(role, c).map(|g| g.advance)).sum()
    }

    /// A face; `None` only for a rare font that cannot be read.
    #[must_use]
    pub fn face(&self, id: FaceId) -> Option<&Face> {
        match id {
            REGULAR => Some(&self.regular),
            BOLD => Some(&self.bold),
            _ => self.rare().ok(),
        }
    }

    /// The rare-character font, unpacking it at first need.
    ///
    /// # Errors
    /// What is wrong with its file; the same answer every time.
    pub fn rare(&self) -> Result<&Face, FontError> {
        self.rare
            .face
            .get_or_init(|| Face::read(&self.rare.source, self.regular.ideograph_middle()))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// True once the rare-character font has been unpacked.
    #[must_use]
    pub fn rare_is_loaded(&self) -> bool {
        self.rare.face.get().is_some()
    }
}

impl Repertoire for FontSet {
    fn has(&self, c: char) -> bool {
        self.glyph(Role::Regular, c).is_some()
    }
}

impl std::fmt::Debug for FontSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FontSet").field("rare_is_loaded", &self.rare_is_loaded()).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests;
