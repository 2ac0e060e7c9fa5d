//! Ends the matching of a profile with its result: one transaction, guarded by the fence.

use serde_json::{Value, json};

use super::candidates::may_meet;
use super::taste::{self, StoredTaste};
use super::touch::queue;
use crate::db::{Lock, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::events::{self, NewEvent};
use crate::jobs::{Held, Lease, succeed};
use crate::{Result, Store, TrackId, UserId};

/// A score of the profile in hand with another.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProfileMatch {
    /// The other.
    pub other_id: UserId,
    /// 0 to 1.
    pub score: f64,
    /// What the profile in hand reads of it.
    pub view: Value,
    /// What the other reads of it.
    pub other_view: Value,
    /// The track of the profile in hand, and that of the other, that are most alike.
    pub closest: Option<(TrackId, TrackId)>,
    /// The version of the descriptors that were compared.
    pub descriptor_version: u32,
    /// The version of weights and reference.
    pub weights_version: u32,
}

/// The weakest head of a profile that has all its heads: only what scores better gets in.
#[derive(Debug, Clone, Copy, PartialEq, sqlx::FromRow)]
pub struct ProfileFloor {
    /// The profile.
    pub user_id: UserId,
    /// The score of its weakest head.
    pub score: f64,
}

/// The result of the matching of a profile.
#[derive(Debug, Clone)]
pub struct ProfileScored {
    /// Its revision when it was read: when it has changed since, it is matched again.
    pub revision: i64,
    /// [`super::epoch`] before the others were read: when it has grown since, the profile is matched again.
    pub epoch: i64,
    /// What its recordings say.
    pub taste: StoredTaste,
    /// Heads that each profile keeps.
    pub n_heads: u32,
    /// Its best matches, and those that it is good enough for.
    pub matches: Vec<NewProfileMatch>,
}

/// Writes what the recordings of a profile say, and its matches; what has not changed is not written. False if the lease is
/// lost; nothing is written then.
///
/// # Errors
///
/// When the database fails; nothing is written then.
pub async fn complete_profile_match(
    store: &Store,
    lease: &Lease,
    scored: ProfileScored,
) -> Result<bool> {
    let (job, held, user) = (lease.job.id, Held::from(lease), lease.job.owner_id);
    let again = store.new_id();
    store
        .write(move |tx| {
            Box::pin(async move {
                if !succeed(tx, &held).await? {
                    return Ok(false);
                }
                // Locks the row: whoever changes the profile meanwhile waits, and then finds no job that runs.
                let row = fetch_optional!(
                    tx,
                    (i64, i64, bool),
                    "update profiles set n_tracks = n_tracks where user_id = $1
                     returning revision, matched_revision, discoverable",
                    user
                )?;
                // Gone, or it takes part no more: nothing is matched.
                let Some((revision, matched, true)) = row else {
                    events::append(tx, &[held.succeeded()]).await?;
                    return Ok(true);
                };
                tx.lock(Lock::People).await?;
                taste::replace(tx, user, &scored.taste).await?;
                let (n_matches, n_changed) = replace(tx, user, scored.n_heads, scored.matches).await?;
                if scored.revision != matched {
                    execute!(
                        tx,
                        "update profiles set matched_revision = $2, epoch = (select coalesce(max(seq), 0) from events)
                         where user_id = $1",
                        user,
                        scored.revision
                    )?;
                }
                // Two who are matched at once each read of the other what was there before.
                let (epoch,) = fetch_one!(
                    tx,
                    (i64,),
                    "select coalesce(max(epoch), 0) from profiles where user_id <> $1",
                    user
                )?;
                if revision != scored.revision || epoch > scored.epoch {
                    queue(tx, user, again).await?;
                }
                let event = NewEvent {
                    owner_id: user,
                    kind: "profile.matched",
                    track_id: None,
                    job_id: Some(job),
                    data: json!({ "profile_id": user, "n_matches": n_matches, "n_changed": n_changed }),
                };
                events::append(tx, &[event]).await?;
                Ok(true)
            })
        })
        .await
}

fn ordered<T>(user: UserId, other: UserId, own: T, others: T) -> (UserId, UserId, T, T) {
    if user < other { (user, other, own, others) } else { (other, user, others, own) }
}

