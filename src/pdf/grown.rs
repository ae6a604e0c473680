//! What the data of a stream comes to when its filters are undone, counted within a bound and kept no further than asked for
//! (ISO 32000-1 §7.4): the gate before sealing weighs by it, `verify` does not.

use super::file::File;
use super::filters;
use super::objects::Indirect;
use super::{Dict, Object, ReadError};
use weezl::BitOrder;
use weezl::decode::Decoder;

/// How many bytes one round may add.
const ROUND: usize = 64 << 10;

/// What became of data.
pub(super) struct Grown {
    /// Octets, no more than was asked for.
    pub(super) len: usize,
    /// The first of them.
    pub(super) kept: Vec<u8>,
    /// Whether it ended as its filter ends.
    pub(super) whole: bool,
}

/// Whether a filter makes more of less.
#[must_use]
pub fn grows(name: &[u8]) -> bool {
    matches!(name, b"FlateDecode" | b"Fl" | b"LZWDecode" | b"LZW" | b"RunLengthDecode" | b"RL")
}

/// Undoes filters that write octets as text and the first that makes more of them; what is behind those stays.
pub(super) fn grown(data: &[u8], names: &[Vec<u8>], early: bool, most: usize, keep: usize) -> Option<Grown> {
    let texts = names.iter().take_while(|name| filters::is_text(name)).count();
    // The filter of encryption does nothing here: who asks has no key.
    if names.first().is_some_and(|name| name == b"Crypt") {
        return grown(data, names.get(1..)?, early, most, keep);
    }
    if let (Some(name), 1..) = (names.first(), texts) {
        return grown(&filters::from_text(name, data)?, names.get(1..)?, early, most, keep);
    }
    let counted = Counted { most, keep, len: 0, kept: Vec::new() };
    Some(match names.first().map(Vec::as_slice) {
        Some(b"FlateDecode" | b"Fl") => filters::inflated(data, counted),
        Some(b"LZWDecode" | b"LZW") => lzw(data, early, counted),
        Some(b"RunLengthDecode" | b"RL") => runs(data, counted),
        _ => {
            let mut counted = counted;
            counted.take(data);
            counted.end(true)
        }
    })
}

/// Octets as they come.
pub(super) struct Counted {
    most: usize,
    keep: usize,
    len: usize,
    kept: Vec<u8>,
}

impl Counted {
    pub(super) fn take(&mut self, data: &[u8]) {
        let wanted = self.keep.saturating_sub(self.kept.len()).min(data.len());
        self.kept.extend_from_slice(data.get(..wanted).unwrap_or_default());
        self.len = self.len.saturating_add(data.len());
    }

    pub(super) fn is_full(&self) -> bool {
        self.len >= self.most
    }

    pub(super) fn end(self, whole: bool) -> Grown {
        Grown { len: self.len.min(self.most), kept: self.kept, whole }
    }
}

/// §7.4.4: codes of 9 to 12 bits, the high bit first; the width grows one code early unless the parameters say otherwise.
fn lzw(data: &[u8], early: bool, mut counted: Counted) -> Grown {
    let mut machine =
        if early { Decoder::with_tiff_size_switch(BitOrder::Msb, 8) } else { Decoder::new(BitOrder::Msb, 8) };
    let mut round = vec![0; ROUND];
    let mut rest = data;
    while !counted.is_full() {
        let done = machine.decode_bytes(rest, &mut round);
        counted.take(round.get(..done.consumed_out).unwrap_or_default());
        rest = rest.get(done.consumed_in..).unwrap_or_default();
        if machine.has_ended() {
            return counted.end(true);
        }
        if done.status.is_err() || (done.consumed_in == 0 && done.consumed_out == 0) {
            return counted.end(false);
        }
    }
    counted.end(false)
}

/// §7.4.5.
fn runs(data: &[u8], mut counted: Counted) -> Grown {
    let mut rest = data;
    while let (Some((length, behind)), false) = (rest.split_first(), counted.is_full()) {
        let count = usize::from(*length);
        match count {
            0..=127 => {
                let Some((run, behind)) = behind.split_at_checked(count.saturating_add(1)) else { break };
                counted.take(run);
                rest = behind;
            }
            128 => return counted.end(true),
            _ => {
                let Some((octet, behind)) = behind.split_first() else { break };
                counted.take([*octet; 128].get(..257_usize.saturating_sub(count)).unwrap_or_default());
                rest = behind;
            }
        }
    }
    counted.end(false)
}

