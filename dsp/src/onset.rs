//! Onset envelope: how much new energy appears in each hundredth of a second, in three bands.
//!
//! Only four numbers per frame are kept, so hours of audio fit into a few megabytes.

use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use crate::filterbank::{FilterBank, compressed_rises, mean, rise, windowed};
use crate::sketch::Sketch;

/// Frames per second of every onset envelope.
pub const ONSET_FPS: f64 = 100.0;

/// Samples per frame at 22 050 Hz (46 ms, the 2048 samples at 44 100 Hz of Böck & Widmer).
const FRAME_AT_22050: f64 = 1024.0;
/// Compression: a band at the running mean level is read as `log2(1 + COMPRESSION)`.
const COMPRESSION: f32 = 4.0;
/// Frames that a window needs to slide into a sound.
const N_BEGIN: usize = 5;
/// Time constant of the running mean level, seconds.
const LEVEL_S: f64 = 10.0;
/// Frames below this root mean square do not count as sound (−70 dBFS).
const GATE_RMS: f32 = 3.162_277_7e-4;

/// Onset strength over time at [`ONSET_FPS`], each value `>= 0` and independent of gain.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OnsetEnvelope {
    /// Below 200 Hz.
    pub low: Vec<f32>,
    /// 200 to 3 000 Hz.
    pub mid: Vec<f32>,
    /// Above 3 000 Hz.
    pub high: Vec<f32>,
    /// Rise of the magnitude itself over all bands, not of its logarithm: loud beats stand out.
    pub rise: Vec<f32>,
    /// Frames louder than −70 dBFS.
    pub n_loud_frames: usize,
    /// The first of them; 0 when there is none.
    pub(crate) first_loud_frame: usize,
    /// The spectrum itself, coarsely.
    pub(crate) sketch: Sketch,
}

impl OnsetEnvelope {
    /// Number of frames.
    pub fn len(&self) -> usize {
        self.low.len()
    }

    /// Drops what lies before the first loud frame; how long it was, seconds.
    ///
    /// Silence in front has no beats to be weighed, and what follows must not depend on its length.
    pub(crate) fn drop_leading_silence(&mut self) -> f64 {
        let n_silent = self.first_loud_frame.min(self.len());
        for band in [&mut self.low, &mut self.mid, &mut self.high, &mut self.rise] {
            band.drain(..n_silent.min(band.len()));
            // Where the sound begins depends on what was before it, if anything.
            band.iter_mut().take(N_BEGIN).for_each(|v| *v = 0.0);
        }
        let silence_s = n_silent as f64 / ONSET_FPS;
        self.sketch.drop_start(silence_s);
        self.first_loud_frame = 0;
        silence_s
    }

    /// Whether there is no frame at all.
    pub fn is_empty(&self) -> bool {
        self.low.is_empty()
    }
}

/// Streaming SuperFlux-like onset detection.
///
/// Each frame is mapped to a logarithmic bank of triangular filters and compressed; the rise of every
/// filter over the largest of its neighbours one frame earlier is summed per band. The maximum over the
/// neighbours keeps vibrato from looking like an onset.
///
/// # Source
///
/// Böck & Widmer (2013), "Maximum filter vibrato suppression for onset detection", DAFx-13. Differs in
/// the compression, which is relative to a running mean level, so that the result does not depend on gain.
pub struct OnsetStage {
    hop: f64,
    n_fft: usize,
    /// Compressed bands of the frame before, with one more on either side.
    previous: Vec<f32>,
    /// Samples not yet consumed; `pending[0]` is sample `first` of the padded signal.
    pending: Vec<f32>,
    first: u64,
    n_samples: u64,
    frame: u64,
    fft: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    /// Two frames at once: the transform of a complex signal costs little more than that of a real one.
    pair: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    magnitudes: [Vec<f32>; 2],
    bank: FilterBank,
    bands: [Vec<f32>; 2],
    /// Bands of the frame before, not compressed.
    linear: Vec<f32>,
    rises: Vec<f32>,
    /// Share of the running mean level that one frame keeps.
    keep: f64,
    level: f64,
    level_weight: f64,
    envelope: OnsetEnvelope,
}

