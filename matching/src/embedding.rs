//! Where a model of the operator puts a recording, in a space in which near means alike.

use crate::{Error, checksum::crc32, facets::timbre::degree, pooling::sigmoid};

/// First bytes of an embedding.
const MAGIC: [u8; 4] = *b"CEMB";
/// Version of the layout.
const VERSION: u32 = 1;
/// Bytes before the name of the model.
const HEADER_BYTES: usize = 32;
/// Where the checksum lies.
const CHECKSUM_AT: usize = 28;
/// Longest name of a model, in bytes.
const MAX_NAME_BYTES: usize = 128;
/// Most coordinates.
const MAX_SIZE: usize = 4096;
/// Coordinates are this part of the largest one.
const ONE: f64 = 127.0;
/// Deviations of a normal distribution in logits: that of the logistic distribution is π / √3.
const LOGITS_PER_DEVIATION: f64 = 1.813_799_364_234_217_8;

/// How alike two recordings picked at random are to a model: what makes a likeness a percentile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// Mean cosine of two recordings that have nothing to do with each other, −1 to 1.
    pub typical: f64,
    /// Standard deviation of those cosines, above 0, to 1.
    pub deviation: f64,
}

/// Where a model puts a recording: the direction of its point, in bytes.
///
/// The cosine of two embeddings is that of the points within about half a percent of a right angle.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    /// Name and version of the model.
    pub(crate) model: String,
    pub(crate) direction: Direction,
}

/// The part of an embedding that is compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Direction {
    /// Names the model, its settings and its weights; embeddings of different methods are not comparable.
    pub(crate) method: u64,
    typical: f32,
    deviation: f32,
    /// Length of `codes`.
    norm: f32,
    codes: Box<[i8]>,
}

impl Embedding {
    /// The direction of `point` in the space of a model; `method` is a number that no other model, version or setting has.
    ///
    /// `None` where there is no direction: no coordinate, all of them 0, one that is not finite, more than 4096; for a name
    /// of more than 128 bytes, and for a likeness out of its range.
    pub fn new(model: String, method: u64, likeness: Likeness, point: &[f64]) -> Option<Self> {
        let largest = point.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let is_usable = point.iter().all(|value| value.is_finite()) && largest > 0.0;
        let codes = point.iter().map(|value| (value / largest * ONE).round() as i8).collect();
        let (typical, deviation) = (likeness.typical as f32, likeness.deviation as f32);
        is_usable.then(|| Self::checked(model, method, typical, deviation, codes))?
    }

    fn checked(
        model: String,
        method: u64,
        typical: f32,
        deviation: f32,
        codes: Box<[i8]>,
    ) -> Option<Self> {
        let is_allowed = model.len() <= MAX_NAME_BYTES
            && (1..=MAX_SIZE).contains(&codes.len())
            && (-1.0..=1.0).contains(&typical)
            && deviation > 0.0
            && deviation <= 1.0;
        let norm = (product(&codes, &codes) as f32).sqrt();
        let direction = Direction { method, typical, deviation, norm, codes };
        (is_allowed && norm > 0.0).then_some(Self { model, direction })
    }

