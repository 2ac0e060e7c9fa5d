//! Identity of what was decoded: the same sound in another container or lossless codec has the same hash.

use std::fmt::Write as _;

use multiversion::multiversion;
use sha2::{Digest as _, Sha256};

/// What is hashed before the samples, so that another way to do it makes another hash.
const NAME: &[u8] = b"consort.pcm/1";
/// Full scale of 16 bits.
const FULL_SCALE: f32 = 32_768.0;
/// Samples that are rounded at once.
const CHUNK: usize = 4096;
/// 1.5 · 2²³: added to a smaller number it leaves the nearest whole one in the low bits, ties to even. Rounding by the
/// library takes a call for each sample on processors without SSE 4.1.
const ROUNDER: f32 = 12_582_912.0;

/// SHA-256 of rate, channels and samples rounded to 16 bits: `signal.pcm_hash` of a report.
///
/// SHA-256 because processors have instructions for it and the tree has it already; 16 bits because that halves the work,
/// and what differs below them sounds the same.
#[derive(Debug, Clone)]
pub struct PcmHash {
    hasher: Sha256,
    bytes: Vec<u8>,
}

impl PcmHash {
    /// The hash of interleaved samples of `n_channels` at `sample_rate_hz`.
    pub fn new(sample_rate_hz: u32, n_channels: u32) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(NAME);
        hasher.update(sample_rate_hz.to_le_bytes());
        hasher.update(n_channels.to_le_bytes());
        Self { hasher, bytes: vec![0; 2 * CHUNK] }
    }

    /// Takes the next interleaved samples; blocks of any length give the same hash.
    pub fn update(&mut self, samples: &[f32]) {
        for chunk in samples.chunks(CHUNK) {
            let bytes = &mut self.bytes[..2 * chunk.len()];
            write_rounded(chunk, bytes);
            self.hasher.update(&*bytes);
        }
    }

    /// 64 lower-case hexadecimal digits.
    pub fn finish(self) -> String {
        let mut hex = String::with_capacity(64);
        for byte in self.hasher.finalize() {
            write!(hex, "{byte:02x}").expect("a string takes any text");
        }
        hex
    }
}

/// Little-endian bytes of samples as whole numbers of 16 bits.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn write_rounded(samples: &[f32], bytes: &mut [u8]) {
    for (pair, &sample) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(samples) {
        *pair = rounded(sample).to_le_bytes();
    }
}

/// A sample as a whole number of 16 bits; NaN is 0, what lies beyond full scale is cut.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low 16 bits are the number, because it was cut before"
)]
#[expect(clippy::inline_always, reason = "takes on the instruction set of its caller")]
#[inline(always)]
fn rounded(sample: f32) -> i16 {
    let scaled = sample * FULL_SCALE;
    let known = if scaled.is_nan() { 0.0 } else { scaled };
    let cut = known.clamp(-FULL_SCALE, FULL_SCALE - 1.0);
    (cut + ROUNDER).to_bits() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(samples: &[f32], block: usize) -> String {
        let mut hash = PcmHash::new(44_100, 2);
        samples.chunks(block).for_each(|block| hash.update(block));
        hash.finish()
    }

    #[test]
    fn samples_are_rounded_to_the_nearest_and_cut() {
        for (sample, expected) in [
            (0.0, 0),
            (1.0, i16::MAX),
            (-1.0, i16::MIN),
            (9.0, i16::MAX),
            (f32::NEG_INFINITY, i16::MIN),
            (f32::NAN, 0),
            (1.4 / 32_768.0, 1),
            (1.6 / 32_768.0, 2),
            (-1.6 / 32_768.0, -2),
            (2.5 / 32_768.0, 2),
        ] {
            assert_eq!(rounded(sample), expected, "{sample}");
        }
        for whole in i16::MIN..=i16::MAX {
            assert_eq!(rounded(f32::from(whole) / FULL_SCALE), whole);
        }
    }

    #[test]
    fn blocks_do_not_matter_and_samples_do() {
        let samples: Vec<f32> = (0..20_000_u16).map(|i| (f32::from(i) * 0.01).sin()).collect();
        let whole = hash(&samples, samples.len());
        assert_eq!(whole.len(), 64);
        for block in [2, 100, 4096, 10_000] {
            assert_eq!(hash(&samples, block), whole);
        }
        assert_ne!(hash(&samples[..19_998], 100), whole);
        assert_ne!(PcmHash::new(48_000, 2).finish(), PcmHash::new(44_100, 2).finish());
        assert_ne!(PcmHash::new(44_100, 1).finish(), PcmHash::new(44_100, 2).finish());
    }

    // SHA-256 of the documented bytes, by Python's hashlib.
    #[test]
    fn agrees_with_another_implementation() {
        assert_eq!(
            hash(&[0.5, -0.25], 2),
            "34943d507df4ea5062d0e072f08fadd29e8f375deb87d2db5ec72919ebd78a45"
        );
    }
}
