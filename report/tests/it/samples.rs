//! Analyses with made-up but plausible numbers.

use dsp::curves::spectrogram::ROWS;
use dsp::curves::{Chromagram, Curves, MelSpectrogram, Waveform};
use dsp::emotion::Method;
use dsp::{
    Analysis, Concepts, Contribution, Dimension, Dynamics, Emotion, EmotionPoint, Expression,
    Fingerprint, Hints, Input, Key, KeyCandidate, KeyRegion, Loudness, Meter, Mode, Reason, Rhythm,
    Section, Segment, SoundKind, SoundRange, Span, Spectral, Speech, Stats, Structure, Tempo,
    TempoCandidate, TempoPoint, Voice,
};
use report::Source;

/// Bytes that were decoded without loss.
pub(crate) fn source() -> Source {
    Source {
        sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".to_owned(),
        n_bytes: 3_528_044,
        container: "wave".to_owned(),
        codec: "pcm_s16le".to_owned(),
        sample_rate_hz: 44_100,
        n_channels: 2,
        duration_s: 20.000_000_4,
        truncated: false,
        n_bad_packets: 0,
    }
}

/// Curves of simple shapes: a swelling wave, a tone that rises and a pitch class after the other.
fn curves(n_pixels: usize, n_loudness: usize) -> Curves {
    let wave = |i: usize| (127.0 * (i as f64 * 0.02).sin().abs()) as i8;
    let level = |column: usize, row: usize| {
        let distance = (row as f64 - column as f64 * 0.25).abs();
        (140.0 - 4.0 * distance).max(0.0) as u8
    };
    let n_columns = n_loudness + n_loudness / 13;
    Curves {
        waveform: Waveform {
            samples_per_pixel: 512,
            min: (0..n_pixels).map(|i| -wave(i)).collect(),
            max: (0..n_pixels).map(|i| wave(i) / 2).collect(),
        },
        momentary_lufs: (0..n_loudness).map(|i| -30.0 + (i as f32 * 0.1).sin() * 12.0).collect(),
        spectrogram: MelSpectrogram {
            column_s: 4.0 * 512.0 / 22_050.0,
            levels: (0..n_columns)
                .flat_map(|column| (0..ROWS).map(move |row| level(column, row)))
                .collect(),
        },
        chroma: Chromagram {
            column_s: 21.0 * 512.0 / 22_050.0,
            columns: (0..n_loudness / 5)
                .map(|column| {
                    std::array::from_fn(|class| if class == column % 12 { 255 } else { 60 })
                })
                .collect(),
        },
    }
}

fn input() -> Input {
    Input {
        sample_rate_hz: 44_100,
        n_channels: 2,
        n_frames: 882_000,
        duration_s: 20.0,
        n_invalid_samples: 0,
    }
}

/// Nothing could be estimated.
pub(crate) fn unknown(reason: Reason) -> Analysis {
    Analysis {
        version: 1,
        input: input(),
        spectral: Err(reason),
        loudness: Err(reason),
        tempo: Err(reason),
        rhythm: Err(reason),
        key: Err(reason),
        expression: Expression::default(),
        emotion: Err(reason),
        voice: Err(reason),
        dynamics: Err(reason),
        structure: Err(reason),
        fingerprint: Err(reason),
        curves: curves(40, 20),
    }
}

