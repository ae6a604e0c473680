//! Words inside a cell of a table or the value of a row: one line, or as many as the rule allows.

use super::super::RenderError;
use super::super::breaking::{self, Column};
use super::super::layout::{Align, Fit};
use super::super::node::Placed;
use super::super::typeset::Style;
use super::{Composer, does_not_fit, start};

/// From baseline to baseline of a wrapped cell, in em.
pub(super) const CELL_LEADING: f32 = 1.35;
/// A value that is too wide by no more than this is set smaller in one line: a last line of a few characters is ugly.
const RATHER_SMALLER: f32 = 1.28;
/// Most lines a cell may have: more is a field that belongs into a paragraph.
const MAX_LINES: usize = 12;

/// A cell's lines, their baselines counted from the first at 0.
pub(super) struct Cell {
    pub(super) lines: Vec<Placed>,
    pub(super) extra: f32,
}

/// Where and how a cell's words stand.
#[derive(Clone, Copy)]
pub(super) struct CellBox<'n> {
    pub(super) block: &'n str,
    pub(super) x: f32,
    pub(super) width: f32,
    pub(super) align: Align,
    pub(super) fit: Fit,
    pub(super) style: Style,
}

impl Cell {
    /// Its lines with the first baseline at `y`.
    pub(super) fn at(self, y: f32) -> Vec<Placed> {
        self.lines.into_iter().map(|placed| Placed { y: placed.y + y, ..placed }).collect()
    }
}

impl Composer<'_> {
    pub(super) fn cell(&self, words: &str, cell: CellBox<'_>) -> Result<Cell, RenderError> {
        let refused = || does_not_fit(cell.block);
        let line = self.line(words, cell.style)?;
        if cell.fit != Fit::Wrap || line.width() <= cell.width * RATHER_SMALLER {
            let fit = if cell.fit == Fit::Wrap { Fit::Shrink } else { cell.fit };
            let line = line.fitted(cell.width, fit).ok_or_else(refused)?;
            let line = if cell.align == Align::Spread { line.spread(cell.width) } else { line };
            let x = start(cell.align, cell.x, cell.width, line.width());
            return Ok(Cell { lines: vec![Placed { x, y: 0.0, line }], extra: 0.0 });
        }
        let column = Column { width: cell.width, indent: 0.0, align: cell.align, style: cell.style };
        let broken = breaking::paragraph(self.fonts, words, column)?;
        if broken.len() > MAX_LINES || broken.iter().any(|b| b.line.width() > cell.width + cell.style.size) {
            return Err(refused());
        }
        let leading = CELL_LEADING * cell.style.size;
        let mut y = 0.0;
        let lines: Vec<Placed> = broken
            .into_iter()
            .map(|b| {
                let placed = Placed { x: cell.x + b.x, y, line: b.line };
                y += leading;
                placed
            })
            .collect();
        Ok(Cell { extra: (y - leading).max(0.0), lines })
    }
}
