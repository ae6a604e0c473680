//! What may stand in a printed line: the rules common to every text, and those of names and codes.
//!
//! Text is brought to NFC and trimmed, never silently shortened. One exception to NFC: CJK compatibility
//! ideographs stay as typed, because GB 18030 encodes 21 of them and a name belongs to its bearer; NFC
//! would print another shape. Variation selectors are refused: what they ask for depends on the font at hand.
//! Everything that prints nothing or turns the reading direction is refused, so that what is read is what is signed.

use super::problem::Complaint;
use super::{Bilingual, Repertoire};
use unicode_normalization::UnicodeNormalization;

/// Raw text above this many bytes is not even looked at; the longest field allows 2,000 characters.
const RAW_LIMIT: usize = 32 * 1024;

/// The rules of one text field.
pub(super) struct TextRules<'a> {
    pub(super) multiline: bool,
    /// Longest text, in characters after normalisation.
    pub(super) max_length: usize,
    pub(super) repertoire: &'a dyn Repertoire,
}

/// The text as it will be printed, or everything that is wrong with it, each code once.
pub(super) fn clean(raw: &str, rules: &TextRules<'_>) -> Result<String, Vec<Complaint>> {
    if raw.len() > RAW_LIMIT {
        return Err(vec![too_long(rules.max_length)]);
    }
    let text = normalise(raw, rules.multiline);
    if text.is_empty() {
        return Err(vec![Complaint::new("text.empty", "没有内容，请填写", "is empty; fill it in")]);
    }
    let mut complaints: Vec<Complaint> = Vec::new();
    for (index, c) in text.chars().enumerate() {
        let Some(complaint) = character(c, index, rules) else { continue };
        if complaints.iter().all(|known| known.code != complaint.code) {
            complaints.push(complaint);
        }
    }
    if text.chars().count() > rules.max_length {
        complaints.push(too_long(rules.max_length));
    }
    if complaints.is_empty() { Ok(text) } else { Err(complaints) }
}

/// NFC, line ends as `\n`, odd spaces as plain ones, outer white space removed.
pub(super) fn normalise(raw: &str, multiline: bool) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((at, c)) = rest.char_indices().find(|&(_, c)| is_compatibility_ideograph(c)) {
        text.extend(rest[..at].nfc());
        text.push(c);
        rest = &rest[at + c.len_utf8()..];
    }
    text.extend(rest.nfc());
    let text = text.replace("\r\n", "\n");
    // Pasted from word processors: no-break and typographic spaces. The ideographic space stays itself.
    let text: String = text.chars().map(|c| if is_odd_space(c) { ' ' } else { c }).collect();
    let text =
        text.trim_matches(|c: char| c.is_whitespace() && (multiline || !is_line_break(c) || c == '\n'));
    text.to_owned()
}

fn too_long(max: usize) -> Complaint {
    Complaint::new(
        "text.too_long",
        format!("太长，最多{max}个字"),
        format!("is too long; at most {max} characters"),
    )
}

fn character(c: char, index: usize, rules: &TextRules<'_>) -> Option<Complaint> {
    if rules.multiline && c == '\n' {
        return None;
    }
    let at = index + 1;
    let told = |code, zh: &str, en: &str| {
        let point = u32::from(c);
        Some(Complaint::new(
            code,
            format!("第{at}个字符（U+{point:04X}）{zh}"),
            format!("character {at} (U+{point:04X}) {en}"),
        ))
    };
    if is_line_break(c) {
        return told(
            "text.line_break",
            "是换行，此项只能有一行",
            "is a line break; this field holds one line",
        );
    }
    if c.is_control() {
        return told("text.control_character", "是控制字符，请删除", "is a control character; remove it");
    }
    if is_bidi_control(c) {
        return told(
            "text.bidi_control",
            "会改变文字的阅读方向，请删除",
            "changes the reading direction; remove it",
        );
    }
    if is_variation_selector(c) {
        return told(
            "text.variation_selector",
            "是异体字选择符，请删除，直接使用该字本身的编码",
            "is a variation selector; remove it and use the character's own code",
        );
    }
    if is_invisible(c) {
        return told("text.invisible_character", "不可见，请删除", "cannot be seen; remove it");
    }
    if is_private_use(c) {
        return told(
            "text.private_use",
            "是自造字（私用区），各处显示不同，请改用国家标准 GB 18030 中的编码",
            "is a private-use character that looks different everywhere; use its code in GB 18030",
        );
    }
    if is_noncharacter(c) {
        return told("text.not_a_character", "不是字符，请删除", "is not a character; remove it");
    }
    if !rules.repertoire.has(c) {
        return told(
            "text.character_not_drawable",
            "没有字体可以显示，请核对，或者联系管理员补充字体",
            "is in none of the fonts; check it, or ask the operator to add a font",
        );
    }
    None
}