impl File<'_> {
    /// How many octets a stream comes to, up to `most`; behind filters that write text or make more, not those of pictures.
    ///
    /// # Errors
    /// As [`File::raw_data`].
    pub fn grown_len(&self, object: &Indirect, as_of: usize, most: usize) -> Result<usize, ReadError> {
        Ok(self.grown(object, as_of, most, 0)?.map_or(0, |grown| grown.len))
    }

    /// The first octets of a stream, up to `most`; `None` where they cannot be had.
    ///
    /// # Errors
    /// As [`File::raw_data`].
    pub fn beginning(
        &self,
        object: &Indirect,
        as_of: usize,
        most: usize,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.grown(object, as_of, most, most)?.map(|grown| grown.kept))
    }

    /// The data of a stream up to `most` octets: `None` where they are damaged or more.
    ///
    /// # Errors
    /// As [`File::raw_data`].
    pub fn undone(&self, object: &Indirect, as_of: usize, most: usize) -> Result<Option<Vec<u8>>, ReadError> {
        let grown = self.grown(object, as_of, most.saturating_add(1), most)?;
        Ok(grown.filter(|grown| grown.whole && grown.len <= most).map(|grown| grown.kept))
    }

    fn grown(
        &self,
        object: &Indirect,
        as_of: usize,
        most: usize,
        keep: usize,
    ) -> Result<Option<Grown>, ReadError> {
        let Some(dict) = object.value.as_dict() else { return Ok(None) };
        let names = self.filters(dict, as_of)?;
        let early = self.parameter(dict, b"EarlyChange", as_of)? != Some(0);
        Ok(grown(self.raw_data(object, as_of)?.0, &names, early, most, keep))
    }

    /// A number among the parameters of a stream's filters.
    pub(super) fn parameter(&self, dict: &Dict, key: &[u8], as_of: usize) -> Result<Option<i64>, ReadError> {
        let Some(value) = dict.find(b"DecodeParms").or_else(|| dict.find(b"DP")) else { return Ok(None) };
        let held = self.resolve(value, as_of)?;
        let several = held.as_array().unwrap_or(std::slice::from_ref(&*held));
        Ok(several.iter().find_map(|one: &Object| one.as_dict()?.find(key)?.as_integer()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Grown, grown};

    fn of(filter: &[u8], data: &[u8], most: usize) -> (usize, Vec<u8>, bool) {
        let Grown { len, kept, whole } = grown(data, &[filter.to_vec()], true, most, 20).unwrap_or(Grown {
            len: 0,
            kept: Vec::new(),
            whole: false,
        });
        (len, kept, whole)
    }

    #[test]
    fn what_comes_of_data_is_counted() {
        // The example of §7.4.4.2.
        let words = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        assert_eq!(of(b"LZWDecode", &words, 99), (10, b"-----A---B".to_vec(), true));
        assert_eq!(of(b"RL", &[2, 7, 8, 9, 254, 1, 128], 99), (6, vec![7, 8, 9, 1, 1, 1], true));
        assert_eq!(of(b"RL", &[254, 1], 2), (2, vec![1, 1, 1], false));
        assert_eq!(of(b"RL", &[5, 1], 99), (0, vec![], false));
        assert_eq!(of(b"AHx", b"6162>", 99), (2, b"ab".to_vec(), true));
        assert_eq!(of(b"DCTDecode", b"ab", 99), (2, b"ab".to_vec(), true));
    }

    #[test]
    fn what_is_inflated_is_counted() {
        use std::io::Write;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        let written = encoder.write_all(&vec![7; 1_000_000]);
        let packed = written.and_then(|()| encoder.finish()).unwrap_or_default();
        let len = |data: &[u8], most| of(b"Fl", data, most).0;
        assert_eq!((len(&packed, usize::MAX), len(&packed, 300_000)), (1_000_000, 300_000));
        assert_eq!(of(b"Fl", b"no deflated data", 99).0, 0);
        assert!(
            of(b"Fl", &packed, usize::MAX).2 && !of(b"Fl", packed.split_at(packed.len() / 2).0, usize::MAX).2
        );
    }
}
