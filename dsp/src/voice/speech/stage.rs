//! Everything about the voice in one pass.

use super::RATE_HZ;
use super::autocorrelation::{self, Autocorrelator, Candidates, N_BINS};
use super::features::Speech;
use super::formants::formants;
use super::harmonics::harmonics;
use super::linear_prediction::{self, ORDER, Predictor};
use super::periods::PeriodFollower;
use super::pitch_path::{self, PitchPath, Voicing};
use super::short_spectrum::{self, ShortSpectrum};
use super::tally::{Tally, Tone, VoicedFrame};
use crate::Result;
use crate::analysis::{Estimate, Reason};
use crate::resample::{ANALYSIS_RATE_HZ, Resampler};

/// Samples from frame to frame at the lower rate: 10 ms.
const LOW_HOP: usize = 110;
/// The same at the rate of the samples.
const HOP: usize = 2 * LOW_HOP;
/// Seconds from frame to frame.
pub(super) const STEP_S: f64 = HOP as f64 / RATE_HZ;
/// Middle of the first frame at the lower rate.
const LOW_MIDDLE: usize = autocorrelation::FRAME / 2;
/// Mean square below which a frame is not heard: −70 dBFS, like the gate of the loudness.
const GATE: f32 = 1e-7;
/// Samples that may lie behind the frames before they are dropped.
const MAX_BEHIND: usize = 22_050;
/// Frames whose spectra are kept: two by two, those that wait for a decision and the two that are new.
const RING: usize = pitch_path::LAG + 2;
/// Frames from one of which harmonics and formants are measured to the next: 20 ms, in which a vocal tract hardly moves.
const TONE_EVERY: usize = 2;
/// Reference of the semitones, Hz.
const SEMITONE_REFERENCE_HZ: f32 = 27.5;

/// Streaming analysis of speech at 22 050 Hz; blocks of any length give the same bits.
///
/// What is pushed is taken to be one voice that speaks. Memory grows by 800 bytes per second.
///
/// # Examples
///
/// ```
/// let mut stage = dsp::voice::SpeechStage::new()?;
/// stage.push(&vec![0.0; 22_050]);
/// assert_eq!(stage.finish().err(), Some(dsp::Reason::Silence));
/// # Ok::<(), dsp::Error>(())
/// ```
pub struct SpeechStage {
    resampler: Resampler,
    /// The resampler of the stretch that goes on.
    to_low: Resampler,
    /// Samples from `first` of the stretch on.
    samples: Vec<f32>,
    first: usize,
    /// Samples of half the rate from `low_first` on.
    low: Vec<f32>,
    low_first: usize,
    /// Power spectra of the last [`RING`] frames, in a ring.
    spectra: Vec<f32>,
    /// Frames with a spectrum, and frames that are done.
    n_seen: usize,
    n_decided: usize,
    /// Whether a stretch goes on.
    is_open: bool,
    frames: Frames,
}

/// What is known of each frame, and from all of them.
struct Frames {
    correlator: Autocorrelator,
    path: PitchPath,
    short: ShortSpectrum,
    predictor: Predictor,
    follower: PeriodFollower,
    tally: Tally,
}

impl std::fmt::Debug for SpeechStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpeechStage")
            .field("n_frames", &self.frames.tally.n_frames())
            .finish_non_exhaustive()
    }
}

impl SpeechStage {
    /// A stage that has heard nothing.
    ///
    /// # Errors
    ///
    /// None for these sizes; the type is that of the transforms.
    pub fn new() -> Result<Self> {
        let resampler = Resampler::between(ANALYSIS_RATE_HZ, ANALYSIS_RATE_HZ / 2)?;
        Ok(Self {
            to_low: resampler.clone(),
            resampler,
            samples: Vec::new(),
            first: 0,
            low: Vec::new(),
            low_first: 0,
            spectra: vec![0.0; RING * N_BINS],
            n_seen: 0,
            n_decided: 0,
            is_open: false,
            frames: Frames {
                correlator: Autocorrelator::new()?,
                path: PitchPath::default(),
                short: ShortSpectrum::new()?,
                predictor: Predictor::new(),
                follower: PeriodFollower::default(),
                tally: Tally::default(),
            },
        })
    }

    /// Takes the next samples.
    pub fn push(&mut self, samples: &[f32]) {
        if !self.is_open && !samples.is_empty() {
            self.is_open = true;
            self.frames.tally.begin();
        }
        for chunk in samples.chunks(MAX_BEHIND) {
            self.samples.extend_from_slice(chunk);
            self.to_low.push(chunk, &mut self.low);
            let needed = LOW_HOP + autocorrelation::N_FFT;
            while self.low_first + self.low.len() >= self.n_seen * LOW_HOP + needed {
                self.see_two();
            }
            self.drop_what_is_done();
        }
    }

