//! The most evidence that a facet can give, from what a sketch knows of it.

use super::{
    segments::{Segments, UNITS},
    sketcher::{
        EMOTION_SCALE, ENERGY_STEPS, HARMONY_ONE, Margins, ONSET_RATE_STEPS, PULSE_CLARITY_STEPS,
        RHYTHM_SCALE, TEMPO_STEPS, TIMBRE_SCALE,
    },
};
use crate::{
    facet::Facet,
    facets::{energy, lanes::bell, rhythm, tags, tempo, timbre},
    reference,
};

/// Values are looked up by the logarithm of a whole number, in steps of 1/32 octave roughly: the exponent of
/// its floating point form and five bits of the fraction.
pub(super) const CELL_SHIFT: u32 = 18;

/// What single precision may make of an agreement, many times over.
const ROUNDING: f32 = 1e-5;
/// What is left of rounding in the harmony of two recordings: the units of bytes are larger by one percent.
const HARMONY_ERROR: f32 = 1e-4;
/// Units of the two lesser parts of rhythm in one unit of a squared distance of patterns.
const RHYTHM_PART_UNITS: f32 = 1024.0;
/// Those parts in units of the distance of patterns: 2^26 / 1024.
pub(super) const RHYTHM_PART_SHIFT: u32 = 16;
/// Nats of disagreement of tempo in one unit.
const TEMPO_UNITS: f32 = 32.0;
/// Units in one unit of the tables of tags.
const TAG_UNITS: f32 = 16.0;
/// Most evidence of any facet.
pub(super) const MOST: i16 = (8.0 * UNITS) as i16;

/// A ceiling by logarithmic cells.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    /// Floating point form of the first cell, shifted.
    pub(super) first: i32,
    pub(super) ceiling: Segments,
}

impl Cells {
    /// Cells over the eight octaves from `least`; `most` bounds the evidence at a value and everything above it.
    fn over(least: f32, most: impl Fn(f32) -> f32) -> Self {
        let first = (least.to_bits() >> CELL_SHIFT).cast_signed();
        let ceiling = Segments::over(|byte| {
            let bits = (first + i32::from(byte)).cast_unsigned() << CELL_SHIFT;
            // Everything below the first cell is in it.
            let value = if byte == 0 { 0.0 } else { f32::from_bits(bits) * (1.0 - 1e-6) };
            most(value)
        });
        Self { first, ceiling }
    }
}

/// All ceilings, under given margins.
#[derive(Debug, Clone)]
pub(crate) struct Ceilings {
    pub(super) timbre: Cells,
    pub(super) harmony: Cells,
    pub(super) rhythm: Cells,
    pub(super) emotion: Cells,
    pub(super) energy: Segments,
    pub(super) tempo: Segments,
    /// Bell of a difference of onset rates, and of pulse clarities, as parts of rhythm.
    pub(super) onset_rate: Segments,
    pub(super) pulse_clarity: Segments,
    /// What the two parts are at most.
    pub(super) rhythm_parts: i16,
    /// 255 less the disagreement of two tempi apart, by four times their difference.
    pub(super) tempo_apart: Segments,
    /// Least disagreement of two tempi by how far they are apart, double time and 3 to 2 allowed for.
    pub(super) tempo_loss: [u8; 256],
    /// Evidence of tags: the first by how many words are shared, less the second by how many are not.
    pub(super) tags_shared: [i8; 16],
    pub(super) tags_unshared: [i8; 32],
}

/// Most evidence of a facet in units, from an upper bound of the agreement.
fn evidence(facet: Facet, agreement: f32) -> f32 {
    let raw = (agreement * (1.0 + ROUNDING) + ROUNDING).clamp(0.0, 1.0);
    reference::evidence(&reference::tables()[facet as usize], raw) * UNITS + 0.1
}

