//! A composed page → content stream, glyphs used, and the elements of the structure tree.
//!
//! Every mark is either inside one marked content with an MCID, owned by one element, or an Artifact
//! (ISO 14289-1 §7.1). The content is written in millimetres under one scaling matrix.

use super::RenderError;
use super::node::{Area, Art, Decoration, Fragment, Node, Placed, Tag};
use super::typeset::Line;
use super::vector::{POINTS, rounded};
use crate::domain::Photo;
use crate::domain::drawing::Rgb;
use crate::fonts::{FaceId, FontSet};
use pdf_writer::{Content, Name, Str, TextStr};
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;

/// Kappa: a quarter circle as one cubic curve.
const QUARTER: f32 = 0.552_285;

/// The glyphs of a face that a page uses, by their number in the subset.
#[derive(Default)]
pub(super) struct Used {
    pub(super) remapper: GlyphRemapper,
    pub(super) glyphs: BTreeMap<u16, UsedGlyph>,
}

/// A used glyph.
#[derive(Clone, Copy)]
pub(super) struct UsedGlyph {
    pub(super) advance: f32,
    pub(super) character: char,
}

/// An element of the structure tree; its parent is an index, or none for the document element.
pub(super) struct Element<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) parent: Option<usize>,
    pub(super) marks: Vec<i32>,
    pub(super) kids: Vec<usize>,
}

/// What an element is.
pub(super) enum Kind<'a> {
    Tagged(Tag),
    Figure { alt: std::borrow::Cow<'a, str>, area: Area },
}

/// A page being painted.
pub(super) struct Painter<'a> {
    pub(super) content: Content,
    pub(super) used: [Used; 3],
    pub(super) elements: Vec<Element<'a>>,
    /// Element of each MCID.
    pub(super) owners: Vec<usize>,
    pub(super) photos: Vec<&'a Photo>,
    fonts: &'a FontSet,
    height: f32,
}

impl<'a> Painter<'a> {
    pub(super) fn new(fonts: &'a FontSet, height: f32) -> Self {
        let mut content =
            Content::with_settings_and_capacity(pdf_writer::Settings { pretty: false }, 32 * 1024);
        content.save_state().transform([POINTS, 0.0, 0.0, POINTS, 0.0, 0.0]);
        Self {
            content,
            used: Default::default(),
            elements: Vec::new(),
            owners: Vec::new(),
            photos: Vec::new(),
            fonts,
            height,
        }
    }

    /// Closes the content stream.
    pub(super) fn finish_content(&mut self) -> Vec<u8> {
        self.content.restore_state();
        std::mem::replace(&mut self.content, Content::new()).finish().into_vec()
    }

    pub(super) fn fragment(&mut self, fragment: Fragment<'a>) -> Result<(), RenderError> {
        fragment.nodes.into_iter().try_for_each(|node| self.node(node, None))
    }

    /// Something that is only decoration.
    pub(super) fn artifact(&mut self, draw: impl FnOnce(&mut Content)) {
        self.content.begin_marked_content(Name(b"Artifact"));
        draw(&mut self.content);
        self.content.end_marked_content();
    }

    /// A figure drawn by `draw` in the page's millimetres, y upwards.
    pub(super) fn figure(
        &mut self,
        alt: impl Into<std::borrow::Cow<'a, str>>,
        area: Area,
        draw: impl FnOnce(&mut Self),
    ) {
        let element = self.element(Kind::Figure { alt: alt.into(), area }, None);
        self.marked(element, b"Figure", draw);
    }

    fn node(&mut self, node: Node<'a>, parent: Option<usize>) -> Result<(), RenderError> {
        match node {
            Node::Group { tag, kids } => {
                let element = self.element(Kind::Tagged(tag), parent);
                kids.into_iter().try_for_each(|kid| self.node(kid, Some(element)))?;
            }
            Node::Words { tag, lines } => {
                let element = self.element(Kind::Tagged(tag), parent);
                self.marked(element, role(tag), |painter| {
                    lines.iter().for_each(|placed| painter.line(placed))
                });
            }
            Node::Figure { alt, area, art } => self.figure(alt, area, |painter| painter.art(area, &art)),
            Node::Decoration(decoration) => self.decoration(decoration),
        }
        Ok(())
    }

