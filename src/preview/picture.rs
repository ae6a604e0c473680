//! Does a page show this picture and nothing else? For a seal: what is drawn against what was sealed.
//!
//! Both are put on white paper, cut to their ink, brought to one size, softened, and the one is moved and stretched by
//! fractions of a pixel until it lies on the other as well as it can. Then they are held against each other in squares: a
//! picture is the same when every square of it is. Whoever exchanges a few letters of an office's name changes some.

use super::compare::{Frame, State, draw, guarded};
use super::effort::Effort;
use image::imageops::{self, FilterType};
use image::{ImageReader, Limits, Rgb, RgbImage};
use std::io::Cursor;
use std::sync::Arc;

/// Pixels of the longer side of what is drawn.
const DRAWN: f64 = 640.0;

/// Pixels of the longer side at which two pictures are held against each other, unless what was sealed has fewer.
const SIDE: u32 = 256;

/// Pixels of the longer side below which names are no longer told apart.
const COARSE: u32 = 100;

/// Squares along the longer side.
const SQUARES: usize = 16;

/// Pixels over which a picture is softened, so that an edge may lie a little aside.
const SOFTENED: f32 = 0.9;

/// What is drawn is kept in so many pixels for one of the other, and softened by as much more.
const FINER: u32 = 2;

/// By how many of these finer pixels an edge is moved at a time, one round after the other.
const MOVES: [f32; 3] = [1.6, 0.8, 0.8];

/// Moves of one edge in one round at most.
const MOST_MOVES: usize = 6;

/// Steps of 255 by which a square may differ on average. Measured on seals of 42 mm against themselves and others of one
/// other character, at 72 to 600 dpi: below 9, and 27 and more.
const APART: u32 = 16;

/// Below this in any colour there is ink.
const INK: u8 = 200;

/// Parts of a hundred by which the proportions may differ.
const PROPORTION: u32 = 4;

/// Pixels and bytes of a picture at most: a seal at 1,200 dpi has 10 million pixels.
const MOST_SIDE: u32 = 6000;
const MOST_MEMORY: u64 = 128 << 20;

/// For the one small page.
const EFFORT: u64 = 10_000_000;

/// What a page shows, beside a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// This picture.
    Same,
    /// Something else.
    Different,
    /// Nothing.
    Nothing,
    /// One of them could not be drawn within the bounds, or the picture is of a kind that is not read.
    NotDrawn,
}

/// Compares the first page of a small document with a picture (PNG, JPEG, GIF or BMP).
#[must_use]
pub fn shows(document: Vec<u8>, picture: &[u8]) -> Shows {
    let Some(page) = guarded(|| drawn(document)).flatten() else { return Shows::NotDrawn };
    let Some(page) = cut_to_ink(&page) else { return Shows::Nothing };
    // Paper without ink is no seal.
    let sealed = decoded(picture).as_ref().and_then(cut_to_ink);
    let Some(sealed) = sealed.filter(|sealed| longer(sealed) >= COARSE) else { return Shows::NotDrawn };
    let sealed = brought_to_size(&sealed);
    // On a turned page a seal may lie on its side.
    let turned =
        [page.clone(), imageops::rotate90(&page), imageops::rotate180(&page), imageops::rotate270(&page)];
    let fitting = turned.iter().filter(|page| same_proportions(page, &sealed));
    let laid = fitting.map(|page| Laid::over(page, &sealed));
    let best = laid.min_by(|one, other| one.apart(&sealed).total_cmp(&other.apart(&sealed)));
    let same = best.is_some_and(|mut best| {
        best.settle(&sealed);
        best.worst_square(&sealed) <= APART
    });
    if same { Shows::Same } else { Shows::Different }
}

fn drawn(document: Vec<u8>) -> Option<RgbImage> {
    let bytes: Arc<[u8]> = document.into();
    let state = State::open(&bytes, bytes.len())?;
    let page = state.page(0)?;
    let frame = Frame::as_large_as(page, DRAWN)?;
    Effort::of(EFFORT, state.largest()).spend_on(page, frame.transform(), frame.size());
    let pixels = draw(page, &frame);
    let (width, height) = (u32::from(pixels.width()), u32::from(pixels.height()));
    let bytes = pixels.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
    RgbImage::from_raw(width, height, bytes)
}

