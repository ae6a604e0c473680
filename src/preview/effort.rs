//! What drawing a page would cost, found out without drawing: its instructions are run against a device that only
//! counts. hayro has no bounds of its own on repeated forms, patterns and masks; with these, a hostile page ends
//! before it is drawn.

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_syntax::Filter;
use hayro::hayro_interpret::hayro_syntax::object::{Dict, Stream};
use hayro::hayro_interpret::pattern::{Pattern, TilingPattern};
use hayro::hayro_interpret::{
    BlendMode, CacheKey, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, Paint, SoftMask, interpret_page,
};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, Rect, Shape};
use std::collections::HashSet;

/// Most pixels of one picture on a page: an A4 sheet scanned at 600 dpi has 35 million.
const MOST_IMAGE_PIXELS: u64 = 40_000_000;

/// Most pixels of a pattern's tile.
const MOST_TILE_PIXELS: f64 = 4_000_000.0;

/// Thrown (not panicked: no hook is called) when nothing is left.
pub(super) struct Spent;

/// What is left, in units of about 50 ns: a point of a path, 64 pixels of an area, 64 bytes of content.
pub(super) struct Effort {
    left: u64,
    /// For each form, pattern and glyph that is run: the largest content of any.
    content: u64,
    page: Rect,
    masks: HashSet<u128>,
}

impl Effort {
    /// `largest` is the size of the largest content stream in bytes.
    pub(super) fn of(left: u64, largest: usize) -> Self {
        let content = u64::try_from(largest).unwrap_or(u64::MAX) / 64;
        Self { left, content, page: Rect::ZERO, masks: HashSet::new() }
    }

    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Runs a page. Unwinds with [`Spent`] when nothing is left.
    pub(super) fn spend_on<'a>(&mut self, page: &'a Page<'a>, transform: Affine, size: Rect) {
        self.page = size;
        self.masks.clear();
        let (cache, settings) = (InterpreterCache::new(), InterpreterSettings::default());
        let mut context = Context::new(transform, size, &cache, page.xref(), settings);
        interpret_page(page, &mut context, self);
    }

    fn spend(&mut self, units: u64) {
        match self.left.checked_sub(units) {
            Some(left) => self.left = left,
            None => std::panic::resume_unwind(Box::new(Spent)),
        }
    }

    fn spend_f(&mut self, units: f64) {
        // Saturates; what is not a number is too much.
        let units = if units.is_finite() { units.max(0.0) as u64 } else { u64::MAX };
        self.spend(units);
    }

    /// The part of the page that something touches.
    fn spend_area(&mut self, area: Rect) {
        self.spend_f(area.intersect(self.page).area().max(0.0) / 64.0);
    }

    fn spend_mask<'a>(&mut self, mask: Option<&SoftMask<'a>>) {
        let Some(mask) = mask else { return };
        if self.masks.insert(mask.cache_key()) {
            self.spend_area(self.page);
            mask.interpret(self);
        }
    }

    fn spend_paint<'a>(&mut self, paint: &Paint<'a>, stroke: bool) {
        let Paint::Pattern(pattern) = paint else { return };
        match &**pattern {
            // A function is evaluated for each pixel.
            Pattern::Shading(_) => self.spend_f(self.page.area()),
            Pattern::Tiling(tile) => self.spend_tile(tile, stroke),
        }
    }

    fn spend_tile<'a>(&mut self, tile: &TilingPattern<'a>, stroke: bool) {
        let [a, b, c, d, _, _] = tile.matrix.as_coeffs();
        let area = tile.matrix.inverse().transform_rect_bbox(self.page);
        let side = |advance: f64, visible: f64, step: f32| {
            advance * visible.min(f64::from(step.abs())).max(0.0) + 2.0
        };
        let pixels =
            side(a.hypot(b), area.width(), tile.x_step) * side(c.hypot(d), area.height(), tile.y_step);
        let copies = |cell: f64, step: f32| (cell / f64::from(step.abs())).abs().ceil() + 2.0;
        let copies = copies(tile.bbox.width(), tile.x_step) * copies(tile.bbox.height(), tile.y_step);
        if !pixels.is_finite() || pixels > MOST_TILE_PIXELS || !copies.is_finite() {
            self.spend(u64::MAX);
        }
        self.spend_f(pixels / 16.0);
        let before = self.left;
        tile.interpret(self, Affine::IDENTITY, stroke);
        let once = before - self.left;
        self.spend_f(once as f64 * copies);
    }

    fn spend_stroke(&mut self, path: &BezPath, mode: &DrawMode) {
        let (DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke)) = mode else { return };
        let period: f32 = stroke.dash_array.iter().map(|part| part.abs()).sum();
        if !stroke.dash_array.is_empty() && period > 0.0 {
            self.spend_f(path.perimeter(1.0) / f64::from(period) * stroke.dash_array.len() as f64 * 4.0);
        }
    }
}