    /// The bytes of an embedding; `docs/formats.md` says which.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Direction { method, typical, deviation, ref codes, .. } = self.direction;
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.model.len() + codes.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&method.to_le_bytes());
        bytes.extend_from_slice(&typical.to_le_bytes());
        bytes.extend_from_slice(&deviation.to_le_bytes());
        bytes.extend_from_slice(&(self.model.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&(codes.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(self.model.as_bytes());
        bytes.extend(codes.iter().map(|code| code.cast_unsigned()));
        let checksum = checksum_of(&bytes);
        bytes[CHECKSUM_AT..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads the bytes of an embedding.
    ///
    /// # Errors
    ///
    /// [`Error::BadEmbedding`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes).ok_or(Error::BadEmbedding)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let header: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
        let (name_bytes, size) = (u16_at(header, 24), u16_at(header, 26));
        let is_whole = header.starts_with(&MAGIC)
            && u32_at(header, 4) == VERSION
            && bytes.len() == HEADER_BYTES + name_bytes + size
            && checksum_of(bytes) == u32_at(header, CHECKSUM_AT);
        let (name, codes) = bytes[HEADER_BYTES..].split_at_checked(name_bytes)?;
        let model = str::from_utf8(name).ok()?.to_owned();
        let method = u64::from(u32_at(header, 8)) | u64::from(u32_at(header, 12)) << 32;
        let [typical, deviation] = [16, 20].map(|offset| f32::from_bits(u32_at(header, offset)));
        let codes = codes.iter().map(|code| code.cast_signed()).collect();
        is_whole.then(|| Self::checked(model, method, typical, deviation, codes))?
    }

    /// "very similar by the model sound 2 (cosine 0.83)".
    pub(crate) fn detail(&self, other: &Self, percentile: f64) -> String {
        let cosine = self.direction.cosine(&other.direction);
        let degree = degree(percentile);
        format!("{degree} by the model {} (cosine {:.2})", self.model, cosine + 0.0)
    }
}

impl Direction {
    /// Whether both are of one space.
    pub(crate) fn is_comparable(&self, other: &Self) -> bool {
        self.method == other.method && self.codes.len() == other.codes.len()
    }

    /// Share of the pairs picked at random that are less alike, 0 to 1.
    pub(crate) fn percentile(&self, other: &Self) -> f32 {
        let deviations =
            f64::from(self.cosine(other) - self.typical) / f64::from(self.deviation.max(1e-6));
        sigmoid(deviations * LOGITS_PER_DEVIATION) as f32
    }

    /// Cosine of the angle between both, −1 to 1; the same in both directions, since sums of whole numbers are.
    fn cosine(&self, other: &Self) -> f32 {
        let product = product(&self.codes, &other.codes) as f32;
        (product / (self.norm * other.norm)).clamp(-1.0, 1.0)
    }

    /// Bytes beside those of the struct.
    pub(crate) fn n_bytes(&self) -> usize {
        self.codes.len()
    }
}

/// Sum of the products; 4096 of them stay far below 2^31.
fn product(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}

fn u16_at(bytes: &[u8; HEADER_BYTES], offset: usize) -> usize {
    u16::from_le_bytes([bytes[offset], bytes[offset + 1]]).into()
}

fn u32_at(bytes: &[u8; HEADER_BYTES], offset: usize) -> u32 {
    u32::from_le_bytes([bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]])
}

/// Checksum of everything but the checksum itself.
fn checksum_of(bytes: &[u8]) -> u32 {
    let (before, after) = (&bytes[..CHECKSUM_AT], &bytes[HEADER_BYTES..]);
    crc32([before, &[0; 4], after].into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIKENESS: Likeness = Likeness { typical: 0.2, deviation: 0.1 };

    fn embedding(point: &[f64]) -> Embedding {
        Embedding::new("sound 2".into(), 77, LIKENESS, point).unwrap()
    }

    fn wave(phase: f64, n: usize) -> Vec<f64> {
        (0..n).map(|i| (i as f64 * 0.7 + phase).sin()).collect()
    }

    #[test]
    fn cosines_are_those_of_the_points() {
        for (n, turn) in [(2, 0.3), (64, 1.0), (512, 2.5), (4096, 3.0)] {
            let (a, b) = (wave(0.0, n), wave(turn, n));
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let exact = dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt();
            let cosine = embedding(&a).direction.cosine(&embedding(&b).direction);
            // Half a code of 127 in each coordinate.
            assert!((f64::from(cosine) - exact).abs() < 0.006, "{n}: {cosine}, {exact}");
        }
    }

    // The logistic distribution has the mean and deviation of the normal one that it stands for.
    #[test]
    fn a_percentile_is_that_of_the_stated_pairs() {
        let a = embedding(&[1.0, 0.0]).direction;
        let at = |degrees: f64| {
            let radians = degrees.to_radians();
            a.percentile(&embedding(&[radians.cos(), radians.sin()]).direction)
        };
        assert!((at(78.463) - 0.5).abs() < 0.02, "{}", at(78.463));
        let one_above = 1.0 / (1.0 + (-LOGITS_PER_DEVIATION).exp()) as f32;
        assert!((at(72.542) - one_above).abs() < 0.02, "{}", at(72.542));
        assert!(at(0.0) > 0.999 && at(180.0) < 0.001);
    }

    #[test]
    fn symmetric_bit_for_bit() {
        let (a, b) = (embedding(&wave(0.0, 300)).direction, embedding(&wave(0.8, 300)).direction);
        assert_eq!(a.percentile(&b).to_bits(), b.percentile(&a).to_bits());
    }

    #[test]
    fn other_methods_and_sizes_are_not_comparable() {
        let a = embedding(&[1.0, 0.5]);
        let other = Embedding::new("sound 2".into(), 78, LIKENESS, &[1.0, 0.5]).unwrap();
        assert!(a.direction.is_comparable(&embedding(&[0.1, 0.5]).direction));
        assert!(!a.direction.is_comparable(&other.direction));
        assert!(!a.direction.is_comparable(&embedding(&[0.1, 0.5, 0.0]).direction));
    }

    #[test]
    fn what_has_no_direction_is_no_embedding() {
        let new = |likeness, point: &[f64]| Embedding::new("m".into(), 1, likeness, point);
        for point in [&[][..], &[0.0, 0.0], &[1.0, f64::NAN], &[f64::INFINITY]] {
            assert_eq!(new(LIKENESS, point), None);
        }
        assert_eq!(new(LIKENESS, &vec![1.0; 4097]), None);
        for (typical, deviation) in [(0.0, 0.0), (2.0, 0.1), (f64::NAN, 0.1), (0.0, f64::NAN)] {
            assert_eq!(new(Likeness { typical, deviation }, &[1.0]), None);
        }
        assert_eq!(Embedding::new("m".repeat(129), 1, LIKENESS, &[1.0]), None);
        // Coordinates of any size have a direction.
        assert!(new(LIKENESS, &[1e300, -1e300]).is_some() && new(LIKENESS, &[1e-300]).is_some());
    }

    #[test]
    fn bytes_read_back_and_damage_is_found() {
        let embedding = embedding(&wave(0.4, 33));
        let bytes = embedding.to_bytes();
        assert_eq!(Embedding::from_bytes(&bytes), Ok(embedding));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(Embedding::from_bytes(&damaged).is_err(), "{at}");
            assert!(Embedding::from_bytes(&bytes[..at]).is_err(), "{at}");
        }
    }
}
