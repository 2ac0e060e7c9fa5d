//! The matches of one track, in its own lists and in those of others.

use std::collections::{BTreeMap, BTreeSet};

use super::entries::{Entry, better};
use super::lists::{self, List};
use super::pairs::{self, NewPair, ordered};
use super::{NewMatch, sight::Sight};
use crate::db::{Lock, Tx, fetch_all, fetch_optional};
use crate::{Result, TrackId, UserId};

/// Puts new matches of a track in the place of its old ones, as far as `sight` sees them; how many of them are now among its own best.
pub(crate) async fn replace(
    tx: &mut Tx,
    track: TrackId,
    n_heads: u32,
    sight: Sight,
    new: Vec<NewMatch>,
) -> Result<u64> {
    // Two tracks that are matched at once may be each other's matches: one after the other, or each would count heads
    // that the other is changing.
    tx.lock(Lock::Matches).await?;
    let Some(owner) = owner_of(tx, track).await? else { return Ok(0) };
    let sight = sight.of(tx, owner).await?;
    let mut before: BTreeMap<String, BTreeSet<TrackId>> = BTreeMap::new();
    for (purpose, other) in others(tx, track, sight.generation).await? {
        before.entry(purpose).or_default().insert(other);
    }
    let own = lists::of_track(tx, track, sight.generation).await?;
    let mut offered: BTreeMap<String, BTreeMap<TrackId, NewMatch>> = BTreeMap::new();
    for found in new {
        if found.other_id != track {
            offered.entry(found.purpose.clone()).or_default().insert(found.other_id, found);
        }
    }
    let purposes: BTreeSet<String> =
        before.keys().chain(own.keys()).chain(offered.keys()).cloned().collect();
    let mut n_own = 0;
    for purpose in purposes {
        let before = before.remove(&purpose).unwrap_or_default();
        let offered = offered.remove(&purpose).unwrap_or_default();
        let change = Change { track, owner, purpose, n_heads: n_heads as usize, sight };
        n_own += change.apply(tx, own.get(&change.purpose), &before, offered).await?;
    }
    Ok(u64::try_from(n_own).unwrap_or(u64::MAX))
}

/// What one track's matches for one purpose become.
struct Change {
    track: TrackId,
    owner: UserId,
    purpose: String,
    n_heads: usize,
    sight: Sight,
}

impl Change {
    /// The number of its own best.
    async fn apply(
        &self,
        tx: &mut Tx,
        own: Option<&List>,
        before: &BTreeSet<TrackId>,
        mut offered: BTreeMap<TrackId, NewMatch>,
    ) -> Result<usize> {
        let mut owners = BTreeMap::new();
        for other in before.iter().chain(offered.keys()) {
            if let Some(owner) = owner_of(tx, *other).await? {
                owners.insert(*other, owner);
            }
        }
        offered.retain(|other, _| owners.contains_key(other));
        let mut best: Vec<Entry> =
            offered.iter().map(|(other, found)| (*other, found.score)).collect();
        best.sort_by(better);
        best.truncate(self.n_heads);
        self.write_own(tx, own, &best, &offered).await?;
        let own: BTreeSet<TrackId> = best.iter().map(|(other, _)| *other).collect();
        let mut kept = Vec::new();
        for (other, owner) in owners {
            let found = offered.remove(&other);
            let takes = self.write_other(tx, other, owner, found.as_ref()).await?;
            match found {
                Some(found) if takes || own.contains(&other) => kept.push(self.pair(found)),
                _ => self.forget(tx, self.track, other).await?,
            }
        }
        pairs::put(tx, self.sight.target, &kept).await?;
        // An older row of the same pair would never be seen again.
        if !self.sight.is_staged {
            for pair in kept {
                let (ids, last) = ((pair.a_id, pair.b_id), self.sight.generation);
                super::collect::superseded_pair(tx, &self.purpose, ids, last).await?;
            }
        }
        Ok(best.len())
    }

    fn pair(&self, found: NewMatch) -> NewPair {
        let (a_id, b_id) = ordered(self.track, found.other_id);
        NewPair {
            purpose: self.purpose.clone(),
            a_id,
            b_id,
            score: found.score,
            parts: found.parts,
            reason: found.reason,
            descriptor_version: found.descriptor_version,
            weights_version: found.weights_version,
        }
    }