    fn element(&mut self, kind: Kind<'a>, parent: Option<usize>) -> usize {
        let at = self.elements.len();
        self.elements.push(Element { kind, parent, marks: Vec::new(), kids: Vec::new() });
        if let Some(parent) = parent {
            self.elements[parent].kids.push(at);
        }
        at
    }

    fn marked(&mut self, element: usize, role: &[u8], draw: impl FnOnce(&mut Self)) {
        let mark = i32::try_from(self.owners.len()).unwrap_or(i32::MAX);
        self.owners.push(element);
        self.elements[element].marks.push(mark);
        self.content.begin_marked_content_with_properties(Name(role)).properties().identify(mark);
        draw(self);
        self.content.end_marked_content();
    }

    fn line(&mut self, placed: &Placed) {
        let Placed { x, y, line } = placed;
        if line.glyphs.is_empty() {
            return;
        }
        let whole = line.is_loose();
        if whole {
            self.span(&line.text());
        }
        let Rgb(r, g, b) = line.style.colour;
        self.content.begin_text().set_fill_rgb(rounded(r), rounded(g), rounded(b));
        self.content
            .set_char_spacing(rounded(line.style.tracking))
            .next_line(rounded(*x), rounded(self.height - y));
        self.runs(line, whole);
        self.content.end_text();
        if whole {
            self.content.end_marked_content();
        }
    }

    /// Shows a line run by run: a run is in one face. A glyph that already stands for another character (Kangxi radicals
    /// share glyphs with ideographs) is wrapped with its own text, or it would be read back as the other one.
    fn runs(&mut self, line: &Line, has_text: bool) {
        let mut face = None;
        let mut run: Vec<u8> = Vec::with_capacity(line.glyphs.len() * 2);
        for &(glyph, c) in &line.glyphs {
            if face != Some(glyph.face) {
                self.show(&mut run);
                face = Some(glyph.face);
                self.select(glyph.face, line.style.size);
            }
            let used = &mut self.used[glyph.face.index()];
            let id = used.remapper.remap(glyph.id);
            let stands_for =
                used.glyphs.entry(id).or_insert(UsedGlyph { advance: glyph.advance, character: c }).character;
            if stands_for == c || has_text {
                run.extend(id.to_be_bytes());
                continue;
            }
            self.show(&mut run);
            self.span(c.encode_utf8(&mut [0; 4]));
            run.extend(id.to_be_bytes());
            self.show(&mut run);
            self.content.end_marked_content();
        }
        self.show(&mut run);
    }

    fn show(&mut self, run: &mut Vec<u8>) {
        if !run.is_empty() {
            self.content.show(Str(run));
            run.clear();
        }
    }

    fn select(&mut self, face: FaceId, size: f32) {
        let rise = self.fonts.face(face).map_or(0.0, crate::fonts::Face::rise);
        self.content.set_font(Name(font_name(face)), rounded(size)).set_rise(rounded(rise * size));
    }

    /// Opens a span that says what its marks read as.
    fn span(&mut self, text: &str) {
        self.content
            .begin_marked_content_with_properties(Name(b"Span"))
            .properties()
            .actual_text(TextStr(text));
    }

    fn decoration(&mut self, decoration: Decoration) {
        let height = self.height;
        match decoration {
            Decoration::Words(placed) => {
                self.content.begin_marked_content(Name(b"Artifact"));
                self.line(&placed);
                self.content.end_marked_content();
            }
            Decoration::Rule { from, to, stroke, dash } => self.artifact(|content| {
                let Rgb(r, g, b) = stroke.colour.0;
                content
                    .save_state()
                    .set_stroke_rgb(rounded(r), rounded(g), rounded(b))
                    .set_line_width(rounded(stroke.width));
                if let Some(dash) = dash {
                    content.set_dash_pattern(dash, 0.0);
                }
                content
                    .move_to(rounded(from.0), rounded(height - from.1))
                    .line_to(rounded(to.0), rounded(height - to.1))
                    .stroke()
                    .restore_state();
            }),
            Decoration::Panel { area, stroke, fill, radius } => self.artifact(|content| {
                content.save_state();
                let mut paint = (false, false);
                if let Some(colour) = fill {
                    let Rgb(r, g, b) = colour.0;
                    content.set_fill_rgb(rounded(r), rounded(g), rounded(b));
                    paint.0 = true;
                }
                if let Some(stroke) = stroke {
                    let Rgb(r, g, b) = stroke.colour.0;
                    content
                        .set_stroke_rgb(rounded(r), rounded(g), rounded(b))
                        .set_line_width(rounded(stroke.width));
                    paint.1 = true;
                }
                rounded_box(content, area, radius, height);
                match paint {
                    (true, true) => content.fill_nonzero_and_stroke(),
                    (true, false) => content.fill_nonzero(),
                    (false, true) => content.stroke(),
                    (false, false) => content.end_path(),
                };
                content.restore_state();
            }),
        }
    }

