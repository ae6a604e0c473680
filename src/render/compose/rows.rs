//! Labels with values, and tables of records.

use super::super::RenderError;
use super::super::facts::Facts;
use super::super::layout::{Align, Fit, Row, Rows, RuleFrom, Stroke, Table};
use super::super::node::{Area, Decoration, Fragment, Node, Tag};
use super::super::typeset::Style;
use super::cells::{Cell, CellBox};
use super::{Composer, MIDDLE_TO_BASELINE, Place};

/// Air between a cell's border and its words, in mm.
const PADDING: f32 = 1.2;
/// How far below the baseline the rule under a value stands, in em.
const RULE_BELOW: f32 = 0.45;

/// A label and a value that are present.
struct Entry<'a> {
    row: &'a Row,
    label: String,
    value: String,
}

/// An entry in its place.
struct SetEntry {
    label: Cell,
    value: Cell,
    left: f32,
    value_x: f32,
    right: f32,
    /// Columns the value covers, for the structure tree.
    columns: usize,
}

impl SetEntry {
    /// Its borders, or the rule under its value; `last` is the row's last baseline.
    fn decorate(&self, spec: &Rows, top: f32, height: f32, last: f32, out: &mut Vec<Decoration>) {
        if let Some(stroke) = spec.grid {
            let divide = self.value_x - spec.gap / 2.0;
            let area = |x: f32, to: f32| Area { x, y: top, width: to - x, height };
            out.push(Decoration::Panel {
                area: area(self.left, divide),
                stroke: Some(stroke),
                fill: spec.label_fill,
                radius: 0.0,
            });
            out.push(Decoration::Panel {
                area: area(divide, self.right),
                stroke: Some(stroke),
                fill: None,
                radius: 0.0,
            });
        }
        if let Some(stroke) = spec.rule {
            let y = last + RULE_BELOW * spec.size;
            let from = if spec.rule_from == RuleFrom::Label { self.left } else { self.value_x };
            out.push(Decoration::rule((from, y), (self.right, y), stroke));
        }
    }
}

