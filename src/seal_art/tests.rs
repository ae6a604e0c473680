//! Letters keep to their wedges, ink to the ring, and impossible designs are refused.
//!
//! Synthetic glyphs fill the whole design box, which is more than any real character does.

use super::glyph::load;
use super::layout::{Words, compose};
use super::*;
use crate::domain::drawing::Paint;

/// Every CJK character is a full square of ink, digits are half as wide; a few have no outline.
struct Blocks;

impl GlyphSource for Blocks {
    fn outline(&self, c: char) -> Option<(Vec<PathStep>, f32)> {
        let (left, right, advance) = match c {
            '0'..='9' => (0.05, 0.50, 0.55),
            '一'..='龥' => (0.03, 0.97, 1.0),
            _ => return None,
        };
        let steps = vec![
            PathStep::Move(left, -0.08),
            PathStep::Line(right, -0.08),
            PathStep::Line(right, 0.86),
            PathStep::Line(left, 0.86),
            PathStep::Close,
        ];
        Some((steps, advance))
    }
}

fn name(chars: usize) -> String {
    "示例市浦江新区公益事业发展促进会联合会第一办公室服务中心站".chars().take(chars).collect()
}

fn shapes() -> [SealShape; 4] {
    [
        SealShape::Circle { diameter_mm: 42.0 },
        SealShape::Circle { diameter_mm: 10.0 },
        SealShape::Oval { width_mm: 45.0, height_mm: 30.0 },
        SealShape::Oval { width_mm: 60.0, height_mm: 30.0 },
    ]
}

/// Corners of each letter's block, in millimetres: five steps a letter.
fn blocks(drawing: &Drawing) -> Vec<Vec<(f32, f32)>> {
    let steps = &drawing.shapes[1].steps;
    let contours = steps.split(|s| matches!(s, PathStep::Close)).filter(|c| !c.is_empty());
    let point = |step: &PathStep| match *step {
        PathStep::Move(x, y) | PathStep::Line(x, y) => (x, y),
        _ => panic!("blocks have straight sides"),
    };
    contours.map(|c| c.iter().map(point).collect()).collect()
}

/// True when some side of `a` has all of `b` beyond it.
fn parted_by_a_side(a: &[(f32, f32)], b: &[(f32, f32)]) -> bool {
    (0..a.len()).any(|i| {
        let ((x0, y0), (x1, y1)) = (a[i], a[(i + 1) % a.len()]);
        // corners run counter-clockwise: outside is to the right
        b.iter().all(|(x, y)| (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) < 0.0)
    })
}

