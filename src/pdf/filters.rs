//! Undoing FlateDecode and its predictors (ISO 32000-1 §7.4.4), within limits. No other filter is undone here:
//! page content and pictures are hashed, never looked into.

use super::grown::{Counted, Grown};
use super::{Bound, Dict, Limits, Object, ReadError, StreamFault};
use flate2::{Decompress, FlushDecompress, Status};

/// How many bytes one round of inflating may add.
const ROUND: usize = 64 << 10;

/// Data of a stream whose dictionary values are all direct.
pub(super) fn decode(data: &[u8], dict: &Dict, limits: &Limits, at: usize) -> Result<Vec<u8>, ReadError> {
    let fault = |fault| ReadError::Stream { at, fault };
    let filters = one_or_many(dict.find(b"Filter"));
    let parameters = one_or_many(dict.find(b"DecodeParms"));
    match filters {
        [] => Ok(data.to_vec()),
        [Object::Name(name)] if matches!(&**name, b"FlateDecode" | b"Fl") => {
            let inflated = inflate(data, limits, at)?;
            match parameters.first() {
                None | Some(Object::Null) => Ok(inflated),
                Some(Object::Dict(parameters)) => {
                    let row = row(parameters).ok_or(fault(StreamFault::BadPredictor))?;
                    if row.bytes > limits.row_bytes {
                        return Err(limits.reached(Bound::RowBytes));
                    }
                    unpredict(inflated, &row).ok_or_else(|| fault(StreamFault::BadPredictor))
                }
                Some(_) => Err(fault(StreamFault::BadPredictor)),
            }
        }
        _ => Err(fault(StreamFault::UnknownFilter)),
    }
}

/// The crypt filter that a stream names for itself (§7.4.10); only the first filter can be one.
pub(super) fn crypt(dict: &Dict) -> Option<&[u8]> {
    let first = one_or_many(dict.find(b"Filter")).first().and_then(Object::as_name);
    if first != Some(b"Crypt") {
        return None;
    }
    let parameters = one_or_many(dict.find(b"DecodeParms")).first().and_then(Object::as_dict);
    Some(parameters.and_then(|parameters| parameters.name(b"Name")).unwrap_or(b"Identity"))
}

/// What is left of the filters once the crypt filter is undone.
pub(super) fn without_crypt(dict: &mut Dict) {
    if crypt(dict).is_none() {
        return;
    }
    for (_, value) in &mut dict.entries {
        let rest = one_or_many(Some(value)).get(1..).unwrap_or_default().to_vec();
        *value = Object::Array(rest);
    }
}

