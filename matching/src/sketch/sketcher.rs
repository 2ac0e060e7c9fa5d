//! Items as sketches: integers that bound every facet from above.

use super::{
    ceilings::{Ceilings, tempo_weakness},
    subspace::{Code, Subspace},
};
use crate::{
    facet::Facet,
    facets::{harmony, rhythm, timbre},
    prepared::{N_ROWS, rows},
};

pub(super) const TIMBRE_HEAD: usize = 16;
pub(super) const TIMBRE_TAIL: usize = timbre::N_DIMENSIONS - TIMBRE_HEAD;
pub(super) const RHYTHM_HEAD: usize = 8;
pub(super) const RHYTHM_TAIL: usize = rhythm::N_BINS - RHYTHM_HEAD;

/// Units in one unit of the timbre vector, of the rows of emotion, and of a pattern of length one.
pub(super) const TIMBRE_SCALE: f32 = 1024.0;
pub(super) const EMOTION_SCALE: f32 = 1024.0;
pub(super) const RHYTHM_SCALE: f32 = 8192.0;
/// Product of two equal profiles of harmony.
pub(super) const HARMONY_ONE: f32 = 67_108_864.0;
/// Exact products are doubled and this much smaller.
pub(super) const HARMONY_SHIFT: u32 = 5;
/// Length of a profile in bytes: two products of a byte from -90 to 90 and one from 0 to 180 fit 16 bits.
pub(super) const HARMONY_BYTES_SCALE: f32 = 90.0;
/// Product of two equal profiles in bytes, and how much smaller it is than [`HARMONY_ONE`], rounded up.
pub(super) const HARMONY_BYTES_ONE: i16 = 8100;
pub(super) const HARMONY_BYTES_SHIFT: u32 = 13;

/// Steps in one unit of energy, of pulse clarity, in one octave of onset rate, and in one octave of tempo.
pub(super) const ENERGY_STEPS: f32 = 255.0;
pub(super) const PULSE_CLARITY_STEPS: f32 = 255.0;
pub(super) const ONSET_RATE_STEPS: f32 = 32.0;
pub(super) const TEMPO_STEPS: f32 = 100.0;
/// Onsets per second (log2) and tempo (log2 bpm) at byte 0.
const ONSET_RATE_START: f32 = -4.33;
const TEMPO_START: f32 = 5.4;
/// Values of emotion are held within this; beyond it nobody is.
const EMOTION_LIMIT: f32 = 8.0;

/// Numbers that tell most of how alike items are.
pub(super) const TRAITS: usize = TIMBRE_TRAITS + RHYTHM_TRAITS + 3;
const TIMBRE_TRAITS: usize = 6;
const RHYTHM_TRAITS: usize = 3;

/// Most items that the axes are learned from.
const MAX_SAMPLE: usize = 4096;

/// Where the square root of each confidence is.
pub(super) const TIMBRE: usize = 0;
pub(super) const HARMONY: usize = 1;
pub(super) const RHYTHM: usize = 2;
pub(super) const ENERGY: usize = 3;
pub(super) const EMOTION: usize = 4;
pub(super) const TEMPO: usize = 5;
pub(super) const N_CONFIDENCES: usize = 6;

/// What distances of sketches may be off by: the sum over both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Margins {
    pub(super) timbre: f32,
    pub(super) rhythm: f32,
    pub(super) emotion: f32,
}

/// How the items of one catalogue are sketched.
#[derive(Debug, Clone)]
pub(crate) struct Sketcher {
    timbre: Subspace<{ timbre::N_DIMENSIONS }, TIMBRE_HEAD, TIMBRE_TAIL>,
    rhythm: Subspace<{ rhythm::N_BINS }, RHYTHM_HEAD, RHYTHM_TAIL>,
}

