//! Pieces → pages of placed lines. Millimetres from the top left.

use super::super::RenderError;
use super::super::breaking::{self, Column};
use super::super::layout::{Align, Colour, Stroke};
use super::super::node::{Area, Decoration, Node, Placed, Tag};
use super::super::typeset::{Line, Style};
use super::{Paper, Piece, Voice};
use crate::domain::drawing::Rgb;
use crate::fonts::{FontSet, Role};

/// A4 in mm.
pub(super) const SIZE: (f32, f32) = (210.0, 297.0);
const LEFT: f32 = 22.0;
const TOP: f32 = 20.0;
const WIDTH: f32 = SIZE.0 - 2.0 * LEFT;
/// Lowest line of text.
const BOTTOM: f32 = SIZE.1 - 22.0;
const FOOT: f32 = SIZE.1 - 12.0;
/// Width of a label and the gap behind it.
const LABEL: f32 = 58.0;
const STEP: f32 = 5.0;
const INK: Rgb = Rgb(0.1, 0.1, 0.1);
const QUIET: Rgb = Rgb(0.32, 0.32, 0.32);
const PALE: Rgb = Rgb(0.8, 0.77, 0.72);
const MIDDLE_TO_BASELINE: f32 = 0.38;
/// Pages at most: what a report of many signatures needs, and no more.
const MOST_PAGES: usize = 400;

/// Composed pages, and where the seal stands on the last one.
pub(super) struct Pages {
    pub(super) nodes: Vec<Vec<Node<'static>>>,
    pub(super) seal: Option<Area>,
}

/// Words being set.
struct Setter<'a> {
    fonts: &'a FontSet,
    pages: Vec<Vec<Node<'static>>>,
    y: f32,
}

/// How a paragraph is set.
struct Setting {
    role: Role,
    size: f32,
    colour: Rgb,
    tag: Tag,
    x: f32,
    width: f32,
}

pub(super) fn pages(
    paper: &Paper<'_>,
    fonts: &FontSet,
    seal: Option<(f32, f32)>,
) -> Result<Pages, RenderError> {
    let mut setter = Setter { fonts, pages: vec![Vec::new()], y: TOP };
    for piece in &paper.pieces {
        setter.piece(piece)?;
    }
    let seal = seal.map(|(width, height)| {
        setter.room(height + 4.0);
        let area = Area { x: LEFT + WIDTH - width, y: setter.y + 4.0, width, height };
        setter.y += height + 4.0;
        area
    });
    setter.feet(paper.foot)?;
    if setter.pages.len() > MOST_PAGES {
        return Err(RenderError::DoesNotFit { block: "paper".to_owned() });
    }
    Ok(Pages { nodes: setter.pages, seal })
}

