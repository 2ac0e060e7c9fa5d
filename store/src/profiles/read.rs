//! Reading profiles.

use super::row::{Profile, Row, TagRow, VisibleProfile, Words, profile_columns};
use crate::db::{Reader, fetch_all, fetch_optional};
use crate::{Result, Store, UserId};

/// A user's own profile; `None` if there is no such user.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store, user: UserId) -> Result<Option<Profile>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        Row,
        concat!("select ", profile_columns!(), " from profiles where user_id = $1"),
        user
    )?;
    let Some(row) = row else { return Ok(None) };
    row.with_words(&tags(&mut reader, user).await?).map(Some)
}

/// What `asker` may know of a profile: that of a discoverable person who has not declined them, of a connection, or their own.
///
/// # Errors
///
/// When the database fails.
pub async fn visible(store: &Store, asker: UserId, id: UserId) -> Result<Option<VisibleProfile>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        Row,
        concat!(
            "select ",
            profile_columns!(),
            " from profiles where user_id = $1 and (user_id = $2
                or exists (select 1 from connections where (a_id = $1 and b_id = $2) or (a_id = $2 and b_id = $1))
                or (discoverable and not exists (
                    select 1 from profile_answers where user_id = $1 and other_id = $2 and answer = 'decline')))"
        ),
        id,
        asker
    )?;
    let Some(row) = row else { return Ok(None) };
    let profile = row.with_words(&tags(&mut reader, id).await?)?;
    Ok(Some(VisibleProfile {
        user_id: profile.user_id,
        name: profile.name,
        words: Words { dislikes: Vec::new(), ..profile.words },
    }))
}

async fn tags(reader: &mut Reader, user: UserId) -> Result<Vec<TagRow>> {
    fetch_all!(
        reader,
        TagRow,
        "select user_id, kind, tag, weight from profile_tags where user_id = $1 order by kind, tag",
        user
    )
}
