//! The engine on a layout of its own, with the adoption type: every kind of block, judged from outside the engine.
#![allow(clippy::disallowed_methods, reason = "tests read the type files")]

use super::*;
use crate::domain::drawing::{Paint, PathStep, Rgb, Shape};
use crate::domain::{AcceptContext, Bilingual, Instant, Issuer};
use crate::fonts::tests::shared_fonts;
use serde_json::{Value, json};

const LAYOUT: &str = include_str!("layout.toml");

fn particulars() -> Particulars {
    Particulars {
        number: "（2026）示民收字第00001号".to_owned(),
        identifier: "1.2.156.3005.2.11990000000000019A903.11990000000000019A.202600000003.001.J".to_owned(),
        code: "7K3M-9QXR-2H5D".to_owned(),
        verify_url: "HTTPS://ZZ.EXAMPLE/V/7K3M-9QXR-2H5D".to_owned(),
        issued_at: Instant::from_seconds(1_795_500_000).unwrap(),
        issuer: Issuer {
            name: Bilingual::new("示例市民政局", "Shili Civil Affairs Bureau"),
            short_name: "示民".to_owned(),
            uscc: "11990000000000019A".to_owned(),
            definer_uscc: "11990000000000019A".to_owned(),
            region: "990000".to_owned(),
        },
        valid_until: None,
        specimen: true,
    }
}

