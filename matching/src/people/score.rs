//! Two people compared, with every step kept.

use super::{
    Profile,
    affinity::{Affinity, affinity},
    availability, place, v2,
    words::{self, Words},
};
use crate::pooling::sigmoid;

/// Version of everything between profiles and a score: weights, frequencies of words, population means.
///
/// Scores of different versions are not comparable. It is apart from the version of recordings, and goes up with it.
pub const PEOPLE_WEIGHTS_VERSION: u32 = 2;

/// The parts, in the order in which sums are taken, and their weights.
pub(crate) const PARTS: [(&str, f64); N_PARTS] =
    [("recordings", 0.60), ("words", 0.25), ("moods", 0.15)];

pub(crate) const N_PARTS: usize = 3;

/// Agreement of a typical pair, part by part. That of words is a proposal: no population of what people say of themselves is at hand.
pub(crate) const TYPICAL: [f64; N_PARTS] = [v2::TYPICAL_RECORDINGS, 0.15, v2::TYPICAL_MOODS];

/// Recordings of each, and words of each, that weigh as much as the assumption of a typical pair.
pub(crate) const PRIOR_RECORDINGS: f64 = 10.0;
const PRIOR_WORDS: f64 = 3.0;

/// Estimates are held this far from 0 and 1, so that no part settles a pair.
const CLIP: f64 = 0.02;

/// Two people compared. The first is the one with the smaller id.
///
/// It adds up: `evidence` is the sum of the contributions and `score` is `gate / (1 + exp(-evidence))`.
#[derive(Debug, Clone, PartialEq)]
pub struct PeopleScore {
    /// The smaller id.
    pub first: u128,
    /// The larger id.
    pub second: u128,
    /// 0 to 1; one half is a typical pair. 0 where nothing compares.
    pub score: f64,
    /// Sum of the contributions; `None` where nothing compares.
    pub evidence: Option<f64>,
    /// Product of the factors of [`place`](Self::place) and [`availability`](Self::availability).
    pub gate: f64,
    /// What compares.
    pub parts: Vec<PeoplePart>,
    /// How the places suit, where both have one.
    pub place: Option<Fit>,
    /// How the free times suit, where both have said.
    pub availability: Option<Fit>,
    /// How much of what the first likes the second has, and the other way round, 0 to 1.
    pub affinity: Option<(f64, f64)>,
    /// The recordings of the first and of the second that are most alike, among those that stand for all.
    pub closest: Option<(u128, u128)>,
    pub(crate) words: Option<Words>,
    /// [`PEOPLE_WEIGHTS_VERSION`] of the code that made this.
    pub weights_version: u32,
}

/// What one part had to say.
#[derive(Debug, Clone, PartialEq)]
pub struct PeoplePart {
    /// `recordings`, `words` or `moods`.
    pub part: &'static str,
    /// Agreement, 0 to 1.
    pub raw: f64,
    /// Agreement of a typical pair of the population.
    pub typical: f64,
    /// How far the agreement can be trusted, 0 to 1: n / (n + λ).
    pub confidence: f64,
    /// `confidence · raw + (1 − confidence) · typical`.
    pub estimate: f64,
    /// Weight of the part.
    pub weight: f64,
    /// What this adds to the evidence; below 0 where the two agree less than a typical pair.
    pub contribution: f64,
}

/// How a wish is met.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// What the score is multiplied by, above 0, to 1.
    pub factor: f64,
    /// The values behind it in words.
    pub detail: String,
}

/// Compares two people: the same in both directions bit for bit. `None` when a hard rule of either keeps them apart.
pub fn compare(one: &Profile, other: &Profile) -> Option<PeopleScore> {
    let (a, b) = if one.id <= other.id { (one, other) } else { (other, one) };
    let place = place::fit(a.place.as_ref(), b.place.as_ref()).ok()?;
    let availability = availability::fit(a.availability.as_ref(), b.availability.as_ref()).ok()?;
    let gate = [&place, &availability].into_iter().flatten().map(|fit| fit.factor).product();
    let raw = Raw::of(a, b);
    let parts = parts(&raw);
    let evidence = (!parts.is_empty()).then(|| parts.iter().map(|part| part.contribution).sum());
    Some(PeopleScore {
        first: a.id,
        second: b.id,
        score: evidence.map_or(0.0, |evidence: f64| gate * sigmoid(evidence)),
        evidence,
        gate,
        parts,
        place,
        availability,
        affinity: raw.affinity.map(|affinity| (affinity.there, affinity.back)),
        closest: raw.affinity.map(|affinity| affinity.closest),
        words: raw.words,
        weights_version: PEOPLE_WEIGHTS_VERSION,
    })
}

