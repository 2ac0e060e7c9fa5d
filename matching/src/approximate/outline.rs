//! One item in 192 bytes from which its score with another can be told nearly.
//!
//! A [sketch](crate::sketch) bounds a score from above, for many items at once; an outline tells it within some hundredths
//! either way, for one pair at a time, as a walk from neighbour to neighbour needs it.

use crate::{
    Purpose,
    facet::{Facet, N_FACETS},
    facets::{
        energy, harmony,
        lanes::bell,
        rhythm, tags,
        tempo::{WIDTH_OCTAVES, distance},
        timbre,
    },
    items::Side,
    pooling,
    prepared::rows,
    reference::{self, Tables},
};
use multiversion::multiversion;
use std::ops::Range;

/// Bytes of an outline.
pub(super) const N_BYTES: usize = 192;

const TIMBRE: Range<usize> = 0..64;
const RHYTHM: Range<usize> = 64..112;
/// A profile twice in a row, so that a transposition is a place to begin.
const HARMONY: Range<usize> = 112..140;
/// Three numbers of two bytes.
const EMOTION: Range<usize> = 140..146;
/// Some bits of what made the emotion.
const METHOD: usize = 146;
const ENERGY: usize = 147;
const ONSET_RATE: usize = 148;
const PULSE_CLARITY: usize = 149;
const TEMPI: Range<usize> = 150..152;
/// Strength of the second tempo.
const TEMPO_STRENGTH: usize = 152;
/// Square roots of the confidences of the facets that are measured.
const CONFIDENCES: Range<usize> = 153..160;
/// Some bits of the analysis version.
const VERSION: usize = 160;
const N_WORDS: usize = 161;
/// A bit for each word.
const SIGNATURE: Range<usize> = 162..186;

/// Steps in one unit of the timbre vector, of a pattern of length one, and of a profile of length one.
const TIMBRE_STEPS: f32 = 46.0;
const RHYTHM_STEPS: f32 = 127.0;
const HARMONY_STEPS: f32 = 90.0;
/// Steps in one unit of emotion, energy and pulse clarity, and in one octave of onset rate and of tempo.
const EMOTION_STEPS: f32 = 1024.0;
const ENERGY_STEPS: f32 = 255.0;
const PULSE_CLARITY_STEPS: f32 = 255.0;
const ONSET_RATE_STEPS: f32 = 24.0;
const TEMPO_STEPS: f32 = 100.0;
/// Onsets per second (log2) and tempo (log2 bpm) at byte 0.
const ONSET_RATE_START: f32 = -4.33;
const TEMPO_START: f32 = 5.4;

/// Further apart than the worst pair that compares.
const INCOMPARABLE: f32 = 32.0;
/// More evidence than any pair has.
const MOST: f32 = 8.0;

/// One item, outlined.
pub(super) struct Outline([i8; N_BYTES]);