impl<'a> Device<'a> for Effort {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.spend(4 + path.elements().len() as u64);
        self.spend_area(props.transform.transform_rect_bbox(path.bounding_box()));
        self.spend_stroke(path, mode);
        self.spend_mask(props.soft_mask.as_ref());
        self.spend_paint(&props.paint, !matches!(mode, DrawMode::Fill(_)));
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        // Every form, pattern and glyph begins with one.
        self.spend(4 + clip.path.elements().len() as u64 + self.content);
    }

    fn push_transparency_group(&mut self, _: f32, mask: Option<SoftMask<'a>>, _: BlendMode) {
        self.spend_area(self.page);
        self.spend_mask(mask.as_ref());
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.spend_mask(props.soft_mask.as_ref());
        self.spend_paint(&props.paint, !matches!(mode, DrawMode::Fill(_)));
        for glyph in run.glyphs() {
            let place = props.transform * glyph.transform();
            // The em square of a glyph: a thousand units a side.
            let em = (place.determinant() * 1e6).abs().min(self.page.area());
            self.spend_f(32.0 + em / 64.0);
            if let Glyph::Type3(drawn) = &**glyph {
                self.spend(self.content);
                drawn.interpret(self, props.transform, glyph.transform(), &props.paint);
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.spend_mask(props.soft_mask.as_ref());
        self.spend_area(self.page);
        let pixels = match &image {
            Image::Stencil(stencil) => {
                pixels(stencil.stream()).map(|own| own.saturating_add(mask_pixels(stencil.stream())))
            }
            Image::Raster(raster) => {
                pixels(raster.stream()).map(|own| own.saturating_add(mask_pixels(raster.stream())))
            }
        };
        match pixels {
            Some(pixels) if pixels <= MOST_IMAGE_PIXELS => self.spend(pixels / 8),
            _ => self.spend(u64::MAX),
        }
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}

/// Pixels of a mask beside a picture; too many when they cannot be told.
fn mask_pixels(stream: &Stream<'_>) -> u64 {
    let mask = stream.dict().get::<Stream<'_>>(b"SMask".as_slice());
    let mask = mask.or_else(|| stream.dict().get::<Stream<'_>>(b"Mask".as_slice()));
    mask.map_or(0, |mask| pixels(&mask).unwrap_or(u64::MAX))
}

/// Pixels that decoding a picture makes, by its dictionary and, where the data may say otherwise, by the data.
fn pixels(stream: &Stream<'_>) -> Option<u64> {
    let dict = stream.dict();
    let count = |dict: &Dict<'_>, key: &[u8]| dict.get::<u32>(key).map(u64::from);
    let either = |long: &[u8], short: &[u8]| count(dict, long).or_else(|| count(dict, short));
    let (width, height) = (either(b"Width", b"W")?, either(b"Height", b"H")?);
    let own = width.checked_mul(height)?;
    let mut most = own;
    for filter in stream.filters() {
        most = most.max(match filter {
            // Regions of a JBIG2 picture may be of any size; finding out would mean reading it.
            Filter::Jbig2Decode => return None,
            Filter::JpxDecode => jpx_pixels(&stream.raw_data())?,
            Filter::CcittFaxDecode => {
                let parameters = dict.get::<Dict<'_>>(b"DecodeParms".as_slice());
                let columns = parameters.and_then(|parameters| count(&parameters, b"Columns"));
                columns.unwrap_or(1728).max(width).checked_mul(height)?
            }
            _ => own,
        });
    }
    Some(most)
}

/// The size of the reference grid in the SIZ segment (ISO/IEC 15444-1 A.5.1).
fn jpx_pixels(data: &[u8]) -> Option<u64> {
    let at = data.windows(4).position(|four| four == [0xff, 0x4f, 0xff, 0x51])?;
    let number = |from: usize| {
        let octets = data.get(at + from..at + from + 4)?;
        Some(octets.iter().fold(0_u64, |sum, octet| sum << 8 | u64::from(*octet)))
    };
    number(8)?.checked_mul(number(12)?)
}
