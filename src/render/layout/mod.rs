//! `layout.toml` as typed → what it means. `docs/layout.md` is the reference.
//!
//! Reading a layout checks everything that does not depend on a certificate: shapes of blocks, colours, placeholders,
//! names, and that exactly one block places the seal. Whether values fit is known only when a certificate is drawn.

mod blocks;
mod phrase;
mod scaled;

pub(super) use blocks::*;
pub(super) use phrase::{Condition, Phrase, Piece};

use super::LayoutError;
use super::typeset::shrink_steps;
use crate::domain::drawing::Rgb;
use serde::Deserialize;

/// Most blocks a layout may have, items of flows included; a page of A4 holds some dozens.
const MAX_BLOCKS: usize = 400;

/// A whole layout.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) page: Page,
    pub(super) specimen: Specimen,
    pub(super) ornaments: Vec<Ornament>,
    pub(super) blocks: Vec<Block>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    page: PageFile,
    #[serde(default)]
    specimen: Specimen,
    #[serde(default, rename = "ornament")]
    ornaments: Vec<Ornament>,
    #[serde(default, rename = "block")]
    blocks: Vec<toml::Table>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageFile {
    size: Option<String>,
    width: Option<f32>,
    height: Option<f32>,
    background: Option<Colour>,
    #[serde(default = "ink")]
    colour: Colour,
    #[serde(default)]
    margin: f32,
}

/// The page in millimetres.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) background: Option<Colour>,
    pub(super) colour: Colour,
    /// Words keep this far from the page's edges.
    pub(super) margin: f32,
}

/// Where 样例 stands.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Specimen {
    pub(super) x: Option<f32>,
    pub(super) y: Option<f32>,
    pub(super) size: Option<f32>,
    pub(super) watermark: Option<f32>,
    pub(super) watermark_y: Option<f32>,
    pub(super) opacity: Option<f32>,
}

/// One ornament, as handed to `ornament::draw`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ornament {
    pub(super) kind: String,
    pub(super) opacity: Option<f32>,
    #[serde(default)]
    pub(super) params: toml::Table,
}

/// A block or an item of a flow.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) name: String,
    pub(super) when: Option<Condition>,
    pub(super) space_before: f32,
    pub(super) body: Body,
}

/// What a block is.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Text(Text),
    Rows(Rows),
    Paragraph(Paragraph),
    Table(Table),
    Issuer(IssuerLines),
    Seal(SealPlace),
    Photo(PhotoBox),
    Qr(QrBox),
    Line(RuleLine),
    Box(Panel),
    Flow(Flow),
    Space(Space),
}

/// A colour written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Colour(pub(super) Rgb);

/// A page without a background.
pub(super) const PAPER: Colour = Colour(Rgb(1.0, 1.0, 1.0));

/// Near black: softer than #000000 on a tinted ground, and still 15:1.
pub(super) fn ink() -> Colour {
    Colour(Rgb(0.1, 0.1, 0.1))
}

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bytes = text
            .strip_prefix('#')
            .filter(|digits| digits.len() == 6)
            .and_then(|digits| hex::decode(digits).ok());
        let part = |byte: u8| f32::from(byte) / 255.0;
        match bytes.as_deref() {
            Some(&[r, g, b]) => Ok(Self(Rgb(part(r), part(g), part(b)))),
            _ => Err(format!("{text:?} is not a colour like \"#8f1d14\"")),
        }
    }
}

impl Layout {
    /// Reads a layout.
    pub(super) fn read(text: &str) -> Result<Self, LayoutError> {
        let file: File = toml::from_str(text)
            .map_err(|e| LayoutError::Syntax { place: "layout.toml".to_owned(), message: e.to_string() })?;
        let mut names = Names::default();
        let blocks =
            file.blocks.into_iter().map(|table| names.block(table, true)).collect::<Result<Vec<_>, _>>()?;
        let page = file.page.read()?;
        if let Some(block) = blocks.iter().find(|block| !block.body.is_on(&page)) {
            return Err(LayoutError::OutsidePage { block: block.name.clone() });
        }
        headings_in_order(&blocks)?;
        let layout = Self { page, specimen: file.specimen, ornaments: file.ornaments, blocks };
        match layout
            .all_blocks()
            .filter(|block| matches!(block.body, Body::Seal(_) | Body::Issuer(_)))
            .count()
        {
            1 => Ok(layout),
            count => Err(LayoutError::SealPlaces { count }),
        }
    }

