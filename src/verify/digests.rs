//! SHA-256 of the whole file and of what its signatures cover. They share their beginning, which is hashed once.

use crate::crypto::Sha256;
use std::ops::Range;

/// The digests of one file.
pub(super) struct Digests<'b> {
    bytes: &'b [u8],
    /// How much of the file `shared` has seen.
    upto: usize,
    shared: Sha256,
}

impl<'b> Digests<'b> {
    pub(super) fn of(bytes: &'b [u8]) -> Self {
        Self { bytes, upto: 0, shared: Sha256::default() }
    }

    /// Of the file without what stands between the ranges. The first begins at 0.
    pub(super) fn covered(&mut self, [first, second]: &[Range<usize>; 2]) -> [u8; 32] {
        let rest = self.bytes.get(second.clone()).unwrap_or_default();
        self.beginning(first.end).then(rest).finish()
    }

    /// Of the whole file.
    pub(super) fn whole(mut self) -> [u8; 32] {
        self.beginning(self.bytes.len()).finish()
    }

    fn beginning(&mut self, end: usize) -> Sha256 {
        if end < self.upto {
            return Sha256::default().then(self.bytes.get(..end).unwrap_or_default());
        }
        let further = self.bytes.get(self.upto..end).unwrap_or_default();
        self.shared = std::mem::take(&mut self.shared).then(further);
        self.upto = end;
        self.shared.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sha256;

    #[test]
    fn in_whatever_order_they_are_asked() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut digests = Digests::of(&bytes);
        for ranges in [[0..100, 120..200], [0..40, 50..256], [0..130, 130..131], [0..0, 0..256]] {
            let [first, second] = ranges.clone();
            assert_eq!(digests.covered(&ranges), sha256(&[&bytes[first], &bytes[second]]));
        }
        assert_eq!(digests.whole(), sha256(&[&bytes]));
    }
}
