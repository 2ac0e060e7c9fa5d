//! The scan: one probe against panels of sketches, and which items may reach the floor.
//!
//! An item can only be of use when its evidence reaches that of the weakest match kept so far, the *floor*. With
//! shares `w c` and evidence `e` of each facet that is `Σ w c (e − floor) ≥ 0`, which needs no division. Evidence
//! is taken from ceilings, first with those coordinates that hold most of each distance; only where that leaves an item in
//! the running are the rest read too.

use super::{
    ceilings::{Ceilings, MOST, RHYTHM_PART_SHIFT},
    panel::{Details, PANEL, Panel, RHYTHM_PAIRS, TIMBRE_PAIRS},
    probe::{MAX_WORDS, Probe},
    sketcher::{EMOTION, ENERGY, HARMONY, HARMONY_BYTES_ONE, HARMONY_BYTES_SHIFT, HARMONY_ONE, HARMONY_SHIFT, RHYTHM, TEMPO, TIMBRE},
};

/// What is left out without a closer look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pruning {
    /// Details are read only where the heads leave an item in the running.
    Heads,
    /// Every facet of every item is computed in full.
    None,
}

/// An item that may reach the floor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hit {
    /// Number of the probe.
    pub(crate) probe: u32,
    /// Its place among the scanned panels.
    pub(crate) slot: u32,
    /// No more evidence than this is possible, in units of [`super::UNITS`]; infinite where nothing is known.
    pub(crate) most: f32,
}

/// How many items were compared, and how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pairs whose heads were compared.
    pub n_scanned: u64,
    /// Pairs whose details were compared too.
    pub n_detailed: u64,
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            n_scanned: self.n_scanned + other.n_scanned,
            n_detailed: self.n_detailed + other.n_detailed,
        }
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), std::ops::Add::add)
    }
}

/// What is scanned: panels, their details, and the floor of each item, [`NO_FLOOR`] where it does not look for matches.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) panels: &'a [Panel],
    pub(crate) details: &'a [Details],
    /// Floors of the items themselves in evidence before the gain; empty when they are not asked.
    pub(crate) floors: &'a [[i16; PANEL]],
}

/// Floor of an item that looks for nothing.
pub(crate) const NO_FLOOR: i16 = i16::MAX;

