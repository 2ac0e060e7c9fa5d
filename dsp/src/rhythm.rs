//! Tempo, beats and rhythm pattern of one recording.

use crate::accents::Accents;
use crate::activation::{Activation, FULL_ACCENT};
use crate::analysis::{Estimate, Reason, Rhythm, Tempo, TempoCandidate};
use crate::bar_cues::BarCues;
use crate::beats::beat_path;
use crate::evidence::Evidence;
use crate::harmonic_motion::harmonic_motion;
use crate::meter::meter;
use crate::onset::{ONSET_FPS, OnsetEnvelope, OnsetStage};
use crate::pattern::{
    beat_contrast, beat_strengths, beat_times_s, refined_bpm, rhythm_pattern, stability,
};
use crate::phase::{beat_phase, moved};
use crate::tatum::tatums_per_beat;
use crate::tempo::hypotheses;
use crate::tempo_curve::tempo_curve;

/// Shortest recording with a tempo, frames.
const MIN_FRAMES: usize = 300;
/// Strongest repetition that noise, random clicks and speech reach at any length; what is added to it over
/// the length in seconds; and the most that is asked of a short clip. Measured on 40 seeds at each of 3 to
/// 40 s, where nine pieces of music in ten stay above.
const NOISE_FLOOR: f64 = 0.026;
const NOISE_DECAY_S: f64 = 0.33;
const NOISE_CAP: f64 = 0.105;
/// Harmonic motion that neither noise nor clicks nor a handful of tones reach, and the part of the repetition that is
/// asked of a recording which does: strings and voices begin softly.
const MOVING_HARMONY: f64 = 0.6;
const MOVING_SHARE: f64 = 0.4;

/// Tempo and rhythm of one recording.
#[derive(Debug, Clone, PartialEq)]
pub struct RhythmResult {
    /// Tempo with its alternatives.
    pub tempo: Estimate<Tempo>,
    /// Beats and the rhythm pattern.
    pub rhythm: Estimate<Rhythm>,
}

/// Streaming rhythm analysis of a mono signal.
pub struct RhythmStage {
    onsets: OnsetStage,
}

impl RhythmStage {
    /// A stage for mono samples at `rate_hz`; made for 22 050 Hz.
    pub fn new(rate_hz: u32) -> Self {
        Self { onsets: OnsetStage::new(rate_hz) }
    }

    /// Takes the next samples; blocks of any length give the same result.
    pub fn push(&mut self, samples: &[f32]) {
        self.onsets.push(samples);
    }

    /// Tempo and rhythm of everything pushed.
    pub fn finish(self) -> RhythmResult {
        match analyse(self.onsets.finish()) {
            Ok((tempo, rhythm)) => RhythmResult { tempo: Ok(tempo), rhythm: Ok(rhythm) },
            Err(reason) => RhythmResult { tempo: Err(reason), rhythm: Err(reason) },
        }
    }
}

fn analyse(mut onsets: OnsetEnvelope) -> Result<(Tempo, Rhythm), Reason> {
    if onsets.len() < MIN_FRAMES {
        return Err(Reason::TooShort);
    }
    if onsets.n_loud_frames == 0 {
        return Err(Reason::Silence);
    }
    let silence_s = onsets.drop_leading_silence();
    let onsets = &onsets;
    let accents = Accents::new(onsets);
    let evidence = Evidence::new(&accents, onsets);
    let repetition = evidence.pulse.strongest();
    let duration_s = onsets.len() as f64 / ONSET_FPS;
    let moves = harmonic_motion(&onsets.sketch) > MOVING_HARMONY;
    let share = if moves { MOVING_SHARE } else { 1.0 };
    if repetition < share * (NOISE_FLOOR + NOISE_DECAY_S / duration_s).min(NOISE_CAP) {
        return Err(Reason::NoPulse);
    }
    let found = hypotheses(&evidence);
    let best = found.first().ok_or(Reason::NoPulse)?;
    let path = beat_path(&Activation::new(&evidence), best.period);
    if path.frames.len() < 4 {
        return Err(Reason::NoPulse);
    }
    let tracked_s = beat_times_s(&accents, &path.frames);
    let place = beat_phase(&accents, &onsets.sketch, &tracked_s);
    let frames = moved(&path.frames, place, onsets.len());
    let shown = &found[..found.len().min(3)];
    let sum: f64 = shown.iter().map(|h| h.probability).sum();
    let mut candidates: Vec<TempoCandidate> = shown
        .iter()
        .map(|h| TempoCandidate { bpm: 60.0 * ONSET_FPS / h.period, strength: h.probability / sum })
        .collect();
    let beats_s = if place > 0.0 { beat_times_s(&accents, &frames) } else { tracked_s };
    candidates[0].bpm = refined_bpm(&beats_s, best.period / ONSET_FPS);
    let from_start_s: Vec<f64> = beats_s.iter().map(|beat_s| beat_s + silence_s).collect();
    let tempo = Tempo {
        bpm: candidates[0].bpm,
        confidence: best.probability,
        stability: stability(&beats_s),
        candidates,
        curve: tempo_curve(&from_start_s),
    };
    let rhythm = Rhythm {
        confidence: beat_contrast(&accents, &frames),
        onset_rate_hz: evidence.onset_rate_hz,
        // The compressed autocorrelation is small even for music; its root spreads it over 0..=1.
        pulse_clarity: repetition.sqrt().clamp(0.0, 1.0),
        meter: meter(&BarCues::new(&accents, &onsets.sketch, &beats_s)),
        pattern: rhythm_pattern(onsets, &beats_s),
        beat_strengths: beat_strengths(&accents, &beats_s, FULL_ACCENT),
        tatums_per_beat: tatums_per_beat(&accents, &beats_s),
        beats_s: from_start_s,
    };
    Ok((tempo, rhythm))
}
