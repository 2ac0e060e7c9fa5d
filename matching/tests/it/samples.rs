//! Analyses with made-up but plausible numbers, the same for the same seed.

use dsp::emotion::Method;
use dsp::{
    Analysis, Concepts, Dimension, Emotion, Estimate, Input, Key, KeyCandidate, Loudness, Mode,
    Reason, Rhythm, Spectral, Stats, Tempo, TempoCandidate,
};
use fixtures::Rng;
use matching::{Descriptor, Embedding, Item, Likeness};

/// Draws that the samples are made of.
struct Draw(Rng);

impl Draw {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0.range(low, high)
    }

    fn below(&mut self, n: usize) -> usize {
        self.0.below(n)
    }

    fn stats(&mut self, low: f64, high: f64) -> Stats {
        Stats {
            mean: self.between(low, high) as f32,
            std: self.between(0.0, (high - low) / 4.0) as f32,
        }
    }

    /// The value, or in one case of eight a reason for its absence.
    fn perhaps<T>(&mut self, value: T) -> Estimate<T> {
        if self.below(8) == 0 { Err(Reason::Noise) } else { Ok(value) }
    }

    fn mode(&mut self) -> Mode {
        if self.below(2) == 0 { Mode::Major } else { Mode::Minor }
    }

    fn dimension(&mut self) -> Dimension {
        Dimension {
            value: self.between(-1.0, 1.0),
            confidence: self.between(0.0, 1.0),
            intercept: 0.0,
            contributions: Vec::new(),
            interval: None,
        }
    }
}

/// An analysis in which some groups may be unknown.
pub(crate) fn analysis(seed: u64) -> Analysis {
    let draw = &mut Draw(Rng::new(seed));
    let full = known(seed);
    Analysis {
        spectral: full.spectral.and_then(|value| draw.perhaps(value)),
        loudness: full.loudness.and_then(|value| draw.perhaps(value)),
        tempo: full.tempo.and_then(|value| draw.perhaps(value)),
        rhythm: full.rhythm.and_then(|value| draw.perhaps(value)),
        key: full.key.and_then(|value| draw.perhaps(value)),
        emotion: full.emotion.and_then(|value| draw.perhaps(value)),
        ..full
    }
}

