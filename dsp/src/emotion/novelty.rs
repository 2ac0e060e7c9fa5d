//! Novelty: how much what comes differs from what was.

use multiversion::multiversion;

use crate::lanes::{inner_product, inner_products};

/// Vectors of the ring that are compared side by side.
const TOGETHER: usize = 4;

/// Streaming novelty of a sequence of vectors: its mean over a recording.
///
/// The similarity of two vectors is e^(cos − 1). A checkerboard of `2·half` vectors, tapered by a Gaussian, is laid over the
/// similarities around each moment: what is alike before, alike after, and not alike between the two is novel.
///
/// # Source
///
/// Foote (2000), "Automatic audio segmentation using a measure of audio novelty". The kernel is scaled so that the sum
/// of its magnitudes is 1; only the last `2·half` vectors are held.
#[derive(Debug, Clone)]
pub(crate) struct Novelty {
    half: usize,
    n_values: usize,
    /// Unit vectors, the last `2·half` of them, in a ring.
    vectors: Vec<f32>,
    /// Similarity of the vectors at two places of the ring.
    similarities: Vec<f32>,
    /// Cosines of the newest vector and that at each place.
    cosines: Vec<f32>,
    /// Weight of the pair of the `i`-th and the `j`-th oldest vector; 0 unless `i < j`.
    kernel: Vec<f32>,
    /// What the pairs of a vector with itself give.
    diagonal: f64,
    n_vectors: usize,
    sum: f64,
    n: u64,
}

impl Novelty {
    /// Novelty of vectors of `n_values`, seen through a kernel of `2·half` of them.
    pub(crate) fn new(n_values: usize, half: usize) -> Self {
        let size = 2 * half;
        let (kernel, diagonal) = kernel(half);
        Self {
            half,
            n_values,
            vectors: vec![0.0; size * n_values],
            similarities: vec![0.0; size * size],
            cosines: vec![0.0; size],
            kernel,
            diagonal,
            n_vectors: 0,
            sum: 0.0,
            n: 0,
        }
    }

    /// Takes the next vector; its length does not matter, and one of zeros is unlike any other.
    pub(crate) fn push(&mut self, vector: &[f32]) {
        let size = 2 * self.half;
        let place = self.n_vectors % size;
        let newest = &mut self.vectors[place * self.n_values..][..self.n_values];
        newest.copy_from_slice(&vector[..self.n_values]);
        normalise(newest);
        cosines(&self.vectors, self.n_values, place, &mut self.cosines);
        // Places that are still empty are compared again when they are taken, and the diagonal weighs nothing.
        for (other, cosine) in self.cosines.iter().enumerate() {
            let similarity = (cosine - 1.0).exp();
            self.similarities[place * size + other] = similarity;
            self.similarities[other * size + place] = similarity;
        }
        self.n_vectors += 1;
        if self.n_vectors >= size {
            self.sum += f64::from(self.of_ring());
            self.n += 1;
        }
    }

    /// Mean novelty, 0 for what stays and at most 1/2; `None` if there were fewer than `2·half` vectors.
    pub(crate) fn finish(&self) -> Option<f64> {
        (self.n > 0).then(|| self.diagonal + self.sum / self.n as f64)
    }

    /// Novelty in the middle of the vectors that are held.
    fn of_ring(&self) -> f32 {
        let size = 2 * self.half;
        let oldest = self.n_vectors % size;
        let mut sum = 0.0;
        for (i, weights) in self.kernel.chunks_exact(size).enumerate() {
            let row = (oldest + i) % size;
            let row = &self.similarities[row * size..(row + 1) * size];
            // From the oldest on: the end of the row, then its beginning.
            let (first, second) = weights.split_at(size - oldest);
            sum += dot(first, &row[oldest..]) + dot(second, &row[..oldest]);
        }
        sum
    }
}

