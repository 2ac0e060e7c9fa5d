//! The result of analysing one recording: plain numbers, no serialisation.
//!
//! Every estimate that can be impossible is an [`Estimate`]: a value, or the [`Reason`] why there is none.

use crate::curves::Curves;
use crate::dynamics::Dynamics;
use crate::emotion::{Emotion, Expression};
use crate::fingerprint::Fingerprint;
use crate::key_regions::KeyRegion;
use crate::meter::Meter;
use crate::structure::Structure;
use crate::tempo_curve::TempoPoint;
use crate::voice::Voice;

/// Version of everything that changes a number in [`Analysis`].
///
/// Results of different versions are never compared.
pub const ANALYSIS_VERSION: u32 = 1;

/// A value, or why it cannot be known.
pub type Estimate<T> = Result<T, Reason>;

/// Why an estimate is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The recording holds no sound above the absolute gate.
    Silence,
    /// The recording is shorter than the estimate needs.
    TooShort,
    /// There are sounds, but no periodic pulse among them.
    NoPulse,
    /// There are beats, but none of them stands out as the first of a bar.
    NoMeter,
    /// There are sounds, but no pitch classes stand out.
    NoPitch,
    /// The sound is noise-like: flat spectrum without onsets or pitch.
    Noise,
    /// The channels cancel each other in their mean, which is what all but the loudness listens to.
    OutOfPhase,
    /// There are sounds, but no speech among them.
    NoSpeech,
    /// It is speech, and this is about music.
    Speech,
}

/// Everything known about one recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// [`ANALYSIS_VERSION`] of the code that made this.
    pub version: u32,
    /// What was analysed.
    pub input: Input,
    /// Statistics of short-time spectra.
    pub spectral: Estimate<Spectral>,
    /// EBU R 128 loudness.
    pub loudness: Estimate<Loudness>,
    /// Tempo with its alternatives.
    pub tempo: Estimate<Tempo>,
    /// Beats and the rhythm pattern.
    pub rhythm: Estimate<Rhythm>,
    /// Key with its alternatives.
    pub key: Estimate<Key>,
    /// What the emotion alone is made of.
    pub expression: Expression,
    /// Valence, arousal, tension and the rest of what listeners are likely to hear.
    pub emotion: Estimate<Emotion>,
    /// Speech, music and noise over time, and the voice of what is speech.
    pub voice: Estimate<Voice>,
    /// Level and feel.
    pub dynamics: Estimate<Dynamics>,
    /// Silences, fades, sections and segments.
    pub structure: Estimate<Structure>,
    /// Acoustic fingerprint.
    pub fingerprint: Estimate<Fingerprint>,
    /// What it looks like from beginning to end.
    pub curves: Curves,
}

/// The decoded signal in figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Input {
    /// Source rate in Hz.
    pub sample_rate_hz: u32,
    /// Source channels, 1 to 8.
    pub n_channels: u32,
    /// Sample frames (samples per channel).
    pub n_frames: u64,
    /// `n_frames / sample_rate_hz`.
    pub duration_s: f64,
    /// Samples that were NaN or infinite and were read as 0.
    pub n_invalid_samples: u64,
}

/// Mean and population standard deviation over frames.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stats {
    /// Arithmetic mean.
    pub mean: f32,
    /// Population standard deviation.
    pub std: f32,
}

/// Statistics of short-time spectra (librosa's definitions, 22 050 Hz, `n_fft` 2048, hop 512) over the frames from
/// the first above −70 dBFS on that lie at most 60 dB below the loudest so far; those of the RMS are over all frames.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectral {
    /// Spectral centroid, Hz.
    pub centroid_hz: Stats,
    /// Spectral bandwidth (p = 2), Hz.
    pub bandwidth_hz: Stats,
    /// 85 % roll-off, Hz.
    pub rolloff_hz: Stats,
    /// Spectral flatness, 0..=1.
    pub flatness: Stats,
    /// Positive spectral flux of the log-mel spectrum, dB per frame.
    pub flux_db: Stats,
    /// Spectral contrast of 7 octave bands, dB.
    pub contrast_db: [Stats; 7],
    /// Zero crossings per sample, 0..=1.
    pub zero_crossing_rate: Stats,
    /// Root mean square, linear full scale.
    pub rms: Stats,
    /// 20 MFCC.
    pub mfcc: [Stats; 20],
    /// Covariance of the 20 MFCC over frames above the gate: upper triangle, row by row, 210 values.
    pub mfcc_covariance: Vec<f32>,
    /// Mean chroma (inf-norm per frame), C first, 0..=1.
    pub chroma: [f32; 12],
}

