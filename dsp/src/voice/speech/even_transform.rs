//! Fourier transforms of real, even sequences, two at once.

use std::f64::consts::PI;
use std::sync::Arc;

use multiversion::multiversion;
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::lanes::inner_product;

/// Transform of real, even sequences of `2·half` values, of which `half + 1` say everything.
///
/// Two such sequences go through one complex transform of length `half`, a quarter of what each alone would take as complex ones.
///
/// # Source
///
/// Cooley, Lewis and Welch (1970), "The fast Fourier transform algorithm: programming considerations in the calculation of sine,
/// cosine and Laplace transforms", *Journal of Sound and Vibration* 12(3). Every other value is a running sum there, which errs by
/// less than 3e-6 of the first one up to a fifth of the length.
pub(super) struct EvenTransform {
    plan: Arc<dyn Fft<f32>>,
    packed: Vec<Complex32>,
    scratch: Vec<Complex32>,
    /// 2·sin(πj / half).
    sine: Vec<f32>,
    /// cos(πj / half) of the first half of the values: the differences of the other half are the same once more, but for the first.
    cosine: Vec<f32>,
    folded: [Folded; 2],
    /// What each value of the complex transform holds.
    parts: Vec<[f32; 4]>,
}

/// A sequence and its mirror.
struct Folded {
    sums: Vec<f32>,
    differences: Vec<f32>,
}

impl EvenTransform {
    /// A transform of even sequences of `2·half` values; `half` is even.
    pub(super) fn new(half: usize) -> Self {
        let plan = FftPlanner::<f32>::new().plan_fft_forward(half);
        let angle = |j: usize| PI * j as f64 / half as f64;
        Self {
            packed: vec![Complex32::default(); half],
            scratch: vec![Complex32::default(); plan.get_inplace_scratch_len()],
            plan,
            sine: (0..half).map(|j| (2.0 * angle(j).sin()) as f32).collect(),
            cosine: (0..half / 2)
                .map(|j| if j == 0 { 1.0 } else { (2.0 * angle(j).cos()) as f32 })
                .collect(),
            folded: [0, 1].map(|_| Folded { sums: vec![0.0; half], differences: vec![0.0; half] }),
            parts: vec![[0.0; 4]; half],
        }
    }

    /// The first values of the transforms of two sequences of `half + 1` values, as many as there is room for, at most `half`.
    pub(super) fn of(&mut self, sequences: [&[f32]; 2], transforms: &mut [Vec<f32>; 2]) {
        for (folded, values) in self.folded.iter_mut().zip(sequences) {
            fold(values, &mut folded.sums, &mut folded.differences);
        }
        let [a, b] = &self.folded;
        pack(a, b, &self.sine, &mut self.packed);
        self.plan.process_with_scratch(&mut self.packed, &mut self.scratch);
        let firsts = [a, b].map(|it| dot(&it.differences, &self.cosine));
        let [a, b] = transforms;
        unfold(&self.packed, firsts, &mut self.parts, a, b);
    }
}

/// Sums of mirrored values, in which the last half comes backwards, and their differences.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn fold(values: &[f32], sums: &mut [f32], differences: &mut [f32]) {
    let mirrored = values[1..].iter().rev();
    let both = sums.iter_mut().zip(differences);
    for (((sum, difference), value), mirrored) in both.zip(values).zip(mirrored) {
        *sum = value + mirrored;
        *difference = value - mirrored;
    }
}

/// Sums plus differences times `sine`, of one sequence in the real and of the other in the imaginary parts.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn pack(a: &Folded, b: &Folded, sine: &[f32], packed: &mut [Complex32]) {
    let a = a.sums.iter().zip(&a.differences);
    let b = b.sums.iter().zip(&b.differences);
    for (((z, sine), (a, of_a)), (b, of_b)) in packed.iter_mut().zip(sine).zip(a).zip(b) {
        *z = Complex32::new(a + sine * of_a, b + sine * of_b);
    }
}

/// Takes the two transforms apart: values of even index as they are, those of odd index as running sums from the first one on.
fn unfold(
    packed: &[Complex32],
    firsts: [f32; 2],
    parts: &mut [[f32; 4]],
    a: &mut [f32],
    b: &mut [f32],
) {
    let parts = &mut parts[..a.len().div_ceil(2)];
    take_apart(packed, parts);
    let [mut odd_a, mut odd_b] = firsts;
    for ((a, b), part) in a.chunks_mut(2).zip(b.chunks_mut(2)).zip(parts) {
        (a[0], b[0]) = (part[0], part[1]);
        odd_a += part[2];
        odd_b += part[3];
        if let ([_, a], [_, b]) = (a, b) {
            (*a, *b) = (odd_a, odd_b);
        }
    }
}

/// Real and imaginary part of the transform of either sequence.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn take_apart(packed: &[Complex32], parts: &mut [[f32; 4]]) {
    let part = |z: Complex32, w: Complex32| {
        [z.re + w.re, z.im + w.im, z.im - w.im, w.re - z.re].map(|x| 0.5 * x)
    };
    // Values lie beside those of the other end; the first is its own.
    parts[0] = part(packed[0], packed[0]);
    let both = packed[1..].iter().zip(packed[1..].iter().rev());
    for (out, (z, w)) in parts[1..].iter_mut().zip(both) {
        *out = part(*z, *w);
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    inner_product(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_sum_of_cosines() {
        let half = 512;
        let sequences = [3, 4].map(|seed| {
            fixtures::noise(seed, half + 1).iter().map(|x| x.abs()).collect::<Vec<f32>>()
        });
        let mut found = [vec![0.0; 209], vec![0.0; 209]];
        EvenTransform::new(half).of([&sequences[0], &sequences[1]], &mut found);
        for (values, found) in sequences.iter().zip(&found) {
            let exact = |k: usize| -> f64 {
                let term = |j: usize| {
                    let weight = if j == 0 || j == half { 1.0 } else { 2.0 };
                    let angle = PI * (j * k % (2 * half)) as f64 / half as f64;
                    weight * f64::from(values[j]) * angle.cos()
                };
                (0..=half).map(term).sum()
            };
            let first = exact(0);
            for (k, &value) in found.iter().enumerate() {
                let error = (f64::from(value) - exact(k)).abs() / first;
                assert!(error < 3e-6, "{k}: {error}");
            }
        }
    }
}
