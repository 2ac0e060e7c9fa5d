//! How much faster or slower recordings are played so that their beats fall together.

use crate::{
    Descriptor,
    facets::{lanes::bell, tempo as facet},
    layout::known,
};
use std::fmt;

/// The largest change of tempo that counts as in reach, in percent: the range of the usual pitch fader.
pub const MAX_PERCENT: f64 = 8.0;

/// How many beats of one recording go with how many of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeatRelation {
    /// Beat on beat.
    OneToOne,
    /// Two beats of the first to one of the second.
    TwoToOne,
    /// One beat of the first to two of the second.
    OneToTwo,
    /// Three beats of the first to two of the second.
    ThreeToTwo,
    /// Two beats of the first to three of the second.
    TwoToThree,
}

impl BeatRelation {
    /// "3:2".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneToOne => "1:1",
            Self::TwoToOne => "2:1",
            Self::OneToTwo => "1:2",
            Self::ThreeToTwo => "3:2",
            Self::TwoToThree => "2:3",
        }
    }

    /// Octaves by which the first is faster, and what the relation costs in octaves, as in the facet.
    fn octaves_and_penalty(self) -> (f32, f32) {
        match self {
            Self::OneToOne => (0.0, 0.0),
            Self::TwoToOne => (1.0, facet::OCTAVE_PENALTY),
            Self::OneToTwo => (-1.0, facet::OCTAVE_PENALTY),
            Self::ThreeToTwo => (facet::TRIPLET_OCTAVES, facet::TRIPLET_PENALTY),
            Self::TwoToThree => (-facet::TRIPLET_OCTAVES, facet::TRIPLET_PENALTY),
        }
    }

    /// The relation in which two tempi are nearest, and how many octaves faster the second has to be played.
    fn nearest(octaves: f32) -> (Self, f32) {
        let rest = |relation: Self| octaves - relation.octaves_and_penalty().0;
        let cost = |relation: Self| rest(relation).abs() + relation.octaves_and_penalty().1;
        // The first of equals is the plainer one.
        let relations =
            [Self::OneToOne, Self::TwoToOne, Self::OneToTwo, Self::ThreeToTwo, Self::TwoToThree];
        let best = relations.into_iter().min_by(|a, b| cost(*a).total_cmp(&cost(*b)));
        let best = best.unwrap_or(Self::OneToOne);
        (best, rest(best))
    }
}

impl fmt::Display for BeatRelation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the beats of two recordings, a and b, are brought together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TempoFit {
    /// Tempo of a, beats per minute.
    pub a_bpm: f64,
    /// Tempo of b, beats per minute.
    pub b_bpm: f64,
    /// Beats of a to beats of b.
    pub relation: BeatRelation,
    /// Speed at which b has to be played while a runs as it is; 1 is unchanged.
    pub b_ratio: f64,
    /// Trust in both tempi, 0 to 1.
    pub confidence: f64,
}

impl TempoFit {
    /// The best pair among the two strongest tempi of each, as the facet compares them; `None` where one has none.
    pub(crate) fn new(a: &Descriptor, b: &Descriptor) -> Option<Self> {
        if !a.knows(known::TEMPO) || !b.knows(known::TEMPO) {
            return None;
        }
        let [a, b] = [a, b].map(|descriptor| {
            let mut rows = [0.0; facet::N_ROWS];
            facet::prepare(descriptor, &mut rows);
            rows
        });
        let agreement = |(i, j): (usize, usize)| {
            let scaled = facet::distance((a[i] - b[j]).abs()) / facet::WIDTH_OCTAVES;
            bell(scaled * scaled) * (a[2 + i] * b[2 + j])
        };
        // The first of equals stays: the stronger candidates come first.
        let (i, j) = [(0, 1), (1, 0), (1, 1)]
            .into_iter()
            .fold((0, 0), |best, pair| if agreement(pair) > agreement(best) { pair } else { best });
        let (relation, octaves) = BeatRelation::nearest(a[i] - b[j]);
        let trust = (a[4] * b[4]).sqrt() * (a[2 + i] * b[2 + j]);
        Some(Self {
            a_bpm: f64::from(a[i]).exp2(),
            b_bpm: f64::from(b[j]).exp2(),
            relation,
            b_ratio: f64::from(octaves).exp2(),
            confidence: trust.into(),
        })
    }

