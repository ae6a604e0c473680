//! The kinds of blocks and their keys.

use super::{Block, Colour, Condition, Phrase};
use crate::fonts::Role;
use serde::Deserialize;

/// How a line is set against its x or in its width.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::render) enum Align {
    #[default]
    Left,
    Centre,
    Right,
    Spread,
    Justify,
}

/// What happens to words that are too wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::render) enum Fit {
    Wrap,
    Shrink,
    Refuse,
}

/// A line: colour and width in mm.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct Stroke {
    pub(in crate::render) colour: Colour,
    pub(in crate::render) width: f32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct Text {
    pub(in crate::render) text: Phrase,
    pub(in crate::render) x: Option<f32>,
    pub(in crate::render) y: Option<f32>,
    pub(in crate::render) width: Option<f32>,
    pub(in crate::render) height: Option<f32>,
    #[serde(default)]
    pub(in crate::render) align: Align,
    pub(in crate::render) size: f32,
    #[serde(default)]
    pub(in crate::render) font: Role,
    pub(in crate::render) colour: Option<Colour>,
    #[serde(default)]
    pub(in crate::render) tracking: f32,
    pub(in crate::render) heading: Option<u8>,
    /// Read aloud in English.
    #[serde(default)]
    pub(in crate::render) english: bool,
    #[serde(default = "refuse")]
    pub(in crate::render) fit: Fit,
    #[serde(default)]
    pub(in crate::render) artifact: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct Rows {
    pub(in crate::render) x: Option<f32>,
    pub(in crate::render) y: Option<f32>,
    pub(in crate::render) width: Option<f32>,
    pub(in crate::render) label_width: f32,
    #[serde(default = "spread")]
    pub(in crate::render) label_align: Align,
    #[serde(default = "four")]
    pub(in crate::render) gap: f32,
    pub(in crate::render) pitch: f32,
    pub(in crate::render) size: f32,
    pub(in crate::render) label_size: Option<f32>,
    #[serde(default)]
    pub(in crate::render) font: Role,
    #[serde(default)]
    pub(in crate::render) label_font: Role,
    pub(in crate::render) colour: Option<Colour>,
    pub(in crate::render) label_colour: Option<Colour>,
    #[serde(default = "one")]
    pub(in crate::render) columns: usize,
    #[serde(default = "six")]
    pub(in crate::render) column_gap: f32,
    pub(in crate::render) rule: Option<Stroke>,
    #[serde(default)]
    pub(in crate::render) rule_from: RuleFrom,
    /// Borders on all sides of every label and value.
    pub(in crate::render) grid: Option<Stroke>,
    pub(in crate::render) label_fill: Option<Colour>,
    #[serde(default)]
    pub(in crate::render) align: Align,
    #[serde(default = "wrap")]
    pub(in crate::render) fit: Fit,
    pub(in crate::render) each: Option<String>,
    /// Room between the records of `each`.
    #[serde(default)]
    pub(in crate::render) between: f32,
    pub(in crate::render) row: Vec<Row>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::render) enum RuleFrom {
    #[default]
    Value,
    Label,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct Row {
    pub(in crate::render) label: Phrase,
    pub(in crate::render) value: Phrase,
    #[serde(default = "one")]
    pub(in crate::render) span: usize,
    pub(in crate::render) fit: Option<Fit>,
    pub(in crate::render) when: Option<Condition>,
    pub(in crate::render) font: Option<Role>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct Paragraph {
    pub(in crate::render) text: Phrase,
    pub(in crate::render) x: Option<f32>,
    pub(in crate::render) y: Option<f32>,
    pub(in crate::render) width: Option<f32>,
    pub(in crate::render) height: Option<f32>,
    pub(in crate::render) size: f32,
    pub(in crate::render) leading: Option<f32>,
    #[serde(default = "two")]
    pub(in crate::render) indent: f32,
    #[serde(default = "justify")]
    pub(in crate::render) align: Align,
    #[serde(default = "refuse")]
    pub(in crate::render) fit: Fit,
    #[serde(default)]
    pub(in crate::render) font: Role,
    pub(in crate::render) colour: Option<Colour>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct Table {
    pub(in crate::render) each: String,
    pub(in crate::render) x: Option<f32>,
    pub(in crate::render) y: Option<f32>,
    pub(in crate::render) width: Option<f32>,
    pub(in crate::render) pitch: f32,
    pub(in crate::render) size: f32,
    pub(in crate::render) header_size: Option<f32>,
    #[serde(default)]
    pub(in crate::render) header_font: Role,
    pub(in crate::render) header_colour: Option<Colour>,
    pub(in crate::render) header_fill: Option<Colour>,
    #[serde(default)]
    pub(in crate::render) font: Role,
    pub(in crate::render) colour: Option<Colour>,
    pub(in crate::render) rule: Option<Stroke>,
    #[serde(default)]
    pub(in crate::render) grid: bool,
    pub(in crate::render) max_rows: Option<usize>,
    pub(in crate::render) empty: Option<String>,
    pub(in crate::render) column: Vec<Column>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct Column {
    pub(in crate::render) header: String,
    pub(in crate::render) value: Phrase,
    pub(in crate::render) width: f32,
    #[serde(default)]
    pub(in crate::render) align: Align,
    #[serde(default = "wrap")]
    pub(in crate::render) fit: Fit,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct IssuerLines {
    pub(in crate::render) x: Option<f32>,
    pub(in crate::render) y: Option<f32>,
    #[serde(default = "inset")]
    pub(in crate::render) inset: f32,
    /// Issuer's baseline below the seal's centre, in radii.
    #[serde(default = "rise")]
    pub(in crate::render) rise: f32,
    /// Date's baseline below the seal's centre, in radii.
    #[serde(default = "drop_")]
    pub(in crate::render) drop: f32,
    pub(in crate::render) height: Option<f32>,
    /// The most either line may take; longer ones are set smaller.
    pub(in crate::render) width: Option<f32>,
    pub(in crate::render) size: f32,
    #[serde(default)]
    pub(in crate::render) font: Role,
    pub(in crate::render) colour: Option<Colour>,
    #[serde(default = "issuer_name")]
    pub(in crate::render) text: Phrase,
    #[serde(default = "issue_date")]
    pub(in crate::render) date: Phrase,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct SealPlace {
    pub(in crate::render) x: f32,
    pub(in crate::render) y: f32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct PhotoBox {
    pub(in crate::render) path: String,
    pub(in crate::render) x: f32,
    pub(in crate::render) y: f32,
    pub(in crate::render) width: f32,
    pub(in crate::render) height: f32,
    pub(in crate::render) frame: Option<Stroke>,
    pub(in crate::render) alt: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct QrBox {
    pub(in crate::render) x: f32,
    pub(in crate::render) y: f32,
    pub(in crate::render) size: f32,
    pub(in crate::render) caption: Option<Phrase>,
    pub(in crate::render) caption_size: Option<f32>,
    pub(in crate::render) caption_gap: Option<f32>,
    pub(in crate::render) colour: Option<Colour>,
    /// The blank ground under it; the page's when not given.
    pub(in crate::render) ground: Option<Colour>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct RuleLine {
    pub(in crate::render) x: Option<f32>,
    pub(in crate::render) y: Option<f32>,
    pub(in crate::render) x2: Option<f32>,
    pub(in crate::render) y2: Option<f32>,
    pub(in crate::render) colour: Colour,
    pub(in crate::render) width: f32,
    pub(in crate::render) dash: Option<[f32; 2]>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct Panel {
    pub(in crate::render) x: f32,
    pub(in crate::render) y: f32,
    pub(in crate::render) width: f32,
    pub(in crate::render) height: f32,
    pub(in crate::render) stroke: Option<Stroke>,
    pub(in crate::render) fill: Option<Colour>,
    #[serde(default)]
    pub(in crate::render) radius: f32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct Flow {
    pub(in crate::render) x: f32,
    pub(in crate::render) y: f32,
    pub(in crate::render) width: f32,
    pub(in crate::render) bottom: f32,
    #[serde(default)]
    pub(in crate::render) gap: f32,
    pub(in crate::render) spread: Option<f32>,
    #[serde(default = "refuse")]
    pub(in crate::render) fit: Fit,
    #[serde(skip)]
    pub(in crate::render) items: Vec<Block>,
    /// The items at each smaller size, largest first; none when the flow refuses instead.
    #[serde(skip)]
    pub(in crate::render) smaller: Vec<Vec<Block>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::render) struct Space {
    pub(in crate::render) height: f32,
}

fn refuse() -> Fit {
    Fit::Refuse
}
fn wrap() -> Fit {
    Fit::Wrap
}
fn spread() -> Align {
    Align::Spread
}
fn justify() -> Align {
    Align::Justify
}
fn one() -> usize {
    1
}
fn two() -> f32 {
    2.0
}
fn four() -> f32 {
    4.0
}
fn six() -> f32 {
    6.0
}
fn inset() -> f32 {
    45.0
}
/// 骑年盖月 for a seal without a sub-line: the star stands between the issuer's letters, the date under it.
fn rise() -> f32 {
    0.30
}
fn drop_() -> f32 {
    0.72
}
fn issuer_name() -> Phrase {
    Phrase::value("issuer.name")
}
fn issue_date() -> Phrase {
    Phrase::value("issued_on")
}

impl RuleLine {
    /// Its colour and width.
    pub(in crate::render) fn stroke(&self) -> Stroke {
        Stroke { colour: self.colour, width: self.width }
    }
}
