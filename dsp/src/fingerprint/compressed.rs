//! The text form of a fingerprint.

use super::stage::Fingerprint;

/// Number of the algorithm in the first byte.
const ALGORITHM: u8 = 1;
/// Largest distance that the short form holds; it also says that the rest follows in the long form.
const LONGEST: u8 = 7;
/// Bits of the short and of the long form.
const WIDTHS: (u32, u32) = (3, 5);
/// Digits of base 64 for URLs.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Fingerprint {
    /// The form that `fpcalc` prints and `AcoustID` takes: `AQAD…`.
    ///
    /// Four bytes (algorithm, number of words), then for each word the distances between the bits in which it differs
    /// from the word before, three bits each, zero at the end of a word; what exceeds 7 follows in five bits each. All
    /// in base 64 for URLs, without padding. Holds at most 2²⁴ − 1 words (24 days).
    ///
    /// ```
    /// assert_eq!(dsp::Fingerprint(vec![1]).to_text(), "AQAAAQE");
    /// ```
    pub fn to_text(&self) -> String {
        let (mut short, mut long) = (Vec::new(), Vec::new());
        let mut before = 0;
        for &word in &self.0 {
            distances(word ^ before, &mut short, &mut long);
            before = word;
        }
        let n = self.0.len() as u32;
        let mut bytes = vec![ALGORITHM, (n >> 16) as u8, (n >> 8) as u8, n as u8];
        pack(&short, WIDTHS.0, &mut bytes);
        pack(&long, WIDTHS.1, &mut bytes);
        base64(&bytes)
    }
}

/// Distances from one set bit to the next, the first counted from below the lowest bit.
fn distances(bits: u32, short: &mut Vec<u8>, long: &mut Vec<u8>) {
    let mut last = 0;
    for place in (1..=32).filter(|place| bits >> (place - 1) & 1 == 1) {
        let distance = place - last;
        last = place;
        short.push(distance.min(LONGEST));
        if distance >= LONGEST {
            long.push(distance - LONGEST);
        }
    }
    short.push(0);
}

/// Appends values of `width` bits, lowest bit first, filled up to whole bytes.
fn pack(values: &[u8], width: u32, bytes: &mut Vec<u8>) {
    let (mut held, mut n_held) = (0u32, 0);
    for &value in values {
        held |= u32::from(value) << n_held;
        n_held += width;
        while n_held >= 8 {
            bytes.push(held as u8);
            held >>= 8;
            n_held -= 8;
        }
    }
    if n_held > 0 {
        bytes.push(held as u8);
    }
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..=chunk.len() as u32 {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_the_digits_of_the_standard() {
        // RFC 4648, section 10, without padding.
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn far_bits_take_the_long_form() {
        let (mut short, mut long) = (Vec::new(), Vec::new());
        distances(0x8000_0003, &mut short, &mut long);
        assert_eq!((short, long), (vec![1, 1, 7, 0], vec![23]));
    }
}
