//! What is kept of the frames of speech.

use super::contour::{Contour, moments, smoothed};
use super::formants::N_FORMANTS;
use super::periods::Perturbation;
use super::short_spectrum::{N_MFCC, ShortFeatures};
use crate::spectral::Moments;

/// What of a short spectrum is kept apart for voiced and unvoiced frames: alpha ratio, Hammarberg index, two slopes, flux.
pub(super) const N_BALANCE: usize = 5;

/// What is known of a voiced frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct VoicedFrame {
    pub(super) f0_semitones: f32,
    pub(super) hnr_db: f32,
    /// What the harmonics and the vocal tract are like, of every other frame.
    pub(super) tone: Option<Tone>,
}

/// Harmonics and formants of a voiced frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tone {
    pub(super) h1_h2_db: f32,
    pub(super) h1_a3_db: Option<f32>,
    /// Frequency, bandwidth and amplitude of each formant.
    pub(super) formants: Option<[[f32; 3]; N_FORMANTS]>,
}

/// Sums over frames of speech, and the two values that are kept over time. Memory grows by 800 bytes per second of speech.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Semitones above 27.5 Hz; 0 where there is no voice.
    f0: Vec<f32>,
    loudness: Vec<f32>,
    /// Where a stretch of speech begins.
    starts: Vec<usize>,
    pub(super) n_heard: u64,
    squares: f64,
    pub(super) flux: Moments,
    pub(super) mfcc: [Moments; N_MFCC],
    pub(super) perturbation: Perturbation,
    pub(super) hnr_db: Moments,
    pub(super) h1_h2_db: Moments,
    pub(super) h1_a3_db: Moments,
    pub(super) formants: [[Moments; 3]; N_FORMANTS],
    pub(super) voiced: [Moments; N_BALANCE],
    pub(super) voiced_mfcc: [Moments; N_MFCC],
    pub(super) unvoiced: [Moments; N_BALANCE],
}

/// Lengths of what is voiced and what is not.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Segments {
    pub(super) n_voiced: usize,
    /// Mean and deviation, seconds.
    pub(super) voiced_s: Option<(f64, f64)>,
    pub(super) unvoiced_s: Option<(f64, f64)>,
}

impl Tally {
    /// A stretch of speech begins.
    pub(super) fn begin(&mut self) {
        self.starts.push(self.f0.len());
    }

    /// Takes a frame in which nothing is heard.
    pub(super) fn add_pause(&mut self) {
        self.f0.push(0.0);
        self.loudness.push(0.0);
    }

    /// Takes a frame that is heard.
    pub(super) fn add(&mut self, short: &ShortFeatures, voice: Option<&VoicedFrame>) {
        self.n_heard += 1;
        self.squares += f64::from(short.mean_square);
        self.loudness.push(short.loudness);
        self.f0.push(voice.map_or(0.0, |voice| voice.f0_semitones));
        let ShortFeatures { alpha_ratio_db, hammarberg_db, slope_low, slope_mid, flux, .. } =
            *short;
        let balance = [alpha_ratio_db, hammarberg_db, slope_low, slope_mid, flux];
        add_all(if voice.is_some() { &mut self.voiced } else { &mut self.unvoiced }, &balance);
        self.flux.add(flux);
        add_all(&mut self.mfcc, &short.mfcc);
        let Some(voice) = voice else { return };
        add_all(&mut self.voiced_mfcc, &short.mfcc);
        self.hnr_db.add(voice.hnr_db);
        let Some(tone) = &voice.tone else { return };
        self.h1_h2_db.add(tone.h1_h2_db);
        if let Some(db) = tone.h1_a3_db {
            self.h1_a3_db.add(db);
        }
        for (moments, formant) in self.formants.iter_mut().zip(tone.formants.iter().flatten()) {
            add_all(moments, formant);
        }
    }

    /// Frames, heard or not.
    pub(super) fn n_frames(&self) -> usize {
        self.f0.len()
    }

