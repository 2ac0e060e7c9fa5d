//! The facts of one analysis that matching reads, in a fixed order.
//!
//! A descriptor holds facts and no opinions: what is made of them (scales, weights, percentiles)
//! belongs to [`crate::WEIGHTS_VERSION`], so that weights can change without a new analysis.

use crate::layout::{self as at, N_FACTS, known};
use dsp::{Analysis, Estimate, Stats};

/// Version of the facts and their order.
pub const DESCRIPTOR_VERSION: u32 = 1;

/// What matching knows about one recording: fixed size, no names, no tags.
#[derive(Debug, Clone, PartialEq)]
pub struct Descriptor {
    pub(crate) analysis_version: u32,
    /// Bits of [`known`].
    pub(crate) known: u32,
    pub(crate) facts: Box<[f32; N_FACTS]>,
}

impl Descriptor {
    /// The descriptor of an analysis. A group with a value that is not finite counts as unknown.
    pub fn new(analysis: &Analysis) -> Self {
        let mut descriptor =
            Self { analysis_version: analysis.version, known: 0, facts: Box::new([0.0; N_FACTS]) };
        let duration_s = analysis.input.duration_s as f32;
        descriptor.facts[at::DURATION_S] = if duration_s.is_finite() { duration_s } else { 0.0 };
        descriptor.group(known::TEMPO, &analysis.tempo, tempo);
        descriptor.group(known::KEY, &analysis.key, key);
        descriptor.group(known::RHYTHM, &analysis.rhythm, rhythm);
        descriptor.group(known::LOUDNESS, &analysis.loudness, loudness);
        if let Ok(loudness) = &analysis.loudness {
            let range_and_median = loudness
                .range_lu
                .and_then(|range| loudness.short_term_median_lufs.map(|median| (range, median)));
            descriptor.group(known::SHORT_TERM, &range_and_median, |facts, &(range, median)| {
                facts[at::LOUDNESS_RANGE_LU] = range as f32;
                facts[at::LOUDNESS_MEDIAN_LUFS] = median as f32;
            });
        }
        descriptor.group(known::EMOTION, &analysis.emotion, emotion);
        descriptor.group(known::SPECTRAL, &analysis.spectral, spectral);
        descriptor
    }

    /// Version of the analysis that the facts are from; others are not comparable with it.
    pub fn analysis_version(&self) -> u32 {
        self.analysis_version
    }

    /// The tempo in beats per minute; `None` when it is unknown.
    pub fn bpm(&self) -> Option<f32> {
        self.knows(known::TEMPO).then(|| self.facts[at::TEMPO_LOG2_BPM.start].exp2())
    }

    pub(crate) fn knows(&self, group: u32) -> bool {
        self.known & group == group
    }

    /// Writes a group of facts, or nothing when it is unknown or not finite.
    fn group<T>(&mut self, bit: u32, estimate: &Estimate<T>, write: fn(&mut [f32; N_FACTS], &T)) {
        let Ok(value) = estimate else { return };
        let mut facts = self.facts.clone();
        write(&mut facts, value);
        if facts.iter().all(|fact| fact.is_finite()) {
            self.facts = facts;
            self.known |= bit;
        }
    }
}

fn tempo(facts: &mut [f32; N_FACTS], tempo: &dsp::Tempo) {
    let slots = at::TEMPO_LOG2_BPM.zip(at::TEMPO_STRENGTH);
    for ((bpm, strength), candidate) in slots.zip(&tempo.candidates) {
        facts[bpm] = candidate.bpm.log2() as f32;
        facts[strength] = candidate.strength as f32;
    }
    // The first candidate is known better than the list has it.
    facts[at::TEMPO_LOG2_BPM.start] = tempo.bpm.log2() as f32;
    facts[at::TEMPO_STRENGTH.start] = facts[at::TEMPO_STRENGTH.start].max(f32::EPSILON);
    facts[at::TEMPO_CONFIDENCE] = tempo.confidence as f32;
    facts[at::TEMPO_STABILITY] = tempo.stability as f32;
}

fn key(facts: &mut [f32; N_FACTS], key: &dsp::Key) {
    let number = |tonic: u8, mode| f32::from(tonic % 12 + 12 * u8::from(mode == dsp::Mode::Minor));
    let slots = at::KEY_NUMBER.zip(at::KEY_STRENGTH);
    for ((slot, strength), candidate) in slots.zip(&key.candidates) {
        facts[slot] = number(candidate.tonic, candidate.mode);
        facts[strength] = candidate.strength as f32;
    }
    facts[at::KEY_NUMBER.start] = number(key.tonic, key.mode);
    facts[at::KEY_STRENGTH.start] = facts[at::KEY_STRENGTH.start].max(f32::EPSILON);
    facts[at::KEY_CONFIDENCE] = key.confidence as f32;
    facts[at::KEY_CLARITY] = key.clarity as f32;
    facts[at::KEY_MAJORNESS] = key.majorness as f32;
    facts[at::KEY_TUNING_CENTS] = key.tuning_cents as f32;
    facts[at::KEY_HARMONIC_CHANGE] = key.harmonic_change as f32;
    facts[at::KEY_PROFILE].copy_from_slice(&key.profile);
}

