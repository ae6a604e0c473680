//! Fonts as embedded subsets: glyf outlines of the used glyphs, widths, and the way back to Unicode.

use super::super::RenderError;
use super::super::paint::{Used, UsedGlyph, font_name};
use super::super::vector::deflated;
use super::{Fnv, Refs};
use crate::fonts::{Face, FaceId, FontSet};
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use std::collections::BTreeMap;

const IDENTITY: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// Stem width of the text fonts in 1/1000 em: only used by readers that must replace a font, which none may here.
const STEM: f32 = 80.0;

/// Writes every used face; resource names and references.
pub(in crate::render) fn fonts(
    pdf: &mut Pdf,
    refs: &mut Refs,
    fonts: &FontSet,
    used: &[Used; 3],
) -> Result<Vec<(&'static [u8], Ref)>, RenderError> {
    let mut embedded = Vec::new();
    for id in FaceId::ALL {
        let used = &used[id.index()];
        if used.glyphs.is_empty() {
            continue;
        }
        let face = fonts.face(id).ok_or(RenderError::Subset { font: id.index() })?;
        embedded.push((
            font_name(id),
            font(pdf, refs, face, used).ok_or(RenderError::Subset { font: id.index() })?,
        ));
    }
    Ok(embedded)
}

fn font(pdf: &mut Pdf, refs: &mut Refs, face: &Face, used: &Used) -> Option<Ref> {
    let subset = subsetter::subset(face.data(), 0, &used.remapper).ok()?;
    let name = format!("{}+{}", tag(used), face.name());
    let name = Name(name.as_bytes());
    let (font, cid, descriptor, file, unicode) =
        (refs.next(), refs.next(), refs.next(), refs.next(), refs.next());
    pdf.type0_font(font)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(unicode);
    let mut cid_font = pdf.cid_font(cid);
    cid_font
        .subtype(CidFontType::Type2)
        .base_font(name)
        .system_info(IDENTITY)
        .font_descriptor(descriptor)
        .default_width(1000.0);
    cid_font.cid_to_gid_map_predefined(Name(b"Identity"));
    let mut widths = cid_font.widths();
    for (&first, run) in &width_runs(&used.glyphs) {
        widths.consecutive(first, run.iter().copied());
    }
    widths.finish();
    cid_font.finish();
    let (ascent, descent, cap_height) = face.vertical();
    let [left, bottom, right, top] = face.bounds().map(|v| (v * 1000.0).round());
    let mut written = pdf.font_descriptor(descriptor);
    written.name(name).flags(FontFlags::SYMBOLIC).bbox(Rect::new(left, bottom, right, top)).italic_angle(0.0);
    written
        .ascent((ascent * 1000.0).round())
        .descent((descent * 1000.0).round())
        .cap_height((cap_height * 1000.0).round())
        .stem_v(STEM)
        .font_file2(file);
    written.finish();
    let length = i32::try_from(subset.len()).ok()?;
    pdf.stream(file, &deflated(&subset, 1)).filter(Filter::FlateDecode).pair(Name(b"Length1"), length);
    let mut map = UnicodeCmap::<u16>::new(Name(b"Unicode"), IDENTITY);
    used.glyphs.iter().for_each(|(&id, glyph)| map.pair(id, glyph.character));
    pdf.cmap(unicode, &deflated(&map.finish().into_vec(), 1)).filter(Filter::FlateDecode);
    Some(font)
}

/// Widths that are not one em, in runs of neighbouring glyphs.
fn width_runs(glyphs: &BTreeMap<u16, UsedGlyph>) -> BTreeMap<u16, Vec<f32>> {
    let mut runs: BTreeMap<u16, Vec<f32>> = BTreeMap::new();
    let mut open: Option<(u16, u16)> = None;
    for (&id, glyph) in glyphs {
        let width = (glyph.advance * 100_000.0).round() / 100.0;
        if (width - 1000.0).abs() < 0.005 {
            continue;
        }
        let first = match open {
            Some((first, last)) if last.checked_add(1) == Some(id) => first,
            _ => id,
        };
        open = Some((first, id));
        runs.entry(first).or_default().push(width);
    }
    runs
}

/// Six capitals that differ for different subsets (ISO 32000-1 §9.6.4).
fn tag(used: &Used) -> String {
    let mut hash = Fnv::default();
    used.remapper.remapped_gids().for_each(|id| hash.update(&id.to_be_bytes()));
    hash.bytes().iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
}