/// Everything is known; `seed` moves every number a little.
pub(crate) fn known(seed: f64) -> Analysis {
    let stats = |mean: f64| Stats { mean: (mean + seed) as f32, std: (mean * 0.1 + seed) as f32 };
    let dimension = |value: f64| Dimension {
        value,
        confidence: 0.5,
        intercept: 0.0,
        contributions: vec![
            Contribution { feature: "event_rate", amount: value * 0.75, z: 1.5 },
            Contribution { feature: "brightness", amount: value * 0.25, z: -0.5 },
        ],
        interval: None,
    };
    Analysis {
        version: 1,
        input: input(),
        spectral: Ok(Spectral {
            centroid_hz: stats(1_834.25),
            bandwidth_hz: stats(2_011.5),
            rolloff_hz: stats(3_900.125),
            flatness: stats(0.012_345_678),
            flux_db: stats(1.25),
            contrast_db: std::array::from_fn(|band| stats(18.0 + band as f64)),
            zero_crossing_rate: stats(0.071_234),
            rms: stats(0.123_456_789),
            mfcc: std::array::from_fn(|i| stats(-120.0 + 17.5 * i as f64)),
            mfcc_covariance: vec![1.0; 210],
            chroma: std::array::from_fn(|i| i as f32 / 13.0),
        }),
        loudness: Ok(Loudness {
            integrated_lufs: -13.987 + seed,
            replay_gain_db: -4.013 - seed,
            range_lu: Ok(5.432 + seed),
            momentary_max_lufs: -9.123,
            short_term_max_lufs: Ok(-11.5),
            short_term_median_lufs: Ok(-13.25),
            true_peak_dbtp: -0.304,
            sample_peak_dbfs: -0.511,
        }),
        tempo: Ok(Tempo {
            bpm: 125.997 + seed,
            confidence: 0.8765,
            candidates: vec![
                TempoCandidate { bpm: 125.997 + seed, strength: 0.7 },
                TempoCandidate { bpm: 62.998, strength: 0.3 },
            ],
            stability: 0.98,
            curve: (1..4)
                .map(|k| TempoPoint {
                    time_s: 5.0 * f64::from(k),
                    bpm: 125.5 + f64::from(k) * 0.25 + seed,
                })
                .collect(),
        }),
        rhythm: Ok(Rhythm {
            beats_s: (0..40).map(|beat| 0.1234 + 0.4762 * f64::from(beat) + seed).collect(),
            beat_strengths: (0..40_u8).map(|beat| f32::from(beat % 4 + 1) / 4.5).collect(),
            tatums_per_beat: 4,
            meter: Ok(Meter {
                beats_per_bar: 4,
                confidence: 0.9125,
                downbeats: (1..40).step_by(4).collect(),
                downbeat_confidence: 0.75,
            }),
            confidence: 0.75,
            onset_rate_hz: 4.2,
            pulse_clarity: 0.61,
            pattern: std::array::from_fn(|bin| if bin % 16 == 0 { 0.4 } else { 0.04 }),
        }),
        key: Ok(Key {
            tonic: 6,
            mode: Mode::Minor,
            confidence: 0.66,
            candidates: vec![
                KeyCandidate { tonic: 6, mode: Mode::Minor, strength: 0.6 },
                KeyCandidate { tonic: 9, mode: Mode::Major, strength: 0.4 },
            ],
            clarity: 0.81,
            majorness: -0.12,
            tuning_cents: -3.25,
            profile: std::array::from_fn(|i| (i + 1) as f32 / 12.0),
            harmonic_change: 0.234_56,
            regions: vec![
                KeyRegion {
                    start_s: 0.0,
                    end_s: 14.126_7,
                    tonic: 6,
                    mode: Mode::Minor,
                    confidence: 0.625,
                },
                KeyRegion {
                    start_s: 14.126_7,
                    end_s: 20.0,
                    tonic: 7,
                    mode: Mode::Minor,
                    confidence: 0.5,
                },
            ],
        }),
        expression: Expression::default(),
        emotion: Ok(Emotion {
            method: Method { name: "rule/2, reference/2".into(), number: 0 },
            valence: dimension(-0.25),
            arousal: dimension(0.5),
            tension: dimension(0.125),
            concepts: Concepts {
                happy: dimension(0.125),
                sad: dimension(0.5),
                tender: dimension(0.25),
                anger: dimension(0.0625),
                fear: dimension(0.375),
            },
            hints: Hints {
                acousticness: Some(0.8125),
                instrumentalness: None,
                liveness: Some(0.231_475),
                speechiness: Some(0.047_426),
            },
            curve: (0..20).map(emotion_point).collect(),
        }),
        voice: Ok(voice()),
        dynamics: Ok(Dynamics {
            dynamic_complexity_db: 3.456 + seed,
            crest_db: 14.321,
            danceability: Ok(1.234_5),
            energy: Ok(0.678_9),
        }),
        structure: Ok(structure()),
        fingerprint: Ok(Fingerprint(vec![1, 2, 3])),
        curves: curves(1723, 200),
    }
}

/// A song with an announcement.
fn voice() -> Voice {
    let range = |start_s, end_s, kind, confidence| SoundRange { start_s, end_s, kind, confidence };
    Voice {
        ranges: vec![
            range(0.0, 5.041_5, SoundKind::Speech, 0.912_34),
            range(5.041_5, 19.25, SoundKind::Music, 0.987_65),
        ],
        speech_share: 0.261_896,
        speech: Ok(Speech {
            duration_s: 4.987_6,
            voiced_share: 0.512_3,
            arousal: Ok(Dimension {
                value: 0.3,
                confidence: 0.5,
                intercept: 0.0,
                contributions: vec![
                    Contribution { feature: "f0_semitones_p50", amount: 0.4, z: 2.0 },
                    Contribution { feature: "h1_a3_db_mean", amount: -0.1, z: 1.0 },
                ],
                interval: None,
            }),
            features: vec![("f0_semitones_mean", 25.123_456), ("jitter_mean", 0.012_345_6)],
        }),
    }
}

/// A line, with a gap of silence.
fn emotion_point(second: u32) -> Option<EmotionPoint> {
    let rise = f64::from(second) / 40.0;
    (second != 12).then_some(EmotionPoint {
        valence: -0.5 + rise,
        arousal: 0.25 + rise,
        tension: 0.375 - rise,
    })
}

fn segment(i: u32) -> Segment {
    let start_s = 0.5 * f64::from(i);
    let class = i as usize % 12;
    Segment {
        start_s,
        end_s: start_s + 0.5,
        confidence: 0.8,
        loudness_start_db: -31.25,
        loudness_max_db: -9.5,
        loudness_max_time_s: 0.045,
        pitches: std::array::from_fn(|it| if it == class { 1.0 } else { 0.2 }),
        timbre: std::array::from_fn(|it| 40.0 - 7.5 * it as f32),
    }
}

fn structure() -> Structure {
    let section =
        |start_s: f64, end_s: f64, label: u8| Section { start_s, end_s, label, confidence: 0.625 };
    Structure {
        fade_in_end_s: 0.0,
        fade_out_start_s: 17.125,
        silences: vec![Span { start_s: 19.25, end_s: 20.0 }],
        sections: Ok(vec![section(0.0, 7.75, 0), section(7.75, 15.5, 1), section(15.5, 20.0, 0)]),
        segments: (0..40).map(segment).collect(),
    }
}
