//! A page as a person would see it: a type's example rendered with fixed particulars, drawn by hayro (which we did not
//! write), and what scanners read from the picture.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use yinzheng::domain::drawing::PathStep;
use yinzheng::domain::{AcceptContext, Bilingual, CertificateType, Instant, Issuer, Particulars};
use yinzheng::fonts::{FontSet, FontSource, Role};
use yinzheng::render::{CompiledSeal, DEFAULT_HOLE, RenderError, SealField, SubFilter, Template};
use yinzheng::seal_art::{GlyphSource, SealDesign};

/// The seven types.
pub(crate) const TYPES: [&str; 7] = [
    "adoption-dissolution",
    "adoption-registration",
    "elder-care-filing-receipt",
    "funeral-service-licence",
    "marriage-annulment-decision",
    "public-fundraising-qualification",
    "volunteer-passport",
];

/// Where every drawn code leads.
pub(crate) const ADDRESS: &str = "HTTPS://ZZ.EXAMPLE/V/7K3M-9QXR-2H5D";

/// A folder or file of the repository.
pub(crate) fn home(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The committed fonts, read once.
pub(crate) fn fonts() -> Arc<FontSet> {
    static FONTS: OnceLock<Arc<FontSet>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let source = |name: &str| FontSource {
            name: name.to_owned(),
            bytes: std::fs::read(home("certificate-templates/fonts").join(format!("{name}.ttf.zst")))
                .unwrap(),
        };
        let fonts =
            FontSet::new(source("NotoSerifSC-Regular"), source("NotoSerifSC-Bold"), source("YinzhengMingB"));
        Arc::new(fonts.unwrap())
    }))
}

/// What a page is drawn with.
pub(crate) struct Easel {
    pub(crate) kind: CertificateType,
    template: Template,
    example: Value,
}

/// One certificate to draw.
pub(crate) struct Sitting {
    pub(crate) application: Value,
    pub(crate) issuer: String,
    pub(crate) seal_mm: f32,
    pub(crate) specimen: bool,
}

struct Bold(Arc<FontSet>);

impl GlyphSource for Bold {
    fn outline(&self, c: char) -> Option<(Vec<PathStep>, f32)> {
        Some((self.0.outline(Role::Bold, c)?, self.0.glyph(Role::Bold, c)?.advance))
    }
}

impl Easel {
    pub(crate) fn new(slug: &str) -> Self {
        let read = |name: &str| {
            std::fs::read_to_string(home("certificate-templates").join(slug).join(name)).unwrap()
        };
        let kind = CertificateType::from_toml(slug, &read("type.toml")).unwrap();
        let template =
            Template::compile(&kind, &read("layout.toml"), fonts()).unwrap_or_else(|e| panic!("{slug}: {e}"));
        Self { kind, template, example: serde_json::from_str(&read("example.json")).unwrap() }
    }

    /// The type's example with a seal of the usual size.
    pub(crate) fn example(&self) -> Sitting {
        Sitting {
            application: self.example.clone(),
            issuer: "示例市民政局".to_owned(),
            seal_mm: 42.0,
            specimen: true,
        }
    }

    /// The page without its signature field, so that the seal is part of it.
    pub(crate) fn render(&self, sitting: &Sitting) -> Result<Vec<u8>, RenderError> {
        let fonts = fonts();
        let today = time::macros::date!(2026 - 11 - 24);
        let application = self
            .kind
            .accept(&sitting.application, &AcceptContext { today, demo: true, repertoire: &*fonts })
            .unwrap_or_else(|problems| panic!("{}: {problems:#?}", self.kind.slug()));
        let issued_at = Instant::from_seconds(1_795_500_000).unwrap();
        let issuer = Issuer {
            name: Bilingual::new(sitting.issuer.as_str(), "Shili Civil Affairs Bureau"),
            short_name: "示民".to_owned(),
            uscc: "11990000000000019A".to_owned(),
            definer_uscc: "11990000000000019A".to_owned(),
            region: "990000".to_owned(),
        };
        let particulars = Particulars {
            number: self.kind.number(&issuer, 2026, 1),
            identifier: self.kind.identifier(&issuer, 2026, 1, 1),
            code: "7K3M-9QXR-2H5D".to_owned(),
            verify_url: ADDRESS.to_owned(),
            issued_at,
            issuer,
            valid_until: application.valid_until(issued_at.beijing_date()),
            specimen: sitting.specimen,
        };
        let design = SealDesign::round(sitting.issuer.as_str(), sitting.seal_mm);
        let design =
            if self.kind.seal_role() == "bureau" { design } else { design.with_sub_line("业务专用章") };
        let field = SealField {
            seal: CompiledSeal::new(&yinzheng::seal_art::draw(&design, &Bold(fonts)).unwrap()),
            name_zh: "示例市民政局 印章".to_owned(),
            subfilter: SubFilter::EtsiCades,
            hole: DEFAULT_HOLE,
        };
        self.template.render_bare(&application, &particulars, &field)
    }
}

/// A drawn page: three bytes a pixel.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgb: Vec<u8>,
}

/// Draws every page of a file.
pub(crate) fn draw(pdf: Vec<u8>, dpi: f32) -> Vec<Picture> {
    let pdf = hayro::hayro_syntax::Pdf::new(pdf).unwrap();
    let settings = hayro::hayro_interpret::InterpreterSettings::default();
    // Hinting is meant for screens; a stored picture should not depend on it.
    let look = hayro::RenderSettings { hinting: false, ..Default::default() };
    let pages = hayro::render_pdf(&pdf, dpi / 72.0, settings, &look, None).unwrap();
    pages
        .into_iter()
        .map(|page| Picture {
            width: usize::from(page.width()),
            height: usize::from(page.height()),
            rgb: page.data().iter().flat_map(|p| [p.r, p.g, p.b]).collect(),
        })
        .collect()
}

impl Picture {
    pub(crate) fn gray(&self, x: usize, y: usize) -> u8 {
        let at = 3 * (y * self.width + x);
        let sum: u32 = self.rgb[at..at + 3].iter().map(|&part| u32::from(part)).sum();
        u8::try_from(sum / 3).unwrap()
    }

    /// What rqrr reads.
    pub(crate) fn codes(&self) -> Vec<String> {
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(self.width, self.height, |x, y| self.gray(x, y));
        prepared.detect_grids().into_iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect()
    }

    pub(crate) fn save(&self, path: &Path) {
        let size = |side: usize| u32::try_from(side).unwrap();
        let image = image::RgbImage::from_raw(size(self.width), size(self.height), self.rgb.clone()).unwrap();
        let file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
        let encoder = image::codecs::png::PngEncoder::new_with_quality(
            file,
            if self.width < 1000 {
                image::codecs::png::CompressionType::Best
            } else {
                image::codecs::png::CompressionType::Fast
            },
            image::codecs::png::FilterType::Adaptive,
        );
        image.write_with_encoder(encoder).unwrap();
    }

    pub(crate) fn open(path: &Path) -> Option<Self> {
        let image = image::open(path).ok()?.into_rgb8();
        let side = |side: u32| usize::try_from(side).unwrap();
        Some(Self { width: side(image.width()), height: side(image.height()), rgb: image.into_raw() })
    }

    /// With eight levels for each colour: half the bytes on disk, and nothing that a comparison would miss.
    pub(crate) fn reduced(mut self) -> Self {
        for part in &mut self.rgb {
            *part = u8::try_from((u32::from(*part) * 7 + 127) / 255 * 255 / 7).unwrap_or(u8::MAX);
        }
        self
    }
}