/// EBU R 128 / ITU-R BS.1770-5 loudness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Gated integrated loudness, LUFS.
    pub integrated_lufs: f64,
    /// Gain that brings the recording to the reference of ReplayGain 2.0, −18 LUFS: dB, above 0 for quiet ones.
    pub replay_gain_db: f64,
    /// Loudness range (EBU Tech 3342), LU; unknown below 3 s.
    pub range_lu: Estimate<f64>,
    /// Highest momentary loudness (400 ms), LUFS.
    pub momentary_max_lufs: f64,
    /// Highest short-term loudness (3 s), LUFS; unknown below 3 s.
    pub short_term_max_lufs: Estimate<f64>,
    /// Median of the short-term loudness, LUFS; unknown below 3 s.
    pub short_term_median_lufs: Estimate<f64>,
    /// True peak over all channels, dBTP.
    pub true_peak_dbtp: f64,
    /// Sample peak over all channels, dBFS.
    pub sample_peak_dbfs: f64,
}

/// One tempo hypothesis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TempoCandidate {
    /// Beats per minute.
    pub bpm: f64,
    /// Share of the support among the candidates, 0..=1; all of them sum to 1.
    pub strength: f64,
}

/// Tempo.
#[derive(Debug, Clone, PartialEq)]
pub struct Tempo {
    /// Beats per minute of the first candidate, refined by regression on the beats.
    pub bpm: f64,
    /// 0..=1: how likely `bpm` is right within 4 %.
    pub confidence: f64,
    /// One to three hypotheses, strongest first.
    pub candidates: Vec<TempoCandidate>,
    /// 1 − MAD(inter-beat interval) / median, 0..=1.
    pub stability: f64,
    /// Local tempo every 5 s, ascending; empty where there are too few beats.
    pub curve: Vec<TempoPoint>,
}

/// Number of bins of [`Rhythm::pattern`].
pub const RHYTHM_PATTERN_BINS: usize = 48;

/// Beats and what happens between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Rhythm {
    /// Beat times, seconds from the first decoded sample, ascending.
    pub beats_s: Vec<f64>,
    /// Beats per bar and downbeats; unknown below twelve beats and where all are alike.
    pub meter: Estimate<Meter>,
    /// How clearly something begins at each of the beats, 0..=1; as many as there are beats.
    pub beat_strengths: Vec<f32>,
    /// Equal parts of a beat that are played, 1..=4; triplets and swing give 3.
    pub tatums_per_beat: u8,
    /// 0..=1: agreement of the beats with the onsets.
    pub confidence: f64,
    /// Onsets per second.
    pub onset_rate_hz: f64,
    /// 0..=1: how much of the onset energy is periodic.
    pub pulse_clarity: f64,
    /// Onset energy in three bands (low, mid, high) by phase within one beat, 16 bins each, each band
    /// normalised to sum 1 (all zero where the band is empty).
    pub pattern: [f32; RHYTHM_PATTERN_BINS],
}

/// Major or minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Major.
    Major,
    /// Minor.
    Minor,
}

/// One key hypothesis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyCandidate {
    /// Pitch class of the tonic, C = 0.
    pub tonic: u8,
    /// Mode.
    pub mode: Mode,
    /// Share of the support among the candidates, 0..=1.
    pub strength: f64,
}

/// Key.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Pitch class of the tonic, C = 0.
    pub tonic: u8,
    /// Mode.
    pub mode: Mode,
    /// 0..=1: how likely tonic and mode are both right.
    pub confidence: f64,
    /// One to three hypotheses, strongest first.
    pub candidates: Vec<KeyCandidate>,
    /// 0..=1: best profile correlation, clipped at 0 ("key clarity").
    pub clarity: f64,
    /// −1..=1: best major correlation minus best minor correlation.
    pub majorness: f64,
    /// Deviation from A4 = 440 Hz, cents, −50..=50.
    pub tuning_cents: f64,
    /// Mean harmonic pitch class profile, C first, largest 1.
    pub profile: [f32; 12],
    /// Mean distance of successive tonal centroids (harmonic change), >= 0.
    pub harmonic_change: f64,
    /// Where which key is heard: they tile the recording, neighbours differ, and `tonic` and `mode` are those of one.
    pub regions: Vec<KeyRegion>,
}
