//! Tempo, beats and rhythm pattern of one recording.

use crate::analysis::{Estimate, RHYTHM_PATTERN_BINS, Reason, Rhythm, Tempo, TempoCandidate};
use crate::beats::beat_path;
use crate::onset::{ONSET_FPS, OnsetEnvelope, OnsetStage};
use crate::periodicity::autocorrelation;
use crate::tempo::hypotheses;

/// Shortest recording with a tempo, frames.
const MIN_FRAMES: usize = 300;
/// Bins of the pattern per band.
const PHASES: usize = RHYTHM_PATTERN_BINS / 3;

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
        match analyse(&self.onsets.finish()) {
            Ok((tempo, rhythm)) => RhythmResult { tempo: Ok(tempo), rhythm: Ok(rhythm) },
            Err(reason) => RhythmResult { tempo: Err(reason), rhythm: Err(reason) },
        }
    }
}

fn analyse(onsets: &OnsetEnvelope) -> Result<(Tempo, Rhythm), Reason> {
    if onsets.len() < MIN_FRAMES {
        return Err(Reason::TooShort);
    }
    if onsets.n_loud_frames == 0 {
        return Err(Reason::Silence);
    }
    let sum: Vec<f32> =
        (0..onsets.len()).map(|n| onsets.low[n] + onsets.mid[n] + onsets.high[n]).collect();
    let mut sorted = sum.clone();
    sorted.sort_by(f32::total_cmp);
    let top = sorted[sorted.len() * 98 / 100].max(f32::MIN_POSITIVE);
    let curve = autocorrelation(&sum);
    let found = hypotheses(&curve);
    let best = *found.first().ok_or(Reason::NoPulse)?;
    let activation: Vec<f32> =
        sum.iter().map(|s| 0.02 + 0.96 * (s / top).min(1.0).powf(1.2)).collect();
    let path = beat_path(&activation, best.period);
    if path.score <= 0.0 || path.frames.len() < 4 {
        return Err(Reason::NoPulse);
    }
    let total: f64 = found.iter().map(|h| h.score.exp()).sum();
    let candidates: Vec<TempoCandidate> = found
        .iter()
        .map(|h| TempoCandidate {
            bpm: 60.0 * ONSET_FPS / h.period,
            strength: h.score.exp() / total,
        })
        .collect();
    let bpm = candidates[0].bpm;
    let tempo = Tempo { bpm, confidence: candidates[0].strength, candidates, stability: 1.0 };
    let rhythm = Rhythm {
        beats_s: path.frames.iter().map(|&f| f as f64 / ONSET_FPS).collect(),
        confidence: 0.5,
        onset_rate_hz: 0.0,
        pulse_clarity: f64::from(curve[best.period as usize]).clamp(0.0, 1.0),
        pattern: pattern(onsets, &path.frames),
    };
    Ok((tempo, rhythm))
}

fn pattern(onsets: &OnsetEnvelope, beats: &[usize]) -> [f32; RHYTHM_PATTERN_BINS] {
    let mut pattern = [0.0; RHYTHM_PATTERN_BINS];
    for (band, envelope) in [&onsets.low, &onsets.mid, &onsets.high].into_iter().enumerate() {
        let bins = &mut pattern[band * PHASES..(band + 1) * PHASES];
        for pair in beats.windows(2) {
            let length = (pair[1] - pair[0]) as f64;
            for (i, strength) in envelope[pair[0]..pair[1]].iter().enumerate() {
                let phase = i as f64 / length * PHASES as f64;
                bins[(phase as usize).min(PHASES - 1)] += strength;
            }
        }
        let sum: f32 = bins.iter().sum();
        if sum > 0.0 {
            for bin in bins {
                *bin /= sum;
            }
        }
    }
    pattern
}
