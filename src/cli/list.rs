//! A list of results on the disk: CSV that opens in Excel as it is (a byte-order mark says UTF-8), or JSON lines under
//! a name that ends in `.jsonl`. It grows row by row and is never overwritten.

use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

enum Form {
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Lines(BufWriter<File>),
}

/// A list being written.
pub(super) struct List {
    path: PathBuf,
    form: Form,
}

impl List {
    /// At the named path, which must not exist.
    ///
    /// # Errors
    /// In words: the file exists or cannot be made.
    pub(super) fn begin(path: &Path, heads: &[&str]) -> Result<Self, String> {
        let file = create(path).map_err(|e| words(path, &e))?;
        Self::into(path.to_owned(), file, heads)
    }

    /// In `folder` under the first free of `results.csv`, `results-2.csv`, …
    ///
    /// # Errors
    /// In words: the file cannot be made.
    pub(super) fn begin_in(folder: &Path, heads: &[&str]) -> Result<Self, String> {
        let (path, file) = free(folder)?;
        Self::into(path, file, heads)
    }

    fn into(path: PathBuf, mut file: File, heads: &[&str]) -> Result<Self, String> {
        let json = path.extension().is_some_and(|e| e == "jsonl" || e == "ndjson");
        let form = if json {
            Form::Lines(BufWriter::new(file))
        } else {
            file.write_all("\u{feff}".as_bytes()).map_err(|e| words(&path, &e))?;
            let mut table = csv::Writer::from_writer(BufWriter::new(file));
            table.write_record(heads).map_err(|e| format!("{}: {e}", path.display()))?;
            Form::Csv(Box::new(table))
        };
        Ok(Self { path, form })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// One result: as a row under the heads, or as an object.
    ///
    /// # Errors
    /// In words: the disk.
    pub(super) fn add(&mut self, row: &[String], object: &Value) -> Result<(), String> {
        let written = match &mut self.form {
            Form::Csv(table) => table.write_record(row).map_err(std::io::Error::from),
            Form::Lines(lines) => writeln!(lines, "{object}"),
        };
        written.map_err(|e| words(&self.path, &e))
    }

    /// Brings the list to the disk.
    ///
    /// # Errors
    /// In words: the disk.
    pub(super) fn finish(&mut self) -> Result<(), String> {
        let synced = match &mut self.form {
            Form::Csv(table) => table.flush().and_then(|()| table.get_ref().get_ref().sync_all()),
            Form::Lines(lines) => lines.flush().and_then(|()| lines.get_ref().sync_all()),
        };
        synced.map_err(|e| words(&self.path, &e))
    }
}

fn free(folder: &Path) -> Result<(PathBuf, File), String> {
    let names = std::iter::once("results.csv".to_owned()).chain((2..).map(|n| format!("results-{n}.csv")));
    for name in names.take(10_000) {
        let path = folder.join(name);
        match create(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(words(&path, &e)),
            Ok(file) => return Ok((path, file)),
        }
    }
    Err(format!("{} 里的结果清单太多 / too many lists of results in this folder", folder.display()))
}

fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

fn words(path: &Path, why: &std::io::Error) -> String {
    if why.kind() == std::io::ErrorKind::AlreadyExists {
        return format!("{} 已存在,清单从不覆盖 / exists; a list is never overwritten", path.display());
    }
    format!("写不了 {} / cannot write: {why}", path.display())
}