    /// Every block, items of flows included.
    pub(super) fn all_blocks(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().flat_map(|block| {
            let items = match &block.body {
                Body::Flow(flow) => flow.items.as_slice(),
                _ => &[],
            };
            std::iter::once(block).chain(items)
        })
    }
}

/// The first heading is of level 1 and none skips a level (ISO 14289-1 §7.4.2).
fn headings_in_order(blocks: &[Block]) -> Result<(), LayoutError> {
    let mut last = 0;
    for block in blocks {
        let items = match &block.body {
            Body::Flow(flow) => flow.items.as_slice(),
            _ => std::slice::from_ref(block),
        };
        for item in items {
            let Body::Text(Text { heading: Some(level), .. }) = item.body else { continue };
            if level > last + 1 {
                return Err(LayoutError::Heading { block: item.name.clone() });
            }
            last = level;
        }
    }
    Ok(())
}

impl PageFile {
    fn read(self) -> Result<Page, LayoutError> {
        let (width, height) = match (self.size.as_deref(), self.width, self.height) {
            (Some("A4"), None, None) => (210.0, 297.0),
            (Some("A4-landscape"), None, None) => (297.0, 210.0),
            // 2000 mm is far above any certificate and far below the 200 inches of a PDF page.
            (None, Some(w), Some(h)) if (20.0..=2000.0).contains(&w) && (20.0..=2000.0).contains(&h) => {
                (w, h)
            }
            _ => return Err(LayoutError::PageSize),
        };
        if !(0.0..=width.min(height) / 3.0).contains(&self.margin) {
            return Err(LayoutError::PageMargin);
        }
        Ok(Page { width, height, background: self.background, colour: self.colour, margin: self.margin })
    }
}

#[derive(Default)]
struct Names(std::collections::BTreeSet<String>);

impl Names {
    fn block(&mut self, mut table: toml::Table, top: bool) -> Result<Block, LayoutError> {
        let kind = take_text(&mut table, "kind").unwrap_or_default();
        let name = take_text(&mut table, "name").unwrap_or_else(|| format!("{kind} #{}", self.0.len() + 1));
        let fault = |message: String| LayoutError::Syntax { place: name.clone(), message };
        if self.0.len() >= MAX_BLOCKS || !self.0.insert(name.clone()) {
            return Err(LayoutError::Name { name });
        }
        let when =
            table.remove("when").map(Condition::deserialize).transpose().map_err(|e| fault(e.to_string()))?;
        let space_before = table
            .remove("space_before")
            .map(f32::deserialize)
            .transpose()
            .map_err(|e| fault(e.to_string()))?
            .unwrap_or(0.0);
        let items = table.remove("item");
        let mut body = Body::read(&kind, table).map_err(fault)?;
        if let (Body::Flow(flow), Some(items), true) = (&mut body, items, top) {
            let items = Vec::<toml::Table>::deserialize(items).map_err(|e| fault(e.to_string()))?;
            let items =
                items.into_iter().map(|item| self.block(item, false)).collect::<Result<Vec<_>, _>>()?;
            let smaller = shrink_steps(flow.fit).skip(1);
            flow.smaller = smaller.map(|by| items.iter().map(|item| item.scaled(by)).collect()).collect();
            flow.items = items;
        }
        if top != body.is_placed() {
            return Err(fault(if top {
                "x, y (and width) are needed".to_owned()
            } else {
                "this kind cannot stand in a flow, and items have no x, y or width".to_owned()
            }));
        }
        if !body.is_sound() {
            return Err(LayoutError::Unsound { block: name });
        }
        Ok(Block { name, when, space_before, body })
    }
}

