//! Bytes that no table tells of: whoever rebuilds the table, or reads the file as another kind, finds what we do not see.
//!
//! Looked at where everything has its place: one revision, one section. What tools leave between the objects of older
//! revisions is their history, and `verify` tells of it.

use super::{Kind, Walk};
use crate::pdf::{Entry, ReadError, XrefKind, holds};
use std::ops::Range;

/// Where a header may begin at the latest.
const HEADER_WITHIN: usize = 1024;
/// Bytes of a comment between objects.
const LONGEST_COMMENT: usize = 256;

impl Walk<'_, '_> {
    /// Everything between the header and the end belongs to an object of the table, or is white space or a short comment.
    pub(super) fn gaps(&mut self) -> Result<(), ReadError> {
        let file = self.file;
        let [revision] = file.revisions() else { return Ok(()) };
        let several = revision.trailer.find(b"Prev").is_some() || revision.trailer.find(b"XRefStm").is_some();
        if several {
            return Ok(());
        }
        let mut claimed: Vec<Range<usize>> = Vec::with_capacity(revision.entries().len() + 1);
        for (_, entry) in revision.entries() {
            if let Entry::At { offset, .. } = entry {
                file.compared(1)?;
                // What cannot be read has been told already, where something leads to it.
                claimed.extend(file.extent(*offset, 0));
            }
        }
        if revision.kind == XrefKind::Stream {
            claimed.extend(file.extent(revision.xref_at, 0));
        } else {
            claimed.push(revision.xref_at..revision.end);
        }
        claimed.sort_unstable_by_key(|range| range.start);
        // What stands before the header is told of where the document is added to.
        let begins = file.bytes().windows(5).take(HEADER_WITHIN).position(|some| some == b"%PDF-");
        let mut at = begins.unwrap_or(0);
        for range in claimed {
            if !range.is_empty() && !self.is_nothing(at..range.start) {
                self.found.push(super::Hazard {
                    kind: Kind::Unreferenced,
                    object: None,
                    detail: format!("{at}..{}", range.start),
                });
                break;
            }
            at = at.max(range.end);
        }
        Ok(())
    }

    /// Data that ends before its length says to whoever looks for the word: what is behind it are objects to him.
    pub(super) fn within(&mut self, data: &[u8], number: u32) {
        if holds(data, b"endstream") {
            self.note(Kind::Unreferenced, number, b"endstream");
        }
    }

    /// An archive whose comment reaches to the end of the file: programs that unpack read from there.
    pub(super) fn tail(&mut self) {
        const END: usize = 22;
        let bytes = self.file.bytes();
        let from = bytes.len().saturating_sub(END + usize::from(u16::MAX));
        let tail = bytes.get(from..).unwrap_or_default();
        let reaches = |at: usize| {
            let comment =
                tail.get(at + END - 2..at + END).map(|two| usize::from(u16::from_le_bytes([two[0], two[1]])));
            comment.is_some_and(|comment| at + END + comment == tail.len())
        };
        let ends = tail.windows(4).enumerate().filter(|(_, four)| *four == b"PK\x05\x06");
        if ends.map(|(at, _)| at).any(reaches) {
            self.found.push(super::Hazard {
                kind: Kind::EmbeddedFile,
                object: None,
                detail: "zip".to_owned(),
            });
        }
    }

    /// Whether bytes mean nothing to anybody.
    fn is_nothing(&self, range: Range<usize>) -> bool {
        let Some(bytes) = self.file.bytes().get(range) else { return true };
        bytes.split(|byte| matches!(byte, b'\n' | b'\r')).all(|line| {
            let line = line.trim_ascii();
            let speaks = |word: &[u8]| holds(line, word);
            let comment =
                line.starts_with(b"%") && line.len() <= LONGEST_COMMENT && !speaks(b" obj") && !speaks(b"<");
            line.is_empty() || comment || line.iter().all(|byte| *byte == 0)
        })
    }
}
