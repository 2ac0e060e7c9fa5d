//! A library without recordings, for measuring what reads descriptors only.

use crate::db::execute;
use crate::{Result, Sha256, Store, TrackId, UserId};

/// An analysed track without bytes, report or events.
#[derive(Debug, Clone)]
pub struct Seed {
    /// What matching reads of it.
    pub descriptor: Vec<u8>,
    /// The version of its layout.
    pub descriptor_version: u32,
    /// The version of its facts.
    pub analysis_version: u32,
    /// Its tags, sorted, each once.
    pub tags: Vec<String>,
}

/// Writes tracks in one transaction; their ids.
///
/// # Errors
///
/// When the database fails; nothing is written then.
pub async fn seed(store: &Store, owner: UserId, seeds: Vec<Seed>) -> Result<Vec<TrackId>> {
    let ids: Vec<TrackId> = seeds.iter().map(|_| store.new_id()).collect();
    let written = ids.clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                for (id, seed) in ids.into_iter().zip(seeds) {
                    let sha256 = Sha256::of(&id.as_u128().to_be_bytes());
                    execute!(
                        tx,
                        "insert into blobs (sha256, n_bytes, claims, claimed_until_us, created_at_us)
                         values ($1, 0, 0, 0, $2)",
                        sha256.as_bytes().as_slice(),
                        now
                    )?;
                    execute!(
                        tx,
                        "insert into tracks (id, owner_id, blob_sha256, n_bytes, tags, state, created_at_us, updated_at_us, version)
                         values ($1, $2, $3, 0, $4, 'analyzed', $5, $5, 1)",
                        id,
                        owner,
                        sha256.as_bytes().as_slice(),
                        serde_json::to_string(&seed.tags)?,
                        now
                    )?;
                    execute!(
                        tx,
                        "insert into descriptors (track_id, descriptor_version, owner_id, analysis_version, bytes, created_at_us)
                         values ($1, $2, $3, $4, $5, $6)",
                        id,
                        i64::from(seed.descriptor_version),
                        owner,
                        i64::from(seed.analysis_version),
                        seed.descriptor,
                        now
                    )?;
                }
                Ok(written)
            })
        })
        .await
}

/// Removes all runs, lists and matches, as if nothing had ever been scored.
///
/// # Errors
///
/// When the database fails.
pub async fn forget_matches(store: &Store) -> Result<()> {
    store
        .write(move |tx| {
            Box::pin(async move {
                for sql in [
                    "delete from matches",
                    "delete from match_lists",
                    "delete from match_generations",
                    "delete from run_tiles",
                    "delete from runs",
                    "delete from consort_jobs",
                ] {
                    execute!(tx, sql)?;
                }
                Ok(())
            })
        })
        .await
}
