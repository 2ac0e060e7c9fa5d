//! More like these, less like those.
//!
//! Likes and dislikes meet as evidence: the logit of a score, before whose scale a half is nothing and to be the same recording is
//! [`CERTAIN`]. What fits all likes counts, so that their evidence is a soft minimum; what is more like one of the dislikes than a typical
//! pair is, is held against it:
//!
//! ```text
//! liked    = −ln(mean over likes of e^(−evidence))
//! disliked = max(0, largest evidence among dislikes)
//! score    = 1 / (1 + e^(disliked − liked))
//! ```
//!
//! So a recording that is as much like a disliked one as like the liked ones is worth a half, as much as a typical one; to be unlike what is
//! disliked earns nothing; another dislike never lifts anything.

use super::{
    member::{Member, Scorer, Words},
    top::{Entry, Top},
    wanted::Wanted,
};
use crate::{Item, Weighting, pooling::sigmoid, prepared::Prepared};
use std::collections::HashSet;

/// The most that evidence amounts to: that of percentiles at their limit in every facet.
const CERTAIN: f64 = 12.0;

/// How a recording fits what is liked and what is not.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The recording.
    pub id: u128,
    /// 0 to 1; a half is a typical recording.
    pub score: f64,
    /// Soft minimum of the evidence for the likes.
    pub liked: f64,
    /// Evidence against it, 0 or more.
    pub disliked: f64,
    /// Score with each like, in their order; `None` where nothing compares, which does not count.
    pub likes: Vec<Option<f64>>,
    /// Score with each dislike, in their order.
    pub dislikes: Vec<Option<f64>>,
}

impl Fit {
    /// `None` where nothing compares with any of the likes.
    fn new(id: u128, likes: Vec<Option<f64>>, dislikes: Vec<Option<f64>>) -> Option<Self> {
        let pro = soft_minimum(likes.iter().flatten().map(|score| evidence(*score)))?;
        let contra = dislikes.iter().flatten().map(|score| evidence(*score)).fold(0.0, f64::max);
        Some(Self {
            id,
            score: sigmoid(pro - contra),
            liked: pro,
            disliked: contra,
            likes,
            dislikes,
        })
    }

    /// Place among the likes of the one that is nearest, the first of equals.
    pub fn closest(&self) -> Option<usize> {
        let scores =
            self.likes.iter().enumerate().filter_map(|(place, score)| Some((place, (*score)?)));
        scores
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .map(|(place, _)| place)
    }
}

/// Logit of a score, held within [`CERTAIN`].
fn evidence(score: f64) -> f64 {
    (score / (1.0 - score)).ln().clamp(-CERTAIN, CERTAIN)
}

/// Between the least and the mean; rises with each value. `None` without any.
fn soft_minimum(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let least = values.clone().reduce(f64::min)?;
    let (sum, n) =
        values.fold((0.0, 0.0), |(sum, n), value| (sum + (least - value).exp(), n + 1.0));
    Some(least - (sum / n).ln())
}

/// A search for what fits likes and dislikes, to which a catalogue is handed bit by bit.
///
/// What is liked or disliked itself is left out, and so are its copies; of several copies only one comes into the list.
pub struct MoreLike {
    likes: Vec<Member>,
    dislikes: Vec<Member>,
    known: HashSet<u64>,
    words: Words,
    scorer: Scorer,
    wanted: Wanted,
    top: Top<Entered>,
}

struct Entered {
    fit: Fit,
    identity: u64,
}

impl Entry for Entered {
    fn key(&self) -> (f64, u128) {
        // The evidence, not the score: that of two very good ones may be the same number.
        (self.fit.disliked - self.fit.liked, self.fit.id)
    }

    fn identity(&self) -> u128 {
        self.identity.into()
    }
}

impl MoreLike {
    /// Looks for the `k` that fit best.
    pub fn new(
        likes: &[(u128, Item)],
        dislikes: &[(u128, Item)],
        weighting: Weighting,
        wanted: Wanted,
        k: usize,
    ) -> Self {
        let mut words = Words::default();
        let mut members = |items: &[(u128, Item)]| -> Vec<Member> {
            items.iter().map(|(id, item)| Member::learned(*id, item, &mut words)).collect()
        };
        let (likes, dislikes) = (members(likes), members(dislikes));
        let known = likes.iter().chain(&dislikes).map(Member::identity).collect();
        let scorer = Scorer::new(weighting);
        Self { likes, dislikes, known, words, scorer, wanted, top: Top::new(k) }
    }

