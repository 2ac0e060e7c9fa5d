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
pub(super) const TIMBRE_SCALE: f32 = 512.0;
pub(super) const EMOTION_SCALE: f32 = 1024.0;
pub(super) const RHYTHM_SCALE: f32 = 8192.0;
/// Product of two equal profiles of harmony.
pub(super) const HARMONY_ONE: f32 = 67_108_864.0;
/// Products of the strengths of harmony are in this unit; exact products are doubled and this much smaller.
pub(super) const HARMONY_SHIFT: u32 = 5;
/// Length of the strengths of one profile.
const HARMONY_SCALE: f32 = 8192.0;

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
pub(crate) struct Margins {
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
    /// Lengths of the six Fourier coefficients of the profile: no transposition agrees more than they do.
    pub(super) strengths: [i16; 6],
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
    /// Square roots, 255 for 1.
    pub(super) confidences: [u8; N_CONFIDENCES],
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

    /// Shifts of the tails of timbre and rhythm.
    pub(super) fn tail_shifts(&self) -> [u32; 2] {
        [self.timbre.tail_shift(), self.rhythm.tail_shift()]
    }

    pub(crate) fn sketch(&self, item: &[f32; N_ROWS]) -> Sketch {
        let [tempo, timbre, harmony, rhythm, energy, emotion] = [
            Facet::Tempo,
            Facet::Timbre,
            Facet::Harmony,
            Facet::Rhythm,
            Facet::Energy,
            Facet::Emotion,
        ]
        .map(|facet| &item[rows(facet)]);
        let byte = |value: f32| value.round().clamp(0.0, 255.0) as u8;
        let profile: [f32; 12] = array(harmony);
        let tempi = [tempo[0], tempo[1]].map(|log2_bpm| (log2_bpm - TEMPO_START) * TEMPO_STEPS);
        let second = tempo[3] > 0.0;
        let in_range =
            |tempo: f32| (0.0..=255.0).contains(&tempo.round());
        let mut confidences = [0; N_CONFIDENCES];
        for (index, value) in [
            (TIMBRE, timbre[timbre::CONFIDENCE]),
            (HARMONY, harmony[harmony::CONFIDENCE]),
            (RHYTHM, rhythm[rhythm::CONFIDENCE]),
            (ENERGY, energy[1]),
            (EMOTION, emotion[3]),
            (TEMPO, tempo[4]),
        ] {
            confidences[index] = byte(value.sqrt() * 255.0);
        }
        Sketch {
            timbre: self.timbre.encode(&array(timbre)),
            rhythm: self.rhythm.encode(&array(rhythm)),
            strengths: strengths(&profile),
            even: std::array::from_fn(|i| (profile[i] + profile[i + 6]) as i16),
            odd: std::array::from_fn(|i| (profile[i] - profile[i + 6]) as i16),
            emotion: std::array::from_fn(|i| {
                (emotion[i].clamp(-EMOTION_LIMIT, EMOTION_LIMIT) * EMOTION_SCALE).round() as i16
            }),
            energy: byte(energy[0] * ENERGY_STEPS),
            onset_rate: byte((rhythm[rhythm::ONSET_RATE] - ONSET_RATE_START) * ONSET_RATE_STEPS),
            pulse_clarity: byte(rhythm[rhythm::PULSE_CLARITY] * PULSE_CLARITY_STEPS),
            tempi: tempi.map(byte),
            tempo_weakness: (in_range(tempi[0]) && (!second || in_range(tempi[1])))
                .then(|| tempo_weakness(tempo[3])),
            has_key: item[rows(Facet::Key)].iter().any(|value| *value > 0.0),
            confidences,
        }
    }
}

impl Sketch {
    /// What this adds to the margins.
    pub(crate) fn margins(&self) -> Margins {
        // Three coordinates rounded to the nearest unit.
        let emotion = 0.9 / EMOTION_SCALE;
        Margins { timbre: self.timbre.error, rhythm: self.rhythm.error, emotion }
    }
}

impl Margins {
    pub(crate) const NONE: Self = Self { timbre: 0.0, rhythm: 0.0, emotion: 0.0 };

    /// The larger of each.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            timbre: self.timbre.max(other.timbre),
            rhythm: self.rhythm.max(other.rhythm),
            emotion: self.emotion.max(other.emotion),
        }
    }

    /// Those of a pair with these margins on either side.
    pub(crate) fn of_pair(self, other: Self) -> Self {
        Self {
            timbre: self.timbre + other.timbre,
            rhythm: self.rhythm + other.rhythm,
            emotion: self.emotion + other.emotion,
        }
    }

    /// Whether these are enough where `needed` are needed.
    pub(crate) fn cover(&self, needed: &Self) -> bool {
        self.timbre >= needed.timbre
            && self.rhythm >= needed.rhythm
            && self.emotion >= needed.emotion
    }

    /// A little more than these, so that they need not be raised often.
    pub(crate) fn with_room(self) -> Self {
        Self { timbre: self.timbre * 1.05, rhythm: self.rhythm * 1.05, ..self }
    }

    /// The ceilings under these margins.
    pub(crate) fn ceilings(self) -> Ceilings {
        Ceilings::new(self)
    }
}

/// The first values of a slice that holds at least as many.
fn array<const N: usize>(values: &[f32]) -> [f32; N] {
    std::array::from_fn(|i| values[i])
}

/// Lengths of the Fourier coefficients of a profile, such that the product of two profiles at any
/// transposition is at most the product of their strengths (the triangle inequality after Parseval).
fn strengths(profile: &[f32; 12]) -> [i16; 6] {
    std::array::from_fn(|index| {
        let order = index + 1;
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (class, value) in profile.iter().enumerate() {
            let angle = std::f32::consts::TAU * (order * class) as f32 / 12.0;
            real += value * angle.cos();
            imaginary += value * angle.sin();
        }
        // All but the sixth stand for a pair of coefficients.
        let weight = if order == 6 { 1.0_f32 } else { 2.0 };
        let length = (weight / 12.0).sqrt() * f32::hypot(real, imaginary);
        (length / harmony::PROFILE_LENGTH * HARMONY_SCALE).round() as i16
    })
}
