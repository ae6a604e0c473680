//! How results and progress look: results on standard output, progress and problems on standard error.
//!
//! Content never depends on whether a terminal listens; only colour and the moving bar do.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use unicode_width::UnicodeWidthStr;

/// Exit codes, part of the contract; `--help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or genuine and in force.
    Ok,
    /// Could not do it.
    Failed,
    /// Not trusted.
    Invalid,
    /// Indeterminate.
    Indeterminate,
    /// No signature.
    NoSignature,
    /// Genuine but not in force.
    NotInForce,
    /// In bulk: some were issued, some were not.
    SomeFailed,
}

impl Exit {
    /// The number handed to the shell.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Invalid => 10,
            Self::Indeterminate => 11,
            Self::NoSignature => 12,
            Self::NotInForce => 13,
            Self::SomeFailed => 14,
        }
    }

    /// How bad it is among several files: not trusted is worst, then what cannot be known.
    pub(crate) fn weight(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::NotInForce => 1,
            Self::NoSignature => 2,
            Self::Indeterminate => 3,
            Self::Invalid => 4,
            Self::Failed | Self::SomeFailed => 5,
        }
    }
}

/// Where and how a run prints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// One JSON object a line instead of words.
    pub(crate) json: bool,
    /// No progress.
    pub(crate) quiet: bool,
}

impl Output {
    /// A line of the result.
    pub(crate) fn line(self, text: &str) {
        // A closed pipe (`| head`) is the reader's choice, not our failure.
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }

    /// A result that is written as it stands.
    pub(crate) fn raw(self, bytes: &[u8]) {
        let _ = std::io::stdout().lock().write_all(bytes);
    }

    /// One JSON object on its own line.
    pub(crate) fn object(self, value: &serde_json::Value) {
        self.line(&value.to_string());
    }

    /// A remark about progress, on standard error.
    pub(crate) fn remark(self, text: &str) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }

    /// A problem, on standard error; never silenced.
    pub(crate) fn problem(self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// A bar for `total` steps; hidden unless a terminal watches and nothing asked for silence.
    #[must_use]
    pub(crate) fn progress(self, total: u64, what: &str) -> ProgressBar {
        let hidden = self.quiet || !std::io::stderr().is_terminal();
        let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} 剩余 {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(Some(total), target).with_style(style).with_message(what.to_owned())
    }

    /// Rows under heads, columns aligned by display width: a Chinese character is two columns wide.
    pub(crate) fn table(self, heads: &[&str], rows: &[Vec<String>]) {
        let mut widths: Vec<usize> = heads.iter().map(|h| h.width()).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let heads: Vec<String> = heads.iter().map(|h| (*h).to_owned()).collect();
        self.line(&aligned(&heads, &widths));
        self.line(&widths.iter().map(|w| "─".repeat(*w)).collect::<Vec<_>>().join("  "));
        rows.iter().for_each(|row| self.line(&aligned(row, &widths)));
    }
}

fn aligned(row: &[String], widths: &[usize]) -> String {
    let padded = row.iter().zip(widths).map(|(cell, width)| {
        let blank = width.saturating_sub(cell.width());
        format!("{cell}{}", " ".repeat(blank))
    });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}
