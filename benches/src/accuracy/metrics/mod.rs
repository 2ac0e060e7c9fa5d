//! The measures of the field. Each is 0 (wrong) to 1 (right) for one recording, and compared with `mir_eval` where that has it.

pub mod beats;
pub mod calibration;
pub mod continuity;
pub mod key;
pub mod tempo;

use super::estimate::{Answer, Estimate};
use super::layout::Truth;
use key::Fifths;

/// One column of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Tempo within 4 %.
    TempoAccuracy1,
    /// The same, twice, three times, half and a third of the tempo allowed.
    TempoAccuracy2,
    /// F-measure of the beats, 70 ms.
    BeatF,
    /// Share of beats with phase and period right, at the annotated level.
    CmlT,
    /// The same at any of five levels.
    AmlT,
    /// F-measure of the first beats of bars, 70 ms.
    DownbeatF,
    /// MIREX key score, fifths up and down count.
    Key,
    /// MIREX key score, only a fifth up counts.
    KeyAscending,
    /// Tonic and mode both right.
    KeyExact,
}

/// All measures, in the order of the tables.
pub const MEASURES: [Measure; 9] = [
    Measure::TempoAccuracy1,
    Measure::TempoAccuracy2,
    Measure::BeatF,
    Measure::CmlT,
    Measure::AmlT,
    Measure::DownbeatF,
    Measure::Key,
    Measure::KeyAscending,
    Measure::KeyExact,
];

impl Measure {
    /// Head of its column.
    pub fn title(self) -> &'static str {
        match self {
            Self::TempoAccuracy1 => "tempo Acc1",
            Self::TempoAccuracy2 => "tempo Acc2",
            Self::BeatF => "beat F",
            Self::CmlT => "CMLt",
            Self::AmlT => "AMLt",
            Self::DownbeatF => "downbeat F",
            Self::Key => "key",
            Self::KeyAscending => "key (fifth up)",
            Self::KeyExact => "key exact",
        }
    }

    /// Name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::TempoAccuracy1 => "tempo_accuracy_1",
            Self::TempoAccuracy2 => "tempo_accuracy_2",
            Self::BeatF => "beat_f",
            Self::CmlT => "cmlt",
            Self::AmlT => "amlt",
            Self::DownbeatF => "downbeat_f",
            Self::Key => "key_score",
            Self::KeyAscending => "key_score_ascending",
            Self::KeyExact => "key_exact",
        }
    }

    /// The measure for one recording: `None` if its truth is not known or the program does not answer the question;
    /// 0 if the program could have answered and did not.
    pub fn of(self, truth: &Truth, estimate: &Estimate) -> Option<f64> {
        let share = |is_right: bool| f64::from(is_right);
        match self {
            Self::TempoAccuracy1 => {
                judged(truth.tempo_bpm.as_ref(), &estimate.tempo_bpm, |t, e| {
                    share(tempo::accuracy_1(*t, *e))
                })
            }
            Self::TempoAccuracy2 => {
                judged(truth.tempo_bpm.as_ref(), &estimate.tempo_bpm, |t, e| {
                    share(tempo::accuracy_2(*t, *e))
                })
            }
            Self::BeatF => times(truth.beats_s.as_ref(), &estimate.beats_s, beats::f_measure),
            Self::CmlT => times(truth.beats_s.as_ref(), &estimate.beats_s, |t, e| {
                continuity::continuity(t, e).cml_total
            }),
            Self::AmlT => times(truth.beats_s.as_ref(), &estimate.beats_s, |t, e| {
                continuity::continuity(t, e).aml_total
            }),
            Self::DownbeatF => {
                times(truth.downbeats_s.as_ref(), &estimate.downbeats_s, beats::f_measure)
            }
            Self::Key => {
                judged(truth.key.as_ref(), &estimate.key, |t, e| key::score(*t, *e, Fifths::Either))
            }
            Self::KeyAscending => judged(truth.key.as_ref(), &estimate.key, |t, e| {
                key::score(*t, *e, Fifths::Ascending)
            }),
            Self::KeyExact => judged(truth.key.as_ref(), &estimate.key, |t, e| share(t == e)),
        }
    }
}

fn judged<T, E>(
    truth: Option<&T>,
    answer: &Answer<E>,
    measure: impl FnOnce(&T, &E) -> f64,
) -> Option<f64> {
    match (truth?, answer) {
        (_, Answer::NotOffered) => None,
        (_, Answer::Unknown) => Some(0.0),
        (truth, Answer::Known(estimate)) => Some(measure(truth, estimate)),
    }
}

/// Times, those of the start left out; recordings with fewer than two reference times after it do not count.
fn times(
    truth: Option<&Vec<f64>>,
    answer: &Answer<Vec<f64>>,
    measure: impl FnOnce(&[f64], &[f64]) -> f64,
) -> Option<f64> {
    let truth = truth.map(|times| beats::trimmed(times)).filter(|times| times.len() > 1)?;
    judged(Some(&truth), answer, |truth, estimate| measure(truth, &beats::trimmed(estimate)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_answered_is_wrong_and_what_is_not_asked_is_left_out() {
        let truth = Truth { tempo_bpm: Some(120.0), ..Truth::default() };
        let mut estimate = Estimate::unknown();
        assert_eq!(Measure::TempoAccuracy1.of(&truth, &estimate), Some(0.0));
        assert_eq!(Measure::Key.of(&truth, &estimate), None);
        estimate.tempo_bpm = Answer::NotOffered;
        assert_eq!(Measure::TempoAccuracy1.of(&truth, &estimate), None);
        estimate.tempo_bpm = Answer::Known(60.0);
        assert_eq!(Measure::TempoAccuracy1.of(&truth, &estimate), Some(0.0));
        assert_eq!(Measure::TempoAccuracy2.of(&truth, &estimate), Some(1.0));
    }

    #[test]
    fn beats_before_five_seconds_do_not_count() {
        let truth = Truth { beats_s: Some((0..20).map(f64::from).collect()), ..Truth::default() };
        let late = (5..20).map(f64::from).collect();
        let estimate = Estimate { beats_s: Answer::Known(late), ..Estimate::unknown() };
        assert_eq!(Measure::BeatF.of(&truth, &estimate), Some(1.0));
        let short = Truth { beats_s: Some(vec![0.0, 1.0, 6.0]), ..Truth::default() };
        assert_eq!(Measure::BeatF.of(&short, &estimate), None);
    }
}
