use super::{Area, Likeness, Sheet, compare};

/// Object bodies 1…n with a table; further ones come as an update of the first state.
struct Built {
    bytes: Vec<u8>,
    prev: Option<usize>,
}

impl Built {
    fn of(objects: &[(u32, Vec<u8>)]) -> Self {
        Self { bytes: b"%PDF-1.7\n".to_vec(), prev: None }.and(objects)
    }

    fn and(mut self, objects: &[(u32, Vec<u8>)]) -> Self {
        let mut places = Vec::new();
        for (number, body) in objects {
            places.push((*number, self.bytes.len()));
            self.bytes.extend(format!("{number} 0 obj\n").bytes());
            self.bytes.extend(body);
            self.bytes.extend(b"\nendobj\n");
        }
        let at = self.bytes.len();
        self.bytes.extend(b"xref\n");
        if self.prev.is_none() {
            self.bytes.extend(b"0 1\n0000000000 65535 f \n");
        }
        for (number, offset) in places {
            self.bytes.extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
        }
        let prev = self.prev.map_or(String::new(), |prev| format!("/Prev {prev}"));
        self.bytes
            .extend(format!("trailer\n<</Size 50/Root 1 0 R{prev}>>\nstartxref\n{at}\n%%EOF\n").bytes());
        self.prev = Some(at);
        self
    }
}

fn stream(dict: &str, data: &[u8]) -> Vec<u8> {
    let mut out = format!("<<{dict}/Length {}>>stream\n", data.len()).into_bytes();
    out.extend(data);
    out.extend(b"\nendstream");
    out
}

fn deflated(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(data).unwrap();
    packed.finish().unwrap()
}

/// One page of 200 by 200 with this content and these resources.
fn page(content: &[u8], resources: &str) -> Vec<(u32, Vec<u8>)> {
    vec![
        (1, b"<</Type/Catalog/Pages 2 0 R>>".to_vec()),
        (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec()),
        (
            3,
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<<{resources}>>>>"
            )
            .into_bytes(),
        ),
        (4, stream("", content)),
    ]
}

fn sheet(excused: Vec<Area>) -> [Sheet; 1] {
    [Sheet { page: 0, excused }]
}

fn area(x0: f64, y0: f64, x1: f64, y1: f64, may_fill: bool) -> Area {
    Area { corners: [(x0, y0), (x1, y1)], may_fill }
}

/// One state only, held against itself.
fn drawn(objects: &[(u32, Vec<u8>)]) -> Likeness {
    let built = Built::of(objects);
    compare(&built.bytes, built.bytes.len(), &sheet(Vec::new()))[0]
}

#[test]
fn a_change_shows_where_it_is() {
    let first = Built::of(&page(b"0 0 1 rg 20 20 40 40 re f", ""));
    let end = first.bytes.len();
    let second = first.and(&[(4, stream("", b"0 0 1 rg 20 20 40 40 re f 1 0 0 rg 100 100 30 10 re f"))]);
    let asked = |excused| compare(&second.bytes, end, &sheet(excused))[0];
    assert_eq!(asked(Vec::new()), Likeness::Different);
    assert_eq!(asked(vec![area(100.0, 110.0, 130.0, 100.0, false)]), Likeness::Alike);
    assert_eq!(asked(vec![area(100.0, 100.0, 115.0, 110.0, false)]), Likeness::Different);
    // A signature that covers the page excuses nothing, a text field does.
    assert_eq!(asked(vec![area(0.0, 0.0, 200.0, 200.0, false)]), Likeness::Different);
    assert_eq!(asked(vec![area(0.0, 0.0, 200.0, 200.0, true)]), Likeness::Alike);
    // Nothing that shows.
    let third = second.and(&[(9, b"(unseen)".to_vec())]);
    assert_eq!(compare(&third.bytes, end, &sheet(Vec::new()))[0], Likeness::Different);
    let quiet = Built::of(&page(b"0 0 1 rg 20 20 40 40 re f", ""));
    let end = quiet.bytes.len();
    let quiet = quiet.and(&[(9, b"(unseen)".to_vec())]);
    assert_eq!(compare(&quiet.bytes, end, &sheet(Vec::new())), [Likeness::Alike]);
}

