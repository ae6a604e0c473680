//! The committed fonts, and what they must be able to do.
#![allow(clippy::disallowed_methods, reason = "tests read the committed fonts")]

use super::*;
use std::sync::Arc;

/// The committed fonts, read once for all tests of the crate.
pub(crate) fn fonts() -> &'static FontSet {
    held()
}

/// The same, shared.
pub(crate) fn shared_fonts() -> Arc<FontSet> {
    Arc::clone(held())
}

fn held() -> &'static Arc<FontSet> {
    static FONTS: OnceLock<Arc<FontSet>> = OnceLock::new();
    FONTS.get_or_init(|| {
        let source = |name: &str| FontSource {
            name: name.to_owned(),
            bytes: std::fs::read(format!("{}/certificate-templates/fonts/{name}.ttf.zst", env!("CARGO_MANIFEST_DIR"))).unwrap(),
        };
        Arc::new(FontSet::new(source("NotoSerifSC-Regular"), source("NotoSerifSC-Bold"), source("YinzhengMingB")).unwrap())
    })
}

#[test]
fn every_ideograph_of_gb_18030_has_an_outline() {
    let fonts = fonts();
    let blocks = [0x3400..=0x4DB5, 0x4E00..=0x9FEF, 0x2_0000..=0x2_A6D6, 0x2_A700..=0x2_B734, 0x2_B740..=0x2_B81D, 0x2_B820..=0x2_CEA1, 0x2_CEB0..=0x2_EBE0];
    let missing: Vec<_> = blocks.into_iter().flatten().filter_map(char::from_u32).filter(|&c| !fonts.has(c)).collect();
    assert!(missing.is_empty(), "{} missing, first {:?}", missing.len(), missing.first());
}

#[test]
fn bold_falls_back_character_by_character() {
    let fonts = fonts();
    let face = |role, c| fonts.glyph(role, c).map(|g| g.face);
    assert_eq!(face(Role::Bold, '证'), Some(BOLD));
    assert_eq!(face(Role::Bold, '䶮'), Some(REGULAR));
    assert_eq!(face(Role::Bold, '𠀧'), Some(RARE));
    assert_eq!(face(Role::Regular, '证'), Some(REGULAR));
}

#[test]
fn what_no_font_has_is_not_had() {
    let fonts = fonts();
    for c in ['\u{E000}', '\u{1F600}', '\u{30000}', '\u{10FFFF}', '\u{7}', '\u{202E}', '\u{FFFE}'] {
        assert!(!fonts.has(c), "{c:?}");
    }
    for c in [' ', '\u{3000}', 'A', '·', '〇', '《'] {
        assert!(fonts.has(c), "{c:?}");
    }
}

#[test]
fn rare_characters_stand_level_with_their_neighbours() {
    let fonts = fonts();
    let middle = |c| {
        let ys: Vec<f32> = fonts
            .outline(Role::Regular, c)
            .unwrap()
            .into_iter()
            .flat_map(|step| match step {
                PathStep::Move(_, y) | PathStep::Line(_, y) | PathStep::Cubic(_, _, _, _, _, y) => Some(y),
                PathStep::Close => None,
            })
            .collect();
        f32::midpoint(ys.iter().copied().fold(f32::MAX, f32::min), ys.iter().copied().fold(f32::MIN, f32::max))
    };
    let mean = |from: u32| (0..200_u32).filter_map(|i| char::from_u32(from + i * 31)).map(middle).sum::<f32>() / 200.0;
    assert!((mean(0x4E00) - mean(0x2_2000)).abs() < 0.006, "{} {}", mean(0x4E00), mean(0x2_2000));
    assert!(fonts.rare().unwrap().rise().abs() > 0.001);
}

#[test]
fn damaged_fonts_are_refused_by_name() {
    let source = |bytes: &[u8]| FontSource { name: "X".to_owned(), bytes: bytes.to_vec() };
    assert!(matches!(Face::read(&source(b"not a font at all"), None), Err(FontError::Format { .. })));
    assert!(matches!(Face::read(&source(&[0x28, 0xB5, 0x2F, 0xFD, 1, 2, 3]), None), Err(FontError::Unpack { .. })));
}
