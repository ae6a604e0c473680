//! Every ideograph of GB 18030-2022 can be somebody's name: none is refused, none is a blank box, each is read back.
//!
//! The set is computed, not copied: 实现级别 3 holds the unified ideographs that Unicode 11 had, which are whole blocks:
//! U+4E00–9FEF (20,976), Extension A U+3400–4DB5 (6,582), B U+20000–2A6D6 (42,711), C (4,149), D (222), E (5,762) and
//! F (7,473), and the 12 unified ideographs that stand among the compatibility ones. That makes 87,887, the number the
//! standard's publication states. U+9FF0–9FFF came to Unicode later and are not in it; the characters of 通用规范汉字表
//! outside the basic block lie in the extensions and need no list of their own.

use crate::easel::{draw, fonts};
use crate::judges;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use yinzheng::domain::drawing::Drawing;
use yinzheng::domain::{
    AcceptContext, Application, Bilingual, CertificateType, Instant, Issuer, Particulars,
};
use yinzheng::fonts::Role;
use yinzheng::render::{CompiledSeal, DEFAULT_HOLE, SealField, SubFilter, Template};

const BLOCKS: [std::ops::RangeInclusive<u32>; 7] = [
    0x4E00..=0x9FEF,
    0x3400..=0x4DB5,
    0x2_0000..=0x2_A6D6,
    0x2_A700..=0x2_B734,
    0x2_B740..=0x2_B81D,
    0x2_B820..=0x2_CEA1,
    0x2_CEB0..=0x2_EBE0,
];
/// Unified ideographs in the block of the compatibility ideographs.
const TWELVE: [u32; 12] =
    [0xFA0E, 0xFA0F, 0xFA11, 0xFA13, 0xFA14, 0xFA1F, 0xFA21, 0xFA23, 0xFA24, 0xFA27, 0xFA28, 0xFA29];

/// Names stand in columns of a hundred, the most records a list may have.
const COLUMNS: usize = 10;
const ROWS: usize = 100;
const LEFT: f32 = 10.0;
const TOP: f32 = 10.0;
const COLUMN: f32 = 16.0;
const PITCH: f32 = 5.0;
const SIZE: f32 = 4.0;
/// Between a table's edge and the words of a cell.
const PADDING: f32 = 1.2;
/// Without optimisation drawing takes minutes: then every fiftieth page is drawn.
const STEP: usize = if cfg!(debug_assertions) { 50 } else { 1 };

fn repertoire() -> Vec<char> {
    BLOCKS.into_iter().flatten().chain(TWELVE).filter_map(char::from_u32).collect()
}

#[test]
fn the_set_has_the_number_of_characters_the_standard_states() {
    let mut set = repertoire();
    set.sort_unstable();
    set.dedup();
    assert_eq!(set.len(), 87_887);
}

#[test]
fn every_character_has_a_glyph_with_an_outline() {
    let fonts = fonts();
    let blank = |&c: &char| {
        let glyph = fonts.glyph(Role::Regular, c).filter(|glyph| glyph.id != 0);
        glyph.is_none() || fonts.outline(Role::Regular, c).is_none_or(|outline| outline.len() < 4)
    };
    let blank: Vec<char> = repertoire().into_iter().filter(blank).collect();
    assert!(blank.is_empty(), "{} characters are not drawn, first {:?}", blank.len(), blank.first());
}

#[test]
fn every_character_in_a_name_is_accepted_drawn_and_read_back() {
    let kind = kind();
    let template = Template::compile(&kind, &layout(), fonts()).unwrap();
    let characters = repertoire();
    let mut read_back = 0;
    for (page, names) in characters.chunks(COLUMNS * ROWS).enumerate() {
        let application = accepted(&kind, names);
        if !page.is_multiple_of(STEP) {
            continue;
        }
        let pdf = template.render_bare(&application, &particulars(&kind), &field()).unwrap();
        every_cell_has_ink(&pdf, names);
        read_back += every_name_is_read_back(&pdf, names);
    }
    println!("{} names accepted, {read_back} read back by pdftotext", characters.len());
}

/// The page's ten columns of names; holder and document only because every type has them.
fn kind() -> CertificateType {
    let mut text = String::from(
        r#"
version = 1
type_code = "999"
name = { zh = "姓名页", en = "Page of names" }
holder_kind = "natural_person"
issuer_role = "bureau"
seal_role = "bureau"
number = "{year}{serial:05}"
sensitivity = "public"
public_lookup = "open"
validity = "unlimited"
matter = ["document"]
holder = [{ name = "name", code = "document" }]

[[field]]
name = "name"
label = { zh = "姓名", en = "Name" }
kind = "person_name"

[[field]]
name = "document"
label = { zh = "证件", en = "Document" }
kind = "identity_document"
"#,
    );
    for column in 0..COLUMNS {
        write!(
            text,
            r#"
[[field]]
name = "list{column}"
label = {{ zh = "名单", en = "List" }}
kind = "records"
min_items = 1
max_items = {ROWS}
optional = true

[[field.fields]]
name = "name"
label = {{ zh = "姓名", en = "Name" }}
kind = "person_name"
"#
        )
        .unwrap();
    }
    CertificateType::from_toml("page-of-names", &text).unwrap()
}

