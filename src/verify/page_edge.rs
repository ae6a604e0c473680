//! 骑缝章: slices of a seal on the edges of pages, each with the number of its page and a code of the page's content. The
//! revision that a signature covers says what was printed; whether it says the truth is computed anew from the revision
//! before, so that a sheet on paper can be held against the file.

use super::report::SignatureReport;
use super::vocabulary::Integrity;
use crate::pdf::{Dict, File, Object, PRIVATE_DATA, PageDigests, ReadError, Text, page_code};
use serde::Serialize;

/// The slices that a signature put on the edges of pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PageEdgeReport {
    /// Pages of the document.
    pub pages: usize,
    /// In the order of the pages.
    pub slices: Vec<EdgeSlice>,
}

/// A slice on one page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EdgeSlice {
    /// The page, counted from 1.
    pub page: usize,
    /// The code that stands beside the slice on paper.
    pub code: String,
    /// Whether page and code are those of this page as it was sealed.
    pub fits: bool,
}

/// What the signature's revision added; `None` where that is nothing, or cannot be read.
pub(super) fn read(file: &File<'_>, report: &SignatureReport) -> Option<PageEdgeReport> {
    let covered = report.revision.filter(|_| report.integrity == Integrity::Ok)?;
    let before = covered.checked_sub(1)?;
    if !file.has_private_data() {
        return None;
    }
    slices(file, covered, before).ok().flatten()
}

fn slices(file: &File<'_>, covered: usize, before: usize) -> Result<Option<PageEdgeReport>, ReadError> {
    let pages = file.pages(covered)?;
    let (mut slices, mut digests) = (Vec::new(), PageDigests::new(file, before));
    for (index, page) in pages.iter().enumerate() {
        let (now, was) = (file.object(*page, covered)?, file.object(*page, before)?);
        let private = |object: &crate::pdf::Indirect, as_of| private(file, object.value.as_dict(), as_of);
        let Some(now) = now.map(|now| private(&now, covered)).transpose()?.flatten() else { continue };
        let was = was.map(|was| private(&was, before)).transpose()?.flatten();
        if was.is_some_and(|was| Object::Dict(was) == Object::Dict(now.clone())) {
            continue;
        }
        let code = now.find(b"Code").and_then(Object::as_text).map(Text::display).unwrap_or_default();
        let number = index.saturating_add(1);
        let fits = now.count(b"Page") == Some(number)
            && now.count(b"Pages") == Some(pages.len())
            && page_code(&digests.of(*page)?) == code;
        slices.push(EdgeSlice { page: number, code: code.chars().take(16).collect(), fits });
    }
    Ok((!slices.is_empty()).then_some(PageEdgeReport { pages: pages.len(), slices }))
}

/// What the house keeps with a page (ISO 32000-1 §14.5).
fn private(file: &File<'_>, page: Option<&Dict>, as_of: usize) -> Result<Option<Dict>, ReadError> {
    let mut dict = page.cloned();
    for key in [b"PieceInfo".as_slice(), PRIVATE_DATA, b"Private"] {
        let Some(value) = dict.as_ref().and_then(|dict| dict.find(key)) else { return Ok(None) };
        dict = file.resolve(value, as_of)?.as_dict().cloned();
    }
    Ok(dict)
}

impl PageEdgeReport {
    /// In 中文 and English.
    #[must_use]
    pub fn words(&self) -> (String, String) {
        let fit = self.slices.iter().filter(|slice| slice.fits).count();
        let codes: Vec<String> =
            self.slices.iter().map(|slice| format!("{} {}", slice.page, slice.code)).collect();
        let (pages, slices) = (self.pages, self.slices.len());
        let codes = codes.join("、");
        if fit == slices {
            return (
                format!("共 {pages} 页,{slices} 页有骑缝章;纸质件每页的页码与校验码应为:{codes}"),
                format!(
                    "{slices} of {pages} pages carry a slice; each sheet of paper must carry its page and its code"
                ),
            );
        }
        let wrong: Vec<String> =
            self.slices.iter().filter(|slice| !slice.fits).map(|slice| slice.page.to_string()).collect();
        let wrong = wrong.join("、");
        (
            format!("共 {pages} 页,{slices} 页有骑缝章,其中第 {wrong} 页的页码或校验码与页面内容不符"),
            format!(
                "{slices} of {pages} pages carry a slice; on {wrong} the page or the code is not that of the content"
            ),
        )
    }
}
