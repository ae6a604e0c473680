//! Results of a batch to take away: a table that opens in Excel as it is, and a zip that is written while it is sent.

use crate::ledger::BatchItem;
use crate::service::{Office, clock};
use axum::body::{Body, Bytes};
use futures_util::stream::unfold;
use std::collections::HashSet;
use std::io::{BufWriter, Error, ErrorKind, Write};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Sender, channel};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const HEADS: [&str; 7] = ["item", "file", "result", "use_number", "sha256", "code", "words"];
/// Bytes of one piece of a zip, and pieces that wait for a slow receiver.
const PIECE: usize = 64 << 10;
const PIECES: usize = 4;
/// Longest name in a zip, in characters.
const LONGEST: usize = 100;

/// The table, UTF-8 with a byte-order mark.
pub(super) fn table(items: &[BatchItem], over: bool) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    table.write_record(HEADS)?;
    for item in items {
        let (code, words) = item.fault.clone().unwrap_or_default();
        let used = item.used.map(|(number, digest)| (number.to_string(), hex::encode(digest)));
        let (number, digest) = used.unwrap_or_default();
        let (place, word) = (item.item.to_string(), item.word(over));
        table.write_record([&place, &cell(&item.name), word, &number, &digest, &code, &cell(&words)])?;
    }
    table.into_inner().map_err(|why| Error::other(why.to_string()).into())
}

/// What a spreadsheet would take for a formula is shown as the text it is.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

/// A zip of what is stamped so far, and the table. The permit is held until the last byte is taken.
pub(super) fn zip(
    office: Arc<Office>,
    items: Vec<BatchItem>,
    over: bool,
    permit: OwnedSemaphorePermit,
) -> Body {
    let (sender, receiver) = channel(PIECES);
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let pipe = BufWriter::with_capacity(PIECE, Pipe(sender.clone()));
        if let Err(why) = write(pipe, &office, &items, over)
            && why.kind() != ErrorKind::BrokenPipe
        {
            tracing::error!(cause = %why, "a zip was cut short");
            // The receiver sees a broken transfer, never a short file that looks whole.
            let _ = sender.blocking_send(Err(Error::other("cut short")));
        }
    });
    Body::from_stream(unfold(receiver, |mut receiver| async move {
        let piece = receiver.recv().await?;
        Some((piece, receiver))
    }))
}

fn write(out: impl Write, office: &Office, items: &[BatchItem], over: bool) -> Result<(), Error> {
    let mut zip = ZipWriter::new_stream(out);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let options = options.compression_level(Some(1));
    let options = modified().map_or(options, |at| options.last_modified_time(at));
    let mut taken = HashSet::from(["results.csv".to_owned()]);
    for item in items {
        let Some(pdf) = office.stamped_item(item).map_err(Error::other)? else { continue };
        zip.start_file(name(item, &mut taken), options)?;
        zip.write_all(&pdf)?;
    }
    zip.start_file("results.csv", options)?;
    zip.write_all(&table(items, over).map_err(Error::other)?)?;
    zip.finish()?.into_inner().flush()
}

fn modified() -> Option<zip::DateTime> {
    let at = clock::now().rfc3339();
    let part = |range: std::ops::Range<usize>| at.get(range)?.parse::<u8>().ok();
    let year = at.get(..4)?.parse().ok()?;
    zip::DateTime::from_date_and_time(
        year,
        part(5..7)?,
        part(8..10)?,
        part(11..13)?,
        part(14..16)?,
        part(17..19)?,
    )
    .ok()
}

/// A name that is good on every disk: no folders, nothing that Windows refuses, each once whatever the case.
fn name(item: &BatchItem, taken: &mut HashSet<String>) -> String {
    let last = item.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = if last.to_lowercase().ends_with(".pdf") { &last[..last.len() - 4] } else { last };
    let kept: String =
        stem.chars().map(|c| if r#"<>:"|?*"#.contains(c) { '_' } else { c }).take(LONGEST).collect();
    let kept = kept.trim_matches(['.', ' ']);
    let plain = format!("{kept}.pdf");
    if !kept.is_empty() && taken.insert(plain.to_lowercase()) {
        return plain;
    }
    let numbered = format!("{kept} ({}).pdf", item.item);
    taken.insert(numbered.to_lowercase());
    numbered
}

/// The sending end, for a thread that may wait.
struct Pipe(Sender<Result<Bytes, Error>>);

impl Write for Pipe {
    fn write(&mut self, piece: &[u8]) -> Result<usize, Error> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(piece)));
        sent.map(|()| piece.len()).map_err(|_| ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(item: u32, name: &str) -> BatchItem {
        BatchItem { item, name: name.to_owned(), source: None, request: None, fault: None, used: None }
    }

    #[test]
    fn names_in_a_zip_stay_in_their_folder_and_apart() {
        let mut taken = HashSet::from(["results.csv".to_owned()]);
        let brought =
            ["a.pdf", "A.PDF", "../../etc/passwd", "C:\\x\\con:1.pdf", "..", "章程.pdf", "a (2).pdf"];
        let named: Vec<String> =
            brought.iter().zip(1..).map(|(brought, at)| name(&item(at, brought), &mut taken)).collect();
        let wanted =
            ["a.pdf", "A (2).pdf", "passwd.pdf", "con_1.pdf", " (5).pdf", "章程.pdf", "a (2) (7).pdf"];
        assert_eq!(named, wanted);
    }

    #[test]
    fn a_formula_in_a_name_is_text_in_the_table() {
        let table = String::from_utf8(table(&[item(1, "=cmd|' /C calc'!A0.pdf")], true).unwrap()).unwrap();
        assert!(table.contains("1,'=cmd|' /C calc'!A0.pdf,refused,"), "{table}");
    }
}