#[allow(clippy::cast_precision_loss, reason = "ten columns")]
fn layout() -> String {
    let (width, height) =
        (2.0 * LEFT + COLUMN * COLUMNS as f32, 2.0 * TOP + PITCH * (ROWS + 1) as f32 + 20.0);
    let mut text = format!(
        "[page]\nwidth = {width}\nheight = {height}\n\n[[block]]\nkind = \"seal\"\nx = 20\ny = {}\n",
        height - 15.0
    );
    for column in 0..COLUMNS {
        let x = LEFT + COLUMN * column as f32;
        write!(
            text,
            "\n[[block]]\nkind = \"table\"\neach = \"list{column}\"\nx = {x}\ny = {TOP}\nwidth = {COLUMN}\npitch = {PITCH}\nsize = {SIZE}\nheader_size = 2\ncolumn = [{{ header = \"·\", value = \"{{item.name}}\", width = 1 }}]\n"
        )
        .unwrap();
    }
    text
}

fn accepted(kind: &CertificateType, names: &[char]) -> Application {
    let mut raw = Map::new();
    raw.insert("name".to_owned(), json!("张明"));
    raw.insert("document".to_owned(), json!({ "type": "citizen_id", "number": "990101199808161280" }));
    for (column, names) in names.chunks(ROWS).enumerate() {
        let list: Vec<Value> = names.iter().map(|c| json!({ "name": format!("张{c}明") })).collect();
        raw.insert(format!("list{column}"), list.into());
    }
    let today = time::macros::date!(2026 - 11 - 24);
    let context = AcceptContext { today, demo: true, repertoire: &*fonts() };
    kind.accept(&raw.into(), &context).unwrap_or_else(|problems| panic!("{:#?}", problems.first()))
}

fn particulars(kind: &CertificateType) -> Particulars {
    let issuer = Issuer {
        name: Bilingual::new("示例市民政局", "Shili Civil Affairs Bureau"),
        short_name: "示民".to_owned(),
        uscc: "11990000000000019A".to_owned(),
        definer_uscc: "11990000000000019A".to_owned(),
        region: "990000".to_owned(),
    };
    Particulars {
        number: kind.number(&issuer, 2026, 1),
        identifier: kind.identifier(&issuer, 2026, 1, 1),
        code: "7K3M-9QXR-2H5D".to_owned(),
        verify_url: crate::easel::ADDRESS.to_owned(),
        issued_at: Instant::from_seconds(1_795_500_000).unwrap(),
        issuer,
        valid_until: None,
        specimen: false,
    }
}

fn field() -> SealField {
    SealField {
        seal: CompiledSeal::new(&Drawing { width: 10.0, height: 10.0, shapes: Vec::new() }),
        name_zh: "无".to_owned(),
        subfilter: SubFilter::EtsiCades,
        hole: DEFAULT_HOLE,
    }
}

/// The middle character of every name has dark pixels where it must stand.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // pixels of a page
fn every_cell_has_ink(pdf: &[u8], names: &[char]) {
    const DPI: f32 = 100.0;
    let picture = draw(pdf.to_vec(), DPI).remove(0);
    let pixel = |mm: f32| (mm / 25.4 * DPI).round() as usize;
    for (at, c) in names.iter().enumerate() {
        let (column, row) = ((at / ROWS) as f32, (at % ROWS) as f32);
        // A hair narrower than the character, so that its neighbours' edges do not count.
        let left = LEFT + COLUMN * column + PADDING + 1.06 * SIZE;
        let top = TOP + PITCH * (row + 1.0) + (PITCH - SIZE) / 2.0;
        let dark = (pixel(top)..pixel(top + SIZE))
            .flat_map(|y| (pixel(left)..pixel(left + 0.88 * SIZE)).map(move |x| (x, y)))
            .filter(|&(x, y)| picture.gray(x, y) < 200)
            .count();
        // One is enough: 𠄟 is a single thin stroke, and a blank glyph leaves none.
        assert!(dark > 0, "U+{:04X} leaves no ink", u32::from(*c));
    }
}

/// How many names pdftotext gives back; all, or none when it is not installed.
fn every_name_is_read_back(pdf: &[u8], names: &[char]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.pdf");
    std::fs::write(&file, pdf).unwrap();
    let arguments = ["-raw", "-enc", "UTF-8", file.to_str().unwrap(), "-"];
    let Some(output) = judges::run("pdftotext", &arguments) else { return 0 };
    let text = String::from_utf8(output.stdout).unwrap();
    let read: Vec<&str> = text.lines().map(str::trim).filter(|line| line.starts_with('张')).collect();
    let wrong: Vec<String> = names
        .iter()
        .enumerate()
        .filter(|(at, c)| read.get(*at).copied() != Some(format!("张{c}明").as_str()))
        .map(|(at, c)| format!("U+{:04X} is read as {:?}", u32::from(*c), read.get(at)))
        .collect();
    assert!(wrong.is_empty(), "{} wrong, first: {:?}", wrong.len(), wrong.first());
    read.len()
}
