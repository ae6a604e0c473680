//! Bytes → a picture of a page, within limits. hayro draws; nothing is fetched, and fonts come from the file alone.
//!
//! [`page_png`] is for what we issued ourselves: every font is embedded, so the picture shows what a reader shows.
//! [`compare`] draws files of strangers to see whether a page looks as it did, [`shows`] to see whether a seal looks as it
//! was sealed; both are bounded in every way.

mod compare;
mod effort;
mod imprint;
mod pages;
mod picture;
mod streams;
mod words;

pub use compare::{Area, Likeness, MOST_BYTES, MOST_PAGES, Sheet, compare};
pub use imprint::imprint;
pub use pages::{blank, pages};
pub use picture::{Shows, shows};
pub use words::{Letter, Line, lines};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::color::palette::css::WHITE;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

/// Most pixels of a picture: A3 at 200 dpi.
const MOST_PIXELS: f32 = 8_000_000.0;

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// Not a document that can be drawn, or no such page.
    #[error("画不出这一页 / this page cannot be drawn")]
    Page,
    /// More pixels than allowed.
    #[error("图像过大 / the picture would be too large")]
    TooLarge,
    /// It holds words and shows none of them: a font is missing, or its ink is white.
    #[error(
        "第 {page} 页有文字却显示为空白(缺字体?)/ page {page} holds words and shows none: is a font missing?"
    )]
    Blank {
        /// The page, counted from 1.
        page: usize,
    },
}

/// PNG of a page, counted from 1, at some dots per inch.
///
/// # Errors
/// [`PreviewError`].
pub fn page_png(pdf: Vec<u8>, page: usize, dpi: f32) -> Result<Vec<u8>, PreviewError> {
    let document = hayro::hayro_syntax::Pdf::new(pdf).map_err(|_| PreviewError::Page)?;
    let pages = document.pages();
    let page = page.checked_sub(1).and_then(|at| pages.get(at)).ok_or(PreviewError::Page)?;
    let scale = dpi / 72.0;
    let (width, height) = page.render_dimensions();
    let pixels = width * scale * height * scale;
    if !pixels.is_finite() || pixels > MOST_PIXELS {
        return Err(PreviewError::TooLarge);
    }
    let paper = hayro::PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let (cache, interpreter) = (hayro::RenderCache::new(), InterpreterSettings::default());
    let picture = hayro::render(page, &cache, &interpreter, &hayro::RenderSettings::default(), &paper);
    png_of(&picture)
}

fn png_of(picture: &Pixmap) -> Result<Vec<u8>, PreviewError> {
    let (width, height) = (u32::from(picture.width()), u32::from(picture.height()));
    // On white paper nothing is transparent: three bytes a pixel.
    let pixels: Vec<u8> = picture.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&pixels, width, height, ExtendedColorType::Rgb8)
        .map_err(|_| PreviewError::Page)?;
    Ok(png)
}

#[cfg(test)]
mod tests;
