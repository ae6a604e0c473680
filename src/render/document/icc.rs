//! A small sRGB profile, written from the numbers of IEC 61966-2-1: matrix and curve, ICC.1:2004-10 (version 4.2),
//! the newest that ISO 19005-3 §6.2.4.2 allows. It stands in the output intent, so that plain RGB means sRGB.

/// D50, to which version 4 profiles are adapted.
const WHITE: [f64; 3] = [0.9642, 1.0, 0.8249];
/// sRGB primaries adapted to D50 by Bradford.
const PRIMARIES: [([u8; 4], [f64; 3]); 3] = [
    (*b"rXYZ", [0.436_07, 0.222_49, 0.013_92]),
    (*b"gXYZ", [0.385_15, 0.716_87, 0.097_08]),
    (*b"bXYZ", [0.143_07, 0.060_61, 0.714_10]),
];
/// Bradford from D65 to D50.
const ADAPTATION: [f64; 9] =
    [1.047_91, 0.022_93, -0.050_19, 0.029_60, 0.990_43, -0.017_07, -0.009_25, 0.015_08, 0.751_68];
/// ((aX + b)^g above d, cX below): the sRGB curve.
const CURVE: [f64; 5] = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.040_45];

/// The profile's bytes, always the same.
pub(in crate::render) fn srgb() -> Vec<u8> {
    let mut tags: Vec<([u8; 4], Vec<u8>)> = vec![
        (*b"desc", text("sRGB IEC61966-2.1")),
        (*b"cprt", text("CC0: no rights reserved")),
        (*b"wtpt", xyz(WHITE)),
    ];
    tags.push((*b"chad", numbers(*b"sf32", &ADAPTATION)));
    tags.extend(PRIMARIES.map(|(tag, value)| (tag, xyz(value))));
    let mut body = Vec::new();
    let mut table = Vec::new();
    let count = tags.len() + 3;
    let start = 128 + 4 + 12 * count;
    let mut entry = |tag: &[u8; 4], at: usize, length: usize| {
        table.extend(tag);
        table.extend(big(start + at));
        table.extend(big(length));
    };
    for (tag, data) in &tags {
        entry(tag, body.len(), data.len());
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut curve = b"para\0\0\0\0\0\x03\0\0".to_vec();
    curve.extend(CURVE.iter().flat_map(|&v| fixed(v)));
    for tag in [b"rTRC", b"gTRC", b"bTRC"] {
        entry(tag, body.len(), curve.len());
    }
    body.extend(curve);
    let mut profile = header(start + body.len());
    profile.extend(big(count));
    profile.extend(table);
    profile.extend(body);
    profile
}

fn header(size: usize) -> Vec<u8> {
    let mut header = big(size).to_vec();
    header.extend(b"\0\0\0\0\x04\x20\0\0mntrRGB XYZ ");
    for part in [2026_u16, 1, 1, 0, 0, 0] {
        header.extend(part.to_be_bytes());
    }
    header.extend(b"acsp");
    header.resize(68, 0);
    header.extend(WHITE.iter().flat_map(|&v| fixed(v)));
    header.resize(128, 0);
    header
}

fn big(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes()
}

/// s15Fixed16Number.
fn fixed(value: f64) -> [u8; 4] {
    #[allow(clippy::cast_possible_truncation, reason = "all values are below 3")]
    let number = (value * 65_536.0).round() as i32;
    number.to_be_bytes()
}

fn numbers(kind: [u8; 4], values: &[f64]) -> Vec<u8> {
    let mut data = kind.to_vec();
    data.extend([0; 4]);
    data.extend(values.iter().flat_map(|&v| fixed(v)));
    data
}

fn xyz(values: [f64; 3]) -> Vec<u8> {
    numbers(*b"XYZ ", &values)
}

/// multiLocalizedUnicodeType with one English record.
fn text(words: &str) -> Vec<u8> {
    let utf16: Vec<u8> = words.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut data = b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS".to_vec();
    data.extend(big(utf16.len()));
    data.extend(big(28));
    data.extend(utf16);
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_tags_agree() {
        let profile = srgb();
        let at =
            |i: usize| usize::try_from(u32::from_be_bytes(profile[i..i + 4].try_into().unwrap())).unwrap();
        assert_eq!(at(0), profile.len());
        assert_eq!(&profile[36..40], b"acsp");
        for tag in 0..at(128) {
            let (offset, length) = (at(132 + 12 * tag + 4), at(132 + 12 * tag + 8));
            assert!(offset % 4 == 0 && offset + length <= profile.len());
        }
        assert!(profile.len() < 700);
    }

    #[test]
    fn white_is_the_sum_of_the_primaries() {
        for i in 0..3 {
            let sum: f64 = PRIMARIES.iter().map(|(_, xyz)| xyz[i]).sum();
            assert!((sum - WHITE[i]).abs() < 5e-4, "{i}: {sum}");
        }
    }
}