impl<'a> Composer<'a> {
    pub(super) fn rows(
        &self,
        name: &str,
        spec: &'a Rows,
        place: Place,
    ) -> Result<Option<Fragment<'a>>, RenderError> {
        // Each record begins a line of its own.
        let records: Vec<_> = match &spec.each {
            None => vec![present(self.facts, &spec.row)],
            Some(list) => {
                (0..self.facts.count(list)).map(|i| present(self.facts.of_item(list, i), &spec.row)).collect()
            }
        };
        let columns = spec.columns.max(1);
        let mut kids = Vec::new();
        let mut rules = Vec::new();
        let mut y = place.y;
        for (at, entries) in records.iter().filter(|entries| !entries.is_empty()).enumerate() {
            y += if at > 0 { spec.between } else { 0.0 };
            let mut rest = entries.as_slice();
            while !rest.is_empty() {
                let (abreast, after) = rest.split_at(abreast(rest, columns));
                y += self.row(name, spec, Place { y, ..place }, abreast, &mut kids, &mut rules)?;
                rest = after;
            }
        }
        if kids.is_empty() {
            return Ok(None);
        }
        let mut nodes: Vec<Node<'a>> = rules.into_iter().map(Node::Decoration).collect();
        nodes.push(Node::Group { tag: Tag::Table, kids });
        Ok(Some(Fragment { height: y - place.y, nodes, seal: None }))
    }

    /// One line of the block, of as many entries as stand abreast; its height.
    fn row(
        &self,
        name: &str,
        spec: &Rows,
        place: Place,
        entries: &[Entry<'_>],
        kids: &mut Vec<Node<'a>>,
        rules: &mut Vec<Decoration>,
    ) -> Result<f32, RenderError> {
        let set = self.entries(name, spec, place, entries)?;
        let extra = set.iter().fold(0.0_f32, |most, entry| most.max(entry.value.extra));
        let (baseline, height) =
            (place.y + spec.pitch / 2.0 + MIDDLE_TO_BASELINE * spec.size, spec.pitch + extra);
        let mut cells = Vec::new();
        for entry in set {
            // Between borders words stand in the middle; over a rule they hang from the first line.
            let lowered = |own: f32| baseline + if spec.grid.is_some() { (extra - own) / 2.0 } else { 0.0 };
            entry.decorate(spec, place.y, height, baseline + extra, rules);
            let (label, value) = (lowered(entry.label.extra), lowered(entry.value.extra));
            cells.push(Node::Words { tag: Tag::Header { of_row: true }, lines: entry.label.at(label) });
            cells.push(Node::Words {
                tag: Tag::Cell { columns: entry.columns },
                lines: entry.value.at(value),
            });
        }
        kids.push(Node::Group { tag: Tag::Row, kids: cells });
        Ok(height)
    }

    /// Labels and values of one line, each in its share of the width.
    fn entries(
        &self,
        name: &str,
        spec: &Rows,
        place: Place,
        entries: &[Entry<'_>],
    ) -> Result<Vec<SetEntry>, RenderError> {
        let columns = spec.columns.max(1);
        #[allow(clippy::cast_precision_loss, reason = "a few columns")]
        let unit = (place.width - (columns - 1) as f32 * spec.column_gap) / columns as f32;
        // Between borders the gap stands on both sides of the words as well.
        let air = if spec.grid.is_some() { spec.gap / 2.0 } else { 0.0 };
        let mut set = Vec::new();
        let mut taken = 0;
        for (at, entry) in entries.iter().enumerate() {
            let span = entry.row.span.clamp(1, columns);
            let last = at + 1 == entries.len();
            // The last entry's value reaches to the end, so that every row has the same number of columns.
            let reach = if last { columns - taken } else { span };
            let drawn = if last && spec.grid.is_some() { reach } else { span };
            #[allow(clippy::cast_precision_loss, reason = "a few columns")]
            let (left, width) = (
                place.x + taken as f32 * (unit + spec.column_gap),
                drawn as f32 * (unit + spec.column_gap) - spec.column_gap,
            );
            taken += span;
            let value_x = left + air + spec.label_width + spec.gap;
            let style = self.style(entry.row.font.unwrap_or(spec.font), spec.size, spec.colour);
            let room = left + width - value_x - air;
            let value = CellBox {
                block: name,
                x: value_x,
                width: room,
                align: spec.align,
                fit: entry.row.fit.unwrap_or(spec.fit),
                style,
            };
            let (label, value) =
                (self.label(name, spec, entry, left + air)?, self.cell(&entry.value, value)?);
            set.push(SetEntry { label, value, left, value_x, right: left + width, columns: 2 * reach - 1 });
        }
        Ok(set)
    }

    fn label(&self, name: &str, spec: &Rows, entry: &Entry<'_>, x: f32) -> Result<Cell, RenderError> {
        let style = self.style(
            spec.label_font,
            spec.label_size.unwrap_or(spec.size),
            spec.label_colour.or(spec.colour),
        );
        let spread = spec.label_align == Align::Spread;
        let words: String = entry.label.chars().filter(|c| !spread || !c.is_whitespace()).collect();
        self.cell(
            &words,
            CellBox {
                block: name,
                x,
                width: spec.label_width,
                align: spec.label_align,
                fit: Fit::Shrink,
                style,
            },
        )
    }

    pub(super) fn table(
        &self,
        name: &str,
        spec: &'a Table,
        place: Place,
    ) -> Result<Option<Fragment<'a>>, RenderError> {
        let count = self.facts.count(&spec.each);
        if count == 0 && spec.empty.is_none() {
            return Ok(None);
        }
        if let Some(most) = spec.max_rows.filter(|&most| count > most) {
            return Err(RenderError::TooManyRecords { block: name.to_owned(), count, most });
        }
        let head = self.style(
            spec.header_font,
            spec.header_size.unwrap_or(spec.size),
            spec.header_colour.or(spec.colour),
        );
        let body = self.style(spec.font, spec.size, spec.colour);
        let mut grid =
            Grid { composer: *self, name, spec, place, y: place.y, borders: vec![place.y], kids: Vec::new() };
        grid.row(
            spec.column.iter().map(|column| Some(column.header.clone())).collect(),
            head,
            Tag::Header { of_row: false },
        )?;
        let header_bottom = grid.y;
        for index in 0..count {
            let facts = self.facts.of_item(&spec.each, index);
            grid.row(
                spec.column.iter().map(|column| facts.fill(&column.value)).collect(),
                body,
                Tag::Cell { columns: 1 },
            )?;
        }
        if let (0, Some(words)) = (count, &spec.empty) {
            grid.empty(words, body)?;
        }
        let mut nodes = Vec::new();
        if let Some(fill) = spec.header_fill {
            let area = Area { x: place.x, y: place.y, width: place.width, height: header_bottom - place.y };
            nodes.push(Node::Decoration(Decoration::Panel {
                area,
                stroke: None,
                fill: Some(fill),
                radius: 0.0,
            }));
        }
        nodes.extend(
            spec.rule.into_iter().flat_map(|stroke| grid.rules(stroke, count > 0)).map(Node::Decoration),
        );
        let height = grid.y - place.y;
        nodes.push(Node::Group { tag: Tag::Table, kids: grid.kids });
        Ok(Some(Fragment { height, nodes, seal: None }))
    }
}