/// What is measured of two people, before anything is known of a population.
pub(crate) struct Raw {
    pub(crate) affinity: Option<Affinity>,
    pub(crate) words: Option<Words>,
    pub(crate) moods: Option<f64>,
    /// Harmonic mean of the sizes of the two tastes.
    pub(crate) n_recordings: f64,
}

impl Raw {
    pub(crate) fn of(a: &Profile, b: &Profile) -> Self {
        let tastes = a.taste.as_ref().zip(b.taste.as_ref());
        let affinity = tastes.and_then(|(a, b)| affinity(a, b));
        // Moods of different analysis versions are not comparable either.
        let moods = tastes.filter(|_| affinity.is_some()).and_then(|(a, b)| {
            let (a, b) = (a.mood?, b.mood?);
            a.overlap(&b)
        });
        let sizes = tastes.map_or((0.0, 0.0), |(a, b)| (a.size, b.size));
        Self {
            affinity,
            words: words::compare(a, b),
            moods,
            n_recordings: harmonic_mean(sizes.0, sizes.1),
        }
    }

    /// Agreement and confidence of each part; `None` where it does not compare.
    fn parts(&self) -> [Option<(f64, f64)>; N_PARTS] {
        let trust = |n: f64, prior: f64| n / (n + prior);
        let of_recordings = trust(self.n_recordings, PRIOR_RECORDINGS);
        [
            self.affinity.map(|affinity| (affinity.reciprocal(), of_recordings)),
            self.words.as_ref().map(|words| (words.raw, trust(words.n, PRIOR_WORDS))),
            self.moods.map(|overlap| (overlap, of_recordings)),
        ]
    }
}

pub(crate) fn harmonic_mean(a: f64, b: f64) -> f64 {
    if a > 0.0 && b > 0.0 { 2.0 * a * b / (a + b) } else { 0.0 }
}

/// What compares, pooled. A part adds in proportion to its weight alone: were the weights of absent parts shared out, one recording, of
/// which little can be said, would drown what words say, and a person would be the better for having none.
fn parts(raw: &Raw) -> Vec<PeoplePart> {
    let mut parts = Vec::with_capacity(N_PARTS);
    for (index, measured) in raw.parts().into_iter().enumerate() {
        let Some((raw, confidence)) = measured else { continue };
        let ((part, weight), typical) = (PARTS[index], TYPICAL[index]);
        let estimate = confidence * raw + (1.0 - confidence) * typical;
        let contribution = weight * (logit(estimate) - logit(typical));
        parts.push(PeoplePart { part, raw, typical, confidence, estimate, weight, contribution });
    }
    parts
}

fn logit(share: f64) -> f64 {
    let share = share.clamp(CLIP, 1.0 - CLIP);
    (share / (1.0 - share)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(recordings: f64, words: Option<f64>, n: f64) -> Raw {
        let affinity = Affinity { there: recordings, back: recordings, closest: (1, 2) };
        let words = words.map(|raw| Words { raw, n: 6.0, ..Words::default() });
        Raw { affinity: Some(affinity), words, moods: None, n_recordings: n }
    }

    fn evidence(raw: &Raw) -> f64 {
        parts(raw).iter().map(|part| part.contribution).sum()
    }

    #[test]
    fn weights_sum_to_one() {
        assert!((PARTS.iter().map(|part| part.1).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_typical_pair_is_a_half_whatever_its_size() {
        for n in [0.5, 10.0, 300.0] {
            assert!(evidence(&raw(TYPICAL[0], Some(TYPICAL[1]), n)).abs() < 1e-12);
        }
    }

    // Closed form: ten recordings each weigh as much as the assumption.
    #[test]
    fn few_recordings_say_little() {
        let found = parts(&raw(0.9, None, 10.0));
        assert!((found[0].confidence - 0.5).abs() < 1e-12);
        assert!((found[0].estimate - f64::midpoint(0.9, TYPICAL[0])).abs() < 1e-12);
        assert!(evidence(&raw(0.9, None, 100.0)) > evidence(&raw(0.9, None, 10.0)));
        assert!(evidence(&raw(0.1, None, 100.0)) < evidence(&raw(0.1, None, 10.0)));
    }

    #[test]
    fn an_absent_part_adds_nothing_and_more_agreement_never_harms() {
        let alone = parts(&raw(0.9, None, 20.0));
        assert_eq!(alone.len(), 1);
        let both = parts(&raw(0.9, Some(TYPICAL[1]), 20.0));
        assert!((both[0].contribution - alone[0].contribution).abs() < 1e-12);
        assert!(evidence(&raw(0.9, Some(0.9), 20.0)) > evidence(&raw(0.9, None, 20.0)));
        // Hardly any recordings are as good as none.
        assert!(evidence(&raw(0.0, Some(0.9), 1e-9)) > 0.9 * evidence(&raw(0.9, Some(0.9), 1e-9)));
    }
}
