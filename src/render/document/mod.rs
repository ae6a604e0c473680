//! A painted page → a complete PDF 1.7 file in one revision.
//!
//! Aims at PDF/A-3a and PDF/UA-1 (`docs/standards/pdf-a.md` lists clause by clause what is enforced), with one empty
//! signature field that certifies at DocMDP P=1. The field is written in the first revision, so that nothing is ever
//! appended to an issued file. Equal input gives equal bytes: no clock, no random, no hash order.

pub(super) mod embed;
pub(super) mod icc;
mod metadata;
pub(super) mod signature;
pub(super) mod structure;
mod xmp;

use super::facts::Facts;
use super::paint::Painter;
use super::seal::SealField;
use super::vector::{POINTS, deflated};
use super::{RenderError, Statics};
use crate::domain::Instant;
use crate::pdf::UnsignedPdf;
use pdf_writer::types::{AssociationKind, OutputIntentSubtype, SigFlags, TabOrder};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Settings, Str, TextStr};

/// The two attachments of a certificate, JSON and XML.
#[cfg(test)]
pub(super) fn attached(facts: &Facts<'_>, seal_name: &str) -> (String, String) {
    (metadata::json(facts), metadata::xml(&metadata::pairs(facts, seal_name)))
}

const CREATOR_TOOL: &str = "印证 yinzheng";
const PRODUCER: &str = concat!("yinzheng ", env!("CARGO_PKG_VERSION"));

/// Hands out object numbers.
#[derive(Default)]
pub(super) struct Refs(i32);

impl Refs {
    pub(super) fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// FNV-1a with 128 bits: names a file and a subset. Nothing rests on it being hard to invert.
pub(super) struct Fnv(u128);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Fnv {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
        }
    }

    pub(super) fn bytes(&self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

/// A page that waits to become a file.
pub(super) struct Document<'a> {
    pub(super) painter: Painter<'a>,
    pub(super) content: Vec<u8>,
    pub(super) facts: Facts<'a>,
    pub(super) statics: &'a Statics,
    /// Page size in mm.
    pub(super) size: (f32, f32),
    pub(super) field: &'a SealField,
    /// Lower left corner of the seal in mm from the lower left of the page.
    pub(super) seal_at: (f32, f32),
}

/// Objects that others refer to.
pub(super) struct Objects {
    pub(super) page: Ref,
    pub(super) seal: Ref,
    pub(super) multiply: Ref,
    pub(super) widget: Ref,
    pub(super) value: Ref,
    pub(super) form_element: Ref,
    /// Key of the widget in the parent tree, behind those of the pages.
    pub(super) form_key: i32,
}