#[test]
fn letters_never_touch_whatever_the_length() {
    for shape in shapes() {
        for chars in 2..=26 {
            for sub_line in [None, Some("收养登记专用章".to_owned())] {
                let design =
                    SealDesign { shape, star: false, sub_line, ..SealDesign::round(name(chars), 42.0) };
                let drawing = draw(&design, &Blocks).unwrap_or_else(|e| panic!("{shape:?}, {chars}: {e}"));
                let blocks = blocks(&drawing);
                assert_eq!(blocks.len(), chars + design.sub_line.as_ref().map_or(0, |s| s.chars().count()));
                for (i, a) in blocks.iter().enumerate() {
                    for b in &blocks[i + 1..] {
                        assert!(
                            parted_by_a_side(a, b) || parted_by_a_side(b, a),
                            "{shape:?}, {chars} letters touch"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn all_ink_stays_inside_the_ring_and_the_ring_inside_the_box() {
    for shape in shapes() {
        for chars in [2, 6, 13, 26] {
            let design = SealDesign {
                shape,
                sub_line: Some("婚姻登记业务专用章".to_owned()),
                code: Some("9900000012345".to_owned()),
                ..SealDesign::round(name(chars), 42.0)
            };
            let drawing = draw(&design, &Blocks).unwrap_or_else(|e| panic!("{shape:?}, {chars}: {e}"));
            let Paint::Stroke { width: ring, .. } = drawing.shapes[0].paint else {
                panic!("the ring is a line")
            };
            let (a, b) = (drawing.width / 2.0, drawing.height / 2.0);
            for step in &drawing.shapes[1].steps {
                let (PathStep::Move(x, y) | PathStep::Line(x, y)) = *step else { continue };
                let (dx, dy) = ((x - a) / (a - ring), (y - b) / (b - ring));
                assert!(dx * dx + dy * dy < 1.0, "{shape:?}, {chars}: ink at {x}, {y}");
            }
            for step in &drawing.shapes[0].steps {
                let PathStep::Cubic(.., x, y) = *step else { continue };
                let half = ring / 2.0 - 1e-3;
                assert!(x >= half && y >= half && x <= drawing.width - half && y <= drawing.height - half);
            }
        }
    }
}

#[test]
fn equal_designs_draw_equal_seals() {
    let design = SealDesign::round("示例市民政局", 42.0).with_sub_line("收养登记专用章");
    assert_eq!(draw(&design, &Blocks), draw(&design, &Blocks));
    let picture = svg(&draw(&design, &Blocks).unwrap());
    assert!(
        picture.starts_with("<svg ") && picture.ends_with("</svg>") && picture.contains("#d7000f"),
        "{picture}"
    );
    assert!(!picture.contains("NaN") && !picture.contains("-0 "));
}

#[test]
fn the_name_stands_upright_and_reads_from_left_to_right() {
    let drawing =
        draw(&SealDesign { star: false, ..SealDesign::round("示例市民政局", 42.0) }, &Blocks).unwrap();
    let middles: Vec<(f32, f32)> = blocks(&drawing)
        .iter()
        .map(|b| (b.iter().map(|p| p.0).sum::<f32>() / 4.0, b.iter().map(|p| p.1).sum::<f32>() / 4.0))
        .collect();
    assert!(middles.windows(2).all(|w| w[0].0 < w[1].0), "{middles:?}");
    assert!(middles.iter().all(|m| m.1 > 20.0), "six letters stay in the upper half: {middles:?}");
    assert!((middles[0].0 + middles[5].0 - 42.0).abs() < 0.1, "the name is centred: {middles:?}");
}

#[test]
fn impossible_designs_are_refused_with_their_reason() {
    let good = SealDesign::round("示例市民政局", 42.0);
    let refuse = |design: SealDesign| draw(&design, &Blocks).unwrap_err();
    for size in [0.0, 9.9, 60.1, -42.0, f32::NAN, f32::INFINITY] {
        assert!(matches!(refuse(SealDesign::round("示例", size)), SealArtError::Size { .. }), "{size}");
    }
    let standing = SealShape::Oval { width_mm: 30.0, height_mm: 45.0 };
    assert!(matches!(refuse(SealDesign { shape: standing, ..good.clone() }), SealArtError::Ratio { .. }));
    for chars in [0, 1, 27] {
        let error = refuse(SealDesign { name: name(chars), ..good.clone() });
        assert_eq!(error, SealArtError::NameLength { chars });
    }
    let endless = refuse(SealDesign { name: "市".repeat(1_000_000), ..good.clone() });
    assert_eq!(endless, SealArtError::NameLength { chars: 27 });
    assert!(matches!(refuse(good.clone().with_sub_line("章")), SealArtError::SubLineLength { chars: 1 }));
    for code in ["", "123", "990000001234X", "99000000123456", "９９０００００01234"] {
        assert_eq!(refuse(SealDesign { code: Some(code.to_owned()), ..good.clone() }), SealArtError::Code);
    }
    for c in ['\u{202e}', '\u{0}', ' ', '\u{e000}', 'x'] {
        assert_eq!(
            refuse(SealDesign { name: format!("示例{c}局"), ..good.clone() }),
            SealArtError::MissingGlyph(c)
        );
    }
    for part in [-0.1, 1.1, f32::NAN] {
        assert_eq!(refuse(SealDesign { colour: Rgb(part, 0.0, 0.0), ..good.clone() }), SealArtError::Colour);
    }
}

#[test]
fn a_glyph_source_that_lies_cannot_put_ink_outside() {
    struct Huge(f32);
    impl GlyphSource for Huge {
        fn outline(&self, _: char) -> Option<(Vec<PathStep>, f32)> {
            let v = self.0;
            Some((
                vec![PathStep::Move(-v, -v), PathStep::Line(v, v), PathStep::Line(v, -v), PathStep::Close],
                1.0,
            ))
        }
    }
    for v in [3.0, 1e9, f32::NAN] {
        assert!(draw(&SealDesign::round("示例市民政局", 42.0), &Huge(v)).is_err(), "{v}");
    }
    let words = Words { name: load(&['示', '例'], &Blocks).unwrap(), sub_line: None, code: None };
    assert!(compose(42.0, 42.0, &words, true, SEAL_RED).is_ok());
}
