//! Many sketches side by side, as the scan reads them.

use super::sketcher::{N_CONFIDENCES, RHYTHM_HEAD, RHYTHM_TAIL, Sketch, TIMBRE_HEAD, TIMBRE_TAIL};

/// Items in one panel.
pub(crate) const PANEL: usize = 32;

/// Two numbers of each item, side by side: what one multiplication takes.
pub(super) type Pairs<T> = [T; 2 * PANEL];
/// One byte of each item.
pub(super) type Plane = [u8; PANEL];

/// Pairs of coordinates of the heads, and one for the length of the tail.
pub(super) const TIMBRE_PAIRS: usize = TIMBRE_HEAD / 2 + 1;
pub(super) const RHYTHM_PAIRS: usize = RHYTHM_HEAD / 2 + 1;
/// Bytes of the signature of an item's words.
pub(super) const N_SIGNATURE: usize = 8;

/// What every item is read for.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(crate) struct Panel {
    pub(super) timbre: [Pairs<i16>; TIMBRE_PAIRS],
    pub(super) rhythm: [Pairs<i16>; RHYTHM_PAIRS],
    /// Six sums and six differences of pitch classes a tritone apart, items in the order of [`unpacked`].
    pub(super) harmony: [Pairs<i8>; 6],
    pub(super) harmony_error: Plane,
    pub(super) emotion: [Pairs<i16>; 2],
    pub(super) timbre_norm: [i32; PANEL],
    pub(super) rhythm_norm: [i32; PANEL],
    pub(super) emotion_norm: [i32; PANEL],
    pub(super) energy: Plane,
    pub(super) onset_rate: Plane,
    pub(super) pulse_clarity: Plane,
    pub(super) tempi: [Plane; 2],
    pub(super) tempo_weakness: Plane,
    /// 255 where nothing can be said of the tempo.
    pub(super) any_tempo: Plane,
    /// Square roots, nearly 65 536 for 1; items in the order of [`unpacked`].
    pub(super) confidences: [[u16; PANEL]; N_CONFIDENCES],
    /// What made the emotion, by number.
    pub(super) method: Plane,
    /// Analysis version by number; 0 where there is no item.
    pub(super) version: Plane,
    /// A bit for each word.
    pub(super) signature: [Plane; N_SIGNATURE],
    pub(super) n_words: Plane,
    /// Some bits of the identity; items in the order of [`unpacked`].
    pub(super) identity: [u16; PANEL],
}

/// What only promising items are read for.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(crate) struct Details {
    pub(super) timbre: [Pairs<i8>; TIMBRE_TAIL / 2],
    pub(super) rhythm: [Pairs<i8>; RHYTHM_TAIL / 2],
    pub(super) even: [Pairs<i16>; 3],
    pub(super) odd: [Pairs<i16>; 3],
}

/// What stands beside a sketch in a panel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks<'a> {
    /// Number of the analysis version, from 1.
    pub(crate) version: u8,
    /// Number of what made the emotion.
    pub(crate) method: u8,
    pub(crate) identity: u64,
    pub(crate) words: &'a [u32],
    /// Whether there is an embedding.
    pub(crate) has_direction: bool,
}

impl Panel {
    pub(crate) fn empty() -> Self {
        Self {
            timbre: [[0; 2 * PANEL]; TIMBRE_PAIRS],
            rhythm: [[0; 2 * PANEL]; RHYTHM_PAIRS],
            harmony: [[0; 2 * PANEL]; 6],
            harmony_error: [0; PANEL],
            emotion: [[0; 2 * PANEL]; 2],
            timbre_norm: [0; PANEL],
            rhythm_norm: [0; PANEL],
            emotion_norm: [0; PANEL],
            energy: [0; PANEL],
            onset_rate: [0; PANEL],
            pulse_clarity: [0; PANEL],
            tempi: [[0; PANEL]; 2],
            tempo_weakness: [0; PANEL],
            any_tempo: [0; PANEL],
            confidences: [[0; PANEL]; N_CONFIDENCES],
            method: [0; PANEL],
            version: [0; PANEL],
            signature: [[0; PANEL]; N_SIGNATURE],
            n_words: [0; PANEL],
            identity: [0; PANEL],
        }
    }