impl Document<'_> {
    /// With signature field and attachments.
    pub(super) fn sealed(self, fonts: &crate::fonts::FontSet) -> Result<UnsignedPdf, RenderError> {
        let hole = self.field.hole;
        if !(1..=super::seal::MAX_HOLE).contains(&hole) {
            return Err(RenderError::Hole { bytes: hole });
        }
        let (bytes, dictionary) = self.write(fonts, true)?;
        signature::patched(bytes, dictionary, hole).ok_or(RenderError::Hole { bytes: hole })
    }

    /// Without both: what a PDF/A checker that knows no forms can rate.
    pub(super) fn bare(self, fonts: &crate::fonts::FontSet) -> Result<Vec<u8>, RenderError> {
        self.write(fonts, false).map(|(bytes, _)| bytes)
    }

    fn write(
        self,
        fonts: &crate::fonts::FontSet,
        sealed: bool,
    ) -> Result<(Vec<u8>, std::ops::Range<usize>), RenderError> {
        let mut refs = Refs::default();
        let mut pdf = Pdf::with_settings_and_capacity(Settings { pretty: false }, 160 * 1024);
        pdf.set_version(1, 7);
        pdf.set_binary_marker(&[0xE2, 0xE3, 0xCF, 0xD3]);
        let (catalog, pages, contents) = (refs.next(), refs.next(), refs.next());
        let objects = Objects {
            page: refs.next(),
            seal: refs.next(),
            multiply: refs.next(),
            widget: refs.next(),
            value: refs.next(),
            form_element: refs.next(),
            form_key: 1,
        };
        pdf.stream(contents, &deflated(&self.content, 1)).filter(Filter::FlateDecode);
        let embedded = embed::fonts(&mut pdf, &mut refs, fonts, &self.painter.used)?;
        self.field.seal.write(&mut pdf, objects.seal, objects.multiply);
        let forms = self.statics.write(&mut pdf, &mut refs, self.facts.particulars.specimen);
        let photos: Vec<Ref> =
            self.painter.photos.iter().map(|photo| image(&mut pdf, refs.next(), photo)).collect();
        pdf.pages(pages).kids([objects.page]).count(1);
        self.page(&mut pdf, &objects, (pages, contents), sealed, |resources| {
            let mut fonts = resources.fonts();
            for (name, font) in &embedded {
                fonts.pair(Name(name), *font);
            }
            fonts.finish();
            let mut x_objects = resources.x_objects();
            for form in &forms {
                x_objects.pair(Name(form.name.as_bytes()), form.object);
            }
            for (i, photo) in photos.iter().enumerate() {
                x_objects.pair(Name(format!("P{i}").as_bytes()), *photo);
            }
            if !sealed {
                x_objects.pair(Name(b"Seal"), objects.seal);
            }
            x_objects.finish();
            let mut states = resources.ext_g_states();
            for (form, state) in forms.iter().filter_map(|form| form.state.map(|state| (form, state))) {
                states.pair(Name(form.name.as_bytes()), state);
            }
        });
        let root = structure::write(
            &mut pdf,
            &mut refs,
            &self.painter,
            objects.page,
            self.size.1,
            sealed.then_some((objects.form_element, objects.widget, self.field.name_zh.as_str())),
        );
        let dictionary = if sealed { self.signature(&mut pdf, &objects) } else { 0..0 };
        self.catalog(&mut pdf, &mut refs, (catalog, pages, root), &objects, sealed);
        Ok((pdf.finish(), dictionary))
    }

    fn page(
        &self,
        pdf: &mut Pdf,
        objects: &Objects,
        (pages, contents): (Ref, Ref),
        sealed: bool,
        fill: impl FnOnce(&mut pdf_writer::writers::Resources<'_>),
    ) {
        let mut page = pdf.page(objects.page);
        page.parent(pages)
            .media_box(Rect::new(0.0, 0.0, points(self.size.0), points(self.size.1)))
            .contents(contents);
        page.struct_parents(0).tab_order(TabOrder::StructureOrder);
        if sealed {
            page.annotations([objects.widget]);
        }
        fill(&mut page.resources());
    }

    /// The field, its widget and its value; the bytes where the value was written.
    fn signature(&self, pdf: &mut Pdf, objects: &Objects) -> std::ops::Range<usize> {
        let (width, height) = self.field.seal.size();
        let (x, y) = self.seal_at;
        let place = Rect::new(points(x), points(y), points(x + width), points(y + height));
        signature::field(pdf, objects, place, &self.field.name_zh);
        signature::value(pdf, objects.value, self.field, &self.facts.particulars.issued_at.pdf_date())
    }

    fn catalog(
        &self,
        pdf: &mut Pdf,
        refs: &mut Refs,
        (catalog, pages, root): (Ref, Ref, Ref),
        objects: &Objects,
        sealed: bool,
    ) {
        let pairs = metadata::pairs(&self.facts, &self.field.name_zh);
        let json = metadata::json(&self.facts);
        let particulars = self.facts.particulars;
        let title = format!("{} {}", self.facts.kind.name().zh, particulars.number);
        let author = particulars.issuer.name.zh.as_str();
        let date = particulars.issued_at.pdf_date();
        let files: Vec<Ref> = if sealed {
            let xml = metadata::xml(&pairs);
            [
                ("metadata.json", "application/json", "证照结构化数据 certificate data", json.as_bytes()),
                ("metadata.xml", "text/xml", "GB/T 36903 元数据 metadata", xml.as_bytes()),
            ]
            .map(|file| attachment(pdf, refs, file, &date))
            .to_vec()
        } else {
            Vec::new()
        };
        let pairs = metadata::mirrored(&self.facts, pairs);
        let front = Front { title: &title, author, instant: particulars.issued_at, pairs: &pairs };
        let front = front.write(pdf, refs, &self.statics.icc);
        let mut written = pdf.catalog(catalog);
        front.enter(&mut written, pages, root);
        if let [json, xml] = files.as_slice() {
            let mut names = written.names();
            names
                .embedded_files()
                .names()
                .insert(Str(b"metadata.json"), *json)
                .insert(Str(b"metadata.xml"), *xml);
            names.finish();
            written.insert(Name(b"AF")).array().item(*json).item(*xml);
        }
        if sealed {
            written
                .form()
                .fields([objects.widget])
                .sig_flags(SigFlags::SIGNATURES_EXIST | SigFlags::APPEND_ONLY);
            written.insert(Name(b"Perms")).dict().pair(Name(b"DocMDP"), objects.value);
        }
        written.finish();
        pdf.set_file_id(self.file_id(&json));
    }

    /// Both halves are equal in a first revision.
    fn file_id(&self, json: &str) -> (Vec<u8>, Vec<u8>) {
        let mut hash = Fnv::default();
        hash.update(&self.statics.digest);
        hash.update(json.as_bytes());
        hash.update(self.field.name_zh.as_bytes());
        hash.update(self.field.subfilter.name().0);
        let id = hash.bytes().to_vec();
        (id.clone(), id)
    }
}