    /// Frames with a voice.
    pub(super) fn n_voiced(&self) -> usize {
        self.f0.iter().filter(|&&f0| f0 > 0.0).count()
    }

    /// Mean square of what is heard; 0 if nothing is.
    pub(super) fn mean_square(&self) -> f64 {
        self.squares / self.n_heard.max(1) as f64
    }

    /// The fundamental frequency over each voiced segment, smoothed.
    pub(super) fn f0(&self, step_s: f64) -> Contour {
        let mut segments = Vec::new();
        for stretch in self.stretches(&self.f0) {
            let voiced = stretch.chunk_by(|a, b| (*a > 0.0) == (*b > 0.0)).filter(|it| it[0] > 0.0);
            segments.extend(voiced.map(smoothed));
        }
        Contour::of(&segments, step_s)
    }

    /// The loudness over each stretch, smoothed, times `scale`.
    pub(super) fn loudness(&self, step_s: f64, scale: f32) -> Contour {
        let scaled = |stretch: &[f32]| -> Vec<f32> {
            smoothed(stretch).into_iter().map(|x| scale * x).collect()
        };
        Contour::of(&self.stretches(&self.loudness).map(scaled).collect::<Vec<_>>(), step_s)
    }

    /// Voiced segments, and what lies between them.
    pub(super) fn segments(&self, step_s: f64) -> Segments {
        let (mut voiced, mut unvoiced) = (Vec::new(), Vec::new());
        for stretch in self.stretches(&self.f0) {
            for segment in stretch.chunk_by(|a, b| (*a > 0.0) == (*b > 0.0)) {
                let lengths = if segment[0] > 0.0 { &mut voiced } else { &mut unvoiced };
                lengths.push(segment.len() as f64 * step_s);
            }
        }
        Segments {
            n_voiced: voiced.len(),
            voiced_s: moments(&voiced),
            unvoiced_s: moments(&unvoiced),
        }
    }

    fn stretches<'a>(&'a self, values: &'a [f32]) -> impl Iterator<Item = &'a [f32]> {
        let ends = self.starts.iter().copied().skip(1).chain([values.len()]);
        self.starts.iter().zip(ends).map(|(&start, end)| &values[start..end])
    }
}

fn add_all<const N: usize>(moments: &mut [Moments; N], values: &[f32; N]) {
    for (moments, value) in moments.iter_mut().zip(values) {
        moments.add(*value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(f0_semitones: f32) -> VoicedFrame {
        VoicedFrame { f0_semitones, hnr_db: 10.0, tone: None }
    }

    #[test]
    fn stretches_are_not_joined() {
        let mut tally = Tally::default();
        for start in [20.0, 40.0] {
            tally.begin();
            for i in 0..10 {
                let voice = voice(start + i as f32);
                // Three frames without a voice, then ten with one.
                if i == 0 {
                    (0..3).for_each(|_| tally.add(&ShortFeatures::default(), None));
                }
                tally.add(&ShortFeatures::default(), Some(&voice));
            }
        }
        let segments = tally.segments(0.01);
        assert_eq!(segments.n_voiced, 2);
        let close = |found: Option<(f64, f64)>, mean: f64| (found.unwrap().0 - mean).abs() < 1e-9;
        assert!(close(segments.voiced_s, 0.1) && close(segments.unvoiced_s, 0.03));
        let f0 = tally.f0(0.01);
        // Each segment rises by one semitone in 10 ms; between them there is no jump. Smoothing bends the ends.
        assert!((f0.rise.unwrap().0 - 100.0).abs() < 12.0 && f0.fall.is_none(), "{f0:?}");
        assert_eq!((tally.n_frames(), tally.n_voiced()), (26, 20));
    }

    #[test]
    fn nothing_has_no_statistics() {
        let tally = Tally::default();
        assert_eq!(tally.f0(0.01), Contour::default());
        assert_eq!(tally.segments(0.01), Segments::default());
        assert!(tally.mean_square() <= 0.0);
    }
}