fn one_or_many(value: Option<&Object>) -> &[Object] {
    match value {
        None => &[],
        Some(Object::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
    }
}

/// Inflates and counts, no further than is wanted.
pub(super) fn inflated(data: &[u8], mut counted: Counted) -> Grown {
    let mut machine = Decompress::new(true);
    let mut round = vec![0; ROUND];
    let mut from = 0_usize;
    while !counted.is_full() {
        let (before_in, before_out) = (machine.total_in(), machine.total_out());
        let rest = data.get(from..).unwrap_or_default();
        let state = machine.decompress(rest, &mut round, FlushDecompress::None);
        let read = usize::try_from(machine.total_in().saturating_sub(before_in)).unwrap_or(usize::MAX);
        let made = usize::try_from(machine.total_out().saturating_sub(before_out)).unwrap_or(usize::MAX);
        from = from.saturating_add(read);
        counted.take(round.get(..made).unwrap_or_default());
        if matches!(state, Ok(Status::StreamEnd)) {
            return counted.end(true);
        }
        if state.is_err() || (read == 0 && made == 0) {
            break;
        }
    }
    counted.end(false)
}

/// Whether a filter writes octets as text.
pub(super) fn is_text(name: &[u8]) -> bool {
    matches!(name, b"ASCIIHexDecode" | b"AHx" | b"ASCII85Decode" | b"A85")
}

/// Undoes the filters that write octets as text (§7.4.2, §7.4.3); `None` for a sign that neither has.
pub(super) fn from_text(name: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let signs = data.iter().copied().filter(|octet| !octet.is_ascii_whitespace() && *octet != 0);
    let mut out = Vec::with_capacity(data.len());
    if matches!(name, b"ASCIIHexDecode" | b"AHx") {
        let digits: Option<Vec<u8>> = signs
            .take_while(|octet| *octet != b'>')
            .map(|digit| char::from(digit).to_digit(16)?.try_into().ok())
            .collect();
        out.extend(digits?.chunks(2).map(|two| match *two {
            [high, low] => high << 4 | low,
            [high] => high << 4,
            _ => 0,
        }));
        return Some(out);
    }
    let mut group: Vec<u32> = Vec::with_capacity(5);
    for sign in signs.take_while(|octet| *octet != b'~') {
        match sign {
            b'z' if group.is_empty() => out.extend([0; 4]),
            b'!'..=b'u' => group.push(u32::from(sign.saturating_sub(b'!'))),
            _ => return None,
        }
        if group.len() == 5 {
            out.extend(word(&group).to_be_bytes());
            group.clear();
        }
    }
    if group.len() > 1 {
        let octets = group.len().saturating_sub(1);
        group.resize(5, 84);
        out.extend(word(&group).to_be_bytes().into_iter().take(octets));
    }
    Some(out)
}

/// Five digits to the base of 85; what is too large wraps.
fn word(group: &[u32]) -> u32 {
    group.iter().fold(0, |word: u32, digit| word.wrapping_mul(85).wrapping_add(*digit))
}

fn inflate(data: &[u8], limits: &Limits, at: usize) -> Result<Vec<u8>, ReadError> {
    let damaged = ReadError::Stream { at, fault: StreamFault::Damaged };
    let mut machine = Decompress::new(true);
    let mut out = Vec::with_capacity(data.len().saturating_mul(3).min(limits.stream_output));
    loop {
        let read = usize::try_from(machine.total_in()).map_err(|_| damaged)?;
        let rest = data.get(read..).ok_or(damaged)?;
        if out.len() == out.capacity() {
            if out.len() >= limits.stream_output {
                return Err(limits.reached(Bound::StreamOutput));
            }
            out.reserve(ROUND);
        }
        let before = out.len();
        let status = machine.decompress_vec(rest, &mut out, FlushDecompress::None).map_err(|_| damaged)?;
        let consumed = usize::try_from(machine.total_in()).map_err(|_| damaged)?;
        match status {
            Status::StreamEnd => return Ok(out),
            _ if out.len() == before && consumed == read && out.len() < out.capacity() => {
                return Err(damaged);
            }
            _ => {}
        }
    }
}

/// How rows were predicted (ISO 32000-1 §7.4.4.4, table 8).
struct Row {
    predictor: usize,
    bytes: usize,
    /// Bytes from one pixel to the next, at least one.
    pixel: usize,
}

fn row(parameters: &Dict) -> Option<Row> {
    let number = |key: &[u8], default: usize| match parameters.find(key) {
        None => Some(default),
        Some(value) => value.as_count(),
    };
    let predictor = number(b"Predictor", 1)?;
    if predictor == 1 {
        return Some(Row { predictor, bytes: 1, pixel: 1 });
    }
    let bits = number(b"Colors", 1)?.checked_mul(number(b"BitsPerComponent", 8)?)?;
    let bytes = bits.checked_mul(number(b"Columns", 1)?)?.div_ceil(8);
    Some(Row { predictor, bytes, pixel: bits.div_ceil(8).max(1) })
}

fn unpredict(data: Vec<u8>, row: &Row) -> Option<Vec<u8>> {
    let Row { predictor, bytes: row, pixel } = *row;
    if predictor == 1 {
        return Some(data);
    }
    if !(10..=15).contains(&predictor) || row == 0 || pixel > row {
        return None;
    }
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut above = vec![0_u8; row];
    for line in data.chunks(row.checked_add(1)?) {
        let (kind, line) = line.split_first()?;
        if line.len() != row {
            return None;
        }
        let mut current = line.to_vec();
        unfilter(*kind, &mut current, &above, pixel)?;
        out.extend_from_slice(&current);
        above = current;
    }
    Some(out)
}

/// One row of PNG filtering (RFC 2083 §6).
fn unfilter(kind: u8, line: &mut [u8], above: &[u8], pixel: usize) -> Option<()> {
    for index in 0..line.len() {
        let before = index.checked_sub(pixel);
        let left = before.and_then(|at| line.get(at)).copied().unwrap_or(0);
        let corner = before.and_then(|at| above.get(at)).copied().unwrap_or(0);
        let up = above.get(index).copied().unwrap_or(0);
        let predicted = match kind {
            0 => 0,
            1 => left,
            2 => up,
            3 => left.midpoint(up),
            4 => paeth(left, up, corner),
            _ => return None,
        };
        let byte = line.get_mut(index)?;
        *byte = byte.wrapping_add(predicted);
    }
    Some(())
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left).saturating_add(i16::from(up)).saturating_sub(i16::from(corner));
    let distance = |value: u8| estimate.abs_diff(i16::from(value));
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use super::from_text;

    #[test]
    fn text_becomes_octets() {
        assert_eq!(from_text(b"AHx", b"48 65 6C6c 6F7>"), Some(b"Hellop".to_vec()));
        // As Python's base64.a85encode writes it.
        assert_eq!(from_text(b"A85", b"87cUR D]i,\"Ebo80~>"), Some(b"Hello World!".to_vec()));
        assert_eq!(from_text(b"A85", b"zzs8W-!~>"), Some([[0; 4], [0; 4], [255; 4]].concat()));
        assert_eq!(from_text(b"A85", b"v"), None);
        assert_eq!(from_text(b"AHx", b"4g"), None);
    }
}
