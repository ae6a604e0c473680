use crate::domain::photo::{BYTES_LIMIT, read};
use image::codecs::jpeg::JpegEncoder;
use image::{ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::Cursor;

const LEAST: (u32, u32) = (295, 378);

fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let noise = (x * 7919 + y * 104_729) % 97;
        Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, noise as u8])
    })
}

/// Nothing compresses worse.
fn noise(width: u32, height: u32) -> RgbImage {
    let mut state = 1u32;
    RgbImage::from_fn(width, height, |_, _| {
        Rgb([0, 8, 16].map(|shift| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> (shift + 8)) as u8
        }))
    })
}

fn jpeg(picture: &RgbImage, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 70);
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).unwrap();
    }
    encoder.encode_image(picture).unwrap();
    bytes
}

fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A little-endian TIFF with one entry: orientation 6, "turn right".
fn turned_right() -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend([0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    exif
}

fn code(bytes: &[u8]) -> &'static str {
    read(bytes, LEAST).unwrap_err().code
}

#[test]
fn what_is_written_is_read_back_as_the_same_bytes() {
    for bytes in [
        jpeg(&scene(413, 531), None),
        jpeg(&scene(1400, 1800), None),
        jpeg(&noise(826, 1062), None),
        png(&RgbaImage::from_fn(413, 531, |x, y| {
            Rgba([(x % 256) as u8, (y % 256) as u8, 9, (x % 7 * 40) as u8])
        })),
    ] {
        let photo = read(&bytes, LEAST).unwrap();
        assert!(photo.width <= 826 && photo.height <= 1062);
        // Kept, not written again: a rewrite of noise never comes out the same.
        assert_eq!(read(&photo.jpeg, LEAST).as_ref(), Ok(&photo));
    }
}

#[test]
fn exif_and_stowaways_are_lost_and_the_picture_stands_upright() {
    let mut bytes = jpeg(&scene(531, 413), Some(turned_right()));
    bytes.extend(b"<script>PK\x03\x04 stowaway");
    let photo = read(&bytes, LEAST).unwrap();
    assert_eq!((photo.width, photo.height), (413, 531));
    assert!(!photo.jpeg.windows(4).any(|w| w == b"Exif" || w == b"PK\x03\x04"));
    // Own output with something behind it is not taken for own output.
    let mut tail = photo.jpeg.clone();
    tail.extend(b"stowaway");
    assert!(!read(&tail, LEAST).unwrap().jpeg.ends_with(b"stowaway"));
    // Nor inside the scan, before the end marker.
    let mut inside = photo.jpeg.clone();
    inside.splice(inside.len() - 2..inside.len() - 2, *b"stowaway");
    let cleaned = read(&inside, LEAST).map(|photo| photo.jpeg.windows(8).any(|w| w == b"stowaway"));
    assert_ne!(cleaned, Ok(true));
}

#[test]
fn what_is_refused() {
    assert_eq!(code(b"GIF89a"), "photo.format");
    assert_eq!(code(b""), "photo.format");
    assert_eq!(code(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "photo.format");
    assert_eq!(code(&vec![0xFF; BYTES_LIMIT + 1]), "photo.too_large");
    assert_eq!(code(&jpeg(&scene(200, 257), None)), "photo.too_few_pixels");
    assert_eq!(code(&jpeg(&scene(531, 413), None)), "photo.aspect");
    let whole = jpeg(&scene(413, 531), None);
    assert_eq!(code(&whole[..whole.len() / 2]), "photo.unreadable");
    let mut black = Vec::new();
    let huge = vec![0u8; 6000 * 7000];
    image::codecs::png::PngEncoder::new(&mut black)
        .write_image(&huge, 6000, 7000, image::ExtendedColorType::L8)
        .unwrap();
    assert!(black.len() < BYTES_LIMIT);
    assert_eq!(code(&black), "photo.too_many_pixels");
}

#[test]
fn damaged_files_never_panic() {
    let whole = jpeg(&scene(300, 386), None);
    for at in (0..whole.len()).step_by(211) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        let _ = read(&bytes, LEAST);
    }
}
