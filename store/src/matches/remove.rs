//! What a deleted track takes along.

use super::lists;
use super::replace::others;
use crate::db::{Lock, Tx, execute, fetch_all};
use crate::{Result, TrackId, UserId};

/// Takes a track of this owner out of all lists, staged ones too, and removes its pairs.
pub(crate) async fn remove(tx: &mut Tx, owner: UserId, track: TrackId) -> Result<()> {
    let own = fetch_all!(
        tx,
        (i64,),
        "select version from tracks where id = $1 and owner_id = $2",
        track,
        owner
    )?;
    if own.is_empty() {
        return Ok(());
    }
    // Whoever writes lists now either has finished, and is seen, or begins after this and sees that the track is gone.
    tx.lock(Lock::Matches).await?;
    let mut tracks: Vec<TrackId> =
        others(tx, track, i64::MAX).await?.into_iter().map(|(_, other)| other).collect();
    tracks.sort_unstable();
    tracks.dedup();
    for other in tracks {
        let rows = fetch_all!(
            tx,
            lists::Row,
            "select track_id, purpose, generation, entries, is_short, descriptor_version, weights_version
             from match_lists where track_id = $1",
            other
        )?;
        for row in rows {
            let purpose = row.purpose.clone();
            let mut list = lists::List::try_from(row)?;
            let n_before = list.entries.len();
            list.entries.retain(|(id, _)| *id != track);
            if list.entries.len() < n_before {
                list.is_short = true;
                lists::put(tx, owner, other, &purpose, &list).await?;
            }
        }
    }
    execute!(tx, "delete from matches where a_id = $1 or b_id = $1", track)?;
    execute!(tx, "delete from match_lists where track_id = $1", track)?;
    Ok(())
}
