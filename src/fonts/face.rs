//! One font file: its character map, widths and metrics, read once.
//!
//! skrifa borrows from the bytes, so that a parsed font cannot be kept beside them without unsafe code; what
//! every text needs is therefore copied out, and outlines are read by parsing the table directory again.

use super::{FaceId, FontSource, Glyph, outline};
use crate::domain::drawing::PathStep;
use skrifa::instance::{LocationRef, Size};
use skrifa::raw::TableProvider;
use skrifa::{FontRef, GlyphId, MetadataProvider};

/// Largest font accepted after unpacking. The largest of ours has 31 MB; the format itself ends at 4 GB.
const MAX_FONT_BYTES: usize = 64 * 1024 * 1024;
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// A font that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// The zstd frame is damaged or unpacks to more than 64 MiB.
    #[error("font {name}: the compressed file is damaged or too large")]
    Unpack {
        /// Font name.
        name: String,
    },
    /// Not a TrueType font with glyf outlines.
    #[error("font {name}: not a TrueType font with outlines ({what})")]
    Format {
        /// Font name.
        name: String,
        /// The table or value that is missing.
        what: &'static str,
    },
}

/// A font whose character map and metrics are at hand.
pub struct Face {
    name: String,
    data: Vec<u8>,
    units_per_em: f32,
    /// Glyph of every BMP character, 0 for none.
    bmp: Vec<u16>,
    /// The other planes, sorted by character.
    astral: Vec<(u32, u16)>,
    advances: Vec<u16>,
    ascent: f32,
    descent: f32,
    cap_height: f32,
    bounds: [f32; 4],
    middle: Option<f32>,
    rise: f32,
}

impl Face {
    /// Reads a font. With `align_to`, the height in em of another font's ideograph middle above the baseline,
    /// the face is shifted so that its own ideographs stand at the same height.
    pub(super) fn read(source: &FontSource, align_to: Option<f32>) -> Result<Self, FontError> {
        let data = unpack(source)?;
        let fault = |what| FontError::Format { name: source.name.clone(), what };
        let font = FontRef::new(&data).map_err(|_| fault("table directory"))?;
        let metrics = font.metrics(Size::unscaled(), LocationRef::default());
        let box_ = metrics.bounds.ok_or_else(|| fault("head"))?;
        let (bmp, astral) = character_map(&font).ok_or_else(|| fault("loca"))?;
        let advances = advances(&font).ok_or_else(|| fault("hmtx"))?;
        let em = f32::from(metrics.units_per_em);
        let middle = ideograph_middle(&font, &bmp, &astral, em);
        let rise = align_to.zip(middle).map_or(0.0, |(theirs, ours)| theirs - ours);
        let face = Self {
            name: source.name.clone(),
            units_per_em: em,
            ascent: metrics.ascent / em,
            descent: metrics.descent / em,
            cap_height: metrics.cap_height.unwrap_or(0.7 * em) / em,
            bounds: [box_.x_min / em, box_.y_min / em, box_.x_max / em, box_.y_max / em],
            bmp,
            astral,
            advances,
            middle,
            rise,
            data: Vec::new(),
        };
        Ok(Self { data, ..face })
    }

    pub(super) fn glyph(&self, face: FaceId, c: char) -> Option<Glyph> {
        let code = u32::from(c);
        let id = match u16::try_from(code) {
            Ok(code) => *self.bmp.get(usize::from(code))?,
            Err(_) => {
                self.astral.binary_search_by_key(&code, |&(c, _)| c).ok().map(|at| self.astral[at].1)?
            }
        };
        if id == 0 {
            return None;
        }
        Some(Glyph { face, id, advance: self.advance(id) })
    }

    /// Width of a glyph in em.
    #[must_use]
    pub fn advance(&self, id: u16) -> f32 {
        self.advances
            .get(usize::from(id))
            .or(self.advances.last())
            .map_or(1.0, |&a| f32::from(a) / self.units_per_em)
    }

    pub(super) fn outline(&self, id: u16) -> Option<Vec<PathStep>> {
        let font = FontRef::new(&self.data).ok()?;
        outline::of(&font, GlyphId::from(id), 1.0 / self.units_per_em, self.rise)
    }

