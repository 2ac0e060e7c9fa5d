//! The best matches of one recording under weights and wishes of the caller's.

use super::{
    member::{Member, Scorer, Words},
    top::{Entry, Top},
    wanted::Wanted,
};
use crate::{Item, Weighting, prepared::Prepared};

/// A search for the best matches of one recording, to which a catalogue is handed bit by bit.
pub struct Similar {
    seed: Member,
    words: Words,
    scorer: Scorer,
    wanted: Wanted,
    each_once: bool,
    top: Top<Found>,
}

struct Found {
    id: u128,
    score: f64,
    /// The recording, or the item itself where copies count.
    identity: u128,
}

impl Entry for Found {
    fn key(&self) -> (f64, u128) {
        (-self.score, self.id)
    }

    fn identity(&self) -> u128 {
        self.identity
    }
}

impl Similar {
    /// Looks for the `k` best matches of an item; itself is left out by its id.
    pub fn new(id: u128, item: &Item, weighting: Weighting, wanted: Wanted, k: usize) -> Self {
        let mut words = Words::default();
        let seed = Member::learned(id, item, &mut words);
        let scorer = Scorer::new(weighting);
        Self { seed, words, scorer, wanted, each_once: false, top: Top::new(k) }
    }

    /// Leaves out copies: of recordings that are the same by every measure only the best, and none of the item itself.
    #[must_use]
    pub fn each_once(mut self) -> Self {
        self.each_once = true;
        self
    }

    /// Looks at some items of the catalogue.
    pub fn take(&mut self, items: &[(u128, Item)]) {
        let members: Vec<Member> = items
            .iter()
            .filter(|(id, _)| *id != self.seed.id)
            .map(|(id, item)| (*id, Prepared::of(item), &item.tags))
            .filter(|(_, prepared, tags)| self.wanted.passes(&prepared.rows, tags))
            .map(|(id, prepared, tags)| Member::of(id, prepared, tags, &self.words))
            .filter(|member| !self.each_once || member.identity() != self.seed.identity())
            .collect();
        let scores = self.scorer.scores(members.iter().map(|member| (&self.seed, member)));
        for (member, score) in members.iter().zip(scores) {
            if let Some(score) = score {
                let identity = if self.each_once { member.identity().into() } else { member.id };
                self.top.offer(Found { id: member.id, score, identity });
            }
        }
    }

    /// The best matches with their scores, best first, equal scores by ascending id.
    pub fn finish(self) -> Vec<(u128, f64)> {
        self.top.into_kept().into_iter().map(|found| (found.id, found.score)).collect()
    }
}
