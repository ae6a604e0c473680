//! Where a seal is asked to go, in words that people measure by.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Pages of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Pages {
    /// The last one.
    #[default]
    Last,
    /// Every one.
    All,
    /// 1, 3, 5 …: the front sides of sheets printed on both.
    Odd,
    /// 2, 4, 6 …
    Even,
    /// First and last of each run, counted from 1.
    Listed(Vec<(u32, u32)>),
}

/// A place for a seal.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// The centre of the seal, in millimetres from the left and from the top edge of the page as it is shown. On several
    /// pages the signature stands on the last of them; on the others the seal is drawn.
    Point {
        /// The pages.
        pages: Pages,
        /// From the left edge, in mm.
        x_mm: f64,
        /// From the top edge, in mm.
        y_mm: f64,
    },
    /// A signature field that is there and empty; the seal stands in its middle.
    Field {
        /// Its full name (§12.7.3.2).
        name: String,
    },
}

/// Which long edge of the sheets the slices stand on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The left one as shown.
    Left,
    /// The right one as shown.
    #[default]
    Right,
}

/// 骑缝章: the seal cut into slices, one on the edge of each sheet, whole again when the sheets are fanned out.
#[derive(Clone, Debug, PartialEq)]
pub struct PageEdge {
    /// The edge.
    pub side: Side,
    /// On odd pages only: sheets printed on both sides.
    pub odd_only: bool,
    /// No slice is narrower, in mm; more pages make more imprints. 1 to 20.
    pub narrowest_mm: f64,
    /// From the edge of the page to the slice, in mm, for printers that leave a margin. 0 to 10.
    pub margin_mm: f64,
    /// The middle of the slices from the top edge, in mm; `None` is the middle of the page.
    pub centre_mm: Option<f64>,
}

impl Default for PageEdge {
    fn default() -> Self {
        Self { side: Side::Right, odd_only: false, narrowest_mm: 3.0, margin_mm: 0.0, centre_mm: None }
    }
}

/// Why a place cannot be had.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlaceFault {
    /// Not a page.
    #[error(
        "页码须为 last、all、odd、even,或 1 起的页码与区间,如 1,3-5 / pages are last, all, odd, even, or numbers from 1 and runs of them, as 1,3-5"
    )]
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
    /// Nobody can tell a slice of a page edge from another.
    #[error(
        "骑缝章至少要两页,这里只有 {pages} 页 / a seal over page edges needs two pages or more, here are {pages}"
    )]
    EdgePages {
        /// Pages that would carry a slice.
        pages: usize,
    },
    /// A measure of the page edge that cannot be meant.
    #[error(
        "骑缝章每片宽 1 至 20 毫米,边距 0 至 10 毫米 / a slice is 1 to 20 mm wide at least, its margin 0 to 10 mm"
    )]
    Edge,
    /// Drawing on pages would break what is signed.
    #[error(
        "文件已有签名,再在页面上画(多页、骑缝章)会破坏它;请只盖一处 / the document is signed: drawing on its pages (several pages, page edges) would break that; stamp one place only"
    )]
    SignedBefore,
    /// No such field.
    #[error("没有签名域“{asked}”;空着的有:{} / no empty signature field “{asked}”", list(.known))]
    NoField {
        /// What was asked for.
        asked: String,
        /// Empty signature fields there are.
        known: Vec<String>,
    },
    /// The field is filled.
    #[error("签名域“{field}”已签 / the signature field “{field}” is signed already")]
    FieldSigned {
        /// The field.
        field: String,
    },
    /// The field would not show the seal on screen and on paper.
    #[error(
        "签名域“{field}”不显示或不打印,盖了看不见 / the signature field “{field}” is not shown or not printed"
    )]
    FieldHidden {
        /// The field.
        field: String,
    },
    /// A seal of its size does not go into the field.
    #[error(
        "签名域“{field}”只有 {width_mm:.1} × {height_mm:.1} 毫米,放不下 {seal_width_mm:.1} × {seal_height_mm:.1} 毫米的印章(最多缩到六成)/ the field “{field}” is too small for the seal, which is drawn at six tenths of its size at least"
    )]
    FieldSmall {
        /// The field.
        field: String,
        /// Of the field as shown.
        width_mm: f64,
        /// Of the field as shown.
        height_mm: f64,
        /// Of the seal.
        seal_width_mm: f64,
        /// Of the seal.
        seal_height_mm: f64,
    },
    /// The field demands what this signature is not.
    #[error(
        "签名域“{field}”规定了签名方式({key}),本印章不符 / the field “{field}” demands a kind of signature ({key}) that this seal does not make"
    )]
    FieldDemands {
        /// The field.
        field: String,
        /// The entry of its seed value dictionary.
        key: String,
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
            Self::EdgePages { .. } | Self::Edge => "place.page_edge",
            Self::SignedBefore => "place.signed_before",
            Self::NoField { .. } => "place.no_field",
            Self::FieldSigned { .. } => "place.field_signed",
            Self::FieldHidden { .. } => "place.field_hidden",
            Self::FieldSmall { .. } => "place.field_small",
            Self::FieldDemands { .. } => "place.field_demands",
        }
    }
}