/// An analysis in which every group is known.
pub(crate) fn known(seed: u64) -> Analysis {
    let draw = &mut Draw(Rng::new(seed ^ 0x5EED));
    let bpm = draw.between(60.0, 180.0);
    let (tonic, mode) = (draw.below(12) as u8, draw.mode());
    let (other_tonic, other_mode) = (draw.below(12) as u8, draw.mode());
    let strength = draw.between(0.5, 1.0);
    let duration_s = draw.between(2.0, 300.0);
    Analysis {
        version: 1,
        input: Input {
            sample_rate_hz: 44_100,
            n_channels: 2,
            n_frames: (duration_s * 44_100.0) as u64,
            duration_s,
            n_invalid_samples: 0,
        },
        spectral: Ok(Spectral {
            centroid_hz: draw.stats(500.0, 5_000.0),
            bandwidth_hz: draw.stats(800.0, 3_500.0),
            rolloff_hz: draw.stats(1_000.0, 9_000.0),
            flatness: draw.stats(0.000_1, 0.3),
            flux_db: draw.stats(0.2, 4.0),
            contrast_db: std::array::from_fn(|_| draw.stats(10.0, 30.0)),
            zero_crossing_rate: draw.stats(0.01, 0.3),
            rms: draw.stats(0.01, 0.4),
            mfcc: std::array::from_fn(|_| draw.stats(-60.0, 120.0)),
            mfcc_covariance: (0..210).map(|_| draw.between(-50.0, 50.0) as f32).collect(),
            chroma: std::array::from_fn(|_| draw.between(0.0, 1.0) as f32),
        }),
        loudness: Ok(Loudness {
            integrated_lufs: draw.between(-40.0, -6.0),
            replay_gain_db: -5.0,
            range_lu: Ok(draw.between(0.0, 20.0)),
            momentary_max_lufs: -5.0,
            short_term_max_lufs: Ok(-6.0),
            short_term_median_lufs: Ok(draw.between(-40.0, -6.0)),
            true_peak_dbtp: draw.between(-10.0, 1.0),
            sample_peak_dbfs: -1.0,
        }),
        tempo: Ok(Tempo {
            bpm,
            confidence: draw.between(0.0, 1.0),
            candidates: vec![
                TempoCandidate { bpm, strength },
                TempoCandidate { bpm: bpm / 2.0, strength: 1.0 - strength },
            ],
            stability: draw.between(0.5, 1.0),
            curve: Vec::new(),
        }),
        rhythm: Ok(Rhythm {
            beats_s: Vec::new(),
            beat_strengths: Vec::new(),
            tatums_per_beat: 2,
            meter: Err(Reason::NoMeter),
            confidence: draw.between(0.0, 1.0),
            onset_rate_hz: draw.between(0.2, 9.0),
            pulse_clarity: draw.between(0.0, 1.0),
            pattern: std::array::from_fn(|_| draw.between(0.0, 0.125) as f32),
        }),
        key: Ok(Key {
            tonic,
            mode,
            confidence: draw.between(0.0, 1.0),
            candidates: vec![
                KeyCandidate { tonic, mode, strength },
                KeyCandidate { tonic: other_tonic, mode: other_mode, strength: 1.0 - strength },
            ],
            clarity: draw.between(0.2, 1.0),
            majorness: draw.between(-0.5, 0.5),
            tuning_cents: draw.between(-50.0, 50.0),
            profile: std::array::from_fn(|_| draw.between(0.0, 1.0) as f32),
            harmonic_change: draw.between(0.0, 0.5),
            regions: Vec::new(),
        }),
        expression: dsp::Expression::default(),
        emotion: Ok(Emotion {
            method: Method { name: "rule/2, reference/2".into(), number: 0 },
            valence: draw.dimension(),
            arousal: draw.dimension(),
            tension: draw.dimension(),
            // Matching does not read these.
            concepts: Concepts {
                happy: draw.dimension(),
                sad: draw.dimension(),
                tender: draw.dimension(),
                anger: draw.dimension(),
                fear: draw.dimension(),
            },
            hints: dsp::Hints::default(),
            curve: Vec::new(),
        }),
        // Matching does not read these.
        voice: Err(dsp::Reason::TooShort),
        dynamics: Err(dsp::Reason::TooShort),
        structure: Err(dsp::Reason::TooShort),
        fingerprint: Err(dsp::Reason::TooShort),
        curves: dsp::Curves::default(),
    }
}

/// An item with unknown groups, up to four tags and often an embedding.
pub(crate) fn item(seed: u64) -> Item {
    const WORDS: [&str; 7] = ["ambient", "drums", "live", "piano", "rain", "solo", "voice"];
    let draw = &mut Draw(Rng::new(seed ^ 0x7A65));
    let n_tags = draw.below(5);
    let tags = (0..n_tags).map(|_| WORDS[draw.below(WORDS.len())].to_owned()).collect();
    Item { descriptor: Descriptor::new(&analysis(seed)), embedding: embedding(draw), tags }
}

/// Where one of two models puts an item, if any does.
fn embedding(draw: &mut Draw) -> Option<Embedding> {
    let method = draw.below(4) as u64;
    let point: Vec<f64> = (0..24).map(|_| draw.between(-1.0, 1.0)).collect();
    let likeness = Likeness { typical: 0.1, deviation: 0.25 };
    (method < 2).then(|| Embedding::new("sound 2".into(), method, likeness, &point).unwrap())
}

/// An item without tags, from an analysis.
pub(crate) fn untagged(analysis: &Analysis) -> Item {
    Item { descriptor: Descriptor::new(analysis), embedding: None, tags: Vec::new() }
}
