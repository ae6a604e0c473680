//! Is the seal that is shown the seal that was sealed? Drawn from the committed fonts, so that two seals differ as two
//! offices' do.
#![allow(clippy::disallowed_methods, reason = "tests read the committed fonts")]

use std::fmt::Write;
use yinzheng::domain::drawing::{Drawing, Paint, PathStep};
use yinzheng::fonts::{FontSet, FontSource, Role};
use yinzheng::preview::{Shows, page_png, shows};
use yinzheng::seal_art::{self, GlyphSource, SealDesign};

/// Points of a millimetre.
const MM: f32 = 72.0 / 25.4;

struct Bold(FontSet);

impl Bold {
    fn read() -> Self {
        let source = |name: &str| FontSource {
            name: name.to_owned(),
            bytes: std::fs::read(format!("certificate-templates/fonts/{name}.ttf.zst")).unwrap(),
        };
        let set = ["NotoSerifSC-Regular", "NotoSerifSC-Bold", "YinzhengMingB"].map(source);
        let [regular, bold, rare] = set;
        Self(FontSet::new(regular, bold, rare).unwrap())
    }

    fn seal(&self, name: &str) -> Drawing {
        seal_art::draw(&SealDesign::round(name, 42.0), self).unwrap()
    }
}

impl GlyphSource for Bold {
    fn outline(&self, c: char) -> Option<(Vec<PathStep>, f32)> {
        Some((self.0.outline(Role::Bold, c)?, self.0.glyph(Role::Bold, c)?.advance))
    }
}

/// Page content that draws it with its lower left corner at the origin.
fn content(drawing: &Drawing) -> String {
    let mut out = String::from("q\n");
    for shape in &drawing.shapes {
        let (colour, operator) = match shape.paint {
            Paint::Fill(colour) => (colour, "rg"),
            Paint::Stroke { colour, width } => {
                writeln!(out, "{} w", width * MM).unwrap();
                (colour, "RG")
            }
        };
        writeln!(out, "{} {} {} {operator}", colour.0, colour.1, colour.2).unwrap();
        for step in &shape.steps {
            let (points, operator): (Vec<f32>, _) = match *step {
                PathStep::Move(x, y) => (vec![x, y], "m"),
                PathStep::Line(x, y) => (vec![x, y], "l"),
                PathStep::Cubic(x1, y1, x2, y2, x, y) => (vec![x1, y1, x2, y2, x, y], "c"),
                PathStep::Close => (vec![], "h"),
            };
            points.iter().for_each(|point| write!(out, "{} ", point * MM).unwrap());
            writeln!(out, "{operator}").unwrap();
        }
        out.push_str(if matches!(shape.paint, Paint::Fill(_)) { "f\n" } else { "S\n" });
    }
    out + "Q\n"
}

/// A page so many points wide and high.
fn page(content: &str, side: f32, rotate: u32) -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!(
            "<</Type/Page/Parent 2 0 R/Rotate {rotate}/MediaBox[0 0 {side} {side}]/Resources<<>>/Contents 4 0 R>>"
        ),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
    ];
    let (mut out, mut table) = ("%PDF-1.7\n".to_owned(), "0000000000 65535 f \n".to_owned());
    for (number, object) in (1..).zip(&objects) {
        writeln!(table, "{:010} 00000 n ", out.len()).unwrap();
        write!(out, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let at = out.len();
    write!(out, "xref\n0 5\n{table}trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").unwrap();
    out.into_bytes()
}

#[test]
fn a_seal_is_known_again_and_another_office_s_is_not() {
    let glyphs = Bold::read();
    let side = 42.0 * MM;
    let own = content(&glyphs.seal("示例市民政局"));
    // Whole pixels would cut off an edge.
    let with_margin = format!("q 1 0 0 1 10 10 cm\n{own}Q\n");
    // 600 dpi, as seals are made; 96, as screens show them.
    for dpi in [600.0, 150.0, 96.0, 72.0] {
        let sealed = page_png(page(&with_margin, side + 20.0, 0), 1, dpi).unwrap();
        assert_eq!(shows(page(&own, side, 0), &sealed), Shows::Same, "{dpi}");
        assert_eq!(shows(page(&own, side, 90), &sealed), Shows::Same, "a turned page, {dpi}");
        let inset = format!("q 0.7 0 0 0.7 9 21 cm\n{own}Q\n");
        assert_eq!(shows(page(&inset, side, 0), &sealed), Shows::Same, "smaller and aside, {dpi}");
        let others = [
            ("one character", content(&glyphs.seal("示例市民攻局"))),
            ("another city", content(&glyphs.seal("示倒市民政局"))),
            ("another order", content(&glyphs.seal("示例市政民局"))),
            ("another office", content(&glyphs.seal("示例市财政局"))),
            ("a longer name", content(&glyphs.seal("示例市民政局东"))),
            ("mirrored", format!("q -1 0 0 1 {side} 0 cm\n{own}Q\n")),
            ("flattened", format!("q 1 0 0 0.8 0 0 cm\n{own}Q\n")),
            ("black", own.replace(" rg\n", " rg 0 0 0 rg\n").replace(" RG\n", " RG 0 0 0 RG\n")),
            ("crossed out", format!("{own}\n0 0 0 RG 3 w 20 20 m 100 100 l S")),
            ("words below", format!("{own}\n30 4 60 5 re f")),
        ];
        for (about, other) in others {
            assert_eq!(shows(page(&other, side, 0), &sealed), Shows::Different, "{about}, {dpi}");
        }
    }
}

#[test]
fn what_cannot_be_compared_is_not_called_different() {
    let glyphs = Bold::read();
    let side = 42.0 * MM;
    let own = page(&content(&glyphs.seal("示例市民政局")), side, 0);
    let sealed = page_png(own.clone(), 1, 150.0).unwrap();
    assert_eq!(shows(page("", side, 0), &sealed), Shows::Nothing);
    assert_eq!(shows(b"no document".to_vec(), &sealed), Shows::NotDrawn);
    for picture in [&b""[..], b"<svg/>", b"BM", &sealed[..200]] {
        assert_eq!(shows(own.clone(), picture), Shows::NotDrawn);
    }
    // White paper is no seal.
    let paper = page_png(page("", side, 0), 1, 96.0).unwrap();
    assert_eq!(shows(own, &paper), Shows::NotDrawn);
}
