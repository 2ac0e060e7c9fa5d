//! One item as the scan compares it with panels.

use super::{
    ceilings::Ceilings,
    panel::{Marks, RHYTHM_PAIRS, TIMBRE_PAIRS, norm, signature_bit, with_length},
    sketcher::{
        EMOTION, ENERGY, HARMONY, HARMONY_BYTES_SCALE, N_CONFIDENCES, RHYTHM, RHYTHM_TAIL, Sketch,
        Sketcher, TEMPO, TIMBRE, TIMBRE_TAIL,
    },
};
use crate::{facet::Facet, pooling::Weights};

/// Shares are in this part of one.
const SHARE_ONE: f32 = 32_767.0;
/// With so many words as many may be shared as there are: they are not counted.
pub(super) const MAX_WORDS: usize = 15;

/// One item, spread out for comparison under the weights of one purpose.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(crate) struct Probe {
    pub(super) timbre: [i32; TIMBRE_PAIRS],
    pub(super) rhythm: [i32; RHYTHM_PAIRS],
    /// Sums and differences of pitch classes at six transpositions, with `turn_offset` added.
    pub(super) turns: [[[u8; 2]; 6]; 6],
    pub(super) turn_offset: u8,
    pub(super) harmony_error: u8,
    pub(super) emotion: [i32; 2],
    pub(super) timbre_norm: i32,
    pub(super) rhythm_norm: i32,
    pub(super) emotion_norm: i32,
    pub(super) energy: u8,
    pub(super) onset_rate: u8,
    pub(super) pulse_clarity: u8,
    /// Least disagreement of tempo, by a quarter of the other's code.
    pub(super) tempo_reach: [i8; 64],
    pub(super) version: u8,
    pub(super) method: u8,
    pub(super) n_words: u8,
    pub(super) identity: u16,
    /// Weight of each facet times the square root of this side's confidence.
    pub(super) shares: [i16; N_CONFIDENCES],
    /// Weight of the tags, 0 without any.
    pub(super) tags_share: i16,
    /// Weight of what this side has and sketches leave out: the key and the embedding.
    pub(super) unsketched_share: i16,
    /// What the sum of shares may be off by.
    pub(super) share_error: i16,
    /// Where the bit of each word is.
    pub(super) words: [(u8, u8); MAX_WORDS],
    pub(super) n_counted: usize,
    /// What hits are marked with.
    pub(super) number: u32,
    pub(super) timbre_tail: [i32; TIMBRE_TAIL / 2],
    pub(super) rhythm_tail: [i32; RHYTHM_TAIL / 2],
    pub(super) tail_shifts: [u32; 2],
    /// Sums and differences of pitch classes a tritone apart, at six transpositions.
    pub(super) even: [[i32; 3]; 6],
    pub(super) odd: [[i32; 3]; 6],
    pub(super) tempi: [u8; 2],
    pub(super) tempo_weakness: u8,
    pub(super) any_tempo: bool,
}

