//! Pitch classes of overlapping frames, smoothed over time.

use multiversion::multiversion;

use super::stage::RATE_HZ;
use crate::Result;
use crate::power_spectrum::PowerSpectrum;
use crate::scale::{bin_to_hz, hz_to_bin};

/// Samples in a frame.
pub(super) const FRAME: usize = 4096;
/// Samples from frame to frame.
pub(super) const HOP: usize = 1365;
/// Range of the pitches, Hz.
const RANGE_HZ: (f64, f64) = (28.0, 3520.0);
/// Pitch of class 0, Hz: A0.
const A0_HZ: f64 = 27.5;
/// Weights of five successive frames.
const SMOOTHING: [f64; 5] = [0.25, 0.75, 1.0, 0.75, 0.25];
/// Norm under which a row counts as silence.
const LEAST_NORM: f64 = 0.01;
/// Factor from full scale 1 to Chromaprint's, which reads 16-bit samples as shares of 32 767.
const SCALE: f64 = 32_768.0 / 32_767.0;

/// Pitch classes, A first.
pub(super) type Row = [f64; 12];

/// Pitch classes of frame after frame.
pub(super) struct Chroma {
    spectrum: PowerSpectrum,
    power: Vec<f32>,
    /// Neighbouring bins of one pitch class: the first one, the end and the class.
    runs: Vec<(usize, usize, usize)>,
    /// The last rows, not smoothed, as a ring.
    rows: [Row; SMOOTHING.len()],
    n_rows: usize,
}

impl Chroma {
    pub(super) fn new() -> Result<Self> {
        // A symmetric window, unlike the periodic ones of `crate::window`.
        let phase = |i: usize| std::f64::consts::TAU * i as f64 / (FRAME - 1) as f64;
        let window = (0..FRAME).map(|i| (SCALE * (0.54 - 0.46 * phase(i).cos())) as f32).collect();
        let rate = f64::from(RATE_HZ);
        let bin = |hz: f64| hz_to_bin(hz, FRAME, rate).round() as usize;
        let (first_bin, end) = (bin(RANGE_HZ.0).max(1), bin(RANGE_HZ.1).min(FRAME / 2));
        let spectrum = PowerSpectrum::lowest(window, end)?;
        let mut runs: Vec<(usize, usize, usize)> = Vec::new();
        for bin in first_bin..end {
            let octave = (bin_to_hz(bin as f64, FRAME, rate) / A0_HZ).log2();
            let class = (12.0 * (octave - octave.floor())) as usize;
            match runs.last_mut() {
                Some(run) if run.2 == class => run.1 = bin + 1,
                _ => runs.push((bin, bin + 1, class)),
            }
        }
        Ok(Self {
            power: vec![0.0; spectrum.n_bins()],
            spectrum,
            runs,
            rows: [[0.0; 12]; SMOOTHING.len()],
            n_rows: 0,
        })
    }

    /// Adds a frame; the smoothed and normalised row that it completes, from the fifth frame on.
    pub(super) fn add(&mut self, frame: &[f32]) -> Option<Row> {
        self.spectrum.of(frame, &mut self.power).expect("frame and window have one length");
        let row = folded(&self.runs, &self.power);
        let n = SMOOTHING.len();
        self.rows[self.n_rows % n] = row;
        self.n_rows += 1;
        if self.n_rows < n {
            return None;
        }
        let mut smooth = [0.0; 12];
        for (i, weight) in SMOOTHING.iter().enumerate() {
            for (sum, value) in smooth.iter_mut().zip(&self.rows[(self.n_rows + i) % n]) {
                *sum += weight * value;
            }
        }
        let norm = smooth.iter().map(|x| x * x).sum::<f64>().sqrt();
        let gain = if norm < LEAST_NORM { 0.0 } else { norm.recip() };
        Some(smooth.map(|x| x * gain))
    }
}

/// Sums of the powers of each pitch class.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn folded(runs: &[(usize, usize, usize)], power: &[f32]) -> Row {
    let mut row = [0.0; 12];
    for &(first, end, class) in runs {
        // In lanes: one running sum would wait for itself.
        let mut lanes = [0f64; 4];
        let (chunks, rest) = power[first..end].as_chunks::<4>();
        for chunk in chunks {
            for i in 0..4 {
                lanes[i] += f64::from(chunk[i]);
            }
        }
        for (lane, &power) in lanes.iter_mut().zip(rest) {
            *lane += f64::from(power);
        }
        row[class] += lanes.iter().sum::<f64>();
    }
    row
}