    fn art(&mut self, area: Area, art: &Art<'a>) {
        match art {
            Art::Qr { modules, colour } => self.qr(area, modules, colour.0),
            Art::Photo(photo) => self.photo(area, photo),
        }
    }

    /// Dark modules as runs: one rectangle per run of neighbours.
    fn qr(&mut self, area: Area, modules: &[Vec<bool>], colour: Rgb) {
        #[allow(clippy::cast_precision_loss, reason = "at most 177 modules")]
        let module = area.width / modules.len().max(1) as f32;
        let Rgb(r, g, b) = colour;
        let content = &mut self.content;
        content.save_state().set_fill_rgb(rounded(r), rounded(g), rounded(b));
        content.transform([
            rounded(module),
            0.0,
            0.0,
            -rounded(module),
            rounded(area.x),
            rounded(self.height - area.y),
        ]);
        for (y, row) in modules.iter().enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run.first() == Some(&true) {
                    #[allow(clippy::cast_precision_loss, reason = "at most 177 modules")]
                    content.rect(x as f32, y as f32, run.len() as f32, 1.0);
                }
                x += run.len();
            }
        }
        content.fill_nonzero().restore_state();
    }

    /// The picture scaled to cover its box and cropped evenly.
    fn photo(&mut self, area: Area, photo: &'a Photo) {
        #[allow(clippy::cast_precision_loss, reason = "pixels of a passport photo")]
        let (w, h) = (photo.width.max(1) as f32, photo.height.max(1) as f32);
        let scale = (area.width / w).max(area.height / h);
        let (w, h) = (w * scale, h * scale);
        let (x, bottom) =
            (area.x - (w - area.width) / 2.0, self.height - area.y - area.height - (h - area.height) / 2.0);
        let name = format!("P{}", self.photos.len());
        self.photos.push(photo);
        let content = &mut self.content;
        content.save_state().rect(
            rounded(area.x),
            rounded(self.height - area.y - area.height),
            rounded(area.width),
            rounded(area.height),
        );
        content.clip_nonzero().end_path().transform([
            rounded(w),
            0.0,
            0.0,
            rounded(h),
            rounded(x),
            rounded(bottom),
        ]);
        content.x_object(Name(name.as_bytes())).restore_state();
    }
}

/// Resource name of a face.
pub(super) fn font_name(face: FaceId) -> &'static [u8] {
    [b"F0".as_slice(), b"F1", b"F2"][face.index()]
}

fn role(tag: Tag) -> &'static [u8] {
    match tag {
        Tag::Heading(level) => {
            [b"H1".as_slice(), b"H2", b"H3", b"H4", b"H5", b"H6"][usize::from(level.clamp(1, 6) - 1)]
        }
        Tag::Paragraph | Tag::English => b"P",
        Tag::Table => b"Table",
        Tag::Row => b"TR",
        Tag::Header { .. } => b"TH",
        Tag::Cell { .. } => b"TD",
    }
}

fn rounded_box(content: &mut Content, area: Area, radius: f32, page: f32) {
    let (x, y, w, h) = (area.x, page - area.y - area.height, area.width, area.height);
    let r = radius.min(w / 2.0).min(h / 2.0);
    if r <= 0.0 {
        content.rect(rounded(x), rounded(y), rounded(w), rounded(h));
        return;
    }
    let k = r * (1.0 - QUARTER);
    let (right, top) = (x + w, y + h);
    content.move_to(x + r, y).line_to(right - r, y).cubic_to(right - k, y, right, y + k, right, y + r);
    content.line_to(right, top - r).cubic_to(right, top - k, right - k, top, right - r, top);
    content.line_to(x + r, top).cubic_to(x + k, top, x, top - k, x, top - r);
    content.line_to(x, y + r).cubic_to(x, y + k, x + k, y, x + r, y).close_path();
}