/// A picture on white paper.
fn decoded(picture: &[u8]) -> Option<RgbImage> {
    let mut reader = ImageReader::new(Cursor::new(picture)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().ok()?.into_rgba8();
    let (width, height) = picture.dimensions();
    let on_paper = |of: u8, alpha: u8| {
        let (of, alpha) = (u16::from(of), u16::from(alpha));
        u8::try_from((of * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    let bytes = picture.pixels().flat_map(|pixel| {
        let [r, g, b, alpha] = pixel.0;
        [r, g, b].map(|of| on_paper(of, alpha))
    });
    RgbImage::from_raw(width, height, bytes.collect())
}

/// The part that holds all ink; `None` when there is none.
fn cut_to_ink(picture: &RgbImage) -> Option<RgbImage> {
    let ink = |pixel: &Rgb<u8>| pixel.0.iter().any(|of| *of < INK);
    let inked = picture.enumerate_pixels().filter(|(_, _, pixel)| ink(pixel));
    let corners = inked.fold(None, |corners: Option<[u32; 4]>, (x, y, _)| {
        let [x0, y0, x1, y1] = corners.unwrap_or([x, y, x, y]);
        Some([x0.min(x), y0.min(y), x1.max(x), y1.max(y)])
    });
    let [x0, y0, x1, y1] = corners?;
    Some(imageops::crop_imm(picture, x0, y0, x1 - x0 + 1, y1 - y0 + 1).to_image())
}

fn longer(picture: &RgbImage) -> u32 {
    picture.width().max(picture.height())
}

fn brought_to_size(picture: &RgbImage) -> RgbImage {
    let scaled = |side: u32| (side * SIDE.min(longer(picture)) / longer(picture)).max(1);
    let (width, height) = (scaled(picture.width()), scaled(picture.height()));
    imageops::blur(&imageops::resize(picture, width, height, FilterType::Triangle), SOFTENED)
}

fn same_proportions(one: &RgbImage, other: &RgbImage) -> bool {
    let (one, other) = (one.dimensions(), other.dimensions());
    let [wide, high] = [u64::from(one.0) * u64::from(other.1), u64::from(one.1) * u64::from(other.0)];
    wide.abs_diff(high) * 100 <= wide.max(high) * u64::from(PROPORTION)
}

/// What is drawn, laid over what was sealed.
struct Laid {
    /// Softened, and finer than the other.
    picture: RgbImage,
    /// Left, top, right and bottom of the part that lies over the other.
    edges: [f32; 4],
}

impl Laid {
    fn over(page: &RgbImage, sealed: &RgbImage) -> Self {
        let (width, height) = (sealed.width() * FINER, sealed.height() * FINER);
        let finer = imageops::resize(page, width, height, FilterType::Triangle);
        let picture = imageops::blur(&finer, SOFTENED * FINER as f32);
        Self { picture, edges: [0.0, 0.0, width as f32, height as f32] }
    }

    /// Moves each edge as long as that brings the two closer.
    fn settle(&mut self, sealed: &RgbImage) {
        let mut least = self.apart(sealed);
        for by in MOVES {
            for (edge, by) in (0..4).flat_map(|edge| [(edge, by), (edge, -by)]) {
                for _ in 0..MOST_MOVES {
                    let before = self.edges;
                    if let Some(edge) = self.edges.get_mut(edge) {
                        *edge += by;
                    }
                    let apart = self.apart(sealed);
                    if apart >= least {
                        self.edges = before;
                        break;
                    }
                    least = apart;
                }
            }
        }
    }

    /// How far the two are apart in all.
    fn apart(&self, sealed: &RgbImage) -> f64 {
        self.differences(sealed).map(|(_, _, apart)| f64::from(apart * apart)).sum()
    }

    /// How far the square that fits worst is apart on average.
    fn worst_square(&self, sealed: &RgbImage) -> u32 {
        let side = (longer(sealed) as usize).div_ceil(SQUARES).max(1);
        let mut squares = [0_u32; SQUARES * SQUARES];
        for (x, y, apart) in self.differences(sealed) {
            let square = y as usize / side * SQUARES + x as usize / side;
            if let Some(square) = squares.get_mut(square) {
                *square += apart as u32;
            }
        }
        squares.into_iter().max().unwrap_or(0) / u32::try_from(side * side).unwrap_or(1)
    }

    /// For each pixel of what was sealed: the colour that differs most, in steps of 255.
    fn differences<'d>(&'d self, sealed: &'d RgbImage) -> impl Iterator<Item = (u32, u32, f32)> + 'd {
        let (width, height) = (sealed.width() as f32, sealed.height() as f32);
        let [left, top, right, bottom] = self.edges;
        let (across, down) = ((right - left) / width, (bottom - top) / height);
        sealed.enumerate_pixels().map(move |(x, y, pixel)| {
            let at = (left + (x as f32 + 0.5) * across - 0.5, top + (y as f32 + 0.5) * down - 0.5);
            let drawn = self.between(at);
            let apart = pixel.0.iter().zip(drawn).map(|(sealed, drawn)| (f32::from(*sealed) - drawn).abs());
            (x, y, apart.fold(0.0, f32::max))
        })
    }

    /// The colour between four pixels; outside there is paper.
    fn between(&self, (x, y): (f32, f32)) -> [f32; 3] {
        let (left, top) = (x.floor(), y.floor());
        let (right_part, lower_part) = (x - left, y - top);
        let mut colour = [0.0; 3];
        for (across, weight) in [(0.0, 1.0 - right_part), (1.0, right_part)] {
            for (down, weight) in [(0.0, weight * (1.0 - lower_part)), (1.0, weight * lower_part)] {
                let (x, y) = (left + across, top + down);
                let inside =
                    (x >= 0.0 && y >= 0.0).then(|| self.picture.get_pixel_checked(x as u32, y as u32));
                let pixel = inside.flatten().unwrap_or(&Rgb([255; 3]));
                colour.iter_mut().zip(pixel.0).for_each(|(sum, of)| *sum += weight * f32::from(of));
            }
        }
        colour
    }
}