#[test]
fn a_page_that_came_went_or_turned_is_different() {
    let first = Built::of(&page(b"", ""));
    let end = first.bytes.len();
    let more = first.and(&[
        (2, b"<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>".to_vec()),
        (5, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>".to_vec()),
    ]);
    let sheets: Vec<Sheet> = (0..3).map(|page| Sheet { page, excused: Vec::new() }).collect();
    assert_eq!(
        compare(&more.bytes, end, &sheets),
        [Likeness::Alike, Likeness::Different, Likeness::NotDrawn]
    );
    let first = Built::of(&page(b"", ""));
    let end = first.bytes.len();
    let wide =
        first.and(&[(3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R>>".to_vec())]);
    assert_eq!(compare(&wide.bytes, end, &sheets[..1]), [Likeness::Different]);
}

#[test]
fn what_would_not_end_is_not_drawn() {
    // Each form shows the next one ten times.
    let mut laughs = page(b"/F5 Do", "/XObject<</F5 5 0 R>>");
    for number in 5..25 {
        let next = number + 1;
        let dict = format!("/Subtype/Form/BBox[0 0 200 200]/Resources<</XObject<</F{next} {next} 0 R>>>>");
        laughs.push((number, stream(&dict, format!("/F{next} Do ").repeat(10).as_bytes())));
    }
    laughs.push((25, stream("/Subtype/Form/BBox[0 0 9 9]", b"0 0 9 9 re f")));
    assert_eq!(drawn(&laughs), Likeness::NotDrawn);
    // A tile repeated a million times a million.
    let mut tiles = page(b"/Pattern cs /P scn 0 0 200 200 re f", "/Pattern<</P 5 0 R>>");
    tiles.push((
        5,
        stream(
            "/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1000000 1000000]/XStep 1/YStep 1/Resources<<>>",
            b"0 0 9 9 re f",
        ),
    ));
    assert_eq!(drawn(&tiles), Likeness::NotDrawn);
    // Dashes thinner than anything that shows.
    assert_eq!(drawn(&page(b"[0.000001] 0 d 0 0 m 1000000 1000000 l S", "")), Likeness::NotDrawn);
    // Many pages of paint.
    assert_eq!(drawn(&page(&b"0 0 200 200 re f ".repeat(100_000), "")), Likeness::NotDrawn);
}

#[test]
fn what_would_not_fit_is_not_drawn() {
    let bomb = deflated(&vec![b' '; 80 << 20]);
    let mut inflating = page(b"", "");
    inflating[3].1 = stream("/Filter/FlateDecode", &bomb);
    assert_eq!(drawn(&inflating), Likeness::NotDrawn);
    let mut twice = page(b"", "");
    twice[3].1 = stream("/Filter[/FlateDecode/FlateDecode]", &deflated(&bomb));
    assert_eq!(drawn(&twice), Likeness::NotDrawn);
    for filter in ["", "/Filter/DCTDecode", "/Filter/JBIG2Decode", "/Filter/JPXDecode"] {
        let mut picture = page(b"200 0 0 200 0 0 cm /I Do", "/XObject<</I 5 0 R>>");
        let dict = format!(
            "/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceRGB/BitsPerComponent 8{filter}"
        );
        picture.push((5, stream(&dict, b"x")));
        assert_eq!(drawn(&picture), Likeness::NotDrawn, "{filter}");
    }
    let wide = Built::of(&[
        (1, b"<</Type/Catalog/Pages 2 0 R>>".to_vec()),
        (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec()),
        (3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 1e30 1e30]>>".to_vec()),
    ]);
    assert_eq!(compare(&wide.bytes, wide.bytes.len(), &sheet(Vec::new())), [Likeness::NotDrawn]);
}

#[test]
fn an_honest_page_with_pictures_patterns_and_masks_is_drawn() {
    let mut objects = page(
        b"q 50 0 0 50 10 10 cm /I Do Q /Pattern cs /P scn 100 100 80 80 re f /G gs 0 1 0 rg 0 150 50 50 re f",
        "/XObject<</I 5 0 R>>/Pattern<</P 6 0 R>>/ExtGState<</G 7 0 R>>",
    );
    objects.push((
        5,
        stream(
            "/Subtype/Image/Width 16/Height 16/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode",
            &deflated(&[127; 256]),
        ),
    ));
    objects.push((
        6,
        stream(
            "/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 10 10]/XStep 10/YStep 10/Resources<<>>",
            b"1 0 0 rg 0 0 5 5 re f",
        ),
    ));
    objects.push((7, b"<</SMask<</S/Luminosity/G 8 0 R>>>>".to_vec()));
    objects.push((
        8,
        stream(
            "/Subtype/Form/BBox[0 0 200 200]/Group<</S/Transparency/CS/DeviceGray>>/Resources<<>>",
            b"0.5 g 0 0 200 200 re f",
        ),
    ));
    let first = Built::of(&objects);
    let end = first.bytes.len();
    assert_eq!(compare(&first.bytes, end, &sheet(Vec::new())), [Likeness::Alike]);
    // The tile alone changes.
    let second = first.and(&[(
        6,
        stream(
            "/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 10 10]/XStep 10/YStep 10/Resources<<>>",
            b"1 0 0 rg 0 0 6 5 re f",
        ),
    )]);
    assert_eq!(compare(&second.bytes, end, &sheet(Vec::new())), [Likeness::Different]);
}

#[test]
fn every_flip_of_a_page_is_survived() {
    let built = Built::of(&page(b"0 0 1 rg 20 20 40 40 re f BT (x) Tj ET", ""));
    for at in 0..built.bytes.len() {
        let mut other = built.bytes.clone();
        other[at] ^= 0x20;
        let _ = compare(&other, other.len(), &sheet(Vec::new()));
        let _ = compare(&built.bytes, at, &sheet(Vec::new()));
    }
}

#[test]
fn a_page_whose_words_do_not_show_is_named() {
    let page = |ink: &str| {
        let content = format!("{ink} g BT /F 40 Tf 20 90 Td (Words) Tj ET");
        Built::of(&page(content.as_bytes(), "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"))
            .bytes
    };
    assert_eq!(super::blank(&page("1"), &[]), Some(1));
    assert_eq!(super::blank(&page("1"), &[1]), None);
    assert_eq!(super::blank(&page("0"), &[]), None);
}
