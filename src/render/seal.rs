//! The seal on the page: its drawing compiled once, and the signature field it becomes.

use super::vector::{deflated, drawing};
use crate::domain::drawing::Drawing;
use pdf_writer::types::BlendMode;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref};

/// A seal's drawing as a finished content stream.
#[derive(Clone, Debug)]
pub struct CompiledSeal {
    width: f32,
    height: f32,
    content: Vec<u8>,
}

/// How the signature container is announced (`/SubFilter`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubFilter {
    /// `ETSI.CAdES.detached`: PAdES baseline (EN 319 142-1).
    #[default]
    EtsiCades,
    /// `adbe.pkcs7.detached`: CMS that Firefox can verify too.
    AdbePkcs7,
    /// `GM.SM2` under the handler `GM.PKILite`: the electronic seal's signature alone, for national software.
    GmSm2,
}

impl SubFilter {
    /// The name that stands in the file.
    #[must_use]
    pub fn word(self) -> &'static [u8] {
        match self {
            Self::EtsiCades => b"ETSI.CAdES.detached",
            Self::AdbePkcs7 => b"adbe.pkcs7.detached",
            Self::GmSm2 => b"GM.SM2",
        }
    }

    /// The signature handler that is named beside it (`/Filter`).
    #[must_use]
    pub fn filter(self) -> &'static [u8] {
        match self {
            Self::EtsiCades | Self::AdbePkcs7 => b"Adobe.PPKLite",
            Self::GmSm2 => b"GM.PKILite",
        }
    }

    pub(super) fn name(self) -> Name<'static> {
        Name(self.word())
    }
}

/// The seal that will be pressed on a certificate.
#[derive(Clone, Debug)]
pub struct SealField {
    /// Its drawing.
    pub seal: CompiledSeal,
    /// Name of the seal for those who cannot see it, as 示例市民政局 印章.
    pub name_zh: String,
    /// How the signature is announced.
    pub subfilter: SubFilter,
    /// Room for the signature container in bytes; 16,384 unless more is needed, at most 32,767 (ISO 19005-3 §6.1.13).
    pub hole: usize,
}

/// Room that holds any CMS of ours with a time-stamp token and a proof added later.
pub const DEFAULT_HOLE: usize = 16_384;
/// A PDF/A-3 string may not be longer (ISO 19005-3 §6.1.13).
pub const MAX_HOLE: usize = 32_767;

impl CompiledSeal {
    /// Compiles a drawing in millimetres. Do it once per seal, not per certificate.
    #[must_use]
    pub fn new(picture: &Drawing) -> Self {
        let mut content =
            Content::with_settings_and_capacity(pdf_writer::Settings { pretty: false }, 32 * 1024);
        // Multiply inside the stream: poppler ignores a blend mode of the annotation.
        content.save_state().set_parameters(Name(b"Multiply"));
        drawing(&mut content, picture);
        content.restore_state();
        Self {
            width: picture.width,
            height: picture.height,
            content: deflated(&content.finish().into_vec(), 9),
        }
    }

    /// Width and height in mm.
    #[must_use]
    pub fn size(&self) -> (f32, f32) {
        (self.width, self.height)
    }

    /// The content stream, deflated; one unit is a millimetre. Its resources must have `/Multiply` among the graphics
    /// states.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// A page as large as the seal that shows the seal alone: what its picture is taken from.
    #[must_use]
    pub fn sheet(&self) -> Vec<u8> {
        let [catalog, pages, page, content, multiply] = [1, 2, 3, 4, 5].map(Ref::new);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(pages);
        pdf.pages(pages).kids([page]).count(1);
        let mut sheet = pdf.page(page);
        // One unit is a millimetre.
        sheet.media_box(Rect::new(0.0, 0.0, self.width, self.height)).parent(pages).contents(content);
        sheet.resources().ext_g_states().pair(Name(b"Multiply"), multiply);
        sheet.finish();
        pdf.stream(content, &self.content).filter(Filter::FlateDecode);
        pdf.ext_graphics(multiply).blend_mode(BlendMode::Multiply);
        pdf.finish()
    }

    /// Writes the form; its box is in millimetres.
    pub(super) fn write(&self, pdf: &mut Pdf, form: Ref, multiply: Ref) {
        let mut written = pdf.form_xobject(form, &self.content);
        written.filter(Filter::FlateDecode);
        written.bbox(Rect::new(0.0, 0.0, self.width, self.height));
        written.resources().ext_g_states().pair(Name(b"Multiply"), multiply);
        drop(written);
        pdf.ext_graphics(multiply).blend_mode(BlendMode::Multiply);
    }
}
