//! Identity of what was decoded: the same sound in another container or lossless codec has the same hash.

use multiversion::multiversion;

/// What is hashed after the samples, so that another way to do it makes another hash.
const NAME: &[u8] = b"consort.pcm/1";
/// Full scale of 16 bits.
const FULL_SCALE: f32 = 32_768.0;
/// Samples that are hashed at once: a power of two, since BLAKE3 takes whole subtrees of its tree side by side.
const CHUNK: usize = 8192;
/// 1.5 · 2²³: added to a smaller number it leaves the nearest whole one in the low bits, ties to even. Rounding by the
/// library takes a call for each sample on processors without SSE 4.1.
const ROUNDER: f32 = 12_582_912.0;

/// BLAKE3 of the samples rounded to 16 bits, rate and channels: `signal.pcm_hash` of a report.
///
/// 16 bits because that halves the work, and what differs below them sounds the same.
#[derive(Debug, Clone)]
pub struct PcmHash {
    hasher: blake3::Hasher,
    /// What follows the samples.
    end: [u32; 2],
    bytes: Vec<u8>,
    /// Bytes of `bytes` that wait.
    n_waiting: usize,
}

impl PcmHash {
    /// The hash of interleaved samples of `n_channels` at `sample_rate_hz`.
    pub fn new(sample_rate_hz: u32, n_channels: u32) -> Self {
        Self {
            hasher: blake3::Hasher::new(),
            end: [sample_rate_hz, n_channels],
            bytes: vec![0; 2 * CHUNK],
            n_waiting: 0,
        }
    }

    /// Takes the next interleaved samples; blocks of any length give the same hash.
    pub fn update(&mut self, mut samples: &[f32]) {
        while !samples.is_empty() {
            let free = &mut self.bytes[self.n_waiting..];
            let (now, later) = samples.split_at(samples.len().min(free.len() / 2));
            write_rounded(now, free);
            self.n_waiting += 2 * now.len();
            samples = later;
            if self.n_waiting == self.bytes.len() {
                self.hasher.update(&self.bytes);
                self.n_waiting = 0;
            }
        }
    }

    /// 64 lower-case hexadecimal digits.
    pub fn finish(mut self) -> String {
        self.hasher.update(&self.bytes[..self.n_waiting]);
        for number in self.end {
            self.hasher.update(&number.to_le_bytes());
        }
        self.hasher.update(NAME);
        self.hasher.finalize().to_hex().to_string()
    }
}

/// Little-endian bytes of samples as whole numbers of 16 bits, to the head of `bytes`.
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
        for block in [2, 100, 4097, 8192, 10_000] {
            assert_eq!(hash(&samples, block), whole);
        }
        assert_ne!(hash(&samples[..19_998], 100), whole);
        assert_ne!(PcmHash::new(48_000, 2).finish(), PcmHash::new(44_100, 2).finish());
        assert_ne!(PcmHash::new(44_100, 1).finish(), PcmHash::new(44_100, 2).finish());
    }

    // BLAKE3 of the documented bytes, by the Python package blake3 1.0.11.
    #[test]
    fn agrees_with_another_implementation() {
        assert_eq!(
            hash(&[0.5, -0.25], 2),
            "d68a8bf3ebbd7654bb555d2e123e12ec3069976da8e0b8ca5390521fc129976b"
        );
    }
}
