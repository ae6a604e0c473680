//! The picture inside a seal: a drawing in one ink as a PNG with four shades of that ink on nothing.
//!
//! Two bits a pixel keep a seal of 42 mm at 600 dpi below 20 KB, where eight take 46 KB; the signature that carries it has
//! 32,767 bytes (ISO 19005-3 §6.1.13).

use super::PreviewError;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::vello_cpu::color::palette::css::WHITE;

/// Pixels of a side at most: 60 mm at 600 dpi and some.
const MOST_SIDE: f32 = 1_500.0;

/// Draws the only page of a sheet whose units are millimetres, at some dots per inch, and takes its ink off the paper.
///
/// # Errors
/// [`PreviewError`]; also for ink that is white.
pub fn imprint(sheet: Vec<u8>, dpi: f32, ink: [u8; 3]) -> Result<Vec<u8>, PreviewError> {
    let document = hayro::hayro_syntax::Pdf::new(sheet).map_err(|_| PreviewError::Page)?;
    let pages = document.pages();
    let page = pages.first().ok_or(PreviewError::Page)?;
    let scale = dpi / 25.4;
    let (width, height) = page.render_dimensions();
    if !(1.0..=MOST_SIDE).contains(&(width * scale)) || !(1.0..=MOST_SIDE).contains(&(height * scale)) {
        return Err(PreviewError::TooLarge);
    }
    let paper = hayro::PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let (cache, interpreter) = (hayro::RenderCache::new(), InterpreterSettings::default());
    let drawn = hayro::render(page, &cache, &interpreter, &hayro::RenderSettings::default(), &paper);
    // The channel in which ink and paper are farthest apart tells how much ink there is.
    let (channel, darkest) =
        ink.into_iter().enumerate().min_by_key(|(_, of)| *of).ok_or(PreviewError::Page)?;
    let span = u32::from(255 - darkest);
    if span == 0 {
        return Err(PreviewError::Page);
    }
    let shade = |of: [u8; 3]| {
        let lit = u32::from(of.get(channel).copied().unwrap_or(255));
        let covered = (255 - lit).min(span) * 3;
        u8::try_from((covered + span / 2) / span).unwrap_or(3)
    };
    let row = usize::from(drawn.width());
    let mut packed = Vec::with_capacity(row.div_ceil(4) * usize::from(drawn.height()));
    for pixels in drawn.data().chunks(row) {
        for four in pixels.chunks(4) {
            let shades = four.iter().map(|pixel| shade([pixel.r, pixel.g, pixel.b]));
            packed.push(shades.zip([6, 4, 2, 0]).fold(0, |byte, (shade, by)| byte | shade << by));
        }
    }
    written(u32::from(drawn.width()), u32::from(drawn.height()), dpi, ink, &packed)
}

fn written(width: u32, height: u32, dpi: f32, ink: [u8; 3], packed: &[u8]) -> Result<Vec<u8>, PreviewError> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Two);
    encoder.set_palette(ink.repeat(4));
    encoder.set_trns(vec![0, 85, 170, 255]);
    // Filters help photographs, not four shades.
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_compression(png::Compression::High);
    let metre = (dpi / 0.0254).round() as u32;
    let unit = png::Unit::Meter;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: metre, yppu: metre, unit }));
    let mut writer = encoder.write_header().map_err(|_| PreviewError::Page)?;
    writer.write_image_data(packed).map_err(|_| PreviewError::Page)?;
    writer.finish().map_err(|_| PreviewError::Page)?;
    Ok(png)
}
