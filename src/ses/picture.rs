//! The picture of a seal (SES_ESPictureInfo).

/// Kinds of picture that seals carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKind {
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// JPEG.
    Jpg,
    /// PNG.
    Png,
    /// SVG.
    Svg,
    /// A page of OFD (GB/T 33190), as tax offices use it.
    Ofd,
}

/// SES_ESPictureInfo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture<'a> {
    /// Its kind as written, as `png` or `OFD`.
    pub kind: String,
    /// Its bytes.
    pub data: &'a [u8],
    /// Width in millimetres.
    pub width_mm: u32,
    /// Height in millimetres.
    pub height_mm: u32,
}

impl Picture<'_> {
    /// The kind that it is said to be, if it is one of those known.
    #[must_use]
    pub fn declared(&self) -> Option<PictureKind> {
        Some(match self.kind.trim().trim_start_matches('.').to_ascii_lowercase().as_str() {
            "gif" => PictureKind::Gif,
            "bmp" => PictureKind::Bmp,
            "jpg" | "jpeg" => PictureKind::Jpg,
            "png" => PictureKind::Png,
            "svg" => PictureKind::Svg,
            "ofd" => PictureKind::Ofd,
            _ => return None,
        })
    }

    /// The kind that its first bytes show.
    #[must_use]
    pub fn sniffed(&self) -> Option<PictureKind> {
        match self.data {
            [b'G', b'I', b'F', b'8', ..] => Some(PictureKind::Gif),
            [b'B', b'M', ..] => Some(PictureKind::Bmp),
            [0xff, 0xd8, 0xff, ..] => Some(PictureKind::Jpg),
            [0x89, b'P', b'N', b'G', ..] => Some(PictureKind::Png),
            [b'P', b'K', 3, 4, ..] => Some(PictureKind::Ofd),
            data => {
                let text = data.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(data).trim_ascii_start();
                (text.starts_with(b"<svg") || text.starts_with(b"<?xml")).then_some(PictureKind::Svg)
            }
        }
    }
}