fn take_text(table: &mut toml::Table, key: &str) -> Option<String> {
    match table.remove(key) {
        Some(toml::Value::String(text)) => Some(text),
        _ => None,
    }
}

impl Body {
    fn read(kind: &str, table: toml::Table) -> Result<Self, String> {
        fn of<T: serde::de::DeserializeOwned>(table: toml::Table) -> Result<T, String> {
            table.try_into().map_err(|e: toml::de::Error| e.message().to_owned())
        }
        Ok(match kind {
            "text" => Self::Text(of(table)?),
            "rows" => Self::Rows(of(table)?),
            "paragraph" => Self::Paragraph(of(table)?),
            "table" => Self::Table(of(table)?),
            "issuer" => Self::Issuer(of(table)?),
            "seal" => Self::Seal(of(table)?),
            "photo" => Self::Photo(of(table)?),
            "qr" => Self::Qr(of(table)?),
            "line" => Self::Line(of(table)?),
            "box" => Self::Box(of(table)?),
            "flow" => Self::Flow(of(table)?),
            "space" => Self::Space(of(table)?),
            other => return Err(format!("no block is of kind {other:?}")),
        })
    }

    /// True when the block says itself where on the page it stands.
    fn is_placed(&self) -> bool {
        match self {
            Self::Text(b) => b.x.is_some() && b.y.is_some(),
            Self::Rows(b) => b.x.is_some() && b.y.is_some() && b.width.is_some(),
            Self::Paragraph(b) => b.x.is_some() && b.y.is_some() && b.width.is_some(),
            Self::Table(b) => b.x.is_some() && b.y.is_some() && b.width.is_some(),
            Self::Issuer(b) => b.x.is_some() && b.y.is_some(),
            Self::Line(b) => b.x.is_some() && b.y.is_some() && b.x2.is_some(),
            Self::Space(_) => false,
            Self::Seal(_) | Self::Photo(_) | Self::Qr(_) | Self::Box(_) | Self::Flow(_) => true,
        }
    }

    /// False for a picture, panel or column that leaves the page; what leaves it with some words only is found later.
    fn is_on(&self, page: &Page) -> bool {
        let inside = |x: f32, y: f32, width: f32, height: f32| {
            x >= 0.0 && y >= 0.0 && x + width <= page.width && y + height <= page.height
        };
        match self {
            Self::Photo(b) => inside(b.x, b.y, b.width, b.height),
            Self::Qr(b) => inside(b.x, b.y, b.size, b.size),
            Self::Box(b) => inside(b.x, b.y, b.width, b.height),
            Self::Flow(b) => inside(b.x, b.y, b.width, b.bottom - b.y),
            _ => true,
        }
    }

    /// False when a size is nothing a page can hold, a table has no columns, or a QR code is too small to be read.
    fn is_sound(&self) -> bool {
        let size = |size: f32| (0.5..=200.0).contains(&size);
        let pitch = |pitch: f32| (1.0..=400.0).contains(&pitch);
        match self {
            Self::Text(b) => size(b.size) && b.heading.is_none_or(|level| (1..=6).contains(&level)),
            Self::Rows(b) => {
                size(b.size) && pitch(b.pitch) && b.label_size.is_none_or(size) && !b.row.is_empty()
            }
            Self::Paragraph(b) => size(b.size) && b.leading.is_none_or(pitch),
            Self::Table(b) => {
                size(b.size)
                    && pitch(b.pitch)
                    && !b.column.is_empty()
                    && b.column.iter().all(|column| column.width > 0.0)
            }
            Self::Issuer(b) => size(b.size),
            // 25 modules on less than 15 mm do not survive a copier.
            Self::Qr(b) => (15.0..=200.0).contains(&b.size),
            Self::Photo(b) => b.width > 1.0 && b.height > 1.0,
            Self::Flow(b) => b.fit != Fit::Wrap,
            Self::Seal(_) | Self::Line(_) | Self::Box(_) | Self::Space(_) => true,
        }
    }
}
