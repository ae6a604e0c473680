//! Composed pages → a complete PDF 1.7 file in one revision, as a certificate's is (`render/document`).

use super::super::RenderError;
use super::super::document::{self, Fnv, Front, Objects, Refs, embed, signature};
use super::super::node::Fragment;
use super::super::paint::Painter;
use super::super::seal::{MAX_HOLE, SealField};
use super::super::vector::{POINTS, deflated};
use super::Paper;
use super::compose::{Pages, SIZE};
use super::structure::{self, Page};
use crate::fonts::FontSet;
use crate::pdf::UnsignedPdf;
use pdf_writer::types::{SigFlags, TabOrder};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Settings, Str};
use std::ops::Range;

pub(super) fn with_field(
    paper: &Paper<'_>,
    pages: Pages,
    fonts: &FontSet,
    field: &SealField,
) -> Result<UnsignedPdf, RenderError> {
    let hole = field.hole;
    if !(1..=MAX_HOLE).contains(&hole) {
        return Err(RenderError::Hole { bytes: hole });
    }
    let (bytes, dictionary) = write(paper, pages, fonts, Some(field))?;
    signature::patched(bytes, dictionary, hole).ok_or(RenderError::Hole { bytes: hole })
}

pub(super) fn plain(paper: &Paper<'_>, pages: Pages, fonts: &FontSet) -> Result<Vec<u8>, RenderError> {
    write(paper, pages, fonts, None).map(|(bytes, _)| bytes)
}

fn write(
    paper: &Paper<'_>,
    pages: Pages,
    fonts: &FontSet,
    field: Option<&SealField>,
) -> Result<(Vec<u8>, Range<usize>), RenderError> {
    let mut refs = Refs::default();
    let mut pdf = Pdf::with_settings_and_capacity(Settings { pretty: false }, 256 * 1024);
    pdf.set_version(1, 7);
    pdf.set_binary_marker(&[0xE2, 0xE3, 0xCF, 0xD3]);
    let (catalog, tree) = (refs.next(), refs.next());
    let place = pages.seal;
    let painted = painted(&mut refs, pages, fonts)?;
    let last = painted.last().map_or(catalog, |page| page.object);
    let objects = Objects {
        page: last,
        seal: refs.next(),
        multiply: refs.next(),
        widget: refs.next(),
        value: refs.next(),
        form_element: refs.next(),
        form_key: i32::try_from(painted.len()).unwrap_or(i32::MAX),
    };
    // Every page's glyphs are gathered in the last painter.
    let empty = Default::default();
    let used = painted.last().map_or(&empty, |page| &page.painter.used);
    let embedded = embed::fonts(&mut pdf, &mut refs, fonts, used)?;
    pdf.pages(tree)
        .kids(painted.iter().map(|page| page.object))
        .count(i32::try_from(painted.len()).unwrap_or(i32::MAX));
    for (at, page) in painted.iter().enumerate() {
        let widget = field.filter(|_| page.object == last).map(|_| objects.widget);
        one(&mut pdf, tree, (at, page), widget, &embedded);
    }
    let form = field.map(|field| (objects.form_element, objects.widget, last, field.name_zh.as_str()));
    let root = structure::write(&mut pdf, &mut refs, &painted, form);
    let date = paper.instant.pdf_date();
    let mut dictionary = 0..0;
    if let (Some(field), Some(area)) = (field, place) {
        field.seal.write(&mut pdf, objects.seal, objects.multiply);
        let (x, y) = (area.x, SIZE.1 - area.y - area.height);
        let points = |mm: f32| (mm * POINTS * 1000.0).round() / 1000.0;
        let place = Rect::new(points(x), points(y), points(x + area.width), points(y + area.height));
        signature::field(&mut pdf, &objects, place, &field.name_zh);
        dictionary = signature::value(&mut pdf, objects.value, field, &date);
    }
    finish(&mut pdf, &mut refs, paper, (catalog, tree, root), field.map(|_| &objects));
    Ok((pdf.finish(), dictionary))
}

/// Paints page after page; the fonts' glyphs go from one to the next.
fn painted<'a>(refs: &mut Refs, pages: Pages, fonts: &'a FontSet) -> Result<Vec<Page<'a>>, RenderError> {
    let mut painted: Vec<Page<'a>> = Vec::new();
    for nodes in pages.nodes {
        let mut painter = Painter::new(fonts, SIZE.1);
        if let Some(before) = painted.last_mut() {
            painter.used = std::mem::take(&mut before.painter.used);
        }
        painter.fragment(Fragment { height: SIZE.1, nodes, seal: None })?;
        let content = painter.finish_content();
        painted.push(Page { painter, content, object: refs.next(), contents: refs.next() });
    }
    Ok(painted)
}

fn one(
    pdf: &mut Pdf,
    tree: Ref,
    (at, page): (usize, &Page<'_>),
    widget: Option<Ref>,
    fonts: &[(&'static [u8], Ref)],
) {
    pdf.stream(page.contents, &deflated(&page.content, 6)).filter(Filter::FlateDecode);
    let mut written = pdf.page(page.object);
    written
        .parent(tree)
        .media_box(Rect::new(0.0, 0.0, (SIZE.0 * POINTS).round(), (SIZE.1 * POINTS).round()))
        .contents(page.contents);
    written.struct_parents(i32::try_from(at).unwrap_or(i32::MAX)).tab_order(TabOrder::StructureOrder);
    if widget.is_some() {
        written.annotations(widget);
    }
    let mut resources = written.resources();
    let mut named = resources.fonts();
    for (name, font) in fonts {
        named.pair(Name(name), *font);
    }
    named.finish();
}

fn finish(
    pdf: &mut Pdf,
    refs: &mut Refs,
    paper: &Paper<'_>,
    (catalog, tree, root): (Ref, Ref, Ref),
    field: Option<&Objects>,
) {
    let date = paper.instant.pdf_date();
    let mut hash = Fnv::default();
    let files: Vec<(&str, Ref)> = paper
        .enclosures
        .iter()
        .map(|file| {
            hash.update(file.data);
            let told = (file.name, file.media_type, file.description, file.data);
            (file.name, document::attachment(pdf, refs, told, &date))
        })
        .collect();
    let icc = deflated(&document::icc::srgb(), 9);
    let front = Front { title: paper.title, author: paper.author, instant: paper.instant, pairs: &[] };
    let front = front.write(pdf, refs, &icc);
    let mut written = pdf.catalog(catalog);
    front.enter(&mut written, tree, root);
    if !files.is_empty() {
        let mut names = written.names();
        let mut embedded = names.embedded_files();
        let mut list = embedded.names();
        for (name, file) in &files {
            list.insert(Str(name.as_bytes()), *file);
        }
        list.finish();
        embedded.finish();
        names.finish();
        written.insert(Name(b"AF")).array().items(files.iter().map(|(_, file)| *file));
    }
    if let Some(objects) = field {
        written.form().fields([objects.widget]).sig_flags(SigFlags::SIGNATURES_EXIST | SigFlags::APPEND_ONLY);
        written.insert(Name(b"Perms")).dict().pair(Name(b"DocMDP"), objects.value);
    }
    written.finish();
    hash.update(paper.title.as_bytes());
    hash.update(&[u8::from(field.is_some())]);
    hash.update(&paper.instant.millis().to_be_bytes());
    let id = hash.bytes().to_vec();
    pdf.set_file_id((id.clone(), id));
}
