//! What the streams of a document come to when their filters are undone, before hayro undoes them without a bound.

use flate2::{Decompress, FlushDecompress, Status};
use hayro::hayro_syntax::object::{Object, Stream};
use hayro::hayro_syntax::{Filter, Pdf};

/// One stream: an A4 sheet in colour at 400 dpi has 46 MB.
const MOST_OF_ONE: usize = 64 << 20;
/// All of them: twenty such sheets are not compared.
const MOST_OF_ALL: usize = 512 << 20;
/// A function of this size is evaluated for each pixel of a shading.
const MOST_OF_FUNCTION: usize = 4096;

/// Bytes of the largest content stream (anything that is no picture and no font); `None` when something is too large.
pub(super) fn largest_content(pdf: &Pdf) -> Option<usize> {
    let mut all = 0_usize;
    let mut largest = 0;
    for object in pdf.objects() {
        let Object::Stream(stream) = object else { continue };
        let size = size(&stream)?;
        all = all.checked_add(size).filter(|all| *all <= MOST_OF_ALL)?;
        let dict = stream.dict();
        if dict.contains_key(b"FunctionType".as_slice()) && size > MOST_OF_FUNCTION {
            let sampled = dict.get::<u32>(b"FunctionType".as_slice()) == Some(0);
            sampled.then_some(())?;
        }
        let picture = dict.contains_key(b"Width".as_slice());
        let font = dict.contains_key(b"Length1".as_slice()) || dict.contains_key(b"Length3".as_slice());
        let named = dict.contains_key(b"Type".as_slice()) || dict.contains_key(b"FunctionType".as_slice());
        let form = dict.contains_key(b"BBox".as_slice());
        if form || !(picture || font || named) {
            largest = largest.max(size);
        }
    }
    Some(largest)
}

/// Bytes a stream comes to, or may come to at most; `None` when that is too much.
fn size(stream: &Stream<'_>) -> Option<usize> {
    let raw = stream.raw_data();
    let filters = stream.filters();
    let size = match filters.as_slice() {
        [Filter::FlateDecode] => inflated(&raw)?,
        several => several.iter().try_fold(raw.len(), |size, filter| size.checked_mul(growth(*filter)))?,
    };
    (size <= MOST_OF_ONE).then_some(size)
}

/// How many bytes one byte may become. Pictures are bounded by their pixels.
fn growth(filter: Filter) -> usize {
    match filter {
        Filter::FlateDecode => 1032,
        // 3,838 bytes for twelve bits, once the table is full.
        Filter::LzwDecode => 2559,
        Filter::RunLengthDecode => 64,
        _ => 1,
    }
}

/// Counts without keeping.
fn inflated(data: &[u8]) -> Option<usize> {
    let mut machine = Decompress::new(true);
    let mut scratch = [0_u8; 1 << 15];
    loop {
        let rest = data.get(usize::try_from(machine.total_in()).ok()?..)?;
        let before = (machine.total_in(), machine.total_out());
        let status = machine.decompress(rest, &mut scratch, FlushDecompress::None);
        let size = usize::try_from(machine.total_out()).ok()?;
        match status {
            _ if size > MOST_OF_ONE => return None,
            Ok(Status::StreamEnd) => return Some(size),
            Ok(_) if (machine.total_in(), machine.total_out()) != before => {}
            // Damaged: hayro goes on as far as it can.
            _ => {
                return data
                    .len()
                    .checked_mul(growth(Filter::FlateDecode))
                    .filter(|most| *most <= MOST_OF_ONE);
            }
        }
    }
}