    /// Change of b's tempo while a runs as it is, percent.
    pub fn b_percent(&self) -> f64 {
        percent(self.b_ratio)
    }

    /// Change of a's tempo while b runs as it is, percent.
    pub fn a_percent(&self) -> f64 {
        percent(1.0 / self.b_ratio)
    }

    /// Change of a's tempo when both give way alike, percent.
    pub fn meet_a_percent(&self) -> f64 {
        percent(1.0 / self.b_ratio.sqrt())
    }

    /// Change of b's tempo when both give way alike, percent.
    pub fn meet_b_percent(&self) -> f64 {
        percent(self.b_ratio.sqrt())
    }

    /// Tempo of a when both give way alike, beats per minute; that of b follows from the relation.
    pub fn meet_bpm(&self) -> f64 {
        self.a_bpm / self.b_ratio.sqrt()
    }

    /// Tempo at which b then sounds while a runs as it is, in its own beats per minute.
    pub fn b_heard_bpm(&self) -> f64 {
        self.b_bpm * self.b_ratio
    }

    /// Whether b alone can be brought to a within [`MAX_PERCENT`].
    pub fn is_in_reach(&self) -> bool {
        self.b_percent().abs() <= MAX_PERCENT
    }
}

fn percent(ratio: f64) -> f64 {
    (ratio - 1.0) * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(a_bpm: f32, b_bpm: f32) -> (BeatRelation, f64) {
        let (relation, octaves) = BeatRelation::nearest(a_bpm.log2() - b_bpm.log2());
        (relation, f64::from(octaves).exp2())
    }

    // Quotients of the tempi; a tempo is kept as an f32 logarithm, which is good to 1e-6 of it.
    #[test]
    fn the_ratio_is_the_quotient_of_the_tempi() {
        for (a, b, relation, ratio) in [
            (124.0, 126.0, BeatRelation::OneToOne, 124.0 / 126.0),
            (140.0, 71.0, BeatRelation::TwoToOne, 70.0 / 71.0),
            (88.0, 174.0, BeatRelation::OneToTwo, 176.0 / 174.0),
            (150.0, 101.0, BeatRelation::ThreeToTwo, 100.0 / 101.0),
            (80.0, 119.0, BeatRelation::TwoToThree, 120.0 / 119.0),
            (120.0, 120.0, BeatRelation::OneToOne, 1.0),
        ] {
            let (found, b_ratio) = nearest(a, b);
            assert_eq!(found, relation, "{a} {b}");
            assert!((b_ratio - ratio).abs() < 2e-6, "{a} {b}: {b_ratio}");
        }
    }

    // The facet, which decides on the score, is the oracle of the relation.
    #[test]
    fn the_relation_is_the_one_that_the_score_forgives() {
        for step in 0..=300_u16 {
            let octaves = f32::from(step) / 100.0 - 1.5;
            let (relation, rest) = BeatRelation::nearest(octaves);
            let cost = rest.abs() + relation.octaves_and_penalty().1;
            assert!((cost - facet::distance(octaves.abs())).abs() < 1e-6, "{octaves}");
        }
    }

    #[test]
    fn both_ways_and_the_middle_agree() {
        let (relation, b_ratio) = nearest(128.0, 60.0);
        let fit = TempoFit { a_bpm: 128.0, b_bpm: 60.0, relation, b_ratio, confidence: 1.0 };
        assert_eq!(fit.relation, BeatRelation::TwoToOne);
        assert!((fit.b_heard_bpm() - 64.0).abs() < 1e-3);
        let a_then = fit.a_bpm * (1.0 + fit.meet_a_percent() / 100.0);
        let b_then = fit.b_bpm * (1.0 + fit.meet_b_percent() / 100.0);
        assert!((a_then - 2.0 * b_then).abs() < 1e-3 && (a_then - fit.meet_bpm()).abs() < 1e-9);
        assert!((fit.a_percent() + 6.25).abs() < 1e-3 && fit.is_in_reach());
    }
}
