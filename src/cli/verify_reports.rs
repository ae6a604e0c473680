//! Reports of `verify`: in which form, and where they are written.

use super::output::Output;
use super::verify_arguments::{ReportFormat, Verify};
use super::{mandate, write};
use crate::report::{self, Format, Subject};
use crate::service::Office;
use crate::service::report::unsealed_report;
use crate::verify::Judgement;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

type Failure = Box<dyn std::error::Error>;

/// Where the reports of one run go.
pub(super) struct Reports<'v> {
    format: Format,
    office: Option<&'v Office>,
    templates: &'v [PathBuf],
    seal: Option<&'v str>,
    out: Option<&'v Path>,
    folder: bool,
    written: BTreeSet<PathBuf>,
}

impl<'v> Reports<'v> {
    /// None when no form was asked for.
    pub(super) fn asked(
        verify: &'v Verify,
        many: bool,
        office: Option<&'v Office>,
        templates: &'v [PathBuf],
    ) -> Result<Option<Self>, Failure> {
        let Some(format) = verify.format else { return Ok(None) };
        let format = match format {
            ReportFormat::Text => Format::Text,
            ReportFormat::Json => Format::Json,
            ReportFormat::Html => Format::Html,
            ReportFormat::Xml => Format::Xml,
            ReportFormat::Pdf => Format::Pdf,
        };
        let several = many || verify.files.len() > 1;
        let alone = matches!(format, Format::Html | Format::Xml | Format::Pdf);
        if several && alone && verify.out.is_none() {
            return Err("多个文件的报告请用 -o 给一个目录 / several reports need -o DIR".into());
        }
        let out = verify.out.as_deref();
        let folder = out.is_some_and(|out| several || out.is_dir());
        if let Some(out) = out.filter(|_| folder) {
            std::fs::create_dir_all(out)
                .map_err(|why| format!("建不了目录 {} / cannot make the folder: {why}", out.display()))?;
        }
        let seal = verify.seal.as_deref();
        Ok(Some(Self { format, office, templates, seal, out, folder, written: BTreeSet::new() }))
    }

    /// Writes the report of one file.
    pub(super) fn report(
        &mut self,
        output: Output,
        path: &Path,
        judgement: &Judgement,
    ) -> Result<(), Failure> {
        let bytes = self.bytes(path, judgement)?;
        let Some(place) = self.place(path) else {
            output.raw(&bytes);
            return Ok(());
        };
        if !self.written.insert(place.clone()) {
            return Err(format!(
                "{} 已写过另一个同名文件的报告 / holds the report of another file of that name",
                place.display()
            )
            .into());
        }
        write(&place, &bytes)?;
        output.remark(&format!("✔ 报告已写出 / report written: {}", place.display()));
        Ok(())
    }

    fn bytes(&self, path: &Path, judgement: &Judgement) -> Result<Vec<u8>, Failure> {
        let whole = path.display().to_string();
        let bare = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let subject = Subject { name: bare.as_deref(), ..Subject::default() };
        Ok(match self.format {
            Format::Text => report::text(judgement, subject).into_bytes(),
            Format::Html => report::html(judgement, subject)?.into_bytes(),
            Format::Xml => report::xml(judgement)?.into_bytes(),
            Format::Pdf => match self.office {
                Some(office) => office.sealed_report(&mandate(), judgement, subject, self.seal)?,
                None => unsealed_report(judgement, subject, self.templates.to_vec())?,
            },
            // As `--json` writes it.
            Format::Json => {
                let subject = Subject { name: Some(&whole), ..Subject::default() };
                format!("{}\n", report::object(judgement, subject)?).into_bytes()
            }
        })
    }

    fn place(&self, path: &Path) -> Option<PathBuf> {
        let out = self.out?;
        if !self.folder {
            return Some(out.to_owned());
        }
        let name = path.file_name().filter(|name| *name != "-");
        let name = name.map_or_else(|| "stdin".to_owned(), |name| name.to_string_lossy().into_owned());
        Some(out.join(format!("{name}.report.{}", self.format.ending())))
    }
}
