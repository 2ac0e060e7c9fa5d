//! Changing a profile.

use serde_json::json;

use super::row::{Place, Profile, Row, Slots, TagRow, Words, profile_columns};
use super::touch::queue;
use crate::db::{Lock, Tx, execute, fetch_all, fetch_optional};
use crate::events::{self, NewEvent};
use crate::tracks::without_nul;
use crate::{Error, JobId, Result, Store, UserId};

/// What a profile is to be.
#[derive(Debug, Clone, Default)]
pub struct NewProfile {
    /// What others are told to call the person.
    pub name: Option<String>,
    /// Whether it takes part.
    pub discoverable: bool,
    /// What the person says.
    pub words: Words,
    /// Where the person is.
    pub place: Option<Place>,
    /// When the person has time.
    pub slots: Option<Slots>,
    /// Change only if this is the version that is stored.
    pub expected_version: Option<i64>,
}

/// Puts this in the place of the user's profile, and queues its matching if it takes part. What does not is offered to nobody any
/// more from then on. `None` if there is no such user.
///
/// # Errors
///
/// [`Error::VersionConflict`], or when the database fails.
pub async fn update(store: &Store, user: UserId, new: NewProfile) -> Result<Option<Profile>> {
    let job = store.new_id();
    store.write(move |tx| Box::pin(update_in(tx, user, new, job))).await
}

async fn update_in(
    tx: &mut Tx,
    user: UserId,
    new: NewProfile,
    job: JobId,
) -> Result<Option<Profile>> {
    let now = tx.now_us();
    let row = fetch_optional!(
        tx,
        (i64,),
        "update profiles set version = version + 1, revision = revision + 1, updated_at_us = $2
         where user_id = $1 returning version",
        user,
        now
    )?;
    let Some((version,)) = row else { return Ok(None) };
    if let Some(expected) = new.expected_version
        && expected != version - 1
    {
        return Err(Error::VersionConflict { expected, actual: version - 1 });
    }
    execute!(
        tx,
        "update profiles set name = $2, discoverable = $3, latitude_deg = $4, longitude_deg = $5, radius_km = $6,
             place_rule = $7, slots = $8, slots_rule = $9
         where user_id = $1",
        user,
        new.name.as_deref().map(without_nul),
        new.discoverable,
        new.place.map(|place| place.latitude_deg),
        new.place.map(|place| place.longitude_deg),
        new.place.map(|place| place.radius_km),
        new.place.map(|place| place.rule.as_str()),
        new.slots.map(|slots| i64::from(slots.bits)),
        new.slots.map(|slots| slots.rule.as_str())
    )?;
    execute!(tx, "delete from profile_tags where user_id = $1 and kind <> 'heard'", user)?;
    let words = &new.words;
    for (kind, words) in [
        ("plays", &words.plays),
        ("seeks", &words.seeks),
        ("genres", &words.genres),
        ("influences", &words.influences),
        ("dislikes", &words.dislikes),
    ] {
        for word in words {
            execute!(
                tx,
                "insert into profile_tags (user_id, kind, tag, weight) values ($1, $2, $3, 1) on conflict do nothing",
                user,
                kind,
                without_nul(word)
            )?;
        }
    }
    if new.discoverable {
        queue(tx, user, job).await?;
    } else {
        withdraw(tx, user).await?;
    }
    let profile = read(tx, user).await?;
    let event = NewEvent {
        owner_id: user,
        kind: "profile.updated",
        track_id: None,
        job_id: None,
        data: json!({ "profile_id": user, "version": version }),
    };
    events::append(tx, &[event]).await?;
    Ok(profile)
}

/// Takes a profile out of all offers, and what was made of its recordings with it.
async fn withdraw(tx: &mut Tx, user: UserId) -> Result<()> {
    tx.lock(Lock::People).await?;
    execute!(tx, "delete from profile_heads where user_id = $1 or other_id = $1", user)?;
    execute!(tx, "delete from profile_matches where a_id = $1 or b_id = $1", user)?;
    super::taste::replace(tx, user, &super::StoredTaste::default()).await
}

async fn read(tx: &mut Tx, user: UserId) -> Result<Option<Profile>> {
    let row = fetch_optional!(
        tx,
        Row,
        concat!("select ", profile_columns!(), " from profiles where user_id = $1"),
        user
    )?;
    let tags = fetch_all!(
        tx,
        TagRow,
        "select user_id, kind, tag, weight from profile_tags where user_id = $1 order by kind, tag",
        user
    )?;
    row.map(|row| row.with_words(&tags)).transpose()
}
