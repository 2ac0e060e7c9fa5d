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
    sketcher::{
        EMOTION, ENERGY, HARMONY, HARMONY_BYTES_ONE, HARMONY_BYTES_SHIFT, HARMONY_ONE,
        HARMONY_SHIFT, RHYTHM, TEMPO, TIMBRE,
    },
};

/// What is left out without a closer look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pruning {
    /// Details are read only where less leaves an item in the running.
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
    /// Pairs whose harmony was compared too.
    pub n_turned: u64,
    /// Pairs whose details were compared too.
    pub n_detailed: u64,
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            n_scanned: self.n_scanned + other.n_scanned,
            n_turned: self.n_turned + other.n_turned,
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

            /// What the facets of a panel add to the sums, as far as they have been looked at.
            struct Look {
                floors: Words,
                /// What is looked at once.
                settled: Words,
                timbre: Words,
                rhythm: Words,
                harmony: Words,
                tempo: Words,
                /// Sum of the shares.
                total: Words,
            }

            impl Look {
                #[inline]
                $(#[$attribute])?
                fn sum(&self) -> Words {
                    let measured = self.timbre.add(self.rhythm).add(self.harmony);
                    self.settled.add(self.tempo).add(measured)
                }
            }

            /// Shares of the facets that are looked at more than once.
            struct Shares {
                timbre: Words,
                rhythm: Words,
                harmony: Words,
                tempo: Words,
            }

            /// Products of heads, which the details only have to add to.
            struct Heads {
                timbre: Sums,
                rhythm: Sums,
                rhythm_parts: Sums,
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
                counts.n_scanned += (field.panels.len() * PANEL) as u64;
                for (index, panel) in field.panels.iter().enumerate() {
                    let mut floors = Words::splat(floor);
                    if let Some(own) = field.floors.get(index) {
                        floors = floors.min(Words::read(own));
                    }
                    let here = Bytes::read(&panel.version).equal(Bytes::splat(probe.version));
                    let same = Words::read_unpacked(&panel.identity)
                        .equal(Words::splat(probe.identity.cast_signed()))
                        .and(here)
                        .mask();
                    let (heads, shares, mut look) = first_look(probe, panel, floors, ceilings);
                    // An item of the same sound is always of use.
                    let in_running = |look: &Look| look.sum().not_negative().and(here).mask() | same;
                    if pruning == Pruning::Heads && in_running(&look) == 0 {
                        continue;
                    }
                    counts.n_turned += PANEL as u64;
                    second_look(probe, panel, &shares, &mut look, ceilings);
                    if pruning == Pruning::Heads && in_running(&look) == 0 {
                        continue;
                    }
                    counts.n_detailed += PANEL as u64;
                    let details = &field.details[index];
                    last_look(probe, panel, details, &heads, &shares, &mut look, ceilings);
                    let mut mask = in_running(&look);
                    if mask == 0 {
                        continue;
                    }
                    let sums = look.sum().to_array();
                    let totals = look.total.to_array();
                    let floors = floors.to_array();
                    while mask != 0 {
                        let lane = mask.trailing_zeros() as usize;
                        mask &= mask - 1;
                        let most = if same >> lane & 1 == 1 {
                            f32::INFINITY
                        } else {
                            most(probe, sums[lane], totals[lane], floors[lane])
                        };
                        let slot = (index * PANEL + lane) as u32;
                        hits.push(Hit { probe: probe.number, slot, most });
                    }
                }
            }

            /// Everything but harmony, which may agree perfectly; of timbre and rhythm the heads, of tempo roughly.
            #[inline]
            $(#[$attribute])?
            fn first_look(
                probe: &Probe,
                panel: &Panel,
                floors: Words,
                ceilings: &Ceilings,
            ) -> (Heads, Shares, Look) {
                let share = |facet: usize| {
                    Words::read_unpacked(&panel.confidences[facet]).share(probe.shares[facet])
                };
                let shares = Shares {
                    timbre: share(TIMBRE),
                    rhythm: share(RHYTHM),
                    harmony: share(HARMONY),
                    tempo: share(TEMPO),
                };
                let norms = |own: i32, norms: &[i32; PANEL]| Sums::splat(own).add(Sums::read(norms));
                // Both sides of a difference of bytes are rounded: it may be one less.
                let apart = |plane: &[u8; PANEL], own: u8| {
                    Bytes::read(plane).apart(Bytes::splat(own)).sub(Bytes::splat(1))
                };
                let timbre = norms(probe.timbre_norm, &panel.timbre_norm)
                    .sub(Sums::dot(&panel.timbre, &probe.timbre).shift(1));
                let rhythm = norms(probe.rhythm_norm, &panel.rhythm_norm)
                    .sub(Sums::dot(&panel.rhythm, &probe.rhythm).shift(1));
                let rate = apart(&panel.onset_rate, probe.onset_rate);
                let clarity = apart(&panel.pulse_clarity, probe.pulse_clarity);
                let rhythm_parts = Words::splat(ceilings.rhythm_parts)
                    .sub(rate.ceiling(&ceilings.onset_rate))
                    .sub(clarity.ceiling(&ceilings.pulse_clarity))
                    .widen()
                    .shift(RHYTHM_PART_SHIFT);
                let heads = Heads { timbre, rhythm, rhythm_parts };

                let perfect = Words::splat(MOST).sub(floors);
                // What rounding may have taken.
                let reach = Words::splat(MOST).add(floors.abs());
                let mut settled = Words::splat(6).add(Words::splat(probe.share_error).part(reach));
                let mut total = shares.timbre.add(shares.rhythm).add(shares.harmony).add(shares.tempo);
                let mut settle = |share: Words, evidence: Words| {
                    settled = settled.add(share.part(evidence.sub(floors)));
                    total = total.add(share);
                };
                if probe.shares[ENERGY] > 0 {
                    let evidence = apart(&panel.energy, probe.energy).ceiling(&ceilings.energy);
                    settle(share(ENERGY), evidence);
                }
                if probe.shares[EMOTION] > 0 {
                    let same = Bytes::read(&panel.method).equal(Bytes::splat(probe.method));
                    let evidence = norms(probe.emotion_norm, &panel.emotion_norm)
                        .sub(Sums::dot(&panel.emotion, &probe.emotion).shift(1))
                        .cells(&ceilings.emotion)
                        .ceiling(&ceilings.emotion.ceiling);
                    settle(share(EMOTION).and(same.spread()), evidence);
                }
                if probe.tags_share > 0 {
                    let none = Bytes::read(&panel.n_words).equal(Bytes::splat(0));
                    let share = Words::splat(probe.tags_share).and_not(none.spread());
                    settle(share, tags(probe, panel, ceilings));
                }
                if probe.unsketched_share > 0 {
                    // What is not sketched counts as perfect.
                    settle(Words::splat(probe.unsketched_share), Words::splat(MOST));
                }
                let look = Look {
                    floors,
                    settled,
                    timbre: timbre_sum(&heads, &shares, floors, ceilings),
                    rhythm: rhythm_sum(&heads, &shares, floors, ceilings),
                    harmony: shares.harmony.part(perfect),
                    tempo: shares.tempo.part(rough_tempo(probe, panel, ceilings).sub(floors)),
                    total,
                };
                (heads, shares, look)
            }

            #[inline]
            $(#[$attribute])?
            fn timbre_sum(
                heads: &Heads,
                shares: &Shares,
                floors: Words,
                ceilings: &Ceilings,
            ) -> Words {
                let evidence = heads.timbre.cells(&ceilings.timbre).ceiling(&ceilings.timbre.ceiling);
                shares.timbre.part(evidence.sub(floors))
            }

            #[inline]
            $(#[$attribute])?
            fn rhythm_sum(
                heads: &Heads,
                shares: &Shares,
                floors: Words,
                ceilings: &Ceilings,
            ) -> Words {
                let loss = heads.rhythm.add(heads.rhythm_parts).cells(&ceilings.rhythm);
                let evidence = loss.ceiling(&ceilings.rhythm.ceiling);
                shares.rhythm.part(evidence.sub(floors))
            }

            #[inline]
            $(#[$attribute])?
            fn harmony_sum(loss: Sums, shares: &Shares, look: &Look, ceilings: &Ceilings) -> Words {
                let evidence = loss.cells(&ceilings.harmony).ceiling(&ceilings.harmony.ceiling);
                shares.harmony.part(evidence.sub(look.floors))
            }

            /// Harmony as near as bytes can be.
            #[inline]
            $(#[$attribute])?
            fn second_look(
                probe: &Probe,
                panel: &Panel,
                shares: &Shares,
                look: &mut Look,
                ceilings: &Ceilings,
            ) {
                if probe.shares[HARMONY] > 0 {
                    let error =
                        Bytes::read(&panel.harmony_error).add(Bytes::splat(probe.harmony_error));
                    let best = Words::turned(&panel.harmony, &probe.turns, probe.turn_offset);
                    let loss = Words::splat(HARMONY_BYTES_ONE).sub(best).sub(error.words());
                    let loss = loss.widen().shift(HARMONY_BYTES_SHIFT);
                    look.harmony = harmony_sum(loss, shares, look, ceilings);
                }
            }

            /// Timbre and rhythm with their tails, tempo, and harmony in full.
            #[inline]
            $(#[$attribute])?
            fn last_look(
                probe: &Probe,
                panel: &Panel,
                details: &Details,
                heads: &Heads,
                shares: &Shares,
                look: &mut Look,
                ceilings: &Ceilings,
            ) {
                let [timbre_shift, rhythm_shift] = probe.tail_shifts;
                // The tails themselves in the place of their lengths; all is doubled.
                let lengths =
                    Sums::dot(&panel.timbre[TIMBRE_PAIRS - 1..], &probe.timbre[TIMBRE_PAIRS - 1..]);
                let tails = Sums::dot_bytes(&details.timbre, &probe.timbre_tail);
                let timbre =
                    heads.timbre.add(lengths.shift(1)).sub(tails.shift(2 * timbre_shift + 1));
                let lengths =
                    Sums::dot(&panel.rhythm[RHYTHM_PAIRS - 1..], &probe.rhythm[RHYTHM_PAIRS - 1..]);
                let tails = Sums::dot_bytes(&details.rhythm, &probe.rhythm_tail);
                let rhythm =
                    heads.rhythm.add(lengths.shift(1)).sub(tails.shift(2 * rhythm_shift + 1));
                let full = Heads { timbre, rhythm, rhythm_parts: heads.rhythm_parts };
                look.timbre = timbre_sum(&full, shares, look.floors, ceilings);
                look.rhythm = rhythm_sum(&full, shares, look.floors, ceilings);
                if probe.shares[TEMPO] > 0 {
                    let evidence = tempo(probe, panel, ceilings);
                    look.tempo = shares.tempo.part(evidence.sub(look.floors));
                }
                if probe.shares[HARMONY] > 0 {
                    let mut best = Sums::splat(0);
                    for (even, odd) in probe.even.iter().zip(&probe.odd) {
                        // Transposed by as many semitones, and by six more.
                        let even = Sums::dot(&details.even, even);
                        best = best.max(even.add(Sums::dot(&details.odd, odd).abs()));
                    }
                    let loss = Sums::splat(HARMONY_ONE as i32).sub(best.shift(HARMONY_SHIFT));
                    look.harmony = harmony_sum(loss, shares, look, ceilings);
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

            /// Evidence of tempo by what the probe has for each four codes.
            #[inline]
            $(#[$attribute])?
            fn rough_tempo(probe: &Probe, panel: &Panel, ceilings: &Ceilings) -> Words {
                if probe.shares[TEMPO] == 0 {
                    return Words::splat(0);
                }
                let first = Bytes::read(&panel.tempi[0]).quarter_of(&probe.tempo_reach);
                let second = Bytes::read(&panel.tempi[1]).quarter_of(&probe.tempo_reach);
                first
                    .min(second.add(Bytes::read(&panel.tempo_weakness)))
                    .and_not(Bytes::read(&panel.any_tempo))
                    .ceiling(&ceilings.tempo)
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