impl Outline {
    pub(super) fn of(side: &Side<'_>) -> Self {
        let mut bytes = [0_i8; N_BYTES];
        let row = |facet: Facet| &side.rows[rows(facet)];
        let signed = |value: f32| value.round().clamp(-127.0, 127.0) as i8;
        let byte = |value: f32| (value.round().clamp(0.0, 255.0) as u8).cast_signed();
        let timbre = row(Facet::Timbre);
        for (to, value) in bytes[TIMBRE].iter_mut().zip(timbre) {
            *to = signed(value * TIMBRE_STEPS);
        }
        let rhythm = row(Facet::Rhythm);
        for (to, value) in bytes[RHYTHM].iter_mut().zip(rhythm) {
            *to = signed(value * RHYTHM_STEPS);
        }
        let harmony = row(Facet::Harmony);
        for (place, to) in bytes[HARMONY].iter_mut().enumerate() {
            *to = signed(harmony[place % 12] / harmony::PROFILE_LENGTH * HARMONY_STEPS);
        }
        let emotion = row(Facet::Emotion);
        for (to, value) in bytes[EMOTION].chunks_exact_mut(2).zip(emotion) {
            let steps = (value * EMOTION_STEPS).round().clamp(-16_383.0, 16_383.0) as i16;
            to.copy_from_slice(&steps.to_le_bytes().map(u8::cast_signed));
        }
        // A method is a whole number in floating point: its low bits are mostly 0.
        bytes[METHOD] = (emotion[4].to_bits() >> 8).to_le_bytes()[0].cast_signed()
            ^ (emotion[4].to_bits() >> 16).to_le_bytes()[0].cast_signed();
        bytes[ENERGY] = byte(row(Facet::Energy)[0] * ENERGY_STEPS);
        bytes[ONSET_RATE] =
            byte((rhythm[rhythm::ONSET_RATE] - ONSET_RATE_START) * ONSET_RATE_STEPS);
        bytes[PULSE_CLARITY] = byte(rhythm[rhythm::PULSE_CLARITY] * PULSE_CLARITY_STEPS);
        let tempo = row(Facet::Tempo);
        for (to, value) in bytes[TEMPI].iter_mut().zip(tempo) {
            *to = byte((value - TEMPO_START) * TEMPO_STEPS);
        }
        bytes[TEMPO_STRENGTH] = byte(tempo[3] * 255.0);
        for (facet, confidence) in [
            (Facet::Tempo, tempo[4]),
            (Facet::Timbre, timbre[timbre::CONFIDENCE]),
            (Facet::Harmony, harmony[harmony::CONFIDENCE]),
            (Facet::Rhythm, rhythm[rhythm::CONFIDENCE]),
            (Facet::Energy, row(Facet::Energy)[1]),
            (Facet::Emotion, emotion[3]),
        ] {
            bytes[CONFIDENCES.start + facet as usize] = byte(confidence.sqrt() * 255.0);
        }
        bytes[VERSION] = side.analysis_version.to_le_bytes()[0].cast_signed();
        bytes[N_WORDS] = u8::try_from(side.n_words).unwrap_or(u8::MAX).cast_signed();
        for word in side.words {
            let bit = *word as usize % (8 * SIGNATURE.len());
            bytes[SIGNATURE][bit / 8] |= (1_u8 << (bit % 8)).cast_signed();
        }
        Self(bytes)
    }

    pub(super) fn as_slice(&self) -> &[i8] {
        &self.0
    }
}

/// How outlines are compared for one purpose.
pub(super) struct Nearness {
    weights: [f32; N_FACETS],
    tables: &'static Tables,
    /// Agreements by how far two bytes are apart; of onset rate and pulse clarity their part of rhythm.
    tempo: [f32; 256],
    onset_rate: [f32; 256],
    pulse_clarity: [f32; 256],
    energy: [f32; 256],
}

impl Nearness {
    pub(super) fn new(purpose: Purpose) -> Self {
        let table =
            |agreement: &dyn Fn(f32) -> f32| std::array::from_fn(|apart| agreement(apart as f32));
        let bell_of = |scaled: f32| bell(scaled * scaled);
        Self {
            weights: pooling::weights(purpose).map(|weight| weight as f32),
            tables: reference::tables(),
            tempo: table(&|apart| bell_of(distance(apart / TEMPO_STEPS) / WIDTH_OCTAVES)),
            onset_rate: table(&|apart| {
                rhythm::SHARES[1] * bell_of(apart / ONSET_RATE_STEPS / rhythm::RATE_WIDTH_OCTAVES)
            }),
            pulse_clarity: table(&|apart| {
                rhythm::SHARES[2] * bell_of(apart / PULSE_CLARITY_STEPS / rhythm::CLARITY_WIDTH)
            }),
            energy: table(&|apart| bell_of(apart / ENERGY_STEPS / energy::WIDTH)),
        }
    }

    /// How far two items are apart: the less, the better they score; never below 0.
    pub(super) fn apart(&self, one: &[i8; N_BYTES], other: &[i8; N_BYTES]) -> f32 {
        apart(self, one, other)
    }
}

