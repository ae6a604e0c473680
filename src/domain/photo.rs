//! A holder's photo: read under limits, turned upright, and written anew as baseline JPEG.
//!
//! Only pixels survive: EXIF, colour profiles, thumbnails, and whatever else a file can carry do not reach a
//! certificate. What this program wrote itself is recognised and kept as it is, so that an application that comes back
//! from the ledger holds the same bytes.

use super::own_jpeg;
use super::problem::Complaint;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use std::fmt;
use std::io::Cursor;

/// Largest photo file, in bytes; government rules ask for 50 KB, phone pictures are larger.
pub(super) const BYTES_LIMIT: usize = 1024 * 1024;
/// Largest picture that is decoded at all: 20 megapixels, 62 MB as RGB.
const PIXELS_LIMIT: (u32, u32) = (4000, 5200);
/// Largest picture kept: 35 × 45 mm at 600 dpi.
const KEPT: (u32, u32) = (826, 1062);
/// Width over height of 35:45 is 0.78; what phones crop differs a little.
const ASPECT: std::ops::RangeInclusive<f64> = 0.70..=0.86;
/// Largest JPEG kept. At the first quality a portrait stays far below; only noise needs the others.
const KEPT_BYTES: usize = 512 * 1024;
const QUALITIES: [u8; 4] = [90, 75, 50, 10];

/// A decoded, re-encoded photo without any metadata. `Debug` is elided.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// Baseline JPEG, as written by this program.
    pub jpeg: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Photo({} × {}, elided)", self.width, self.height)
    }
}

/// Reads a JPEG or PNG of at least `least` (width, height) pixels.
pub(super) fn read(bytes: &[u8], least: (u32, u32)) -> Result<Photo, Complaint> {
    if bytes.len() > BYTES_LIMIT {
        return Err(too_large());
    }
    let format = format_of(bytes)?;
    let picture = decode(bytes, format)?;
    check_size(&picture, least)?;
    if format == ImageFormat::Jpeg && is_own(bytes, &picture) {
        return Ok(Photo { jpeg: bytes.to_vec(), width: picture.width(), height: picture.height() });
    }
    let picture = if picture.width() > KEPT.0 || picture.height() > KEPT.1 {
        picture.resize(KEPT.0, KEPT.1, FilterType::CatmullRom)
    } else {
        picture
    };
    write(&on_white(&picture)).ok_or_else(unreadable)
}

pub(super) fn too_large() -> Complaint {
    Complaint::new(
        "photo.too_large",
        "文件超过1 MB，请压缩后再提交",
        "the file is larger than 1 MB; compress it",
    )
}

fn unreadable() -> Complaint {
    Complaint::new(
        "photo.unreadable",
        "图片损坏或者不完整，请重新导出后提交",
        "the picture is damaged or incomplete; export it again",
    )
}

fn format_of(bytes: &[u8]) -> Result<ImageFormat, Complaint> {
    if bytes.starts_with(&[0x89, b'P', b'N', b'G']) {
        return Ok(ImageFormat::Png);
    }
    if !bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        return Err(Complaint::new(
            "photo.format",
            "照片应为 JPEG 或 PNG 图片",
            "the photo must be a JPEG or PNG picture",
        ));
    }
    // The decoder forgives a cut-off file and leaves the rest grey; a certificate must not.
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|pair| pair == marker);
    match (last([0xFF, 0xDA]), last([0xFF, 0xD9])) {
        (Some(scan), Some(end)) if end > scan => Ok(ImageFormat::Jpeg),
        _ => Err(unreadable()),
    }
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, Complaint> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(PIXELS_LIMIT.0.max(PIXELS_LIMIT.1));
    limits.max_image_height = Some(PIXELS_LIMIT.0.max(PIXELS_LIMIT.1));
    limits.max_alloc = Some(128 * 1024 * 1024);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(decode_complaint)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > u64::from(PIXELS_LIMIT.0) * u64::from(PIXELS_LIMIT.1) {
        return Err(too_many_pixels());
    }
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(decode_complaint)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

fn decode_complaint(error: image::ImageError) -> Complaint {
    match error {
        image::ImageError::Limits(_) => too_many_pixels(),
        _ => unreadable(),
    }
}

fn too_many_pixels() -> Complaint {
    Complaint::new(
        "photo.too_many_pixels",
        format!("像素太多，最多{}×{}", PIXELS_LIMIT.0, PIXELS_LIMIT.1),
        format!("has too many pixels; at most {} × {}", PIXELS_LIMIT.0, PIXELS_LIMIT.1),
    )
}

fn check_size(picture: &DynamicImage, least: (u32, u32)) -> Result<(), Complaint> {
    let (width, height) = (picture.width(), picture.height());
    if width < least.0 || height < least.1 {
        return Err(Complaint::new(
            "photo.too_few_pixels",
            format!("像素太少，至少{}×{}", least.0, least.1),
            format!("has too few pixels; at least {} × {}", least.0, least.1),
        ));
    }
    if !ASPECT.contains(&(f64::from(width) / f64::from(height))) {
        return Err(Complaint::new(
            "photo.aspect",
            "宽高比应接近35:45（证件照），请裁剪",
            "must be about 35:45 (width to height) as identity photos are; crop it",
        ));
    }
    Ok(())
}

/// Transparent parts become white, as on paper.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let over = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(alpha));
        u8::try_from((colour * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
    };
    let rgba = picture.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0;
        image::Rgb([over(r, a), over(g, a), over(b, a)])
    })
}

fn write(pixels: &RgbImage) -> Option<Photo> {
    let mut written = QUALITIES.iter().filter_map(|&quality| encode(pixels, quality));
    let jpeg = written.find(|jpeg| jpeg.len() <= KEPT_BYTES)?;
    Some(Photo { jpeg, width: pixels.width(), height: pixels.height() })
}

fn is_own(bytes: &[u8], picture: &DynamicImage) -> bool {
    let small = picture.width() <= KEPT.0 && picture.height() <= KEPT.1 && bytes.len() <= KEPT_BYTES;
    let sample = RgbImage::new(8, 8);
    small
        && QUALITIES
            .iter()
            .any(|&q| encode(&sample, q).is_some_and(|sample| own_jpeg::is_own(bytes, &sample)))
}

fn encode(pixels: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let side = |pixels: u32| u16::try_from(pixels).ok();
    let (width, height) = (side(pixels.width())?, side(pixels.height())?);
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality);
    // Every pixel keeps its colour: skin beside a red or blue ground is what the eye checks.
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    encoder.encode(pixels.as_raw(), width, height, ColorType::Rgb).ok()?;
    Some(jpeg)
}