fn committed(name: &str) -> String {
    std::fs::read_to_string(format!(
        "{}/certificate-templates/adoption-registration/{name}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap()
}

fn kind() -> CertificateType {
    CertificateType::from_toml("adoption-registration", &committed("type.toml")).unwrap()
}

fn example() -> Value {
    serde_json::from_str(&committed("example.json")).unwrap()
}

/// The type's example with some fields replaced.
fn application(changes: &[(&str, Value)]) -> Application {
    let mut raw = example();
    for (pointer, value) in changes {
        *raw.pointer_mut(pointer).unwrap() = value.clone();
    }
    accepted(&raw)
}

fn accepted(raw: &Value) -> Application {
    let context = AcceptContext {
        today: time::macros::date!(2026 - 11 - 24),
        demo: true,
        repertoire: &*shared_fonts(),
    };
    kind().accept(raw, &context).unwrap()
}

/// A ring with a bar: enough of a seal to be seen.
fn field() -> SealField {
    let bar = vec![
        PathStep::Move(10.0, 20.0),
        PathStep::Line(32.0, 20.0),
        PathStep::Line(32.0, 22.0),
        PathStep::Line(10.0, 22.0),
        PathStep::Close,
    ];
    let picture = Drawing {
        width: 42.0,
        height: 42.0,
        shapes: vec![Shape { steps: bar, paint: Paint::Fill(Rgb(0.843, 0.0, 0.059)) }],
    };
    SealField {
        seal: CompiledSeal::new(&picture),
        name_zh: "示例市民政局 印章".to_owned(),
        subfilter: SubFilter::EtsiCades,
        hole: DEFAULT_HOLE,
    }
}

fn template(layout: &str) -> Result<Template, LayoutError> {
    Template::compile(&kind(), layout, shared_fonts())
}

fn rendered(changes: &[(&str, Value)], particulars: &Particulars) -> Result<UnsignedPdf, RenderError> {
    template(LAYOUT).unwrap().render(&application(changes), particulars, &field())
}

fn count(haystack: &[u8], needle: &str) -> usize {
    haystack.windows(needle.len()).filter(|window| *window == needle.as_bytes()).count()
}

#[test]
fn equal_input_gives_equal_bytes_and_different_input_different_ones() {
    let one = rendered(&[], &particulars()).unwrap();
    assert_eq!(one, rendered(&[], &particulars()).unwrap());
    let other = Particulars { code: "0000-0000-0000".to_owned(), ..particulars() };
    assert_ne!(one, rendered(&[], &other).unwrap());
}

#[test]
fn the_file_is_one_revision_with_one_hole() {
    let pdf = rendered(&[], &particulars()).unwrap();
    let bytes = &pdf.bytes;
    assert!(bytes.starts_with(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3"));
    assert!(bytes.ends_with(b"%%EOF") || bytes.ends_with(b"%%EOF\n"));
    assert_eq!(
        (
            count(bytes, "%%EOF"),
            count(bytes, "startxref"),
            count(bytes, "/ByteRange"),
            count(bytes, "/Encrypt")
        ),
        (1, 1, 1, 0)
    );
    let hole = &bytes[pdf.contents.clone()];
    assert_eq!(hole.len(), 2 * DEFAULT_HOLE + 2);
    assert!(
        hole[0] == b'<' && hole[hole.len() - 1] == b'>' && hole[1..hole.len() - 1].iter().all(|&b| b == b'0')
    );
    let stated = format!(
        "/ByteRange[0 {} {} {}",
        pdf.contents.start,
        pdf.contents.end,
        bytes.len() - pdf.contents.end
    );
    assert_eq!(count(bytes, &stated), 1);
}

#[test]
fn the_signature_dictionary_is_as_certified() {
    let pdf = rendered(&[], &particulars()).unwrap();
    for expected in [
        "/SubFilter/ETSI.CAdES.detached",
        "/Filter/Adobe.PPKLite",
        "/M(D:20261124140000+08'00')",
        "/SigFlags 3",
        "/F 132",
        "/TransformMethod/DocMDP",
        "/P 1/V/1.2",
        "/T(Seal1)",
    ] {
        assert_eq!(count(&pdf.bytes, expected), 1, "{expected}");
    }
    assert_eq!(count(&pdf.bytes, "/Perms<</DocMDP "), 1);
    for forbidden in [
        "/DigestMethod",
        "/DigestValue",
        "/Reason",
        "/Cert ",
        "/NeedAppearances",
        "/AA",
        "/JavaScript",
        "/OpenAction",
    ] {
        assert_eq!(count(&pdf.bytes, forbidden), 0, "{forbidden}");
    }
    let adbe = SealField { subfilter: SubFilter::AdbePkcs7, hole: 100, ..field() };
    let pdf = template(LAYOUT).unwrap().render(&application(&[]), &particulars(), &adbe).unwrap();
    assert_eq!((count(&pdf.bytes, "/SubFilter/adbe.pkcs7.detached"), pdf.contents.len()), (1, 202));
    for hole in [0, MAX_HOLE + 1] {
        let field = SealField { hole, ..field() };
        assert_eq!(
            template(LAYOUT).unwrap().render(&application(&[]), &particulars(), &field),
            Err(RenderError::Hole { bytes: hole })
        );
    }
}

#[test]
fn a_bare_rendering_has_neither_field_nor_attachment() {
    let bytes = template(LAYOUT).unwrap().render_bare(&application(&[]), &particulars(), &field()).unwrap();
    for absent in ["/AcroForm", "/Widget", "/ByteRange", "/EmbeddedFile", "/AF["] {
        assert_eq!(count(&bytes, absent), 0, "{absent}");
    }
    assert!(count(&bytes, "/Figure") > count(&rendered(&[], &particulars()).unwrap().bytes, "/Figure"));
}

#[test]
fn a_character_without_a_glyph_is_refused_by_number() {
    for c in ['\u{E000}', '\u{30000}', '\u{1F600}'] {
        let particulars = Particulars { number: format!("字{c}号"), ..particulars() };
        assert_eq!(
            rendered(&[], &particulars),
            Err(RenderError::MissingCharacter { code_point: u32::from(c) })
        );
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let long = Particulars { number: "长".repeat(400), ..particulars() };
    assert_eq!(rendered(&[], &long), Err(RenderError::DoesNotFit { block: "holders".to_owned() }));
    let tall = LAYOUT.replace("bottom = 232", "bottom = 140");
    let refused = template(&tall).unwrap().render(&application(&[]), &particulars(), &field());
    assert_eq!(refused, Err(RenderError::DoesNotFit { block: "body".to_owned() }));
    let few = LAYOUT.replace("max_rows = 3", "max_rows = 1");
    let refused = template(&few).unwrap().render(&application(&[]), &particulars(), &field());
    assert_eq!(refused, Err(RenderError::TooManyRecords { block: "people".to_owned(), count: 2, most: 1 }));
    let outside = LAYOUT.replace("x = 145", "x = 200");
    let refused = template(&outside).unwrap().render(&application(&[]), &particulars(), &field());
    assert_eq!(refused, Err(RenderError::DoesNotFit { block: "seal".to_owned() }));
}

#[test]
fn broken_layouts_are_refused_when_compiled() {
    type Broken = fn(&LayoutError) -> bool;
    let cases: [(&str, &str, Broken); 11] = [
        ("size = \"A4\"", "size = \"A0\"", |e| matches!(e, LayoutError::PageSize)),
        ("{adoptee.name}", "{adoptee.nmae}", |e| matches!(e, LayoutError::UnknownPath { .. })),
        ("{item.address|—}", "{item.adress|—}", |e| matches!(e, LayoutError::UnknownPath { .. })),
        ("kind = \"issuer\"", "kind = \"box\"", |e| matches!(e, LayoutError::Syntax { .. })),
        ("#8f1d14", "#8f1d1", |e| matches!(e, LayoutError::Syntax { .. })),
        ("pitch = 8", "pitch = 0.0", |e| matches!(e, LayoutError::Unsound { .. })),
        ("name = \"people\"", "name = \"body\"", |e| matches!(e, LayoutError::Name { .. })),
        ("kind = \"frame\"", "kind = \"emblem\"", |e| matches!(e, LayoutError::Ornament(_))),
        ("heading = 1", "heeding = 1", |e| matches!(e, LayoutError::Syntax { .. })),
        ("heading = 1", "heading = 2", |e| matches!(e, LayoutError::Heading { .. })),
        ("x = 32", "x = 190", |e| matches!(e, LayoutError::OutsidePage { .. })),
    ];
    for (from, to, expected) in cases {
        assert!(LAYOUT.contains(from), "{from}");
        let error = template(&LAYOUT.replacen(from, to, 1)).unwrap_err();
        assert!(expected(&error), "{to}: {error}");
    }
    let twice = format!("{LAYOUT}\n[[block]]\nkind = \"seal\"\nx = 50\ny = 50\n");
    assert_eq!(template(&twice).unwrap_err(), LayoutError::SealPlaces { count: 2 });
}

/// lopdf, which we did not write, reads the content: every painting operator stands inside a mark, every mark belongs to
/// one element, and marks close in order.
#[test]
fn every_mark_has_an_owner_and_every_owner_a_mark() {
    const PAINTING: [&str; 15] =
        ["Tj", "TJ", "'", "\"", "Do", "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh"];
    let template = template(LAYOUT).unwrap();
    let (application, particulars, field) = (application(&[]), particulars(), field());
    let document = template.document(&application, &particulars, &field, false).unwrap();
    let (mut open, mut painted) = (Vec::new(), 0);
    let mut marks = Vec::new();
    for operation in lopdf::content::Content::decode(&document.content).unwrap().operations {
        match operation.operator.as_str() {
            "BMC" => open.push(None),
            "BDC" => {
                let properties = operation.operands[1].as_dict().unwrap();
                let mark = properties.get(b"MCID").ok().map(|id| id.as_i64().unwrap());
                assert!(mark.is_none() || open.iter().all(Option::is_none), "a mark within a mark");
                marks.extend(mark);
                open.push(mark);
            }
            "EMC" => assert!(open.pop().is_some(), "EMC without a beginning"),
            operator if PAINTING.contains(&operator) => {
                painted += 1;
                assert!(!open.is_empty(), "{operator} outside every mark");
            }
            _ => {}
        }
    }
    assert!(open.is_empty() && painted > 40, "{painted} painted");
    let owners = &document.painter.owners;
    assert_eq!(marks, (0..i64::try_from(owners.len()).unwrap()).collect::<Vec<_>>());
    for (mark, &owner) in owners.iter().enumerate() {
        assert!(document.painter.elements[owner].marks.contains(&i32::try_from(mark).unwrap()));
    }
    let leaves = document.painter.elements.iter().filter(|element| element.kids.is_empty());
    assert!(leaves.clone().count() > 20 && leaves.clone().all(|leaf| !leaf.marks.is_empty()));
}

#[test]
fn absent_fields_vanish_and_specimens_say_so() {
    let owners = |raw: &Value, specimen: bool| {
        let (template, application) = (template(LAYOUT).unwrap(), accepted(raw));
        let (particulars, field) = (Particulars { specimen, ..particulars() }, field());
        let document = template.document(&application, &particulars, &field, true).unwrap();
        document.painter.owners.len()
    };
    let with = example();
    let mut without = with.clone();
    without["adoptee"].as_object_mut().unwrap().remove("former_name").unwrap();
    // A label and a value.
    assert_eq!(owners(&with, false), owners(&without, false) + 2);
    assert_eq!(owners(&with, true), owners(&with, false) + 1);
}

#[test]
fn what_must_stay_readable_is_kept_clear() {
    let refused = |from: &str, to: &str| {
        assert!(LAYOUT.contains(from), "{from}");
        let template = template(&LAYOUT.replacen(from, to, 1)).unwrap();
        template.render(&application(&[]), &particulars(), &field()).map(drop).unwrap_err()
    };
    let collide =
        |block: &str, other: &str| RenderError::Collides { block: block.to_owned(), other: other.to_owned() };
    // Words over the code, and in its quiet zone only.
    assert_eq!(refused("y = 238", "y = 140"), collide("body", "qr"));
    assert_eq!(
        refused(
            "name = \"qr\"",
            "name = \"near\"\nkind = \"text\"\ntext = \"近\"\nx = 59\ny = 250\nsize = 4\n[[block]]\nname = \"qr\""
        ),
        collide("near", "qr")
    );
    // Words over words, a seal over words or over the code, words off the page or in its margin.
    assert_eq!(refused("x = 105\ny = 52", "x = 105\ny = 76"), collide("title", "body"));
    assert_eq!(refused("y = 254", "y = 150"), collide("body", "issuer"));
    assert_eq!(refused("x = 145", "x = 75"), collide("qr", "issuer"));
    assert_eq!(refused("y = 52", "y = 2"), RenderError::DoesNotFit { block: "title".to_owned() });
    assert_eq!(
        refused("size = \"A4\"", "size = \"A4\"\nmargin = 10"),
        RenderError::DoesNotFit { block: "specimen".to_owned() }
    );
}

#[test]
fn characters_that_share_a_glyph_are_told_apart() {
    // U+2F00 KANGXI RADICAL ONE is drawn by the glyph of U+4E00.
    let fonts = shared_fonts();
    let id = |c| fonts.glyph(crate::fonts::Role::Regular, c).unwrap().id;
    assert_eq!(id('一'), id('⼀'));
    let template = template(LAYOUT).unwrap();
    let (application, field) = (application(&[]), field());
    let particulars = Particulars { number: "一⼀一".to_owned(), ..particulars() };
    let document = template.document(&application, &particulars, &field, true).unwrap();
    assert_eq!(count(&document.content, "/Span<</ActualText<FEFF2F00>>>"), 1);
}

#[test]
fn metadata_is_attached_without_photos_and_mirrored() {
    let (kind, application, particulars) = (kind(), application(&[]), particulars());
    let (json, xml) = document::attached(&Facts::new(&kind, &application, &particulars), "示例市民政局 印章");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["schema"], &json["number"], &json["specimen"]),
        (&json!("yinzheng/1"), &json!(particulars.number), &json!(true))
    );
    assert_eq!(json["fields"]["adoptee"]["name"], json!("李安𡐓"));
    for expected in [
        "<ZZMC name=\"证照名称\">收养登记证明书</ZZMC>",
        "<ZZBH name=\"证照编号\">（2026）示民收字第00001号</ZZBH>",
        "<ZZQZMC name=\"证照签章名称\">示例市民政局 印章</ZZQZMC>",
    ] {
        assert!(xml.contains(expected), "{xml}");
    }
    let pdf = rendered(&[], &particulars).unwrap();
    assert_eq!(count(&pdf.bytes, "<gbt:ZZBH>（2026）示民收字第00001号</gbt:ZZBH>"), 1);
    assert_eq!(count(&pdf.bytes, "/AFRelationship/Data"), 2);
}

/// ISO 19005-3 §6.6.2.3.3, read with an XML reader: used and described are the same set.
#[test]
fn every_xmp_property_is_described() {
    use quick_xml::events::Event;
    let pdf = rendered(&[], &particulars()).unwrap();
    let text = String::from_utf8_lossy(&pdf.bytes).into_owned();
    let packet = &text[text.find("<x:xmpmeta").unwrap()..text.find("<?xpacket end").unwrap()];
    let mut reader = quick_xml::Reader::from_str(packet);
    let (mut used, mut described, mut inside) = (vec!["part".to_owned()], Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                inside = element.name().as_ref().to_owned();
                used.extend(inside.strip_prefix("gbt:").map(str::to_owned));
            }
            Event::Text(words) => {
                let words = words.as_ref().to_owned();
                match inside.as_str() {
                    "pdfaProperty:name" => described.push(words),
                    "pdfaProperty:valueType" => {
                        assert!(["Text", "Integer"].contains(&words.as_str()), "{words}")
                    }
                    "pdfaProperty:category" => {
                        assert!(["internal", "external"].contains(&words.as_str()), "{words}")
                    }
                    _ => {}
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    used.sort();
    described.sort();
    assert!(used.len() > 10);
    assert_eq!(used, described);
}

#[test]
fn secret_types_do_not_name_people_in_xmp() {
    let committed = committed("type.toml");
    assert!(committed.contains("sensitivity = \"secret\""));
    let xmp = |type_file: &str| {
        let kind = CertificateType::from_toml("adoption-registration", type_file).unwrap();
        let template = Template::compile(&kind, LAYOUT, shared_fonts()).unwrap();
        let pdf = template.render(&application(&[]), &particulars(), &field()).unwrap();
        let text = String::from_utf8_lossy(&pdf.bytes).into_owned();
        let from = text.find("<x:xmpmeta").unwrap();
        text[from..text.find("</x:xmpmeta>").unwrap()].to_owned()
    };
    let personal = ["gbt:CZZT>", "gbt:CZZTDM>", "gbt:KZ_", "李安𡐓", "990101201806010016", ">CZZT<", ">KZ_"];
    let (secret, open) =
        (xmp(&committed), xmp(&committed.replace("sensitivity = \"secret\"", "sensitivity = \"personal\"")));
    for words in personal {
        assert!(!secret.contains(words), "{words}");
        assert!(open.contains(words), "{words}");
    }
    assert!(secret.contains("<gbt:ZZBS>") && secret.contains("<gbt:CJSJ>"));
}

#[test]
fn the_picture_shows_words_seal_and_a_readable_code() {
    let bytes = template(LAYOUT).unwrap().render_bare(&application(&[]), &particulars(), &field()).unwrap();
    let pdf = hayro::hayro_syntax::Pdf::new(bytes).unwrap();
    // 150 dpi: what a plain office scanner makes of a printed page.
    let scale = 150.0 / 72.0;
    let picture = hayro::render_pdf(
        &pdf,
        scale,
        hayro::hayro_interpret::InterpreterSettings::default(),
        &hayro::RenderSettings::default(),
        None,
    )
    .unwrap()
    .remove(0);
    let (width, height) = (usize::from(picture.width()), usize::from(picture.height()));
    let pixels = picture.data();
    let gray = |x: usize, y: usize| {
        let p = pixels[y * width + x];
        u8::try_from((u32::from(p.r) + u32::from(p.g) + u32::from(p.b)) / 3).unwrap()
    };
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, gray);
    let codes = prepared.detect_grids().into_iter().filter_map(|grid| Some(grid.decode().ok()?.1));
    assert_eq!(codes.collect::<Vec<_>>(), [particulars().verify_url]);
    let at = |x: f32, y: f32| pixels[(y / 25.4 * 150.0) as usize * width + (x / 25.4 * 150.0) as usize];
    // The bar of the seal: 21 mm right of and 21 mm below its corner, centre .30 R above the issuer line.
    let seal = at(145.0, 254.0 - 0.30 * 21.0);
    assert!(seal.r > 180 && seal.g < 90 && seal.b < 90, "{seal:?}");
}

#[test]
#[ignore = "a measurement: cargo test --release --lib render::tests::speed -- --ignored --nocapture"]
#[allow(clippy::disallowed_methods, reason = "a measurement")]
fn speed() {
    let (template, application, particulars, field) =
        (template(LAYOUT).unwrap(), application(&[]), particulars(), field());
    let size = template.render(&application, &particulars, &field).unwrap().bytes.len();
    let start = std::time::Instant::now();
    for _ in 0..1000 {
        std::hint::black_box(template.render(&application, &particulars, &field).unwrap());
    }
    println!("{:?} for each unsigned certificate of {size} bytes", start.elapsed() / 1000);
}
