//! Reading runs.

use super::row::{Row, Run, run_columns};
use crate::db::{fetch_all, fetch_optional};
use crate::{Lease, Page, Result, RunId, Store, TrackId, UserId};

/// A run of this owner.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store, owner: UserId, id: RunId) -> Result<Option<Run>> {
    let mut reader = store.reader().await?;
    fetch_optional!(
        reader,
        Row,
        concat!("select ", run_columns!(), " from runs where id = $1 and owner_id = $2"),
        id,
        owner
    )?
    .map(Run::try_from)
    .transpose()
}

/// The owner's runs, newest first.
///
/// # Errors
///
/// When the database fails.
pub async fn list(
    store: &Store,
    owner: UserId,
    after: Option<RunId>,
    limit: u32,
) -> Result<Page<Run>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        concat!(
            "select ",
            run_columns!(),
            " from runs where owner_id = $1 and id < $2 order by id desc limit $3"
        ),
        owner,
        after.unwrap_or(RunId::from_u128(u128::MAX)),
        i64::from(limit) + 1
    )?;
    let runs = rows.into_iter().map(Run::try_from).collect::<Result<_>>()?;
    Ok(Page::from_one_more(runs, limit))
}

/// The run that a job is a step of.
///
/// # Errors
///
/// When the database fails.
pub async fn of_job(store: &Store, lease: &Lease) -> Result<Option<Run>> {
    match lease.job.run_id {
        Some(id) => get(store, lease.job.owner_id, id).await,
        None => Ok(None),
    }
}

/// The tracks of a run, tile by tile.
///
/// # Errors
///
/// When the database fails.
pub async fn planned(store: &Store, id: RunId) -> Result<Vec<TrackId>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        (Vec<u8>,),
        "select tracks from run_tiles where run_id = $1 order by tile",
        id
    )?;
    let mut tracks = Vec::new();
    for (bytes,) in rows {
        tracks.extend(super::tiles::from_bytes(&bytes)?);
    }
    Ok(tracks)
}