/// What every file says of itself: XMP and information dictionary alike, and what its colours mean.
pub(super) struct Front<'a> {
    pub(super) title: &'a str,
    pub(super) author: &'a str,
    pub(super) instant: Instant,
    /// GB/T 36903 entries, for a certificate.
    pub(super) pairs: &'a [metadata::Pair],
}

/// A front whose objects are written, to be entered into the catalog.
pub(super) struct WrittenFront {
    packet: Ref,
    profile: Ref,
}

impl Front<'_> {
    pub(super) fn write(&self, pdf: &mut Pdf, refs: &mut Refs, icc: &[u8]) -> WrittenFront {
        let (packet, info, profile) = (refs.next(), refs.next(), refs.next());
        let (instant, date) = (self.instant.rfc3339(), self.instant.pdf_date());
        let xmp = xmp::Packet {
            title: self.title,
            author: self.author,
            creator_tool: CREATOR_TOOL,
            producer: PRODUCER,
            instant: &instant,
            pairs: self.pairs,
        }
        .write();
        pdf.metadata(packet, xmp.as_bytes());
        let mut written = pdf.document_info(info);
        written
            .title(TextStr(self.title))
            .author(TextStr(self.author))
            .creator(TextStr(CREATOR_TOOL))
            .producer(TextStr(PRODUCER));
        written
            .pair(Name(b"CreationDate"), Str(date.as_bytes()))
            .pair(Name(b"ModDate"), Str(date.as_bytes()));
        written.finish();
        pdf.icc_profile(profile, icc).n(3).range([0.0, 1.0, 0.0, 1.0, 0.0, 1.0]).filter(Filter::FlateDecode);
        WrittenFront { packet, profile }
    }
}

impl WrittenFront {
    /// The entries that every catalog has.
    pub(super) fn enter(&self, written: &mut pdf_writer::writers::Catalog<'_>, pages: Ref, root: Ref) {
        written.pages(pages).metadata(self.packet).lang(TextStr("zh-CN"));
        written.mark_info().marked(true);
        written.pair(Name(b"StructTreeRoot"), root);
        written.viewer_preferences().display_doc_title(true);
        let mut intents = written.output_intents();
        intents
            .push()
            .subtype(OutputIntentSubtype::PDFA)
            .output_condition_identifier(TextStr("sRGB"))
            .info(TextStr("sRGB IEC61966-2.1"))
            .dest_output_profile(self.profile);
        intents.finish();
    }
}

fn points(mm: f32) -> f32 {
    (mm * POINTS * 1000.0).round() / 1000.0
}

/// A JPEG as it is. Its colours are plain gray or RGB, which the output intent defines.
fn image(pdf: &mut Pdf, id: Ref, photo: &crate::domain::Photo) -> Ref {
    let (width, height) = (i32::try_from(photo.width).unwrap_or(1), i32::try_from(photo.height).unwrap_or(1));
    let mut image = pdf.image_xobject(id, &photo.jpeg);
    image.filter(Filter::DctDecode);
    image.width(width).height(height).bits_per_component(8);
    if jpeg_components(&photo.jpeg) == 1 {
        image.color_space().device_gray()
    } else {
        image.color_space().device_rgb()
    }
    id
}

/// The number of colour components that the frame header states.
fn jpeg_components(jpeg: &[u8]) -> u8 {
    let mut at = 2;
    while let Some(&[0xFF, marker, high, low]) = jpeg.get(at..at + 4) {
        if matches!(marker, 0xC0..=0xC2) {
            return jpeg.get(at + 9).copied().unwrap_or(3);
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    3
}

pub(super) fn attachment(
    pdf: &mut Pdf,
    refs: &mut Refs,
    (name, media_type, description, data): (&str, &str, &str, &[u8]),
    date: &str,
) -> Ref {
    let (spec, stream) = (refs.next(), refs.next());
    let compressed = deflated(data, 1);
    let mut file = pdf.embedded_file(stream, &compressed);
    file.filter(Filter::FlateDecode);
    file.subtype(Name(media_type.as_bytes()));
    file.params()
        .size(i32::try_from(data.len()).unwrap_or(i32::MAX))
        .pair(Name(b"ModDate"), Str(date.as_bytes()));
    file.finish();
    let mut written = pdf.file_spec(spec);
    written
        .path(Str(name.as_bytes()))
        .unic_file(TextStr(name))
        .description(TextStr(description))
        .association_kind(AssociationKind::Data);
    written.insert(Name(b"EF")).dict().pair(Name(b"F"), stream).pair(Name(b"UF"), stream);
    written.finish();
    spec
}