fn rhythm(facts: &mut [f32; N_FACTS], rhythm: &dsp::Rhythm) {
    facts[at::RHYTHM_CONFIDENCE] = rhythm.confidence as f32;
    facts[at::RHYTHM_ONSET_RATE_HZ] = rhythm.onset_rate_hz as f32;
    facts[at::RHYTHM_PULSE_CLARITY] = rhythm.pulse_clarity as f32;
    facts[at::RHYTHM_PATTERN].copy_from_slice(&rhythm.pattern);
}

fn loudness(facts: &mut [f32; N_FACTS], loudness: &dsp::Loudness) {
    facts[at::LOUDNESS_INTEGRATED_LUFS] = loudness.integrated_lufs as f32;
    facts[at::LOUDNESS_TRUE_PEAK_DBTP] = loudness.true_peak_dbtp as f32;
}

fn emotion(facts: &mut [f32; N_FACTS], emotion: &dsp::Emotion) {
    facts[at::EMOTION_METHOD] = emotion.method.number as f32;
    let dimensions = [&emotion.valence, &emotion.arousal, &emotion.tension];
    for (index, dimension) in dimensions.into_iter().enumerate() {
        facts[at::EMOTION_VALUE.start + index] = dimension.value as f32;
        facts[at::EMOTION_CONFIDENCE.start + index] = dimension.confidence as f32;
    }
}

fn spectral(facts: &mut [f32; N_FACTS], spectral: &dsp::Spectral) {
    let pairs = [
        (at::CENTROID_HZ, spectral.centroid_hz),
        (at::BANDWIDTH_HZ, spectral.bandwidth_hz),
        (at::ROLLOFF_HZ, spectral.rolloff_hz),
        (at::FLATNESS, spectral.flatness),
        (at::FLUX_DB, spectral.flux_db),
        (at::ZERO_CROSSING_RATE, spectral.zero_crossing_rate),
        (at::RMS, spectral.rms),
    ];
    for (offset, Stats { mean, std }) in pairs {
        facts[offset] = mean;
        facts[offset + 1] = std;
    }
    for (index, Stats { mean, std }) in spectral.contrast_db.into_iter().enumerate() {
        facts[at::CONTRAST_MEAN_DB.start + index] = mean;
        facts[at::CONTRAST_STD_DB.start + index] = std;
    }
    for (index, Stats { mean, std }) in spectral.mfcc.into_iter().enumerate() {
        facts[at::MFCC_MEAN.start + index] = mean;
        facts[at::MFCC_STD.start + index] = std;
    }
    facts[at::CHROMA].copy_from_slice(&spectral.chroma);
    for (slot, value) in at::MFCC_COVARIANCE.zip(&spectral.mfcc_covariance) {
        facts[slot] = *value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_do_not_overlap_and_leave_nothing_out() {
        let single = |index: usize| index..index + 1;
        let pair = |index: usize| index..index + 2;
        let mut ranges = vec![
            single(at::DURATION_S),
            at::TEMPO_LOG2_BPM,
            at::TEMPO_STRENGTH,
            single(at::TEMPO_CONFIDENCE),
            single(at::TEMPO_STABILITY),
            at::KEY_NUMBER,
            at::KEY_STRENGTH,
            at::KEY_CONFIDENCE..at::KEY_HARMONIC_CHANGE + 1,
            at::KEY_PROFILE,
            at::RHYTHM_CONFIDENCE..at::RHYTHM_PULSE_CLARITY + 1,
            at::RHYTHM_PATTERN,
            at::LOUDNESS_INTEGRATED_LUFS..at::LOUDNESS_TRUE_PEAK_DBTP + 1,
            at::EMOTION_VALUE,
            at::EMOTION_CONFIDENCE,
            single(at::EMOTION_METHOD),
            pair(at::CENTROID_HZ),
            pair(at::BANDWIDTH_HZ),
            pair(at::ROLLOFF_HZ),
            pair(at::FLATNESS),
            pair(at::FLUX_DB),
            pair(at::ZERO_CROSSING_RATE),
            pair(at::RMS),
            at::CONTRAST_MEAN_DB,
            at::CONTRAST_STD_DB,
            at::MFCC_MEAN,
            at::MFCC_STD,
            at::CHROMA,
            at::MFCC_COVARIANCE,
        ];
        ranges.extend(at::RESERVED);
        ranges.sort_by_key(|range| range.start);
        let mut next = 0;
        for range in ranges {
            assert_eq!(range.start, next);
            next = range.end;
        }
        assert_eq!(next, N_FACTS);
    }
}