impl Setter<'_> {
    fn piece(&mut self, piece: &Piece) -> Result<(), RenderError> {
        match piece {
            Piece::Heading { level, text } => {
                let (size, before) = match level {
                    0 | 1 => (6.4, 0.0),
                    2 => (4.6, 6.0),
                    _ => (3.9, 3.5),
                };
                // A heading does not stand alone at the foot of a page.
                self.room(before + size + 18.0);
                self.y += if self.y > TOP { before } else { 0.0 };
                self.paragraph(
                    text,
                    &Setting { role: Role::Bold, size, tag: Tag::Heading(*level), ..full(INK) },
                )?;
                self.y += 1.0;
            }
            Piece::Text { text, voice, indent } => {
                let x = LEFT + STEP * f32::from(*indent);
                let (role, size, colour, tag) = match voice {
                    Voice::Plain => (Role::Regular, 3.6, INK, Tag::Paragraph),
                    Voice::English => (Role::Regular, 3.1, QUIET, Tag::English),
                    Voice::Loud(colour) => (Role::Bold, 4.4, *colour, Tag::Paragraph),
                    Voice::Small => (Role::Regular, 3.0, QUIET, Tag::Paragraph),
                };
                let width = LEFT + WIDTH - x;
                self.paragraph(text, &Setting { role, size, colour, tag, x, width })?;
            }
            Piece::Pair { label, value } => self.pair(label, value)?,
            Piece::Rule => {
                self.room(12.0);
                self.y += 2.0;
                let stroke = Stroke { colour: Colour(PALE), width: 0.25 };
                let rule = Decoration::rule((LEFT, self.y), (LEFT + WIDTH, self.y), stroke);
                self.put(Node::Decoration(rule));
                self.y += 2.0;
            }
        }
        Ok(())
    }

    /// Both are read one after the other; the lower one says where the next piece begins.
    fn pair(&mut self, label: &str, value: &str) -> Result<(), RenderError> {
        let label = self.lines(label, &Setting { size: 3.1, width: LABEL - 4.0, ..full(QUIET) })?;
        let setting = Setting { size: 3.4, x: LEFT + LABEL, width: WIDTH - LABEL, ..full(INK) };
        let value = self.lines(value, &setting)?;
        #[allow(clippy::cast_precision_loss, reason = "some dozens of lines")]
        let height = (label.len() as f32 * 3.1 * LEADING).max(value.len() as f32 * 3.4 * LEADING);
        self.room(height);
        let top = self.y;
        self.place(label, 3.4 * LEADING, LEFT, Tag::Paragraph);
        self.y = top;
        self.place(value, 3.4 * LEADING, LEFT + LABEL, Tag::Paragraph);
        self.y = (top + height).max(self.y.max(top)) + 0.6;
        Ok(())
    }

    fn paragraph(&mut self, text: &str, setting: &Setting) -> Result<(), RenderError> {
        let lines = self.lines(text, setting)?;
        let leading = setting.size * LEADING;
        #[allow(clippy::cast_precision_loss, reason = "some dozens of lines")]
        let height = lines.len() as f32 * leading;
        self.room(height.min(40.0));
        self.place(lines, leading, setting.x, setting.tag);
        self.y += 0.4;
        Ok(())
    }

    fn lines(&self, text: &str, setting: &Setting) -> Result<Vec<(f32, Line)>, RenderError> {
        let style = Style { role: setting.role, size: setting.size, colour: setting.colour, tracking: 0.0 };
        let column = Column { width: setting.width, indent: 0.0, align: Align::Left, style };
        let broken = breaking::paragraph(self.fonts, &drawable(self.fonts, setting.role, text), column)?;
        Ok(broken.into_iter().map(|broken| (broken.x, broken.line)).collect())
    }

    /// Sets lines one below the other; a paragraph that runs on to the next page is one element on each.
    fn place(&mut self, lines: Vec<(f32, Line)>, leading: f32, x: f32, tag: Tag) {
        let mut placed: Vec<Placed> = Vec::new();
        for (indent, line) in lines {
            if self.y + leading > BOTTOM && !placed.is_empty() {
                self.put(Node::Words { tag, lines: std::mem::take(&mut placed) });
                self.turn();
            }
            let y = self.y + leading / 2.0 + MIDDLE_TO_BASELINE * line.style.size;
            placed.push(Placed { x: x + indent, y, line });
            self.y += leading;
        }
        if !placed.is_empty() {
            self.put(Node::Words { tag, lines: placed });
        }
    }

    /// Turns the page unless so much room is left.
    fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    fn put(&mut self, node: Node<'static>) {
        if let Some(page) = self.pages.last_mut() {
            page.push(node);
        }
    }

    /// What stands at the foot of every page is said by nobody.
    fn feet(&mut self, words: &str) -> Result<(), RenderError> {
        let count = self.pages.len();
        for at in 0..count {
            let text = format!("{words} · 第 {0} 页，共 {count} 页 page {0} of {count}", at + 1);
            let lines = self.lines(&text, &Setting { size: 2.7, ..full(QUIET) })?;
            let Some((_, line)) = lines.into_iter().next() else { continue };
            let placed = Placed { x: LEFT, y: FOOT, line };
            if let Some(page) = self.pages.get_mut(at) {
                page.push(Node::Decoration(Decoration::Words(placed)));
            }
        }
        Ok(())
    }
}

/// Height of a line in em.
const LEADING: f32 = 1.5;

fn full(colour: Rgb) -> Setting {
    Setting { role: Role::Regular, size: 3.6, colour, tag: Tag::Paragraph, x: LEFT, width: WIDTH }
}

/// The text with what no font has written as its code point, so that nothing vanishes and nothing is refused.
fn drawable(fonts: &FontSet, role: Role, text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if fonts.glyph(role, c).is_some() {
            out.push(c);
        } else {
            out.push_str(&format!("[U+{:04X}]", u32::from(c)));
        }
        out
    })
}