#[multiversion(targets = "simd")]
fn apart(nearness: &Nearness, one: &[i8; N_BYTES], other: &[i8; N_BYTES]) -> f32 {
    if one[VERSION] != other[VERSION] {
        return INCOMPARABLE;
    }
    let steps = |place: usize| usize::from(byte_at(one, place).abs_diff(byte_at(other, place)));
    let joint = |facet: Facet| {
        let place = CONFIDENCES.start + facet as usize;
        f32::from(u16::from(byte_at(one, place)) * u16::from(byte_at(other, place)))
            * (1.0 / (255.0 * 255.0))
    };
    let mut pool = Pool { nearness, sum: 0.0, total: 0.0 };
    pool.add(Facet::Tempo, tempo(nearness, one, other), joint(Facet::Tempo));
    let timbre = squared_distance(one, other) as f32 / (TIMBRE_STEPS * TIMBRE_STEPS);
    pool.add(Facet::Timbre, timbre::agreement(timbre), joint(Facet::Timbre));
    let harmony = f32::from(largest_product(one, other)) / (HARMONY_STEPS * HARMONY_STEPS);
    pool.add(Facet::Harmony, harmony, joint(Facet::Harmony));
    let rhythm = rhythm::SHARES[0] * (product(one, other) as f32 / (RHYTHM_STEPS * RHYTHM_STEPS))
        + nearness.onset_rate[steps(ONSET_RATE)]
        + nearness.pulse_clarity[steps(PULSE_CLARITY)];
    pool.add(Facet::Rhythm, rhythm, joint(Facet::Rhythm));
    pool.add(Facet::Energy, nearness.energy[steps(ENERGY)], joint(Facet::Energy));
    if one[METHOD] == other[METHOD] {
        pool.add(Facet::Emotion, emotion(one, other), joint(Facet::Emotion));
    }
    if one[N_WORDS] != 0 && other[N_WORDS] != 0 {
        pool.add(Facet::Tags, overlap(one, other), 1.0);
    }
    if pool.total > 0.0 { MOST - pool.sum / pool.total } else { INCOMPARABLE }
}

/// Evidence, as far as it has been summed up.
struct Pool<'a> {
    nearness: &'a Nearness,
    sum: f32,
    total: f32,
}

impl Pool<'_> {
    #[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
    #[inline(always)]
    fn add(&mut self, facet: Facet, raw: f32, confidence: f32) {
        let share = self.nearness.weights[facet as usize] * confidence;
        let table = &self.nearness.tables[facet as usize];
        self.sum += share * reference::evidence(table, raw.clamp(0.0, 1.0));
        self.total += share;
    }
}

#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn byte_at(outline: &[i8; N_BYTES], place: usize) -> u8 {
    outline[place].cast_unsigned()
}

/// Agreement of the two candidates of either side.
#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn tempo(nearness: &Nearness, one: &[i8; N_BYTES], other: &[i8; N_BYTES]) -> f32 {
    let pair = |i: usize, j: usize| {
        let apart = byte_at(one, TEMPI.start + i).abs_diff(byte_at(other, TEMPI.start + j));
        nearness.tempo[usize::from(apart)]
    };
    let strength = |outline| f32::from(byte_at(outline, TEMPO_STRENGTH)) * (1.0 / 255.0);
    let (ours, theirs) = (strength(one), strength(other));
    let one_second = (pair(0, 1) * theirs).max(pair(1, 0) * ours);
    pair(0, 0).max(one_second).max(pair(1, 1) * ours * theirs)
}

/// Squared distance of timbres in steps.
#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn squared_distance(one: &[i8; N_BYTES], other: &[i8; N_BYTES]) -> i32 {
    let mut sum = 0;
    for (a, b) in one[TIMBRE].iter().zip(&other[TIMBRE]) {
        let apart = i32::from(i16::from(*a) - i16::from(*b));
        sum += apart * apart;
    }
    sum
}

