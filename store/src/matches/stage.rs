//! The results of a tile of a run, under the run's generation.

use std::collections::BTreeSet;

use super::entries::Entry;
use super::lists::visible_in;
use super::lists::{self, List};
use super::pairs::{self, NewPair};
use crate::db::{Lock, Tx, fetch_all};
use crate::{Error, Result, Store, TrackId, UserId};

/// A new list of a track.
#[derive(Debug, Clone, PartialEq)]
pub struct NewList {
    /// The track.
    pub track_id: TrackId,
    /// What for.
    pub purpose: String,
    /// Best first.
    pub entries: Vec<Entry>,
    /// The version of the descriptors that were compared.
    pub descriptor_version: u32,
    /// The version of weights and reference.
    pub weights_version: u32,
}

/// Rows that were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Lists.
    pub n_lists: u64,
    /// Pairs.
    pub n_matches: u64,
}

/// Writes lists and pairs for a generation. Tracks that were deleted after event number `seq` are left out.
pub(crate) async fn stage(
    tx: &mut Tx,
    owner: UserId,
    generation: i64,
    seq: i64,
    new_lists: &[NewList],
    new_pairs: &[NewPair],
) -> Result<Written> {
    // Tiles write different rows and need not wait for each other, but for those who change any row.
    tx.lock_shared(Lock::Matches).await?;
    let gone: BTreeSet<TrackId> = fetch_all!(
        tx,
        (TrackId,),
        "select track_id from events where owner_id = $1 and seq > $2 and kind = 'track.deleted'
           and track_id is not null",
        owner,
        seq
    )?
    .into_iter()
    .map(|(track,)| track)
    .collect();
    let mut n_lists = 0;
    for new in new_lists.iter().filter(|new| !gone.contains(&new.track_id)) {
        let mut entries = new.entries.clone();
        entries.retain(|(id, _)| !gone.contains(id));
        let list = List {
            generation,
            is_short: entries.len() < new.entries.len(),
            entries,
            descriptor_version: new.descriptor_version,
            weights_version: new.weights_version,
        };
        lists::put(tx, owner, new.track_id, &new.purpose, &list).await?;
        n_lists += 1;
    }
    let n_matches = pairs::put(tx, generation, new_pairs).await?;
    Ok(Written { n_lists, n_matches })
}

/// Writes lists that were incomplete, and the pairs that they name, where they are seen. `generation` is the visible one, `seq` the number of the
/// last event that was known.
///
/// # Errors
///
/// [`Error::GenerationSwitched`], or when the database fails; nothing is written then.
pub async fn refill(
    store: &Store,
    owner: UserId,
    generation: i64,
    seq: i64,
    lists: Vec<NewList>,
    pairs: Vec<NewPair>,
) -> Result<Written> {
    store
        .write(move |tx| {
            Box::pin(async move {
                tx.lock(Lock::Matches).await?;
                let actual = visible_in(tx, owner).await?;
                if actual != generation {
                    return Err(Error::GenerationSwitched { expected: generation, actual });
                }
                stage(tx, owner, generation, seq, &lists, &pairs).await
            })
        })
        .await
}
