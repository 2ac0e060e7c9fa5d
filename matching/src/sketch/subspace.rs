//! Vectors as small integers: a head of the first principal coordinates, a tail of the others.

use super::axes::Axes;

/// How vectors of one kind are written as integers.
#[derive(Debug, Clone)]
pub(super) struct Subspace<const N: usize, const HEAD: usize, const TAIL: usize> {
    axes: Axes<N>,
    /// Integer units of the head in one unit of the vector.
    scale: f32,
    /// The units of the tail are this power of two larger.
    tail_shift: u32,
    /// How far integers may be from their vector.
    error: f32,
}

/// Squared length of what is further from its vector: it is near everything.
const ANYWHERE: i32 = -(1 << 29);

/// One vector in integer units.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Code<const HEAD: usize, const TAIL: usize> {
    pub(super) head: [i16; HEAD],
    pub(super) tail: [i8; TAIL],
    /// Length of the tail in units of the head, rounded up.
    pub(super) tail_length: i16,
    /// Squared length of head and tail; far below 0 where they are too far from the vector to say anything.
    pub(super) norm: i32,
}

impl<const N: usize, const HEAD: usize, const TAIL: usize> Subspace<N, HEAD, TAIL> {
    /// Learns the axes from a sample. `scale` must leave room: coordinates times `scale` within ±16 383.
    pub(super) fn of(sample: &[[f32; N]], scale: f32) -> Self {
        let axes = Axes::of(sample);
        let furthest = nearly_most(sample.iter().map(|vector| {
            let coordinates = axes.coordinates(vector);
            coordinates[HEAD..].iter().fold(0.0_f32, |most, value| most.max(value.abs()))
        }));
        let mut tail_shift = 0;
        while tail_shift < 12 && furthest * scale / (1 << tail_shift) as f32 > f32::from(i8::MAX) {
            tail_shift += 1;
        }
        let mut space = Self { axes, scale, tail_shift, error: f32::INFINITY };
        space.error = nearly_most(sample.iter().map(|vector| space.rounded(vector).1)) * 1.05;
        space
    }

    /// How far the integers may be from their vector, in its own unit.
    pub(super) fn error(&self) -> f32 {
        self.error
    }

    pub(super) fn tail_shift(&self) -> u32 {
        self.tail_shift
    }

    pub(super) fn encode(&self, vector: &[f32; N]) -> Code<HEAD, TAIL> {
        let (mut code, error) = self.rounded(vector);
        if error > self.error {
            code.norm = ANYWHERE;
        }
        code
    }

    pub(super) fn coordinates(&self, vector: &[f32; N]) -> [f32; N] {
        self.axes.coordinates(vector)
    }

    /// The integers, and how far they are from the vector with what single precision adds.
    fn rounded(&self, vector: &[f32; N]) -> (Code<HEAD, TAIL>, f32) {
        let coordinates = self.axes.coordinates(vector);
        let tail_scale = self.scale / (1 << self.tail_shift) as f32;
        let head: [i16; HEAD] =
            std::array::from_fn(|i| (coordinates[i] * self.scale).round() as i16);
        let tail: [i8; TAIL] = std::array::from_fn(|i| {
            let limit = f32::from(i8::MAX);
            (coordinates[HEAD + i] * tail_scale).round().clamp(-limit, limit) as i8
        });
        let written = head
            .iter()
            .map(|value| f32::from(*value) / self.scale)
            .chain(tail.iter().map(|value| f32::from(*value) / tail_scale));
        let error = written.zip(coordinates).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
        let square = |value: i32| value * value;
        let head_norm: i32 = head.iter().map(|value| square(i32::from(*value))).sum();
        let tail_norm = tail.iter().map(|value| square(i32::from(*value))).sum::<i32>()
            << (2 * self.tail_shift);
        let norm = head_norm + tail_norm;
        let tail_length = f64::from(tail_norm).sqrt().ceil() as i16;
        let length = (norm as f32).sqrt() / self.scale;
        (Code { head, tail, tail_length, norm }, error + 2e-5 * (1.0 + length))
    }
}

/// What all but one of a thousand stay within: a few odd ones may stand aside, but must not spoil the rest.
fn nearly_most(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_unstable_by(f32::total_cmp);
    let place = values.len() - values.len() / 1000;
    place.checked_sub(1).map_or(0.0, |last| values[last])
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixtures::Rng;

    fn vectors() -> Vec<[f32; 8]> {
        let mut rng = Rng::new(7);
        (0..100)
            .map(|_| std::array::from_fn(|i| (rng.normal() * 4.0 / (1.0 + i as f64)) as f32))
            .collect()
    }

    #[test]
    fn integers_bound_the_distance() {
        let vectors = vectors();
        // The second half is not in the sample and may be too far from what can be written.
        let space = Subspace::<8, 3, 5>::of(&vectors[..50], 512.0);
        let codes: Vec<Code<3, 5>> = vectors.iter().map(|v| space.encode(v)).collect();
        for (one, a) in vectors.iter().zip(&codes) {
            for (other, b) in vectors.iter().zip(&codes) {
                let truth = one.iter().zip(other).map(|(x, y)| (x - y).powi(2)).sum::<f32>().sqrt();
                let product = |x: i32, y: i32| i64::from(x) * i64::from(y);
                let head: i64 = a
                    .head
                    .iter()
                    .zip(&b.head)
                    .map(|(x, y)| product((*x).into(), (*y).into()))
                    .sum();
                let tail: i64 = a
                    .tail
                    .iter()
                    .zip(&b.tail)
                    .map(|(x, y)| product((*x).into(), (*y).into()))
                    .sum();
                let norms = i64::from(a.norm) + i64::from(b.norm);
                let full = norms - 2 * (head + (tail << (2 * space.tail_shift())));
                let least =
                    norms - 2 * (head + product(a.tail_length.into(), b.tail_length.into()));
                assert!(least <= full);
                if a.norm.min(b.norm) == ANYWHERE {
                    assert!(full < 0);
                    continue;
                }
                let distance = (full as f32).sqrt() / 512.0;
                assert!((distance - truth).abs() <= 2.0 * space.error(), "{distance} {truth}");
            }
        }
    }
}