fn list(known: &[String]) -> String {
    if known.is_empty() { "(无 none)".to_owned() } else { known.join("、") }
}

/// Runs of pages in one list.
const RUNS: usize = 200;

impl FromStr for Pages {
    type Err = PlaceFault;
    fn from_str(text: &str) -> Result<Self, PlaceFault> {
        let number = |text: &str| text.trim().parse().ok().filter(|page: &u32| *page > 0);
        let run = |text: &str| match text.split_once('-') {
            Some((first, last)) => number(first).zip(number(last)).filter(|(first, last)| first <= last),
            None => number(text).map(|page| (page, page)),
        };
        Ok(match text {
            "last" => Self::Last,
            "all" => Self::All,
            "odd" => Self::Odd,
            "even" => Self::Even,
            _ => {
                let runs: Option<Vec<(u32, u32)>> = text.split([',', ',']).map(run).collect();
                Self::Listed(runs.filter(|runs| runs.len() <= RUNS).ok_or(PlaceFault::Page)?)
            }
        })
    }
}

impl fmt::Display for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = match self {
            Self::Last => return f.write_str("last"),
            Self::All => return f.write_str("all"),
            Self::Odd => return f.write_str("odd"),
            Self::Even => return f.write_str("even"),
            Self::Listed(runs) => runs,
        };
        for (at, (first, last)) in runs.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            match first == last {
                true => write!(f, "{comma}{first}")?,
                false => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

impl Pages {
    /// Places in the list of pages, ascending, each once; never empty.
    ///
    /// # Errors
    /// [`PlaceFault::NoPage`].
    pub fn among(&self, pages: usize) -> Result<Vec<usize>, PlaceFault> {
        let every = |first: usize| (first..pages).step_by(2).collect();
        let chosen: Vec<usize> = match self {
            Self::Last => (pages.saturating_sub(1)..pages).collect(),
            Self::All => (0..pages).collect(),
            Self::Odd => every(0),
            Self::Even => every(1),
            Self::Listed(runs) => {
                let beyond = runs.iter().map(|(_, last)| *last).max().unwrap_or(1);
                if usize::try_from(beyond).map_or(true, |beyond| beyond > pages) {
                    return Err(PlaceFault::NoPage { asked: beyond, pages });
                }
                let chosen: BTreeSet<u32> = runs.iter().flat_map(|(first, last)| *first..=*last).collect();
                chosen.into_iter().map(|page| usize::try_from(page).unwrap_or(usize::MAX) - 1).collect()
            }
        };
        match chosen.is_empty() {
            true => Err(PlaceFault::NoPage { asked: if *self == Self::Even { 2 } else { 1 }, pages }),
            false => Ok(chosen),
        }
    }
}

impl FromStr for Side {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "left" => Ok(Self::Left),
            "right" => Ok(Self::Right),
            _ => Err("left 或 right / left or right"),
        }
    }
}

impl Side {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point { pages, x_mm, y_mm } => write!(f, "page {pages} at {x_mm:.3},{y_mm:.3} mm"),
            Self::Field { name } => write!(f, "field {name}"),
        }
    }
}

impl fmt::Display for PageEdge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pages = if self.odd_only { "odd" } else { "all" };
        let Self { narrowest_mm, margin_mm, .. } = self;
        write!(
            f,
            "{} edges of {pages} pages, {narrowest_mm:.3} mm, margin {margin_mm:.3} mm",
            self.side.word()
        )?;
        self.centre_mm.map_or(Ok(()), |centre| write!(f, ", centre {centre:.3} mm"))
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

#[cfg(test)]
mod tests {
    use super::{Pages, PlaceFault};

    #[test]
    fn pages_are_chosen() {
        let of = |text: &str, pages| text.parse::<Pages>().and_then(|chosen| chosen.among(pages));
        assert_eq!(of("last", 3), Ok(vec![2]));
        assert_eq!(of("all", 3), Ok(vec![0, 1, 2]));
        assert_eq!(of("odd", 4), Ok(vec![0, 2]));
        assert_eq!(of("even", 4), Ok(vec![1, 3]));
        assert_eq!(of("5,1-3,2", 5), Ok(vec![0, 1, 2, 4]));
        assert_eq!(of("1-4", 3), Err(PlaceFault::NoPage { asked: 4, pages: 3 }));
        assert_eq!(of("even", 1), Err(PlaceFault::NoPage { asked: 2, pages: 1 }));
        for wrong in ["", "0", "first", "3-1", "1,,2", "-1", "1-4294967296"] {
            assert_eq!(wrong.parse::<Pages>(), Err(PlaceFault::Page), "{wrong}");
        }
        assert_eq!("1,3-5".parse::<Pages>().unwrap().to_string(), "1,3-5");
    }
}