/// The half of the checkerboard above its diagonal, twice, and the sum of the diagonal; scaled so that the magnitudes of
/// the whole sum to 1.
fn kernel(half: usize) -> (Vec<f32>, f64) {
    let size = 2 * half;
    let place = |i: usize| (i as f64 + 0.5 - half as f64) / half as f64;
    let mut kernel = vec![0.0; size * size];
    let (mut total, mut diagonal) = (0.0, 0.0);
    for i in 0..size {
        for j in 0..size {
            let taper = (-2.0 * (place(i).powi(2) + place(j).powi(2))).exp();
            total += taper;
            if i == j {
                diagonal += taper;
            } else if i < j {
                // The kernel is symmetric: each pair counts twice.
                let sign = if (i < half) == (j < half) { 2.0 } else { -2.0 };
                kernel[i * size + j] = sign * taper;
            }
        }
    }
    (kernel.iter().map(|weight| (weight / total) as f32).collect(), diagonal / total)
}

/// Inner product of the vector at `place` and of each.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn cosines(vectors: &[f32], n_values: usize, place: usize, cosines: &mut [f32]) {
    let newest = &vectors[place * n_values..][..n_values];
    let row = |i: usize| &vectors[i * n_values..][..n_values];
    let (groups, rest) = cosines.as_chunks_mut::<TOGETHER>();
    let n_grouped = TOGETHER * groups.len();
    for (group, values) in groups.iter_mut().enumerate() {
        *values = inner_products(std::array::from_fn(|i| row(TOGETHER * group + i)), newest);
    }
    for (i, value) in rest.iter_mut().enumerate() {
        *value = inner_product(row(n_grouped + i), newest);
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    inner_product(a, b)
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn normalise(vector: &mut [f32]) {
    let length = inner_product(vector, vector).sqrt();
    let scale = if length > 0.0 { length.recip() } else { 0.0 };
    for value in vector {
        *value *= scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(vectors: &[Vec<f32>], half: usize) -> Option<f64> {
        let mut novelty = Novelty::new(vectors[0].len(), half);
        for vector in vectors {
            novelty.push(vector);
        }
        novelty.finish()
    }

    /// The same by the definition, with everything held and in double precision.
    fn oracle(vectors: &[Vec<f32>], half: usize) -> f64 {
        let cosine = |a: &[f32], b: &[f32]| {
            let dot = |a: &[f32], b: &[f32]| -> f64 {
                a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
            };
            dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
        };
        let place = |i: usize| (i as f64 + 0.5 - half as f64) / half as f64;
        let (mut sum, mut n) = (0.0, 0.0);
        for start in 0..=vectors.len() - 2 * half {
            let (mut value, mut total) = (0.0, 0.0);
            for i in 0..2 * half {
                for j in 0..2 * half {
                    let taper = (-2.0 * (place(i).powi(2) + place(j).powi(2))).exp();
                    total += taper;
                    let sign = if (i < half) == (j < half) { 1.0 } else { -1.0 };
                    let similarity = cosine(&vectors[start + i], &vectors[start + j]) - 1.0;
                    value += sign * taper * similarity.exp();
                }
            }
            sum += value / total;
            n += 1.0;
        }
        sum / n
    }

    #[test]
    fn agrees_with_the_whole_matrix() {
        let noise = fixtures::noise(2, 60 * 7);
        let vectors: Vec<Vec<f32>> = noise.chunks(7).map(<[f32]>::to_vec).collect();
        for half in [2, 5, 8] {
            let (ours, expected) = (mean(&vectors, half).unwrap(), oracle(&vectors, half));
            assert!((ours - expected).abs() < 1e-5, "{ours} {expected}");
        }
    }

    #[test]
    fn change_is_more_novel_than_staying() {
        let step = |period: usize| -> Vec<Vec<f32>> {
            (0..200)
                .map(|i| (0..4).map(|k| if k == i / period % 4 { 1.0 } else { 0.1 }).collect())
                .collect()
        };
        let (stays, changes) = (mean(&step(1000), 8).unwrap(), mean(&step(10), 8).unwrap());
        assert!(stays.abs() < 1e-6 && changes > 0.05, "{stays} {changes}");
    }

    #[test]
    fn few_vectors_have_none() {
        assert_eq!(mean(&vec![vec![1.0; 3]; 9], 5), None);
        assert!(mean(&vec![vec![0.0; 3]; 20], 5).unwrap().is_finite());
    }
}
