//! Tiles: some tracks of a run, scored by one job.

use serde_json::json;

use super::advance::queue_finish;
use super::row::event;
use crate::db::{execute, fetch_one, fetch_optional};
use crate::events::{self, NewEvent};
use crate::jobs::Held;
use crate::matches::{self, NewList, NewPair};
use crate::{Error, Lease, Result, Run, RunId, Store, TrackId, jobs};

/// Ids of tracks, 16 bytes each, big endian.
pub(super) fn to_bytes(tracks: &[TrackId]) -> Vec<u8> {
    tracks.iter().flat_map(|track| track.as_u128().to_be_bytes()).collect()
}

pub(super) fn from_bytes(bytes: &[u8]) -> Result<Vec<TrackId>> {
    let (ids, rest) = bytes.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(Error::Inconsistent { table: "run_tiles", column: "tracks" });
    }
    Ok(ids.iter().map(|id| TrackId::from_u128(u128::from_be_bytes(*id))).collect())
}

/// The tracks of a tile; `None` if there is no such tile, or it is done.
///
/// # Errors
///
/// When the database fails.
pub async fn tile(store: &Store, run: RunId, tile: i64) -> Result<Option<Vec<TrackId>>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        (Vec<u8>,),
        "select tracks from run_tiles where run_id = $1 and tile = $2 and not is_done",
        run,
        tile
    )?;
    row.map(|(bytes,)| from_bytes(&bytes)).transpose()
}

/// What the scoring of a tile came to.
#[derive(Debug, Clone, Default)]
pub struct Tile {
    /// Number of the last event that the catalogue knew of.
    pub seq: i64,
    /// Lists that are not what is seen now.
    pub lists: Vec<NewList>,
    /// The pairs that they name, each once.
    pub pairs: Vec<NewPair>,
}

/// Stages the results of a tile; the last tile queues the end of the run. False if the lease is lost; nothing is written then.
///
/// # Errors
///
/// When the database fails; nothing is written then.
pub async fn complete_tile(store: &Store, lease: &Lease, run: &Run, new: Tile) -> Result<bool> {
    let Some(tile) = lease.job.tile else { return Ok(false) };
    let held = Held::from(lease);
    let (id, owner, generation) = (run.id, run.owner_id, run.generation);
    let (finish_id, trace_id) = (store.new_id(), run.trace_id.clone());
    store
        .write(move |tx| {
            Box::pin(async move {
                if !jobs::succeed(tx, &held).await? {
                    return Ok(false);
                }
                let written =
                    matches::stage(tx, owner, generation, new.seq, &new.lists, &new.pairs).await?;
                let n_rows = execute!(
                    tx,
                    "update run_tiles set is_done = $1 where run_id = $2 and tile = $3 and not is_done",
                    true,
                    id,
                    tile
                )?;
                // Tiles that end at the same time wait for each other here only.
                let (n_left,) = fetch_one!(
                    tx,
                    (i64,),
                    "update runs set n_tiles_done = n_tiles_done + $1, n_lists_written = n_lists_written + $2,
                            n_matches_written = n_matches_written + $3
                     where id = $4 returning n_tiles - n_tiles_done",
                    i64::try_from(n_rows).unwrap_or_default(),
                    i64::try_from(written.n_lists).unwrap_or(i64::MAX),
                    i64::try_from(written.n_matches).unwrap_or(i64::MAX),
                    id
                )?;
                if n_left == 0 {
                    execute!(
                        tx,
                        "update runs set state = 'switching' where id = $1 and state = 'scoring'",
                        id
                    )?;
                    queue_finish(tx, owner, id, finish_id, trace_id).await?;
                    let data = json!({ "run_id": id, "step": "finish" });
                    let step = NewEvent { data, ..event(owner, "run.step", id, finish_id) };
                    events::append(tx, &[step]).await?;
                }
                Ok(true)
            })
        })
        .await
}