/// Product of patterns in steps.
#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn product(one: &[i8; N_BYTES], other: &[i8; N_BYTES]) -> i32 {
    let mut sum = 0;
    for (a, b) in one[RHYTHM].iter().zip(&other[RHYTHM]) {
        sum += i32::from(*a) * i32::from(*b);
    }
    sum
}

/// The largest product of two profiles over all transpositions, in steps: 90 is one, so that every product fits.
#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn largest_product(one: &[i8; N_BYTES], other: &[i8; N_BYTES]) -> i16 {
    // Four transpositions are there twice.
    let mut turned = [0_i16; 16];
    for class in 0..12 {
        let own = i16::from(one[HARMONY.start + class]);
        for (shift, sum) in turned.iter_mut().enumerate() {
            *sum += own * i16::from(other[HARMONY.start + class + shift]);
        }
    }
    turned.into_iter().fold(0, i16::max)
}

#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn emotion(one: &[i8; N_BYTES], other: &[i8; N_BYTES]) -> f32 {
    let value = |outline: &[i8; N_BYTES], place: usize| {
        i16::from_le_bytes([byte_at(outline, place), byte_at(outline, place + 1)])
    };
    let mut squared = 0.0;
    for place in EMOTION.step_by(2) {
        let apart = f32::from(value(one, place) - value(other, place)) * (1.0 / EMOTION_STEPS);
        squared += apart * apart;
    }
    bell(squared)
}

/// Overlap of the words; two of them may share a bit.
#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn overlap(one: &[i8; N_BYTES], other: &[i8; N_BYTES]) -> f32 {
    let mut n_shared = 0;
    let pairs = one[SIGNATURE].as_chunks::<8>().0.iter().zip(other[SIGNATURE].as_chunks::<8>().0);
    for (a, b) in pairs {
        let bits = |bytes: &[i8; 8]| u64::from_le_bytes(bytes.map(i8::cast_unsigned));
        n_shared += (bits(a) & bits(b)).count_ones();
    }
    let n_words = u32::from(byte_at(one, N_WORDS)) + u32::from(byte_at(other, N_WORDS));
    tags::overlap(n_shared as usize, n_words.saturating_sub(n_shared) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pooling::GAIN,
        samples::{evidence, items},
    };

    // The truth is the arithmetic of a single pair.
    #[test]
    fn tells_the_evidence_of_nearly_all_pairs() {
        let mut items = items(200, 5);
        items.directions.fill_with(|| None);
        for purpose in [Purpose::Alike, Purpose::Mood] {
            let nearness = Nearness::new(purpose);
            let outlines: Vec<Outline> =
                (0..200).map(|slot| Outline::of(&items.side(slot))).collect();
            let (mut n, mut n_near) = (0, 0);
            for one in 0..200 {
                for other in 0..one {
                    let apart = nearness.apart(&outlines[one].0, &outlines[other].0);
                    let back = nearness.apart(&outlines[other].0, &outlines[one].0);
                    assert!((apart - back).abs() < 1e-4 && apart >= 0.0);
                    let truth = evidence(items.side(one), items.side(other), purpose);
                    let Some(truth) = truth else {
                        assert!(apart >= INCOMPARABLE, "{one} {other}");
                        continue;
                    };
                    n += 1;
                    n_near += usize::from((f64::from(MOST - apart) - truth / GAIN).abs() < 0.15);
                }
            }
            // What lies where a table is steepest, or out of the range of bytes, is told less well.
            assert!(n_near * 100 > n * 85, "{purpose}: {n_near} of {n}");
        }
    }

    #[test]
    fn another_analysis_version_is_not_near() {
        let mut items = items(2, 7);
        items.analysis_versions[1] = 2;
        let [one, other] = [0, 1].map(|slot| Outline::of(&items.side(slot)));
        let apart = Nearness::new(Purpose::Alike).apart(&one.0, &other.0);
        assert!((apart - INCOMPARABLE).abs() < f32::EPSILON);
    }
}