fn is_compatibility_ideograph(c: char) -> bool {
    matches!(c, '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}')
}

pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_odd_space(c: char) -> bool {
    matches!(c, '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}')
}

pub(super) fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}')
}

pub(super) fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Default-ignorable and blank-looking characters, beside those with a rule of their own.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E00FF}'
        | '\u{E01F0}'..='\u{E0FFF}')
}

fn is_private_use(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}' | '\u{FFFC}' | '\u{FFFD}') || u32::from(c) & 0xFFFE == 0xFFFE
}

/// The several dots used between the parts of a transliterated name, as the one of GB/T 15834: `·` U+00B7.
pub(super) fn unify_name_dots(text: &str) -> String {
    text.replace(['\u{2022}', '\u{2027}', '\u{30FB}', '\u{FF65}', '\u{2219}', '\u{22C5}'], "\u{B7}")
}

/// Letters of any script, marks on letters, and the few signs that occur inside names.
pub(super) fn person_name(text: &str) -> Result<(), Complaint> {
    let fits = |c: char| {
        c.is_alphabetic()
            || is_compatibility_ideograph(c)
            || matches!(
                c,
                '〇' | '·' | ' ' | '-' | '\'' | '’' | '.' | ',' | '(' | ')' | '（' | '）' | '\u{300}'
                    ..='\u{36F}'
            )
    };
    // Han of planes 2 and 3 newer than the compiler's tables still are letters.
    let fits = |c: char| fits(c) || matches!(c, '\u{20000}'..='\u{3FFFD}');
    match text.chars().enumerate().find(|&(_, c)| !fits(c)) {
        None if text.chars().any(|c| c.is_alphabetic() || u32::from(c) >= 0x3400) => Ok(()),
        None => Err(Complaint::new(
            "person_name.no_letter",
            "没有任何文字，请填写姓名",
            "has no letter; fill in the name",
        )),
        Some((index, c)) => {
            let (at, point) = (index + 1, u32::from(c));
            Err(Complaint::new(
                "person_name.character",
                format!("第{at}个字符（U+{point:04X}）不能出现在姓名中，请核对"),
                format!("character {at} (U+{point:04X}) does not belong in a name; check it"),
            ))
        }
    }
}

/// An organisation or a place needs at least two letters or digits to be told apart.
pub(super) fn has_two_letters(text: &str) -> Result<(), Complaint> {
    if text.chars().filter(|c| c.is_alphanumeric() || u32::from(*c) >= 0x3400).count() >= 2 {
        return Ok(());
    }
    Err(Complaint::new("text.too_short", "太短，请填写完整名称", "is too short; give it in full"))
}

/// A code as it is written down: full-width letters made narrow, spaces dropped, upper case.
pub(super) fn code(raw: &str) -> String {
    raw.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match u32::from(c) {
            wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
            _ => c,
        })
        .map(|c| c.to_ascii_uppercase())
        .take(64)
        .collect()
}

/// Words of a list of alternatives: 甲、乙 or 丙 in both languages.
pub(super) fn alternatives(words: &[Bilingual]) -> Bilingual {
    let join =
        |half: fn(&Bilingual) -> &str, mark: &str| words.iter().map(half).collect::<Vec<_>>().join(mark);
    Bilingual::new(join(|w| &w.zh, "、"), join(|w| &w.en, ", "))
}

/// The plain form of characters for comparing them (NFKC): full-width digits, compatibility ideographs and radicals become
/// what people mean by them.
#[must_use]
pub fn plain_form(text: &str) -> String {
    text.nfkc().collect()
}
