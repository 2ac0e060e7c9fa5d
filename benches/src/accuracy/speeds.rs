//! What can be tested without truth: a recording and a faster version of it.
//!
//! The two are `NAME.ext` and `NAME_fast.ext` of one set. Their tempi should have the ratio of their lengths, and their
//! keys should be equal, or apart by as many semitones as the ratio is when the pitch went up with the speed.

use super::score::Scored;

/// Largest error of the ratio, as for a tempo.
const TOLERANCE: f64 = 0.04;

/// A recording and its faster version.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair<'a> {
    /// The slower one.
    pub slow: &'a Scored,
    /// The faster one.
    pub fast: &'a Scored,
}

/// All pairs among `scored`.
pub fn pairs(scored: &[Scored]) -> Vec<Pair<'_>> {
    let fast_name = |file: &str| {
        file.rsplit_once('.').map(|(stem, extension)| format!("{stem}_fast.{extension}"))
    };
    scored
        .iter()
        .filter_map(|slow| {
            let name = fast_name(&slow.file)?;
            let fast = scored.iter().find(|fast| fast.set == slow.set && fast.file == name)?;
            Some(Pair { slow, fast })
        })
        .collect()
}

impl Pair<'_> {
    /// How many times faster the fast one is, by length.
    pub fn length_ratio(&self) -> Option<f64> {
        let ratio = self.slow.ours.duration_s? / self.fast.ours.duration_s?;
        ratio.is_finite().then_some(ratio)
    }

    /// How many times faster the fast one is, by tempo.
    pub fn tempo_ratio(&self) -> Option<f64> {
        Some(self.fast.ours.tempo_bpm.known()? / self.slow.ours.tempo_bpm.known()?)
    }

    /// Whether both ratios are known and agree.
    pub fn tempi_agree(&self) -> bool {
        let ratios = self.tempo_ratio().zip(self.length_ratio());
        ratios.is_some_and(|(tempo, length)| (tempo / length - 1.0).abs() <= TOLERANCE)
    }

    /// Whether both keys are known and agree.
    pub fn keys_agree(&self) -> bool {
        let keys = self.slow.ours.key.known().zip(self.fast.ours.key.known());
        keys.zip(self.length_ratio()).is_some_and(|((slow, fast), ratio)| {
            let moved = (12 + fast.tonic - slow.tonic) % 12;
            let with_speed = (12.0 * ratio.log2()).round().rem_euclid(12.0);
            slow.mode == fast.mode && (moved == 0 || (f64::from(moved) - with_speed).abs() < 0.5)
        })
    }
}

#[cfg(test)]
mod tests {
    use dsp::Mode;

    use super::super::estimate::{Answer, Estimate};
    use super::super::layout::{Recording, Set, Truth};
    use super::super::metrics::key::Key;
    use super::*;

    fn scored(file: &str, bpm: f64, tonic: u8, duration_s: f64) -> Scored {
        let set = Set { name: "set".to_owned(), recordings: vec![], peers: vec![] };
        let recording = Recording {
            file: file.to_owned(),
            path: std::path::PathBuf::new(),
            truth: Truth::default(),
        };
        let estimate = Estimate {
            tempo_bpm: Answer::Known(bpm),
            key: Answer::Known(Key { tonic, mode: Mode::Minor }),
            duration_s: Some(duration_s),
            ..Estimate::unknown()
        };
        Scored::new(&set, &recording, estimate)
    }

    #[test]
    fn tempo_has_the_ratio_of_the_lengths() {
        let slow = scored("a/x.ogg", 100.0, 9, 66.0);
        let other = scored("a/y.ogg", 100.0, 9, 66.0);
        for (bpm, tonic, tempi, keys) in
            [(110.0, 9, true, true), (55.0, 11, false, true), (110.0, 2, true, false)]
        {
            let fast = scored("a/x_fast.ogg", bpm, tonic, 60.0);
            let all = [slow.clone(), fast, other.clone()];
            let pairs = pairs(&all);
            assert_eq!(pairs.len(), 1);
            assert_eq!((pairs[0].tempi_agree(), pairs[0].keys_agree()), (tempi, keys), "{bpm}");
        }
    }
}