    pub(crate) fn set(&mut self, lane: usize, sketch: &Sketch, marks: Marks<'_>) {
        write(&mut self.timbre, lane, &with_length(&sketch.timbre.head, sketch.timbre.tail_length));
        write(&mut self.rhythm, lane, &with_length(&sketch.rhythm.head, sketch.rhythm.tail_length));
        write(&mut self.harmony, unpacked(lane), &sketch.harmony);
        self.harmony_error[lane] = sketch.harmony_error;
        write(&mut self.emotion, lane, &sketch.emotion);
        self.timbre_norm[lane] = sketch.timbre.norm;
        self.rhythm_norm[lane] = sketch.rhythm.norm;
        self.emotion_norm[lane] = norm(&sketch.emotion);
        self.energy[lane] = sketch.energy;
        self.onset_rate[lane] = sketch.onset_rate;
        self.pulse_clarity[lane] = sketch.pulse_clarity;
        for (plane, value) in self.tempi.iter_mut().zip(sketch.tempi) {
            plane[lane] = value;
        }
        self.tempo_weakness[lane] = sketch.tempo_weakness.unwrap_or(0);
        self.any_tempo[lane] = if sketch.tempo_weakness.is_none() { 255 } else { 0 };
        for (plane, value) in self.confidences.iter_mut().zip(sketch.confidences) {
            plane[unpacked(lane)] = value;
        }
        self.method[lane] = marks.method;
        self.version[lane] = marks.version;
        self.signature.iter_mut().for_each(|plane| plane[lane] = 0);
        for &word in marks.words {
            let (plane, bit) = signature_bit(word);
            self.signature[usize::from(plane)][lane] |= bit;
        }
        self.n_words[lane] = u8::try_from(marks.words.len()).unwrap_or(u8::MAX);
        self.identity[unpacked(lane)] = marks.identity as u16;
    }

    /// Makes a lane one without an item.
    pub(crate) fn clear(&mut self, lane: usize) {
        self.version[lane] = 0;
    }
}

impl Details {
    pub(crate) fn empty() -> Self {
        Self {
            timbre: [[0; 2 * PANEL]; TIMBRE_TAIL / 2],
            rhythm: [[0; 2 * PANEL]; RHYTHM_TAIL / 2],
            even: [[0; 2 * PANEL]; 3],
            odd: [[0; 2 * PANEL]; 3],
        }
    }

    pub(crate) fn set(&mut self, lane: usize, sketch: &Sketch) {
        write(&mut self.timbre, lane, &sketch.timbre.tail);
        write(&mut self.rhythm, lane, &sketch.rhythm.tail);
        write(&mut self.even, lane, &sketch.even);
        write(&mut self.odd, lane, &sketch.odd);
    }
}

/// Where an item is when bytes have been unpacked to short numbers: quarters 0, 2, 1, 3.
pub(super) fn unpacked(lane: usize) -> usize {
    [0, 16, 8, 24][lane / 8] + lane % 8
}

/// Where the bit of a word is in a signature.
pub(super) fn signature_bit(word: u32) -> (u8, u8) {
    ((word / 8 % N_SIGNATURE as u32) as u8, 1 << (word % 8))
}

/// Squared length.
pub(super) fn norm(values: &[i16]) -> i32 {
    values.iter().map(|value| i32::from(*value) * i32::from(*value)).sum()
}

/// A head and the length of its tail.
pub(super) fn with_length(head: &[i16], tail_length: i16) -> Vec<i16> {
    head.iter().copied().chain([tail_length]).collect()
}

fn write<T: Copy>(pairs: &mut [Pairs<T>], lane: usize, values: &[T]) {
    for (pair, values) in pairs.iter_mut().zip(values.chunks(2)) {
        pair[2 * lane..][..values.len()].copy_from_slice(values);
    }
}
