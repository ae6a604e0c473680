//! Where a seal is asked to go, in words that people measure by.

use std::fmt;
use std::str::FromStr;

/// A page of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageChoice {
    /// Counted from 1.
    Nth(u32),
    /// The last one.
    Last,
}

/// A place on a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// The centre of the seal, in millimetres from the left and from the top edge of the page as it is shown.
    Point {
        /// The page.
        page: PageChoice,
        /// From the left edge, in mm.
        x_mm: f64,
        /// From the top edge, in mm.
        y_mm: f64,
    },
}

/// Why a place cannot be had.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlaceFault {
    /// Not a page.
    #[error("页码须为 1 起的整数或 last / a page is a number from 1, or last")]
    Page,
    /// Not a point.
    #[error(
        "位置须为 X,Y,单位毫米,从显示页面的左上角量到印章中心,如 150,240 / a point is X,Y in mm from the top left corner of the page as shown to the seal's centre, as 150,240"
    )]
    Point,
    /// No such page.
    #[error("文件只有 {pages} 页,没有第 {asked} 页 / the document has {pages} pages, no page {asked}")]
    NoPage {
        /// The page asked for.
        asked: u32,
        /// Pages there are.
        pages: usize,
    },
    /// The seal would leave the page.
    #[error(
        "印章({seal_width_mm:.1} × {seal_height_mm:.1} 毫米)会超出页面({page_width_mm:.1} × {page_height_mm:.1} 毫米)/ the seal would leave the page: keep its centre at least half its size away from every edge ({seal_width_mm:.1} × {seal_height_mm:.1} on {page_width_mm:.1} × {page_height_mm:.1} mm)"
    )]
    OffPage {
        /// Of the seal.
        seal_width_mm: f64,
        /// Of the seal.
        seal_height_mm: f64,
        /// Of the page as shown.
        page_width_mm: f64,
        /// Of the page as shown.
        page_height_mm: f64,
    },
    /// Another signature's picture is there.
    #[error("此处已有签名或印章“{field}” / the signature “{field}” is shown here already")]
    Covers {
        /// Field of that signature.
        field: String,
    },
}

impl PlaceFault {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Page => "place.page",
            Self::Point => "place.point",
            Self::NoPage { .. } => "place.no_page",
            Self::OffPage { .. } => "place.off_page",
            Self::Covers { .. } => "place.covers_signature",
        }
    }
}

impl FromStr for PageChoice {
    type Err = PlaceFault;
    fn from_str(text: &str) -> Result<Self, PlaceFault> {
        match text {
            "last" => Ok(Self::Last),
            _ => text.parse().ok().filter(|page| *page > 0).map(Self::Nth).ok_or(PlaceFault::Page),
        }
    }
}

impl fmt::Display for PageChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nth(page) => write!(f, "{page}"),
            Self::Last => f.write_str("last"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point { page, x_mm, y_mm } => write!(f, "page {page} at {x_mm:.3},{y_mm:.3} mm"),
        }
    }
}

/// Two numbers of millimetres, `X,Y`.
///
/// # Errors
/// [`PlaceFault::Point`].
pub fn point(text: &str) -> Result<(f64, f64), PlaceFault> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|mm| (0.0..=10_000.0).contains(mm));
    let (x, y) = text.split_once([',', ',']).ok_or(PlaceFault::Point)?;
    number(x).zip(number(y)).ok_or(PlaceFault::Point)
}