impl Probe {
    /// `n_words` counts the words without a number too; hits are marked with `number`.
    pub(crate) fn new(
        sketcher: &Sketcher,
        ceilings: &Ceilings,
        sketch: &Sketch,
        marks: Marks<'_>,
        n_words: usize,
        weights: &Weights,
        number: u32,
    ) -> Self {
        let weight = |facet: Facet| weights[facet as usize] as f32;
        let share =
            |facet: Facet, confidence: f32| (weight(facet) * confidence * SHARE_ONE).round() as i16;
        let mut shares = [0; N_CONFIDENCES];
        for (index, facet) in [
            (TIMBRE, Facet::Timbre),
            (HARMONY, Facet::Harmony),
            (RHYTHM, Facet::Rhythm),
            (ENERGY, Facet::Energy),
            (EMOTION, Facet::Emotion),
            (TEMPO, Facet::Tempo),
        ] {
            let confidence = f32::from(sketch.confidences[index]) / 65_535.0;
            shares[index] = share(facet, confidence);
        }
        // Each product is cut to a whole number twice.
        let share_error = N_CONFIDENCES as f32 * 3.0;
        let mut words = [(0, 0); MAX_WORDS];
        for (place, word) in words.iter_mut().zip(marks.words) {
            *place = signature_bit(*word);
        }
        Self {
            timbre: pairs(&with_length(&sketch.timbre.head, sketch.timbre.tail_length)),
            rhythm: pairs(&with_length(&sketch.rhythm.head, sketch.rhythm.tail_length)),
            turns: std::array::from_fn(|shift| turn(&sketch.harmony, shift)),
            turn_offset: HARMONY_BYTES_SCALE as u8,
            harmony_error: sketch.harmony_error,
            emotion: pairs(&sketch.emotion),
            timbre_norm: sketch.timbre.norm,
            rhythm_norm: sketch.rhythm.norm,
            emotion_norm: norm(&sketch.emotion),
            energy: sketch.energy,
            onset_rate: sketch.onset_rate,
            pulse_clarity: sketch.pulse_clarity,
            tempo_reach: tempo_reach(sketch, &ceilings.tempo_loss),
            version: marks.version,
            method: marks.method,
            n_words: u8::try_from(n_words).unwrap_or(u8::MAX),
            identity: marks.identity as u16,
            shares,
            tags_share: if n_words > 0 { share(Facet::Tags, 1.0) } else { 0 },
            unsketched_share: [
                (Facet::Key, sketch.has_key),
                (Facet::Embedding, marks.has_direction),
            ]
            .iter()
            .map(|&(facet, is_there)| if is_there { share(facet, 1.0) } else { 0 })
            .sum(),
            share_error: share_error.ceil() as i16,
            words,
            n_counted: marks.words.len().min(MAX_WORDS),
            number,
            timbre_tail: pairs(&sketch.timbre.tail.map(i16::from)),
            rhythm_tail: pairs(&sketch.rhythm.tail.map(i16::from)),
            tail_shifts: sketcher.tail_shifts(),
            even: std::array::from_fn(|shift| {
                pairs::<3>(&std::array::from_fn::<_, 6, _>(|i| sketch.even[(i + shift) % 6]))
            }),
            odd: std::array::from_fn(|shift| {
                // Six semitones on, differences change their sign.
                let turned = |i: usize| if i < 6 { sketch.odd[i] } else { -sketch.odd[i - 6] };
                pairs::<3>(&std::array::from_fn::<_, 6, _>(|i| turned(i + shift)))
            }),
            tempi: sketch.tempi,
            tempo_weakness: sketch.tempo_weakness.unwrap_or(0),
            any_tempo: sketch.tempo_weakness.is_none(),
        }
    }

    /// What hits are marked with.
    pub(crate) fn number(&self) -> usize {
        self.number as usize
    }
}

/// Least disagreement of an item's tempi with one whose code is four times the place, or up to three more.
fn tempo_reach(sketch: &Sketch, losses: &[u8; 256]) -> [i8; 64] {
    let Some(weakness) = sketch.tempo_weakness else { return [0; 64] };
    let loss = |code: u8| {
        let [first, second] = sketch.tempi.map(|own| losses[usize::from(own.abs_diff(code))]);
        first.min(second.saturating_add(weakness))
    };
    std::array::from_fn(|place| {
        let least = (0..4).map(|code| loss((4 * place + code) as u8)).min();
        least.unwrap_or_default().cast_signed()
    })
}

/// Six sums and six differences, transposed: differences change their sign six semitones on.
fn turn(harmony: &[i8; 12], shift: usize) -> [[u8; 2]; 6] {
    let value = |place: usize| {
        let (i, is_difference) = (place % 6 + shift, place >= 6);
        let value = i32::from(harmony[i % 6 + if is_difference { 6 } else { 0 }]);
        let turned = if is_difference && i >= 6 { -value } else { value };
        (turned + HARMONY_BYTES_SCALE as i32) as u8
    };
    std::array::from_fn(|pair| [value(2 * pair), value(2 * pair + 1)])
}

/// Two numbers in one, as multiplications of pairs take them.
fn pairs<const N: usize>(values: &[i16]) -> [i32; N] {
    let value = |index: usize| values.get(index).copied().unwrap_or(0);
    std::array::from_fn(|i| {
        i32::from(value(2 * i).cast_unsigned()) | (i32::from(value(2 * i + 1)) << 16)
    })
}
