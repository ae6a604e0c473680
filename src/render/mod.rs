//! Application and template → a PDF with an empty signature field. A pure function: equal input, equal bytes.
//!
//! A type's `layout.toml` (described in `docs/layout.md`) is compiled once: ornaments, watermark and colour profile
//! are drawn and deflated then. What a certificate adds is composed (blocks → nodes), painted (nodes → content
//! stream and structure) and written (ISO 32000-1, aiming at PDF/A-3a and PDF/UA-1).
//! Signing, reading back and recording are other rooms' work.

mod breaking;
mod clearance;
mod compose;
mod document;
mod error;
mod facts;
mod layout;
mod node;
pub mod ornament;
mod paint;
pub mod paper;
mod seal;
mod specimen;
mod typeset;
mod vector;

pub use error::{LayoutError, RenderError};
pub use seal::{CompiledSeal, DEFAULT_HOLE, MAX_HOLE, SealField, SubFilter};

use crate::domain::drawing::Drawing;
use crate::domain::{Application, CertificateType, Particulars};
use crate::fonts::FontSet;
use crate::pdf::UnsignedPdf;
use clearance::Clearance;
use compose::Composer;
use document::{Document, Fnv, Refs};
use facts::Facts;
use layout::{Block, Body, Layout};
use node::Area;
use paint::Painter;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref};
use std::sync::Arc;
pub(crate) use vector::deflated;
use vector::rounded;

/// A certificate type's page, ready to be filled.
#[derive(Debug)]
pub struct Template {
    kind: CertificateType,
    layout: Layout,
    fonts: Arc<FontSet>,
    statics: Statics,
    specimen_line: Block,
}

/// What never changes from certificate to certificate.
#[derive(Debug)]
struct Statics {
    icc: Vec<u8>,
    ornaments: Vec<Form>,
    watermark: Form,
    /// Names the layout in the file's identifier.
    digest: [u8; 16],
}

/// A drawing as a finished form, with its opacity.
#[derive(Debug)]
struct Form {
    content: Vec<u8>,
    opacity: Option<f32>,
    /// Width and height in mm.
    size: (f32, f32),
}

/// A form written into a file.
struct WrittenForm {
    name: String,
    object: Ref,
    state: Option<Ref>,
}

impl Template {
    /// Compiles a layout for a type.
    ///
    /// # Errors
    /// The first thing that makes the layout unusable, with its block.
    pub fn compile(
        kind: &CertificateType,
        layout_toml: &str,
        fonts: Arc<FontSet>,
    ) -> Result<Self, LayoutError> {
        let layout = Layout::read(layout_toml)?;
        facts::check_paths(&layout, kind)?;
        let (width, height) = (layout.page.width, layout.page.height);
        let ornaments = layout
            .ornaments
            .iter()
            .map(|o| Ok(Form::new(&ornament::draw(&o.kind, &o.params, width, height)?, o.opacity)))
            .collect::<Result<_, LayoutError>>()?;
        let mut digest = Fnv::default();
        digest.update(layout_toml.as_bytes());
        digest.update(kind.slug().as_bytes());
        digest.update(&kind.version().to_be_bytes());
        let watermark = Form::new(
            &specimen::watermark(&layout, &fonts),
            Some(layout.specimen.opacity.unwrap_or(specimen::OPACITY)),
        );
        let statics = Statics {
            icc: vector::deflated(&document::icc::srgb(), 9),
            ornaments,
            watermark,
            digest: digest.bytes(),
        };
        let specimen_line = Block {
            name: "specimen".to_owned(),
            when: None,
            space_before: 0.0,
            body: Body::Text(specimen::line(&layout)),
        };
        Ok(Self { kind: kind.clone(), layout, fonts, statics, specimen_line })
    }

    /// The certificate with an empty signature field whose picture is the seal, and its metadata attached.
    ///
    /// # Errors
    /// A character without a glyph, words that do not fit, or a hole of impossible size.
    pub fn render(
        &self,
        application: &Application,
        particulars: &Particulars,
        field: &SealField,
    ) -> Result<UnsignedPdf, RenderError> {
        self.document(application, particulars, field, true)?.sealed(&self.fonts)
    }