/// One item in integers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sketch {
    pub(super) timbre: Code<TIMBRE_HEAD, TIMBRE_TAIL>,
    pub(super) rhythm: Code<RHYTHM_HEAD, RHYTHM_TAIL>,
    /// Sums and differences of pitch classes a tritone apart as bytes, and what they may take from a product.
    pub(super) harmony: [i8; 12],
    pub(super) harmony_error: u8,
    /// Sums and differences of pitch classes a tritone apart.
    pub(super) even: [i16; 6],
    pub(super) odd: [i16; 6],
    pub(super) emotion: [i16; 3],
    pub(super) energy: u8,
    pub(super) onset_rate: u8,
    pub(super) pulse_clarity: u8,
    pub(super) tempi: [u8; 2],
    /// How weak the second tempo is; `None` where a tempo is out of range and nothing can be said.
    pub(super) tempo_weakness: Option<u8>,
    pub(super) has_key: bool,
    /// Square roots, 65 535 for 1.
    pub(super) confidences: [u16; N_CONFIDENCES],
}

impl Sketcher {
    /// Learns the axes from some of the items.
    pub(crate) fn of(items: &[[f32; N_ROWS]]) -> Self {
        let step = items.len().div_ceil(MAX_SAMPLE).max(1);
        let sample = || items.iter().step_by(step);
        let timbres: Vec<_> = sample()
            .filter(|item| item[rows(Facet::Timbre)][timbre::CONFIDENCE] > 0.0)
            .map(|item| array(&item[rows(Facet::Timbre)]))
            .collect();
        let rhythms: Vec<_> = sample()
            .filter(|item| item[rows(Facet::Rhythm)][rhythm::CONFIDENCE] > 0.0)
            .map(|item| array(&item[rows(Facet::Rhythm)]))
            .collect();
        Self {
            timbre: Subspace::of(&timbres, TIMBRE_SCALE),
            rhythm: Subspace::of(&rhythms, RHYTHM_SCALE),
        }
    }

    /// The ceilings of pairs of its sketches.
    pub(crate) fn ceilings(&self) -> Ceilings {
        Ceilings::new(Margins {
            timbre: 2.0 * self.timbre.error(),
            rhythm: 2.0 * self.rhythm.error(),
            // Three coordinates rounded to the nearest unit, on both sides.
            emotion: 1.8 / EMOTION_SCALE,
        })
    }

    /// Shifts of the tails of timbre and rhythm.
    pub(super) fn tail_shifts(&self) -> [u32; 2] {
        [self.timbre.tail_shift(), self.rhythm.tail_shift()]
    }

    /// What an item is put in order by: each facet by how much it counts for what is liked by whom, in terms
    /// of its usual distance.
    pub(super) fn traits(&self, item: &[f32; N_ROWS]) -> [f32; TRAITS] {
        let (timbre, rhythm) = self.coordinates(item);
        let emotion = &item[rows(Facet::Emotion)];
        let mut traits = [0.0; TRAITS];
        let (of_timbre, rest) = traits.split_at_mut(TIMBRE_TRAITS);
        let (of_rhythm, rest) = rest.split_at_mut(RHYTHM_TRAITS);
        of_timbre.iter_mut().zip(timbre).for_each(|(to, value)| *to = value * 0.26 / 4.9);
        of_rhythm.iter_mut().zip(rhythm).for_each(|(to, value)| *to = value * 0.25 / 0.35);
        rest[0] = emotion[0] * 0.04;
        rest[1] = emotion[1] * 0.04;
        rest[2] = item[rows(Facet::Energy)][0] * 0.05 / 0.2;
        traits
    }

    /// The principal coordinates of timbre and of the pattern of rhythm, those that differ most first.
    pub(crate) fn coordinates(
        &self,
        item: &[f32; N_ROWS],
    ) -> ([f32; timbre::N_DIMENSIONS], [f32; rhythm::N_BINS]) {
        let timbre = self.timbre.coordinates(&array(&item[rows(Facet::Timbre)]));
        let rhythm = self.rhythm.coordinates(&array(&item[rows(Facet::Rhythm)]));
        (timbre, rhythm)
    }