    /// Looks at some items of the catalogue.
    pub fn take(&mut self, items: &[(u128, Item)]) {
        let members: Vec<Member> = items
            .iter()
            .map(|(id, item)| (*id, Prepared::of(item), &item.tags))
            .filter(|(_, prepared, tags)| {
                !self.known.contains(&prepared.identity) && self.wanted.passes(&prepared.rows, tags)
            })
            .map(|(id, prepared, tags)| Member::of(id, prepared, tags, &self.words))
            .collect();
        let seeds = || self.likes.iter().chain(&self.dislikes);
        let pairs = members.iter().flat_map(|member| seeds().map(move |seed| (seed, member)));
        let scores = self.scorer.scores(pairs);
        let n_seeds = self.likes.len() + self.dislikes.len();
        for (member, scores) in members.iter().zip(scores.chunks(n_seeds.max(1))) {
            let (likes, dislikes) = scores.split_at(self.likes.len().min(scores.len()));
            if let Some(fit) = Fit::new(member.id, likes.to_vec(), dislikes.to_vec()) {
                self.top.offer(Entered { fit, identity: member.identity() });
            }
        }
    }

    /// What fits best, best first, equals by ascending id.
    pub fn finish(self) -> Vec<Fit> {
        self.top.into_kept().into_iter().map(|entered| entered.fit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(likes: &[f64], dislikes: &[f64]) -> Fit {
        let some = |scores: &[f64]| scores.iter().copied().map(Some).collect();
        Fit::new(1, some(likes), some(dislikes)).unwrap()
    }

    #[test]
    fn one_like_alone_is_its_score() {
        for score in [0.001, 0.3, 0.5, 0.99] {
            assert!((fit(&[score], &[]).score - score).abs() < 1e-12);
        }
        // As much like what is disliked as like what is liked: a half.
        assert!((fit(&[0.9], &[0.9]).score - 0.5).abs() < 1e-12);
        // To be unlike what is disliked earns nothing.
        assert!((fit(&[0.9], &[0.1]).score - 0.9).abs() < 1e-12);
    }

    // By hand: logits 0 and ln 9 = 2.197; −ln((1 + 1/9) / 2) = 0.588; σ = 0.643.
    #[test]
    fn likes_are_pooled_softly() {
        let both = fit(&[0.5, 0.9], &[]);
        assert!((both.liked - 0.5878).abs() < 1e-4 && (both.score - 0.6429).abs() < 1e-4);
    }

    #[test]
    fn nothing_is_known_of_what_does_not_compare() {
        assert_eq!(Fit::new(1, vec![None, None], vec![Some(0.5)]), None);
        let partly = Fit::new(1, vec![None, Some(0.7)], vec![None]).unwrap();
        assert!((partly.score - 0.7).abs() < 1e-12);
        assert_eq!((partly.closest(), fit(&[0.4, 0.4, 0.3], &[]).closest()), (Some(1), Some(0)));
        let extremes = fit(&[1.0, 0.0], &[1.0]);
        assert!((0.0..=1.0).contains(&extremes.score) && extremes.liked.is_finite());
    }

    proptest::proptest! {
        #[test]
        fn more_likeness_never_harms_and_more_dislikes_never_help(
            mut likes in proptest::collection::vec(0.0..=1.0, 1..6),
            mut dislikes in proptest::collection::vec(0.0..=1.0, 0..6),
            which: proptest::sample::Index,
            more in 0.0..=1.0,
        ) {
            let before = fit(&likes, &dislikes).score;
            let which = which.index(likes.len());
            likes[which] = f64::max(likes[which], more);
            let after = fit(&likes, &dislikes).score;
            proptest::prop_assert!(after >= before - 1e-12);
            dislikes.push(more);
            proptest::prop_assert!(fit(&likes, &dislikes).score <= after);
        }
    }
}