    /// PostScript name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The TrueType file, unpacked.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// How far in em this face's glyphs are raised to stand level with the text font's ideographs.
    #[must_use]
    pub fn rise(&self) -> f32 {
        self.rise
    }

    /// Ascent, descent (negative) and cap height in em.
    #[must_use]
    pub fn vertical(&self) -> (f32, f32, f32) {
        (self.ascent, self.descent, self.cap_height)
    }

    /// Box around all glyphs: left, bottom, right, top in em.
    #[must_use]
    pub fn bounds(&self) -> [f32; 4] {
        self.bounds
    }

    /// How many characters it has.
    #[must_use]
    pub fn character_count(&self) -> usize {
        self.astral.len() + self.bmp.iter().filter(|&&id| id != 0).count()
    }

    /// Height in em of the middle of the ideographs above the baseline.
    pub(super) fn ideograph_middle(&self) -> Option<f32> {
        self.middle
    }
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Face")
            .field("name", &self.name)
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

fn unpack(source: &FontSource) -> Result<Vec<u8>, FontError> {
    if !source.bytes.starts_with(&ZSTD_MAGIC) {
        return Ok(source.bytes.clone());
    }
    let fault = || FontError::Unpack { name: source.name.clone() };
    let size = zstd::bulk::Decompressor::upper_bound(&source.bytes)
        .filter(|&size| size <= MAX_FONT_BYTES)
        .ok_or_else(fault)?;
    zstd::bulk::decompress(&source.bytes, size).map_err(|_| fault())
}

/// Characters whose glyph has an outline, and the spaces, which rightly have none.
#[allow(clippy::type_complexity, reason = "the two halves of one map")]
fn character_map(font: &FontRef<'_>) -> Option<(Vec<u16>, Vec<(u32, u16)>)> {
    let loca = font.loca(None).ok()?;
    let mut bmp = vec![0_u16; 0x1_0000];
    let mut astral = Vec::new();
    for (code, glyph) in font.charmap().mappings() {
        let Ok(id) = u16::try_from(glyph.to_u32()) else { continue };
        let at = usize::from(id);
        let drawn = loca.get_raw(at)? < loca.get_raw(at + 1)?;
        if id == 0 || !(drawn || is_space(code)) {
            continue;
        }
        match bmp.get_mut(usize::try_from(code).ok()?) {
            Some(slot) => *slot = id,
            None => astral.push((code, id)),
        }
    }
    astral.sort_unstable();
    astral.dedup_by_key(|entry| entry.0);
    Some((bmp, astral))
}

/// Space, no-break space and the ideographic space.
fn is_space(code: u32) -> bool {
    matches!(code, 0x20 | 0xA0 | 0x3000)
}

fn advances(font: &FontRef<'_>) -> Option<Vec<u16>> {
    let table = font.hmtx().ok()?;
    Some(table.h_metrics().iter().map(skrifa::raw::tables::hmtx::LongMetric::advance).collect())
}

/// The mean middle of some evenly drawn ideographs, in em. Fonts differ in how high their ideographs stand
/// over the baseline, and a lone rare character that hangs lower than its neighbours is seen at once.
fn ideograph_middle(font: &FontRef<'_>, bmp: &[u16], astral: &[(u32, u16)], em: f32) -> Option<f32> {
    const SAMPLES: usize = 256;
    let common: Vec<u16> = bmp.get(0x4E00..0xA000)?.iter().copied().filter(|&id| id != 0).collect();
    let rare: Vec<u16> =
        astral.iter().filter(|&&(code, _)| (0x2_0000..0x2_A6E0).contains(&code)).map(|&(_, id)| id).collect();
    let ideographs = if common.len() < SAMPLES { rare } else { common };
    let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    let step = (ideographs.len() / SAMPLES).max(1);
    let middles: Vec<f32> = ideographs
        .iter()
        .step_by(step)
        .filter_map(|&id| metrics.bounds(GlyphId::from(id)))
        .map(|b| f32::midpoint(b.y_min, b.y_max) / em)
        .collect();
    if middles.is_empty() {
        return None;
    }
    #[allow(clippy::cast_precision_loss, reason = "some hundreds")]
    Some(middles.iter().sum::<f32>() / middles.len() as f32)
}