    pub(crate) fn sketch(&self, item: &[f32; N_ROWS]) -> Sketch {
        let [tempo, timbre, pitch_classes, rhythm, energy, emotion] = [
            Facet::Tempo,
            Facet::Timbre,
            Facet::Harmony,
            Facet::Rhythm,
            Facet::Energy,
            Facet::Emotion,
        ]
        .map(|facet| &item[rows(facet)]);
        let byte = |value: f32| value.round().clamp(0.0, 255.0) as u8;
        let profile: [f32; 12] = array(pitch_classes);
        let (harmony, harmony_error) = harmony_bytes(&profile);
        let codes = [tempo[0], tempo[1]].map(|log2_bpm| (log2_bpm - TEMPO_START) * TEMPO_STEPS);
        let second = tempo[3] > 0.0;
        let in_range = |tempo: f32| (0.0..=255.0).contains(&tempo.round());
        let mut confidences = [0; N_CONFIDENCES];
        for (index, value) in [
            (TIMBRE, timbre[timbre::CONFIDENCE]),
            (HARMONY, pitch_classes[harmony::CONFIDENCE]),
            (RHYTHM, rhythm[rhythm::CONFIDENCE]),
            (ENERGY, energy[1]),
            (EMOTION, emotion[3]),
            (TEMPO, tempo[4]),
        ] {
            confidences[index] = (value.clamp(0.0, 1.0).sqrt() * 65_535.0).round() as u16;
        }
        Sketch {
            timbre: self.timbre.encode(&array(timbre)),
            rhythm: self.rhythm.encode(&array(rhythm)),
            harmony,
            harmony_error,
            even: std::array::from_fn(|i| (profile[i] + profile[i + 6]) as i16),
            odd: std::array::from_fn(|i| (profile[i] - profile[i + 6]) as i16),
            emotion: std::array::from_fn(|i| {
                (emotion[i].clamp(-EMOTION_LIMIT, EMOTION_LIMIT) * EMOTION_SCALE).round() as i16
            }),
            energy: byte(energy[0] * ENERGY_STEPS),
            onset_rate: byte((rhythm[rhythm::ONSET_RATE] - ONSET_RATE_START) * ONSET_RATE_STEPS),
            pulse_clarity: byte(rhythm[rhythm::PULSE_CLARITY] * PULSE_CLARITY_STEPS),
            tempi: codes.map(byte),
            tempo_weakness: (in_range(codes[0]) && (!second || in_range(codes[1])))
                .then(|| tempo_weakness(tempo[3])),
            has_key: item[rows(Facet::Key)].iter().any(|value| *value > 0.0),
            confidences,
        }
    }
}

/// The first values of a slice that holds at least as many.
fn array<const N: usize>(values: &[f32]) -> [f32; N] {
    std::array::from_fn(|i| values[i])
}

/// Sums and differences of pitch classes a tritone apart, which make two products of length six of one of
/// length twelve; and what rounding may take from a product, for one side.
fn harmony_bytes(profile: &[f32; 12]) -> ([i8; 12], u8) {
    let part = |place: usize| {
        let (one, other) = (profile[place % 6], profile[place % 6 + 6]);
        let both = if place < 6 { one + other } else { one - other };
        both * std::f32::consts::FRAC_1_SQRT_2 / harmony::PROFILE_LENGTH * HARMONY_BYTES_SCALE
    };
    let bytes: [i8; 12] = std::array::from_fn(|place| {
        part(place).round().clamp(-HARMONY_BYTES_SCALE, HARMONY_BYTES_SCALE) as i8
    });
    let error: f32 = (0..12).map(|place| (part(place) - f32::from(bytes[place])).powi(2)).sum();
    // The other side is hardly longer than a profile, also when it was rounded.
    (bytes, (error.sqrt() * HARMONY_BYTES_SCALE * 1.03 + 1.0).ceil().min(255.0) as u8)
}