impl Ceilings {
    pub(super) fn new(margins: Margins) -> Self {
        let timbre = Cells::over(0.8 * TIMBRE_SCALE * TIMBRE_SCALE, |squared| {
            let distance = (squared.sqrt() / TIMBRE_SCALE - margins.timbre).max(0.0);
            evidence(Facet::Timbre, timbre::agreement(distance * distance))
        });
        let harmony = Cells::over(0.004 * HARMONY_ONE, |loss| {
            evidence(Facet::Harmony, 1.0 - loss / HARMONY_ONE + HARMONY_ERROR)
        });
        let share = rhythm::SHARES[0] * 0.5;
        let rhythm = Cells::over(0.012 * RHYTHM_SCALE * RHYTHM_SCALE, |squared| {
            let distance = squared.sqrt() / RHYTHM_SCALE;
            let loss = share * (distance * distance - 2.0 * margins.rhythm * distance);
            evidence(Facet::Rhythm, 1.0 - loss.max(0.0))
        });
        let emotion = Cells::over(0.03 * EMOTION_SCALE * EMOTION_SCALE, |squared| {
            let distance = (squared.sqrt() / EMOTION_SCALE - margins.emotion).max(0.0);
            evidence(Facet::Emotion, bell(distance * distance))
        });
        let part = |share_of_part: f32, width: f32, steps: f32| {
            Segments::over(|apart| {
                let scaled = f32::from(apart) / steps / width;
                // The last byte stands for everything further apart too, which agrees less.
                share_of_part / share * bell(scaled * scaled) * RHYTHM_PART_UNITS + 0.1
            })
        };
        let (tags_shared, tags_unshared) = tag_tables();
        let parts = (rhythm::SHARES[1] + rhythm::SHARES[2]) / share * RHYTHM_PART_UNITS;
        let tempo_apart = Segments::over(|apart| {
            let scaled = f32::from(apart) / 4.0 / TEMPO_STEPS / tempo::WIDTH_OCTAVES;
            let loss = -bell(scaled * scaled).ln() * TEMPO_UNITS;
            255.0 - loss.min(255.0).floor()
        });
        let tempo_loss = std::array::from_fn(|apart| tempo_loss(apart as u8, &tempo_apart));
        Self {
            timbre,
            harmony,
            rhythm,
            emotion,
            energy: Segments::over(|apart| {
                let scaled = f32::from(apart) / ENERGY_STEPS / energy::WIDTH;
                evidence(Facet::Energy, bell(scaled * scaled))
            }),
            tempo: Segments::over(|loss| {
                evidence(Facet::Tempo, (-f32::from(loss) / TEMPO_UNITS).exp())
            }),
            onset_rate: part(rhythm::SHARES[1], rhythm::RATE_WIDTH_OCTAVES, ONSET_RATE_STEPS),
            pulse_clarity: part(rhythm::SHARES[2], rhythm::CLARITY_WIDTH, PULSE_CLARITY_STEPS),
            rhythm_parts: parts.floor() as i16,
            tempo_apart,
            tempo_loss,
            tags_shared,
            tags_unshared,
        }
    }
}

/// Least disagreement of two tempi whose codes are so far apart: in hundredths of an octave double time is 100 and
/// costs 2, 3 to 2 is 58.5 and costs 6, and both codes are rounded.
fn tempo_loss(apart: u8, ceiling: &Segments) -> u8 {
    let double = apart.abs_diff(100).saturating_add(2);
    let triplet = apart.abs_diff(58).saturating_add(5);
    let apart = apart.min(double).min(triplet).saturating_sub(1);
    let fourfold = apart.saturating_mul(4);
    255 - ceiling.at(fourfold).clamp(0, 255) as u8
}

/// Evidence of tags is the logit of [`tags::overlap`]: the logarithm of the shared words with their prior, less
/// that of the words that only one side has, with theirs. Rounded such that the difference is a ceiling.
fn tag_tables() -> ([i8; 16], [i8; 32]) {
    let units = |n: usize| (n as f32 + 0.5 * tags::PRIOR_TAGS).ln() * UNITS / TAG_UNITS;
    let mut shared = std::array::from_fn(|n| (units(n) + 0.1).ceil() as i8);
    // The last stands for any number.
    shared[15] = i8::MAX;
    (shared, std::array::from_fn(|n| (units(n) - 0.1).floor() as i8))
}

/// How weak the second tempo of a recording is beside its first: nats in units, rounded down.
pub(super) fn tempo_weakness(strength: f32) -> u8 {
    (-strength.ln() * TEMPO_UNITS).floor().clamp(0.0, 255.0) as u8
}
