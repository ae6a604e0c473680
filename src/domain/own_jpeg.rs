//! Recognises a JPEG that this program wrote, so that it is kept as it is instead of losing quality once more.
//!
//! The header must be, byte for byte, the one our encoder writes, and the scan (ITU-T T.81, baseline, no
//! subsampling) is walked to its last bit: it holds as many blocks as the picture needs and nothing before the
//! end. So nothing but picture can hide in it. It judges no pixels: the decoder does.

/// Whether `bytes` has the header of `sample` (a picture of 8 × 8 pixels by the same encoder), its own size aside,
/// and a scan that holds its blocks and nothing else.
pub(super) fn is_own(bytes: &[u8], sample: &[u8]) -> bool {
    walk(bytes, sample).is_some()
}

fn walk(bytes: &[u8], sample: &[u8]) -> Option<()> {
    let header = Header::read(sample)?;
    let (own, scan) = bytes.split_at_checked(header.length)?;
    let size_at = header.size_at..header.size_at + 4;
    let same = own.iter().zip(sample).enumerate().all(|(at, (a, b))| a == b || size_at.contains(&at));
    if !same {
        return None;
    }
    let side = |at: usize| Some(usize::from(u16::from_be_bytes([*own.get(at)?, *own.get(at + 1)?])));
    let (height, width) = (side(header.size_at)?, side(header.size_at + 2)?);
    let mut bits = Bits { bytes: scan, at: 0, left: 0 };
    for _ in 0..width.div_ceil(8) * height.div_ceil(8) {
        for tables in [0, 1, 1] {
            block(&mut bits, header.tables.first()?.get(tables)?, header.tables.get(1)?.get(tables)?)?;
        }
    }
    bits.end()
}

/// One block: a DC size and its bits, then runs of AC coefficients up to 63.
fn block(bits: &mut Bits<'_>, dc: &Huffman, ac: &Huffman) -> Option<()> {
    let size = dc.symbol(bits)?;
    bits.skip(size)?;
    let mut coefficient = 1;
    while coefficient < 64 {
        let symbol = ac.symbol(bits)?;
        let (run, size) = (usize::from(symbol >> 4), symbol & 15);
        match (run, size) {
            (0, 0) => return Some(()),
            (15, 0) => coefficient += 16,
            _ => coefficient += run + 1,
        }
        bits.skip(size)?;
    }
    (coefficient == 64).then_some(())
}

/// What the walk needs of a header.
struct Header {
    /// Bytes up to the scan.
    length: usize,
    /// Where height and width stand, two bytes each.
    size_at: usize,
    /// Tables by class (DC, AC) and destination (luminance, chrominance).
    tables: [[Huffman; 2]; 2],
}

impl Header {
    fn read(sample: &[u8]) -> Option<Self> {
        let mut tables: [[Huffman; 2]; 2] = Default::default();
        let mut size_at = None;
        let mut at = 2;
        loop {
            let marker = *sample.get(at + 1)?;
            let length = usize::from(u16::from_be_bytes([*sample.get(at + 2)?, *sample.get(at + 3)?]));
            let body = sample.get(at + 4..at + 2 + length)?;
            match marker {
                0xC0 => size_at = Some(at + 5),
                0xC4 => {
                    let (&place, table) = body.split_first()?;
                    *tables.get_mut(usize::from(place >> 4))?.get_mut(usize::from(place & 15))? =
                        Huffman::read(table)?;
                }
                0xDA => return Some(Self { length: at + 2 + length, size_at: size_at?, tables }),
                _ => {}
            }
            at += 2 + length;
        }
    }
}

/// A Huffman table: how many codes there are of each length from 1 to 16, and the symbols in code order.
#[derive(Default)]
struct Huffman {
    counts: [u8; 16],
    symbols: Vec<u8>,
}

impl Huffman {
    fn read(table: &[u8]) -> Option<Self> {
        let (counts, symbols) = table.split_first_chunk::<16>()?;
        let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
        (symbols.len() == total).then(|| Self { counts: *counts, symbols: symbols.to_vec() })
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Option<u8> {
        let (mut code, mut first, mut index) = (0usize, 0usize, 0usize);
        for &count in &self.counts {
            let count = usize::from(count);
            code |= usize::from(bits.next()?);
            if code < first + count {
                return self.symbols.get(index + (code - first)).copied();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }
}

/// Reads a scan bit by bit; a zero byte is stuffed after every 0xFF.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Bits of the byte before `at` not read yet.
    left: u8,
}

impl Bits<'_> {
    fn next(&mut self) -> Option<bool> {
        if self.left == 0 {
            let byte = *self.bytes.get(self.at)?;
            if byte == 0xFF && *self.bytes.get(self.at + 1)? != 0 {
                return None;
            }
            self.at += 1;
            self.left = 8;
        }
        self.left -= 1;
        let bit = self.bytes.get(self.at - 1)? >> self.left & 1 == 1;
        if self.left == 0 && self.bytes.get(self.at - 1) == Some(&0xFF) {
            self.at += 1;
        }
        Some(bit)
    }

    fn skip(&mut self, count: u8) -> Option<()> {
        for _ in 0..count {
            self.next()?;
        }
        Some(())
    }

    /// The byte is filled up with ones, and only the end marker follows.
    fn end(mut self) -> Option<()> {
        while self.left > 0 {
            if !self.next()? {
                return None;
            }
        }
        (self.bytes.get(self.at..)? == [0xFF, 0xD9]).then_some(())
    }
}
