//! Ends a job with its result: one transaction, guarded by the fence.

use serde_json::{Value, json};

use super::give_up::Held;
use super::insert::{NewJob, insert};
use super::row::{JobKind, Lease};
use super::tally::{Outcome, Times, times_columns};
use crate::db::{Tx, execute, fetch_optional};
use crate::events::{self, NewEvent};
use crate::tracks::{self, TrackState};
use crate::{Error, Result, Store, TrackId, UserId, duplicates, matches, profiles};

pub use crate::matches::NewMatch;
use crate::matches::Sight;

/// The result of an analysis.
#[derive(Debug, Clone)]
pub struct Analyzed {
    /// The report, word for word.
    pub report_json: String,
    /// What is kept beside it, deflated.
    pub details: Vec<u8>,
    /// The version of the code that made them.
    pub analysis_version: u32,
    /// The identity of the decoded sound, as in the report.
    pub pcm_hash: Option<[u8; 32]>,
    /// Keys of the fingerprint, each once; empty when there is none.
    pub fingerprint_keys: Vec<u32>,
    /// The descriptor's bytes.
    pub descriptor: Vec<u8>,
    /// The version of their layout.
    pub descriptor_version: u32,
    /// The bytes of the embedding that matching reads, if there is one.
    pub embedding: Option<Vec<u8>>,
    /// The tags of the container.
    pub media: Value,
    /// What each stage took.
    pub stages: Value,
    /// Length of the recording in seconds.
    pub duration_s: f64,
}

/// Ends a running job as succeeded; false if the lease is lost.
pub(crate) async fn succeed(tx: &mut Tx, held: &Held) -> Result<bool> {
    let now = tx.now_us();
    let times = fetch_optional!(
        tx,
        Times,
        concat!(
            "update consort_jobs
             set state = 'succeeded', progress = 1, lease_until_us = null, finished_at_us = $1,
                 error_code = null, error_detail = null, run_us = run_us + $1 - started_at_us
             where id = $2 and fence = $3 and state = 'running'
             returning ",
            times_columns!()
        ),
        now,
        held.id,
        held.fence
    )?;
    let Some(times) = times else { return Ok(false) };
    tx.note(held.ended(Outcome::Succeeded, None, times));
    Ok(true)
}

/// Writes report, details, keys of the fingerprint and descriptor, and queues the matching. False if the lease is lost; nothing is written then.
///
/// # Errors
///
/// When the database fails; nothing is written then.
pub async fn complete_analysis(store: &Store, lease: &Lease, analyzed: Analyzed) -> Result<bool> {
    let Some(track_id) = lease.job.track_id else { return Ok(false) };
    let (job_id, held, owner) = (lease.job.id, Held::from(lease), lease.job.owner_id);
    let next = NewJob::new(store.new_id(), owner, JobKind::MatchTrack, track_id)
        .traced(lease.job.trace_id.clone());
    let match_profile = store.new_id();
    store
        .write(move |tx| {
            Box::pin(async move {
                if !succeed(tx, &held).await? {
                    return Ok(false);
                }
                write_result(tx, owner, track_id, &analyzed).await?;
                insert(tx, next).await?;
                profiles::touch_if_counted(tx, owner, track_id, match_profile).await?;
                let event = NewEvent {
                    owner_id: owner,
                    kind: "track.analyzed",
                    track_id: Some(track_id),
                    job_id: Some(job_id),
                    data: json!({
                        "analysis_version": analyzed.analysis_version,
                        "duration_s": analyzed.duration_s,
                    }),
                };
                events::append(tx, &[event]).await?;
                Ok(true)
            })
        })
        .await
}

async fn write_result(
    tx: &mut Tx,
    owner: UserId,
    track_id: TrackId,
    analyzed: &Analyzed,
) -> Result<()> {
    let now = tx.now_us();
    // A report of this version that is there already stays: it was made from the same bytes by the same code.
    execute!(
        tx,
        "insert into reports (track_id, analysis_version, owner_id, json, stages, created_at_us, pcm_hash)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (track_id, analysis_version) do nothing",
        track_id,
        i64::from(analyzed.analysis_version),
        owner,
        &analyzed.report_json,
        analyzed.stages.to_string(),
        now,
        analyzed.pcm_hash.map(|hash| hash.to_vec())
    )?;
    execute!(
        tx,
        "insert into report_details (track_id, analysis_version, owner_id, bytes, created_at_us)
         values ($1, $2, $3, $4, $5) on conflict (track_id, analysis_version) do nothing",
        track_id,
        i64::from(analyzed.analysis_version),
        owner,
        &analyzed.details,
        now
    )?;
    let version = analyzed.analysis_version;
    duplicates::write_keys(tx, owner, track_id, version, &analyzed.fingerprint_keys).await?;
    execute!(
        tx,
        "insert into descriptors (track_id, descriptor_version, owner_id, analysis_version, bytes, embedding, created_at_us)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (track_id, descriptor_version) do update
         set analysis_version = excluded.analysis_version, bytes = excluded.bytes, embedding = excluded.embedding,
             created_at_us = excluded.created_at_us",
        track_id,
        i64::from(analyzed.descriptor_version),
        owner,
        i64::from(analyzed.analysis_version),
        &analyzed.descriptor,
        analyzed.embedding.as_deref(),
        now
    )?;
    execute!(
        tx,
        "update tracks set media = $1, duration_s = $2 where id = $3",
        analyzed.media.to_string(),
        analyzed.duration_s,
        track_id
    )?;
    tracks::set_state(tx, track_id, TrackState::Analyzed, None).await?;
    Ok(())
}

/// Writes the matches of a track: those among its own best `n_heads` for each purpose, and those that it is among the
/// best of for the other track. `generation` is the one whose floors were asked. False if the lease is lost; nothing is written then.
///
/// # Errors
///
/// [`Error::GenerationSwitched`], or when the database fails; nothing is written then.
pub async fn complete_match(
    store: &Store,
    lease: &Lease,
    n_heads: u32,
    generation: i64,
    new: Vec<NewMatch>,
) -> Result<bool> {
    let Some(track_id) = lease.job.track_id else { return Ok(false) };
    let (job_id, held, owner) = (lease.job.id, Held::from(lease), lease.job.owner_id);
    store
        .write(move |tx| {
            Box::pin(async move {
                if !succeed(tx, &held).await? {
                    return Ok(false);
                }
                let sight = Sight::VISIBLE;
                let n_matches = matches::replace(tx, track_id, n_heads, sight, new).await?;
                let actual = matches::lists::visible_in(tx, owner).await?;
                if actual != generation {
                    return Err(Error::GenerationSwitched { expected: generation, actual });
                }
                let event = NewEvent {
                    owner_id: owner,
                    kind: "track.matched",
                    track_id: Some(track_id),
                    job_id: Some(job_id),
                    data: json!({ "n_matches": n_matches }),
                };
                events::append(tx, &[event]).await?;
                Ok(true)
            })
        })
        .await
}

/// Ends a job that leaves nothing but what it has written already. False if the lease is lost.
///
/// # Errors
///
/// When the database fails.
pub async fn complete(store: &Store, lease: &Lease) -> Result<bool> {
    let held = Held::from(lease);
    store.write(move |tx| Box::pin(async move { succeed(tx, &held).await })).await
}