/// Puts new matches in the place of the old ones. How many are among the profile's own heads now, and how many were written or
/// removed.
async fn replace(
    tx: &mut Tx,
    user: UserId,
    n_heads: u32,
    new: Vec<NewProfileMatch>,
) -> Result<(u64, u64)> {
    let old = fetch_all!(
        tx,
        (UserId,),
        "select case when a_id = $1 then b_id else a_id end from profile_matches where a_id = $1 or b_id = $1",
        user
    )?;
    let mut n_changed = 0;
    for (other,) in old {
        if !new.iter().any(|found| found.other_id == other) {
            remove(tx, user, other).await?;
            n_changed += 1;
        }
    }
    for found in &new {
        // Declined, connected or withdrawn while this was scored.
        if found.other_id != user && may_meet(tx, user, found.other_id).await? {
            n_changed += write(tx, user, found).await?;
            head(tx, user, found.other_id, found.score).await?;
            head(tx, found.other_id, user, found.score).await?;
        } else {
            remove(tx, user, found.other_id).await?;
        }
    }
    trim(tx, user, n_heads).await?;
    for found in &new {
        trim(tx, found.other_id, n_heads).await?;
    }
    let rows =
        fetch_all!(tx, (UserId,), "select other_id from profile_heads where user_id = $1", user)?;
    Ok((u64::try_from(rows.len()).unwrap_or(u64::MAX), n_changed))
}

/// Writes a match unless it is there like that; the number of rows written.
async fn write(tx: &mut Tx, user: UserId, new: &NewProfileMatch) -> Result<u64> {
    let now = tx.now_us();
    let (a, b, a_view, b_view) = ordered(user, new.other_id, &new.view, &new.other_view);
    let closest = new.closest.map(|(own, other)| ordered(user, new.other_id, own, other));
    execute!(
        tx,
        "insert into profile_matches (a_id, b_id, score, a_view, b_view, a_track_id, b_track_id, descriptor_version,
             weights_version, first_scored_at_us, scored_at_us, version)
         values ($1, $2, $3, $4, $5, (select id from tracks where id = $6), (select id from tracks where id = $7), $8, $9,
             $10, $10, 1)
         on conflict (a_id, b_id) do update
         set score = excluded.score, a_view = excluded.a_view, b_view = excluded.b_view,
             a_track_id = excluded.a_track_id, b_track_id = excluded.b_track_id,
             descriptor_version = excluded.descriptor_version, weights_version = excluded.weights_version,
             scored_at_us = excluded.scored_at_us, version = profile_matches.version + 1
         where profile_matches.score <> excluded.score or profile_matches.a_view <> excluded.a_view
            or profile_matches.b_view <> excluded.b_view
            or profile_matches.a_track_id is distinct from excluded.a_track_id
            or profile_matches.b_track_id is distinct from excluded.b_track_id
            or profile_matches.descriptor_version <> excluded.descriptor_version
            or profile_matches.weights_version <> excluded.weights_version",
        a,
        b,
        new.score,
        a_view.to_string(),
        b_view.to_string(),
        closest.map(|(_, _, a_track, _)| a_track),
        closest.map(|(_, _, _, b_track)| b_track),
        i64::from(new.descriptor_version),
        i64::from(new.weights_version),
        now
    )
}

async fn head(tx: &mut Tx, user: UserId, other: UserId, score: f64) -> Result<()> {
    execute!(
        tx,
        "insert into profile_heads (user_id, other_id, score) values ($1, $2, $3)
         on conflict (user_id, other_id) do update set score = excluded.score
         where profile_heads.score <> excluded.score",
        user,
        other,
        score
    )?;
    Ok(())
}

/// Removes what two people have to do with each other as matches.
pub(super) async fn remove(tx: &mut Tx, a: UserId, b: UserId) -> Result<()> {
    execute!(
        tx,
        "delete from profile_heads where (user_id = $1 and other_id = $2) or (user_id = $2 and other_id = $1)",
        a,
        b
    )?;
    execute!(
        tx,
        "delete from profile_matches where (a_id = $1 and b_id = $2) or (a_id = $2 and b_id = $1)",
        a,
        b
    )?;
    Ok(())
}

/// Keeps a profile's best heads, and drops matches that no head points to any more.
async fn trim(tx: &mut Tx, user: UserId, n_heads: u32) -> Result<()> {
    let dropped = fetch_all!(
        tx,
        (UserId,),
        "delete from profile_heads
         where user_id = $1 and other_id not in (
             select other_id from profile_heads where user_id = $1 order by score desc, other_id limit $2)
         returning other_id",
        user,
        i64::from(n_heads)
    )?;
    for (other,) in dropped {
        execute!(
            tx,
            "delete from profile_matches
             where ((a_id = $1 and b_id = $2) or (a_id = $2 and b_id = $1)) and not exists (
                 select 1 from profile_heads where user_id = $2 and other_id = $1)",
            user,
            other
        )?;
    }
    Ok(())
}