impl OnsetStage {
    /// A stage for mono samples at `rate_hz`; made for 22 050 Hz.
    pub fn new(rate_hz: u32) -> Self {
        let rate = f64::from(rate_hz);
        let n_fft =
            ((rate * FRAME_AT_22050 / 22_050.0).round() as usize).next_power_of_two().max(64);
        let fft = FftPlanner::new().plan_fft_forward(n_fft);
        let window = (0..n_fft)
            .map(|i| {
                let phase = std::f64::consts::TAU * i as f64 / n_fft as f64;
                ((0.5 - 0.5 * phase.cos()) / n_fft as f64 * 4.0) as f32
            })
            .collect();
        let bank = FilterBank::new(rate, n_fft);
        let sketch = Sketch::new(&bank.centres_hz);
        Self {
            hop: rate / ONSET_FPS,
            n_fft,
            // The first frame is centred on the first sample.
            pending: vec![0.0; n_fft / 2],
            first: 0,
            n_samples: 0,
            frame: 0,
            pair: vec![Complex::default(); n_fft],
            scratch: vec![Complex::default(); fft.get_inplace_scratch_len()],
            fft,
            window,
            magnitudes: [vec![0.0; n_fft / 2 + 1], vec![0.0; n_fft / 2 + 1]],
            bands: [vec![0.0; bank.len()], vec![0.0; bank.len()]],
            previous: vec![0.0; bank.len() + 2],
            linear: vec![0.0; bank.len()],
            rises: vec![0.0; bank.len()],
            bank,
            keep: (-1.0 / (LEVEL_S * ONSET_FPS)).exp(),
            level: 0.0,
            level_weight: 0.0,
            envelope: OnsetEnvelope { sketch, ..OnsetEnvelope::default() },
        }
    }

    /// Takes the next samples; blocks of any length give the same result.
    pub fn push(&mut self, samples: &[f32]) {
        self.n_samples += samples.len() as u64;
        self.pending.extend_from_slice(samples);
        self.consume();
    }

    /// The envelope of everything pushed.
    pub fn finish(mut self) -> OnsetEnvelope {
        // Enough for the second frame of a pair whose first one holds the last sample.
        let padding = self.n_fft + 2 * self.hop.ceil() as usize;
        self.pending.resize(self.pending.len() + padding, 0.0);
        self.consume();
        // The padding must not make frames beyond the last sample.
        let n_frames = (self.n_samples as f64 / self.hop).ceil() as usize;
        let OnsetEnvelope { low, mid, high, rise, .. } = &mut self.envelope;
        for band in [low, mid, high, rise] {
            band.truncate(n_frames);
        }
        self.envelope
    }

    fn consume(&mut self) {
        loop {
            let offset =
                |frame: u64| ((frame as f64 * self.hop).round() as u64 - self.first) as usize;
            let (first, second) = (offset(self.frame), offset(self.frame + 1));
            if second + self.n_fft > self.pending.len() {
                // Drop what no later frame reads.
                let used = first.min(self.pending.len());
                self.pending.drain(..used);
                self.first += used as u64;
                return;
            }
            let energies = windowed(
                &self.pending[first..first + self.n_fft],
                &self.pending[second..second + self.n_fft],
                &self.window,
                &mut self.pair,
            );
            self.fft.process_with_scratch(&mut self.pair, &mut self.scratch);
            self.bank.apply(&self.pair, &mut self.magnitudes, &mut self.bands);
            for (which, energy) in energies.into_iter().enumerate() {
                self.compare(which, energy);
                self.frame += 1;
            }
        }
    }

    /// Adds one frame of the pair to the envelope.
    fn compare(&mut self, which: usize, energy: f32) {
        let bands = &mut self.bands[which];
        if (energy / self.n_fft as f32).sqrt() > GATE_RMS {
            if self.envelope.n_loud_frames == 0 {
                self.envelope.first_loud_frame = self.frame as usize;
            }
            self.envelope.n_loud_frames += 1;
            self.level = self.level * self.keep + f64::from(mean(bands)) * (1.0 - self.keep);
            self.level_weight = self.level_weight * self.keep + (1.0 - self.keep);
        }
        let gain = if self.level > 0.0 {
            COMPRESSION * (self.level_weight / self.level) as f32
        } else {
            0.0
        };
        let rise = gain * rise(bands, &self.linear, &mut self.rises);
        self.linear.copy_from_slice(bands);
        let [low, mid, high] =
            compressed_rises(bands, gain, &self.previous, &mut self.rises, self.bank.borders);
        // There is nothing to compare the first frame with.
        let begun = if self.frame > 0 { 1.0 } else { 0.0 };
        self.envelope.rise.push(begun * rise);
        self.envelope.low.push(begun * low);
        self.envelope.mid.push(begun * mid);
        self.envelope.high.push(begun * high);
        self.envelope.sketch.push(bands);
        self.previous[1..=bands.len()].copy_from_slice(bands);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn click_is_one_onset_at_its_time() {
        let mut samples = vec![0.0; 22_050];
        samples[11_025] = 0.5;
        let mut stage = OnsetStage::new(22_050);
        stage.push(&samples);
        let envelope = stage.finish();
        assert_eq!(envelope.len(), 100);
        let loudest =
            (0..100).max_by(|&a, &b| envelope.mid[a].total_cmp(&envelope.mid[b])).unwrap();
        assert!((47..=51).contains(&loudest), "at frame {loudest}");
    }

    #[test]
    fn nothing_and_silence_have_no_onsets() {
        assert!(OnsetStage::new(22_050).finish().is_empty());
        let mut stage = OnsetStage::new(22_050);
        stage.push(&vec![0.0; 22_050]);
        let envelope = stage.finish();
        assert_eq!(envelope.n_loud_frames, 0);
        assert!(envelope.mid.iter().all(|&v| v.abs() < 1e-9));
    }
}
