//! Breaking Chinese text into lines (避头尾).
//!
//! No line begins with closing punctuation or ends with opening punctuation; Latin words and numbers stay whole.
//! A line may be squeezed by half an em to hold a closing mark, and is spread by tracking when justified. Kinsoku of
//! level "basic" as in the W3C's Requirements for Chinese Text Layout §3.1.4; vertical text is not attempted.

use super::RenderError;
use super::layout::Align;
use super::typeset::{Line, Style, glyph};
use crate::fonts::{FontSet, Glyph};

const NO_START: &str = "，。、；：！？）》」』】〕〗〉”’…—·％‰℃々,.;:!?)]}%";
const NO_END: &str = "（《「『【〔〖〈“‘([{￥$";
/// Full-width closing marks whose right half is blank: at a line's end they may hang into the margin.
const HANGING: &str = "，。、；：》」』】〕〗〉）";

/// A column of text: where its lines begin and how they are set.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) width: f32,
    /// First-line indent in em.
    pub(super) indent: f32,
    pub(super) align: Align,
    pub(super) style: Style,
}

/// A broken line and its distance from the column's left edge.
pub(super) struct Broken {
    pub(super) x: f32,
    pub(super) line: Line,
}

type Glyphs = Vec<(Glyph, char)>;

/// Breaks one paragraph. An unbreakable word wider than the column is cut by character.
pub(super) fn paragraph(fonts: &FontSet, text: &str, column: Column) -> Result<Vec<Broken>, RenderError> {
    let glyphs = text
        .chars()
        .map(|c| glyph(fonts, column.style.role, c).map(|g| (g, c)))
        .collect::<Result<Glyphs, _>>()?;
    let indent = column.indent * column.style.size;
    let mut lines: Vec<(f32, Glyphs)> = Vec::new();
    let mut line: Glyphs = Vec::new();
    let mut room = column.width - indent;
    for unit in units(glyphs, column) {
        let drop_space = line.is_empty() && unit.iter().all(|&(_, c)| c == ' ');
        if drop_space && !lines.is_empty() {
            continue;
        }
        let together = width(&line, column) + hung_width(&unit, column);
        if !line.is_empty() && together > room + squeeze(&line, column) {
            lines.push((if lines.is_empty() { indent } else { 0.0 }, std::mem::take(&mut line)));
            room = column.width;
        }
        if line.is_empty() && unit.iter().all(|&(_, c)| c == ' ') {
            continue;
        }
        line.extend(unit);
    }
    if !line.is_empty() {
        lines.push((if lines.is_empty() { indent } else { 0.0 }, line));
    }
    let last = lines.len().saturating_sub(1);
    Ok(lines.into_iter().enumerate().map(|(i, (x, glyphs))| finish(x, glyphs, column, i == last)).collect())
}

/// Groups that no line may cut.
fn units(glyphs: Glyphs, column: Column) -> Vec<Glyphs> {
    let mut units: Vec<Glyphs> = Vec::new();
    for next in glyphs {
        match units.last_mut() {
            Some(unit)
                if stays_with(unit, next.1)
                    && width(unit, column) < column.width - 2.0 * column.style.size =>
            {
                unit.push(next)
            }
            _ => units.push(vec![next]),
        }
    }
    units
}

fn stays_with(unit: &Glyphs, c: char) -> bool {
    let Some(&(_, last)) = unit.last() else { return false };
    if c == ' ' || last == ' ' {
        return false;
    }
    let latin =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/' | '_' | '\'' | '@' | '+' | '#');
    NO_START.contains(c)
        || NO_END.contains(last)
        || (latin(last) && latin(c))
        || (last == '…' && c == '…')
        || (last == '—' && c == '—')
}

fn width(glyphs: &Glyphs, column: Column) -> f32 {
    #[allow(clippy::cast_precision_loss, reason = "a line has some dozens of characters")]
    let gaps = glyphs.len() as f32 * column.style.tracking;
    glyphs.iter().map(|(g, _)| g.advance).sum::<f32>() * column.style.size + gaps
}

/// Width without the blank half of a hanging mark at the end.
fn hung_width(glyphs: &Glyphs, column: Column) -> f32 {
    let hang = glyphs.last().is_some_and(|&(g, c)| HANGING.contains(c) && g.advance > 0.9);
    width(glyphs, column) - column.style.tracking - if hang { 0.5 * column.style.size } else { 0.0 }
}

/// How much a line may be squeezed: 2 % of an em per character, so that no character touches its neighbour.
fn squeeze(line: &Glyphs, column: Column) -> f32 {
    #[allow(clippy::cast_precision_loss, reason = "a line has some dozens of characters")]
    let count = line.len() as f32;
    if column.align == Align::Justify { 0.02 * count * column.style.size } else { 0.0 }
}

fn finish(x: f32, mut glyphs: Glyphs, column: Column, last: bool) -> Broken {
    while glyphs.last().is_some_and(|&(_, c)| c == ' ') {
        glyphs.pop();
    }
    let natural = hung_width(&glyphs, column);
    let mut line = Line { glyphs, style: column.style };
    let room = column.width - x;
    let x = match column.align {
        Align::Centre => x + (room - natural) / 2.0,
        Align::Right => x + room - natural,
        Align::Justify if line.gaps() > 0.0 && (!last || natural > room) => {
            line.style.tracking += (room - natural) / line.gaps();
            x
        }
        _ => x,
    };
    Broken { x, line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::drawing::Rgb;
    use crate::fonts::Role;
    use crate::fonts::tests::fonts;

    fn column(width: f32) -> Column {
        let style = Style { role: Role::Regular, size: 5.0, colour: Rgb(0.0, 0.0, 0.0), tracking: 0.0 };
        Column { width, indent: 2.0, align: Align::Justify, style }
    }

    fn broken(text: &str, width: f32) -> Vec<String> {
        paragraph(fonts(), text, column(width)).unwrap().iter().map(|b| b.line.text()).collect()
    }

    const TEXT: &str = "经审查，收养关系符合《中华人民共和国民法典》第一千一百零五条（2021年1月1日施行）的规定，准予登记；收养关系自登记之日起成立。“特此证明”。";

    #[test]
    fn nothing_is_lost_and_no_line_begins_or_ends_wrongly() {
        for width in (30..160).map(|w| w as f32) {
            let lines = broken(TEXT, width);
            assert_eq!(lines.concat(), TEXT, "width {width}");
            for line in lines {
                assert!(!NO_START.contains(line.chars().next().unwrap()), "width {width}: {line}");
                assert!(!NO_END.contains(line.chars().last().unwrap()), "width {width}: {line}");
            }
        }
    }

    #[test]
    fn numbers_and_words_stay_whole() {
        for width in (30..120).map(|w| w as f32) {
            assert!(broken(TEXT, width).iter().any(|line| line.contains("2021")), "width {width}");
        }
        assert_eq!(broken("一 unbreakable-word 二", 30.0).concat().replace(' ', ""), "一unbreakable-word二");
    }

    #[test]
    fn justified_lines_fill_the_column_and_stay_inside() {
        for broken in paragraph(fonts(), TEXT, column(80.0)).unwrap().iter().rev().skip(1) {
            let hang = if HANGING.contains(broken.line.glyphs.last().unwrap().1) { 2.5 } else { 0.0 };
            assert!((broken.x + broken.line.width() - hang - 80.0).abs() < 0.05, "{}", broken.line.text());
        }
    }

    #[test]
    fn a_word_wider_than_the_column_is_cut() {
        let lines = broken(&"A".repeat(200), 40.0);
        assert!(lines.len() > 5 && lines.concat().len() == 200);
    }
}