    /// The certificate without field and attachments, the seal as a figure: for PDF/A checkers that know no forms.
    /// Such a file is not a certificate.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render_bare(
        &self,
        application: &Application,
        particulars: &Particulars,
        field: &SealField,
    ) -> Result<Vec<u8>, RenderError> {
        self.document(application, particulars, field, false)?.bare(&self.fonts)
    }

    fn document<'a>(
        &'a self,
        application: &'a Application,
        particulars: &'a Particulars,
        field: &'a SealField,
        sealed: bool,
    ) -> Result<Document<'a>, RenderError> {
        let page = &self.layout.page;
        let facts = Facts::new(&self.kind, application, particulars);
        let composer = Composer {
            fonts: &self.fonts,
            facts,
            ink: page.colour,
            ground: page.background.unwrap_or(layout::PAPER),
            seal_radius: field.seal.size().1 / 2.0,
        };
        let mut clearance = Clearance::new();
        let mut painter = Painter::new(&self.fonts, page.height);
        self.ground(&mut painter, particulars.specimen);
        let mut seal = None;
        if particulars.specimen
            && let Some(fragment) = composer.block(&self.specimen_line)?
        {
            clearance.add(&self.specimen_line.name, &fragment);
            painter.fragment(fragment)?;
        }
        for block in &self.layout.blocks {
            if let Some(fragment) = composer.block(block)? {
                seal = seal.or(fragment.seal);
                clearance.add(&block.name, &fragment);
                painter.fragment(fragment)?;
            }
        }
        let (x, y) = seal.ok_or(RenderError::NoSealPlace)?;
        let (width, height) = field.seal.size();
        let area = Area { x: x - width / 2.0, y: y - height / 2.0, width, height };
        let seal_at = (area.x, page.height - area.y - height);
        if area.x < 0.0 || area.x + width > page.width || area.y < 0.0 || seal_at.1 < 0.0 {
            return Err(RenderError::DoesNotFit { block: "seal".to_owned() });
        }
        clearance.check(page, area)?;
        if !sealed {
            painter.figure(field.name_zh.as_str(), area, |painter| {
                painter.content.save_state().transform([
                    1.0,
                    0.0,
                    0.0,
                    1.0,
                    rounded(seal_at.0),
                    rounded(seal_at.1),
                ]);
                painter.content.x_object(Name(b"Seal")).restore_state();
            });
        }
        let content = painter.finish_content();
        Ok(Document {
            painter,
            content,
            facts,
            statics: &self.statics,
            size: (page.width, page.height),
            field,
            seal_at,
        })
    }

    /// Background, ornaments and, for specimens, the watermark.
    fn ground(&self, painter: &mut Painter<'_>, specimen: bool) {
        let page = &self.layout.page;
        if let Some(colour) = page.background {
            painter.artifact(|content| {
                content.save_state().set_fill_rgb(
                    rounded(colour.0.0),
                    rounded(colour.0.1),
                    rounded(colour.0.2),
                );
                content
                    .rect(0.0, 0.0, rounded(page.width), rounded(page.height))
                    .fill_nonzero()
                    .restore_state();
            });
        }
        let watermark = specimen.then(|| (WATERMARK.to_owned(), &self.statics.watermark));
        for (name, form) in self.statics.named_ornaments().chain(watermark) {
            painter.artifact(|content| {
                content.save_state();
                if form.opacity.is_some() {
                    content.set_parameters(Name(name.as_bytes()));
                }
                content.x_object(Name(name.as_bytes())).restore_state();
            });
        }
    }

    /// The type it draws.
    #[must_use]
    pub fn kind(&self) -> &CertificateType {
        &self.kind
    }
}

/// Name of the watermark among the page's resources.
const WATERMARK: &str = "W";

impl Statics {
    fn named_ornaments(&self) -> impl Iterator<Item = (String, &Form)> {
        self.ornaments.iter().enumerate().map(|(i, form)| (format!("O{i}"), form))
    }

    /// Writes the ornaments and, for specimens, the watermark.
    fn write(&self, pdf: &mut Pdf, refs: &mut Refs, specimen: bool) -> Vec<WrittenForm> {
        let forms = self.named_ornaments().chain(specimen.then(|| (WATERMARK.to_owned(), &self.watermark)));
        forms.map(|(name, form)| form.write(pdf, refs, name)).collect()
    }
}

impl Form {
    fn new(drawing: &Drawing, opacity: Option<f32>) -> Self {
        let mut content =
            Content::with_settings_and_capacity(pdf_writer::Settings { pretty: false }, 64 * 1024);
        vector::drawing(&mut content, drawing);
        let boxed = content.finish().into_vec();
        Self {
            content: vector::deflated(&boxed, 9),
            opacity: opacity.map(|o| o.clamp(0.0, 1.0)),
            size: (drawing.width, drawing.height),
        }
    }

    fn write(&self, pdf: &mut Pdf, refs: &mut Refs, name: String) -> WrittenForm {
        let object = refs.next();
        let mut form = pdf.form_xobject(object, &self.content);
        form.filter(Filter::FlateDecode);
        form.bbox(Rect::new(0.0, 0.0, self.size.0, self.size.1));
        form.resources();
        form.finish();
        let state = self.opacity.map(|opacity| {
            let state = refs.next();
            pdf.ext_graphics(state).non_stroking_alpha(opacity).stroking_alpha(opacity);
            state
        });
        WrittenForm { name, object, state }
    }
}

#[cfg(test)]
mod tests;