    /// What comes next is not the neighbour of what was pushed before.
    pub fn pause(&mut self) {
        if !self.is_open {
            return;
        }
        let to_low = std::mem::replace(&mut self.to_low, self.resampler.clone());
        to_low.finish(&mut self.low);
        let n_low = self.low_first + self.low.len();
        let n_frames = (n_low + LOW_HOP).saturating_sub(autocorrelation::FRAME) / LOW_HOP;
        // Zeros under the ends of transforms and windows.
        let padded = (n_frames + 1) * LOW_HOP + autocorrelation::N_FFT;
        self.low.resize(padded - self.low_first, 0.0);
        self.samples.resize(2 * padded - self.first, 0.0);
        while self.n_seen < n_frames {
            self.see_two();
        }
        while self.n_decided < n_frames {
            let Some(voicing) = self.frames.path.flush() else { break };
            self.decide(voicing);
        }
        self.is_open = false;
        self.samples.clear();
        self.low.clear();
        (self.first, self.low_first) = (0, 0);
        (self.n_seen, self.n_decided) = (0, 0);
        self.frames.path = PitchPath::default();
        self.frames.short.rest();
        self.frames.follower.rest();
    }

    /// What was found in everything that was pushed.
    ///
    /// # Errors
    ///
    /// [`Reason::TooShort`] if there is not one frame, [`Reason::Silence`] if nothing is above −70 dBFS.
    pub fn finish(mut self) -> Estimate<Speech> {
        self.pause();
        let tally = &self.frames.tally;
        if tally.n_frames() == 0 {
            return Err(Reason::TooShort);
        }
        if tally.n_heard == 0 {
            return Err(Reason::Silence);
        }
        Ok(Speech::of(tally))
    }

    /// Frames that are done are dropped together, not one by one.
    fn drop_what_is_done(&mut self) {
        let behind = self.n_decided * HOP - self.first;
        if behind < MAX_BEHIND {
            return;
        }
        self.samples.drain(..behind);
        self.low.drain(..behind / 2);
        (self.first, self.low_first) = (self.n_decided * HOP, self.n_decided * LOW_HOP);
    }

    /// Looks at the next two frames.
    fn see_two(&mut self) {
        let Frames { correlator, path, .. } = &mut self.frames;
        let start = self.n_seen * LOW_HOP - self.low_first;
        let frames = [start, start + LOW_HOP].map(|at| &self.low[at..at + autocorrelation::N_FFT]);
        let levels = frames.map(|frame| correlator.level(frame));
        let both = if levels.iter().all(|&level| path.is_silent(level)) {
            // Nobody will ask for their spectra.
            levels.map(Candidates::none)
        } else {
            let at = self.n_seen % RING * N_BINS;
            let (first, second) = self.spectra[at..at + 2 * N_BINS].split_at_mut(N_BINS);
            correlator.spectrum(frames[0], first);
            correlator.spectrum(frames[1], second);
            correlator.candidates([first, second])
        };
        self.n_seen += 2;
        for candidates in both {
            if let Some(voicing) = self.frames.path.push(candidates) {
                self.decide(voicing);
            }
        }
    }

    /// Measures the oldest frame that waits, now that it is known whether it has a voice.
    fn decide(&mut self, voicing: Voicing) {
        let (first, low_first, at) = (self.first, self.low_first, self.n_decided);
        let spectrum = at % RING * N_BINS;
        let Self { frames, samples, low, spectra, .. } = self;
        let middle = at * LOW_HOP + LOW_MIDDLE;
        let start = 2 * middle - short_spectrum::FRAME / 2 - first;
        let short = frames.short.of(&samples[start..start + short_spectrum::N_FFT]);
        let power = &spectra[spectrum..spectrum + N_BINS];
        if short.mean_square < GATE {
            frames.follower.rest();
            frames.tally.add_pause();
        } else if voicing.f0_hz > 0.0 {
            let f0_hz = f64::from(voicing.f0_hz);
            let correlation = f64::from(voicing.correlation);
            let voice = VoicedFrame {
                f0_semitones: 12.0 * (voicing.f0_hz / SEMITONE_REFERENCE_HZ).log2(),
                hnr_db: (10.0 * (correlation / (1.0 - correlation)).log10()) as f32,
                tone: at.is_multiple_of(TONE_EVERY).then(|| {
                    let start = middle - linear_prediction::FRAME / 2 - 1 - low_first;
                    let low = &low[start..=start + linear_prediction::FRAME];
                    tone(power, f0_hz, frames.predictor.coefficients(low).as_ref())
                }),
            };
            let span = ((2 * middle - HOP / 2) as u64, (2 * middle + HOP / 2) as u64);
            let buffer = (samples.as_slice(), first as u64);
            let perturbation = &mut frames.tally.perturbation;
            frames.follower.follow(buffer, span, RATE_HZ / f0_hz, perturbation);
            frames.tally.add(&short, Some(&voice));
        } else {
            frames.follower.rest();
            frames.tally.add(&short, None);
        }
        self.n_decided += 1;
    }
}

/// Harmonics of a power spectrum, and formants of a whitening filter.
fn tone(power: &[f32], f0_hz: f64, coefficients: Option<&[f64; ORDER + 1]>) -> Tone {
    let formants = coefficients.and_then(formants);
    let harmonics = harmonics(power, f0_hz, formants.as_ref());
    Tone {
        h1_h2_db: harmonics.h1_h2_db as f32,
        h1_a3_db: harmonics.h1_a3_db.map(|db| db as f32),
        formants: formants.zip(harmonics.amplitudes_db).map(|(formants, amplitudes)| {
            std::array::from_fn(|i| {
                [formants[i].hz, formants[i].bandwidth_hz, amplitudes[i]].map(|x| x as f32)
            })
        }),
    }
}