macro_rules! scan {
    ($lanes:ident, $(#[$attribute:meta])?) => {
        pub(super) mod $lanes {
            use super::*;
            use super::super::lanes::$lanes::{Bytes, Sums, Words};

            /// What the first look at a panel gives.
            struct Look {
                timbre: Sums,
                harmony: Sums,
                rhythm: Sums,
            }

            /// Adds those items of the field that may reach `floor` (of the probe), or their own.
            $(#[$attribute])?
            pub(in super::super) fn scan(
                probe: &Probe,
                floor: i16,
                field: Field<'_>,
                ceilings: &Ceilings,
                pruning: Pruning,
                hits: &mut Vec<Hit>,
                counts: &mut Counts,
            ) {
                for (index, panel) in field.panels.iter().enumerate() {
                    counts.n_scanned += PANEL as u64;
                    let mut floors = Words::splat(floor);
                    if let Some(own) = field.floors.get(index) {
                        floors = floors.min(Words::read(own));
                    }
                    let here = Bytes::read(&panel.version).equal(Bytes::splat(probe.version));
                    let same = Words::read(&panel.identity.map(u16::cast_signed))
                        .equal(Words::splat(probe.identity.cast_signed()))
                        .and(here);
                    let mut look = heads(probe, panel);
                    let known = known(probe, panel, ceilings);
                    let (mut sum, mut total, mut mask) = (floors, floors, same.mask());
                    if pruning == Pruning::Heads {
                        (sum, total) = pool(probe, panel, &look, &known, floors, ceilings);
                        mask |= sum.not_negative().and(here).mask();
                    }
                    if pruning == Pruning::None || mask != 0 {
                        let details = &field.details[index];
                        counts.n_detailed += PANEL as u64;
                        full(probe, panel, details, &mut look);
                        (sum, total) = pool(probe, panel, &look, &known, floors, ceilings);
                        mask = sum.not_negative().and(here).mask() | same.mask();
                    }
                    if mask != 0 {
                        let sums = sum.to_array();
                        let totals = total.to_array();
                        let floors = floors.to_array();
                        while mask != 0 {
                            let lane = mask.trailing_zeros() as usize;
                            mask &= mask - 1;
                            let most = most(probe, sums[lane], totals[lane], floors[lane]);
                            let most = if same.mask() >> lane & 1 == 1 { f32::INFINITY } else { most };
                            let slot = (index * PANEL + lane) as u32;
                            hits.push(Hit { probe: probe.number, slot, most });
                        }
                    }
                }
            }

            /// Lower bounds of timbre and rhythm distances and of what harmony lacks, from heads alone.
            #[inline]
            $(#[$attribute])?
            fn heads(probe: &Probe, panel: &Panel) -> Look {
                let norms = |own: i32, norms: &[i32; PANEL]| Sums::splat(own).add(Sums::read(norms));
                let timbre = Sums::dot(&panel.timbre, &probe.timbre);
                let rhythm = Sums::dot(&panel.rhythm, &probe.rhythm);
                // As near as bytes can be, at the best of the twelve transpositions.
                let error = Bytes::read(&panel.harmony_error).add(Bytes::splat(probe.harmony_error));
                let harmony = Words::turned(&panel.harmony, &probe.turns, probe.turn_offset);
                let harmony = Words::splat(HARMONY_BYTES_ONE).sub(harmony).sub(error.words());
                Look {
                    timbre: norms(probe.timbre_norm, &panel.timbre_norm).sub(timbre.shift(1)),
                    rhythm: norms(probe.rhythm_norm, &panel.rhythm_norm).sub(rhythm.shift(1)),
                    harmony: harmony.widen().shift(HARMONY_BYTES_SHIFT),
                }
            }

            /// The same from everything.
            #[inline]
            $(#[$attribute])?
            fn full(probe: &Probe, panel: &Panel, details: &Details, look: &mut Look) {
                let [timbre_shift, rhythm_shift] = probe.tail_shifts;
                // The tails themselves in the place of their lengths; all is doubled.
                let lengths =
                    Sums::dot(&panel.timbre[TIMBRE_PAIRS - 1..], &probe.timbre[TIMBRE_PAIRS - 1..]);
                let tails = Sums::dot_bytes(&details.timbre, &probe.timbre_tail);
                look.timbre = look
                    .timbre
                    .add(lengths.shift(1))
                    .sub(tails.shift(2 * timbre_shift + 1));
                let lengths =
                    Sums::dot(&panel.rhythm[RHYTHM_PAIRS - 1..], &probe.rhythm[RHYTHM_PAIRS - 1..]);
                let tails = Sums::dot_bytes(&details.rhythm, &probe.rhythm_tail);
                look.rhythm = look
                    .rhythm
                    .add(lengths.shift(1))
                    .sub(tails.shift(2 * rhythm_shift + 1));
                let mut best = Sums::splat(0);
                for (even, odd) in probe.even.iter().zip(&probe.odd) {
                    // Transposed by as many semitones, and by six more.
                    let even = Sums::dot(&details.even, even);
                    best = best.max(even.add(Sums::dot(&details.odd, odd).abs()));
                }
                look.harmony = Sums::splat(HARMONY_ONE as i32).sub(best.shift(HARMONY_SHIFT));
            }

            /// What heads and details agree on.
            struct Known {
                emotion: Words,
                energy: Words,
                rhythm_parts: Sums,
                tempo: Words,
                tags: Words,
            }

            #[inline]
            $(#[$attribute])?
            fn known(probe: &Probe, panel: &Panel, ceilings: &Ceilings) -> Known {
                // Both sides of a difference of bytes are rounded: it may be one less.
                let apart = |plane: &[u8; PANEL], own: u8| {
                    Bytes::read(plane).apart(Bytes::splat(own)).sub(Bytes::splat(1))
                };
                let emotion = Sums::splat(probe.emotion_norm)
                    .add(Sums::read(&panel.emotion_norm))
                    .sub(Sums::dot(&panel.emotion, &probe.emotion).shift(1))
                    .cells(&ceilings.emotion);
                let rate = apart(&panel.onset_rate, probe.onset_rate);
                let clarity = apart(&panel.pulse_clarity, probe.pulse_clarity);
                Known {
                    emotion: emotion.ceiling(&ceilings.emotion.ceiling),
                    energy: apart(&panel.energy, probe.energy).ceiling(&ceilings.energy),
                    rhythm_parts: Words::splat(ceilings.rhythm_parts)
                        .sub(rate.ceiling(&ceilings.onset_rate))
                        .sub(clarity.ceiling(&ceilings.pulse_clarity))
                        .widen()
                        .shift(RHYTHM_PART_SHIFT),
                    tempo: if probe.shares[TEMPO] > 0 {
                        tempo(probe, panel, ceilings)
                    } else {
                        Words::splat(0)
                    },
                    tags: tags(probe, panel, ceilings),
                }
            }

            /// Evidence of tags: words whose bit the other side has may be shared.
            #[inline]
            $(#[$attribute])?
            fn tags(probe: &Probe, panel: &Panel, ceilings: &Ceilings) -> Words {
                let n_words = Bytes::read(&panel.n_words);
                let mut n_shared = Bytes::splat(0);
                for &(plane, bit) in &probe.words[..probe.n_counted] {
                    let bit = Bytes::splat(bit);
                    let found = Bytes::read(&panel.signature[usize::from(plane)]).and(bit).equal(bit);
                    n_shared = n_shared.add(found.and(Bytes::splat(1)));
                }
                let n_shared = n_shared.min(n_words);
                let n_unshared = n_words
                    .add(Bytes::splat(probe.n_words))
                    .sub(n_shared.add(n_shared))
                    .min(Bytes::splat(31));
                let n_shared = if probe.n_counted < MAX_WORDS { n_shared } else { Bytes::splat(15) };
                n_shared.less(&ceilings.tags_shared, n_unshared, &ceilings.tags_unshared)
            }

            /// Evidence of tempo: the best of the two candidates of either side.
            #[inline]
            $(#[$attribute])?
            fn tempo(probe: &Probe, panel: &Panel, ceilings: &Ceilings) -> Words {
                let mut least = Bytes::splat(255);
                for (own, own_weakness) in
                    [(probe.tempi[0], 0), (probe.tempi[1], probe.tempo_weakness)]
                {
                    for (plane, weakness) in [
                        (&panel.tempi[0], Bytes::splat(0)),
                        (&panel.tempi[1], Bytes::read(&panel.tempo_weakness)),
                    ] {
                        // In hundredths of an octave: double time is 100 and costs 2, 3 to 2 is 58.5 and costs 6.
                        let apart = Bytes::read(plane).apart(Bytes::splat(own));
                        let double = apart.apart(Bytes::splat(100)).add(Bytes::splat(2));
                        let triplet = apart.apart(Bytes::splat(58)).add(Bytes::splat(5));
                        let apart = apart.min(double).min(triplet).sub(Bytes::splat(1));
                        let twice = apart.add(apart);
                        let agreement = twice.add(twice).ceiling(&ceilings.tempo_apart).narrow();
                        let loss = Bytes::splat(255)
                            .sub(agreement)
                            .add(weakness)
                            .add(Bytes::splat(own_weakness));
                        least = least.min(loss);
                    }
                }
                let least = least.and_not(Bytes::read(&panel.any_tempo));
                let least = if probe.any_tempo { Bytes::splat(0) } else { least };
                least.ceiling(&ceilings.tempo)
            }

            /// Sum of `w c (e − floor)` with what rounding may have taken from it, and of `w c`.
            #[inline]
            $(#[$attribute])?
            fn pool(
                probe: &Probe,
                panel: &Panel,
                look: &Look,
                known: &Known,
                floors: Words,
                ceilings: &Ceilings,
            ) -> (Words, Words) {
                let reach = Words::splat(MOST).add(floors.abs());
                let mut sum = Words::splat(8).add(Words::splat(probe.share_error).part(reach));
                let mut total = Words::splat(0);
                let mut add = |confidences: Bytes, share: i16, evidence: Words| {
                    let share = confidences.share(share);
                    sum = sum.add(share.part(evidence.sub(floors)));
                    total = total.add(share);
                };
                let confidence = |facet: usize| Bytes::read(&panel.confidences[facet]);
                let shares = &probe.shares;
                if shares[TIMBRE] > 0 {
                    let evidence = look.timbre.cells(&ceilings.timbre);
                    let evidence = evidence.ceiling(&ceilings.timbre.ceiling);
                    add(confidence(TIMBRE), shares[TIMBRE], evidence);
                }
                if shares[HARMONY] > 0 {
                    let evidence = look.harmony.cells(&ceilings.harmony);
                    let evidence = evidence.ceiling(&ceilings.harmony.ceiling);
                    add(confidence(HARMONY), shares[HARMONY], evidence);
                }
                if shares[RHYTHM] > 0 {
                    let loss = look.rhythm.add(known.rhythm_parts).cells(&ceilings.rhythm);
                    let evidence = loss.ceiling(&ceilings.rhythm.ceiling);
                    add(confidence(RHYTHM), shares[RHYTHM], evidence);
                }
                if shares[ENERGY] > 0 {
                    add(confidence(ENERGY), shares[ENERGY], known.energy);
                }
                if shares[EMOTION] > 0 {
                    let same = Bytes::read(&panel.method).equal(Bytes::splat(probe.method));
                    add(confidence(EMOTION).and(same), shares[EMOTION], known.emotion);
                }
                if shares[TEMPO] > 0 {
                    add(confidence(TEMPO), shares[TEMPO], known.tempo);
                }
                if probe.key_share > 0 {
                    // Keys are not sketched: they may agree perfectly.
                    add(Bytes::splat(255), probe.key_share, Words::splat(MOST));
                }
                if probe.tags_share > 0 {
                    let none = Bytes::read(&panel.n_words).equal(Bytes::splat(0));
                    add(Bytes::splat(255).and_not(none), probe.tags_share, known.tags);
                }
                (sum, total)
            }
        }
    };
}

scan!(portable,);
#[cfg(target_arch = "x86_64")]
scan!(avx2, #[target_feature(enable = "avx2")]);

/// No more evidence than this is possible, whatever rounding did.
fn most(probe: &Probe, sum: i16, total: i16, floor: i16) -> f32 {
    let least_total = f32::from(total) - f32::from(probe.share_error);
    if least_total > 0.0 {
        f32::from(floor) + f32::from(sum) * 32_768.0 / least_total
    } else {
        f32::INFINITY
    }
}

/// Adds those items of the field that may reach `floor`, or their own floor, with the widest instructions there are.
pub(crate) fn scan(
    probe: &Probe,
    floor: i16,
    field: Field<'_>,
    ceilings: &Ceilings,
    pruning: Pruning,
    hits: &mut Vec<Hit>,
    counts: &mut Counts,
) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the instructions are there: it was asked")]
        // SAFETY: AVX2 was detected.
        unsafe {
            return avx2::scan(probe, floor, field, ceilings, pruning, hits, counts);
        }
    }
    portable::scan(probe, floor, field, ceilings, pruning, hits, counts);
}

/// The same with plain instructions only.
#[cfg(test)]
pub(crate) fn scan_portable(
    probe: &Probe,
    floor: i16,
    field: Field<'_>,
    ceilings: &Ceilings,
    pruning: Pruning,
    hits: &mut Vec<Hit>,
    counts: &mut Counts,
) {
    portable::scan(probe, floor, field, ceilings, pruning, hits, counts);
}