fn present<'a>(facts: Facts<'_>, rows: &'a [Row]) -> Vec<Entry<'a>> {
    let entry = |row: &'a Row| {
        if !facts.holds(row.when.as_ref()) {
            return None;
        }
        let (label, value) = (facts.fill(&row.label)?, facts.fill(&row.value)?);
        (!value.is_empty()).then_some(Entry { row, label, value })
    };
    rows.iter().filter_map(entry).collect()
}

/// How many entries stand abreast in the next row.
fn abreast(entries: &[Entry<'_>], columns: usize) -> usize {
    let mut taken = 0;
    let fitting = entries.iter().take_while(|entry| {
        taken += entry.row.span.clamp(1, columns);
        taken <= columns
    });
    fitting.count().max(1)
}

/// A table while its rows are set.
struct Grid<'a, 'n> {
    composer: Composer<'a>,
    name: &'n str,
    spec: &'a Table,
    place: Place,
    y: f32,
    borders: Vec<f32>,
    kids: Vec<Node<'a>>,
}

impl Grid<'_, '_> {
    /// Left edges of the columns and the right edge of the last.
    fn edges(&self) -> Vec<f32> {
        let total: f32 = self.spec.column.iter().map(|column| column.width).sum();
        let mut x = self.place.x;
        let mut edges = vec![x];
        for column in &self.spec.column {
            x += column.width / total * self.place.width;
            edges.push(x);
        }
        edges
    }

    fn row(&mut self, words: Vec<Option<String>>, style: Style, tag: Tag) -> Result<(), RenderError> {
        let edges = self.edges();
        let mut cells = Vec::new();
        for ((column, words), edge) in self.spec.column.iter().zip(words).zip(edges.windows(2)) {
            let (x, width) = (edge[0] + PADDING, edge[1] - edge[0] - 2.0 * PADDING);
            let align = if matches!(tag, Tag::Header { .. }) && column.align == Align::Left && self.spec.grid
            {
                Align::Centre
            } else {
                column.align
            };
            cells.push(self.composer.cell(
                &words.unwrap_or_default(),
                CellBox { block: self.name, x, width, align, fit: column.fit, style },
            )?);
        }
        let extra = cells.iter().map(|cell| cell.extra).fold(0.0, f32::max);
        let height = self.spec.pitch + extra;
        let middle = self.y + height / 2.0 + MIDDLE_TO_BASELINE * style.size;
        let kids = cells.into_iter().map(|cell| {
            let first = middle - cell.extra / 2.0;
            Node::Words { tag, lines: cell.at(first) }
        });
        let kids = kids.collect();
        self.kids.push(Node::Group { tag: Tag::Row, kids });
        self.y += height;
        self.borders.push(self.y);
        Ok(())
    }

    fn empty(&mut self, words: &str, style: Style) -> Result<(), RenderError> {
        let cell = CellBox {
            block: self.name,
            x: self.place.x,
            width: self.place.width,
            align: Align::Centre,
            fit: Fit::Shrink,
            style,
        };
        let lines = self
            .composer
            .cell(words, cell)?
            .at(self.y + self.spec.pitch / 2.0 + MIDDLE_TO_BASELINE * style.size);
        let cell = Node::Words { tag: Tag::Cell { columns: self.spec.column.len() }, lines };
        self.kids.push(Node::Group { tag: Tag::Row, kids: vec![cell] });
        self.y += self.spec.pitch;
        self.borders.push(self.y);
        Ok(())
    }

    /// `columns`: whether the body has columns to divide.
    fn rules(&self, stroke: Stroke, columns: bool) -> Vec<Decoration> {
        let (left, right) = (self.place.x, self.place.x + self.place.width);
        let skip = usize::from(!self.spec.grid);
        let mut rules: Vec<_> = self
            .borders
            .iter()
            .skip(skip)
            .map(|&y| Decoration::rule((left, y), (right, y), stroke))
            .collect();
        if self.spec.grid {
            let divided = if columns { self.y } else { self.borders.get(1).copied().unwrap_or(self.y) };
            let edges = self.edges();
            let last = edges.len().saturating_sub(1);
            rules.extend(edges.iter().enumerate().map(|(i, &x)| {
                let bottom = if i == 0 || i == last { self.y } else { divided };
                Decoration::rule((x, self.place.y), (x, bottom), stroke)
            }));
        }
        rules
    }
}
