//! Removing what nobody sees any more, a bounded number of rows in each transaction.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::lists::{self, List};
use super::sight::Sight;
use crate::db::{Lock, Tx, execute, fetch_all};
use crate::{Result, Store, TrackId, UserId};

/// Removes the rows of a pair below the newest one up to `last`.
pub(crate) async fn superseded_pair(
    tx: &mut Tx,
    purpose: &str,
    (a, b): (TrackId, TrackId),
    last: i64,
) -> Result<u64> {
    execute!(
        tx,
        "delete from matches where a_id = $1 and b_id = $2 and purpose = $3 and generation < (
             select max(generation) from matches where a_id = $1 and b_id = $2 and purpose = $3 and generation <= $4)",
        a,
        b,
        purpose,
        last
    )
}

/// Removes lists that the newer ones of `generation` cover, at most `limit`; how many there were.
///
/// # Errors
///
/// When the database fails.
pub async fn superseded_lists(
    store: &Store,
    owner: UserId,
    generation: i64,
    limit: u32,
) -> Result<u64> {
    store
        .write(move |tx| {
            Box::pin(async move {
                tx.lock(Lock::Matches).await?;
                execute!(
                    tx,
                    "delete from match_lists where (track_id, purpose, generation) in (
                         select o.track_id, o.purpose, o.generation from match_lists o
                         where o.owner_id = $1 and o.generation < $2 and exists (
                             select 1 from match_lists n where n.track_id = o.track_id and n.purpose = o.purpose
                                and n.generation > o.generation and n.generation <= $2)
                         limit $3)",
                    owner,
                    generation,
                    i64::from(limit)
                )
            })
        })
        .await
}

/// Removes what a run has staged and nobody has seen, at most `limit` lists and pairs; how many there were.
///
/// # Errors
///
/// When the database fails.
pub async fn staged(store: &Store, owner: UserId, generation: i64, limit: u32) -> Result<u64> {
    store
        .write(move |tx| {
            Box::pin(async move {
                tx.lock(Lock::Matches).await?;
                let mut n_rows = 0;
                for sql in [
                    "delete from match_lists where (track_id, purpose, generation) in (
                         select track_id, purpose, generation from match_lists
                         where owner_id = $1 and generation = $2 limit $3)",
                    "delete from matches where (a_id, b_id, purpose, generation) in (
                         select a_id, b_id, purpose, generation from matches
                         where a_owner_id = $1 and generation = $2 limit $3)",
                ] {
                    n_rows += execute!(tx, sql, owner, generation, i64::from(limit))?;
                }
                Ok(n_rows)
            })
        })
        .await
}

/// A row of a pair, by what names it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PairKey {
    /// The track with the lower id.
    pub a_id: TrackId,
    /// The other one.
    pub b_id: TrackId,
    /// What for.
    pub purpose: String,
    /// The generation.
    pub generation: i64,
}

/// The pairs of an owner in a generation, `limit` after `after`.
///
/// # Errors
///
/// When the database fails.
pub async fn pairs(
    store: &Store,
    owner: UserId,
    generation: i64,
    after: Option<&PairKey>,
    limit: u32,
) -> Result<Vec<PairKey>> {
    let mut reader = store.reader().await?;
    let zero = TrackId::from_u128(0);
    let (purpose, a, b) =
        after.map_or(("", zero, zero), |key| (key.purpose.as_str(), key.a_id, key.b_id));
    fetch_all!(
        reader,
        PairKey,
        "select a_id, b_id, purpose, generation from matches
         where a_owner_id = $1 and generation = $2 and (purpose, a_id, b_id) > ($3, $4, $5)
         order by purpose, a_id, b_id limit $6",
        owner,
        generation,
        purpose,
        a,
        b,
        i64::from(limit)
    )
}

/// The generations that an owner has pairs of, ascending.
///
/// # Errors
///
/// When the database fails.
pub async fn pair_generations(store: &Store, owner: UserId) -> Result<Vec<i64>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        (i64,),
        "select distinct generation from matches where a_owner_id = $1 order by generation",
        owner
    )?;
    Ok(rows.into_iter().map(|(generation,)| generation).collect())
}

/// Removes those of some pairs that no list names any more, and those that newer rows cover; how many that were. None while
/// a run of the owner is under way, whose lists may name them.
///
/// # Errors
///
/// When the database fails.
pub async fn unnamed(store: &Store, owner: UserId, keys: Vec<PairKey>) -> Result<u64> {
    store
        .write(move |tx| {
            Box::pin(async move {
                // Asked again under the lock: a list may have been changed since the pairs were read.
                tx.lock(Lock::Matches).await?;
                let sight = Sight::VISIBLE.of(tx, owner).await?;
                if sight.removable().is_none() {
                    return Ok(0);
                }
                let visible = sight.generation;
                let mut seen: BTreeMap<TrackId, BTreeMap<String, List>> = BTreeMap::new();
                let mut n_rows = 0;
                for key in keys.iter().filter(|key| key.generation <= visible) {
                    let mut is_named = false;
                    for (track, other) in [(key.a_id, key.b_id), (key.b_id, key.a_id)] {
                        let lists = match seen.entry(track) {
                            Entry::Occupied(known) => known.into_mut(),
                            Entry::Vacant(place) => {
                                place.insert(lists::of_track(tx, track, visible).await?)
                            }
                        };
                        let list = lists.get(&key.purpose);
                        is_named |= list
                            .is_some_and(|list| list.entries.iter().any(|(id, _)| *id == other));
                    }
                    let ids = (key.a_id, key.b_id);
                    n_rows += if is_named {
                        superseded_pair(tx, &key.purpose, ids, visible).await?
                    } else {
                        super::pairs::remove(tx, &key.purpose, ids, 0, visible).await?
                    };
                }
                Ok(n_rows)
            })
        })
        .await
}