    async fn write_own(
        &self,
        tx: &mut Tx,
        own: Option<&List>,
        best: &[Entry],
        offered: &BTreeMap<TrackId, NewMatch>,
    ) -> Result<()> {
        // Nothing was compared now: of no version.
        let (descriptor_version, weights_version) = offered
            .values()
            .next()
            .map_or((0, 0), |found| (found.descriptor_version, found.weights_version));
        if own.is_some_and(|own| own.is_same(best, descriptor_version, weights_version)) {
            return Ok(());
        }
        let list = List {
            generation: self.sight.write_to(own.map(|own| own.generation)),
            entries: best.to_vec(),
            is_short: false,
            descriptor_version,
            weights_version,
        };
        lists::put(tx, self.owner, self.track, &self.purpose, &list).await
    }

    /// The other side's list, without the old match and with the new one where it is good enough. Whether it is in now.
    async fn write_other(
        &self,
        tx: &mut Tx,
        other: TrackId,
        owner: UserId,
        found: Option<&NewMatch>,
    ) -> Result<bool> {
        let old = lists::of_track(tx, other, self.sight.generation).await?.remove(&self.purpose);
        let mut list = old.clone().unwrap_or(List {
            generation: self.sight.target,
            entries: Vec::new(),
            is_short: false,
            descriptor_version: found.map_or(0, |found| found.descriptor_version),
            weights_version: found.map_or(0, |found| found.weights_version),
        });
        let was_full = list.entries.len() >= self.n_heads;
        let before = list.entries.iter().find(|(id, _)| *id == self.track).copied();
        list.entries.retain(|(id, _)| *id != self.track);
        if let Some(found) = found {
            list.entries.push((self.track, found.score));
            list.entries.sort_by(better);
            list.entries.truncate(self.n_heads);
        }
        let weakest = list.entries.last().copied();
        let is_in = list.entries.iter().any(|(id, _)| *id == self.track);
        // One that fell to the end, or out, may be worse than one that is not known here.
        if let Some((_, score)) = before
            && was_full
            && (!is_in || weakest.is_some_and(|(id, now)| id == self.track && now < score))
        {
            list.is_short = true;
        }
        let is_same = match &old {
            Some(old) => old.is_short == list.is_short && old.entries == list.entries,
            None => list.entries.is_empty(),
        };
        if is_same {
            return Ok(is_in);
        }
        list.generation = self.sight.write_to(old.as_ref().map(|old| old.generation));
        lists::put(tx, owner, other, &self.purpose, &list).await?;
        let left = old.into_iter().flat_map(|old| old.entries).map(|(id, _)| id);
        for gone in left.filter(|id| *id != self.track) {
            if list.entries.iter().all(|(id, _)| *id != gone)
                && !self.names(tx, gone, other).await?
            {
                self.forget(tx, other, gone).await?;
            }
        }
        Ok(is_in)
    }

    /// Whether the list of a track names another one.
    async fn names(&self, tx: &mut Tx, track: TrackId, other: TrackId) -> Result<bool> {
        let lists = lists::of_track(tx, track, self.sight.generation).await?;
        Ok(lists
            .get(&self.purpose)
            .is_some_and(|list| list.entries.iter().any(|(id, _)| *id == other)))
    }

    /// Removes a pair that no list names any more, as far as nobody else may see it.
    async fn forget(&self, tx: &mut Tx, one: TrackId, other: TrackId) -> Result<()> {
        if let Some((from, to)) = self.sight.removable() {
            pairs::remove(tx, &self.purpose, ordered(one, other), from, to).await?;
        }
        Ok(())
    }
}

async fn owner_of(tx: &mut Tx, track: TrackId) -> Result<Option<UserId>> {
    let row = fetch_optional!(tx, (UserId,), "select owner_id from tracks where id = $1", track)?;
    Ok(row.map(|(owner,)| owner))
}

/// Tracks that a track has a pair with, by purpose.
pub(crate) async fn others(
    tx: &mut Tx,
    track: TrackId,
    generation: i64,
) -> Result<Vec<(String, TrackId)>> {
    fetch_all!(
        tx,
        (String, TrackId),
        "select purpose, b_id from matches where a_id = $1 and generation <= $2
         union select purpose, a_id from matches where b_id = $1 and generation <= $2",
        track,
        generation
    )
}
