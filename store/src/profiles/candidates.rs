//! Whom a profile may be matched with.

use std::collections::BTreeSet;

use super::complete::ProfileFloor;
use super::row::{HEARD, Profile, Row, TagRow, profile_columns};
use crate::db::{fetch_all, fetch_one, fetch_optional};
use crate::{Result, Store, UserId};

/// A profile that may be offered, with what was made of its recordings but for the medoids.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The profile.
    pub profile: Profile,
    /// Words of its tracks, with the share that carries each, the most carried first.
    pub heard: Vec<(String, f64)>,
}

/// Discoverable profiles after this one, by id: neither has declined the other, and they are not connected.
///
/// # Errors
///
/// When the database fails.
pub async fn candidates(
    store: &Store,
    user: UserId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<Candidate>> {
    let after = after.unwrap_or(UserId::from_u128(0));
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        concat!(
            "select ",
            profile_columns!(),
            " from profiles
              where discoverable and user_id > $1 and user_id <> $2
                and not exists (select 1 from profile_answers a where a.answer = 'decline'
                    and ((a.user_id = $2 and a.other_id = profiles.user_id)
                      or (a.user_id = profiles.user_id and a.other_id = $2)))
                and not exists (select 1 from connections c
                    where (c.a_id = $2 and c.b_id = profiles.user_id) or (c.b_id = $2 and c.a_id = profiles.user_id))
              order by user_id limit $3"
        ),
        after,
        user,
        i64::from(limit)
    )?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let tags = fetch_all!(
        reader,
        TagRow,
        "select user_id, kind, tag, weight from profile_tags
         where user_id >= $1 and user_id <= $2 order by user_id, kind, weight desc, tag",
        first.user_id,
        last.user_id
    )?;
    rows.into_iter()
        .map(|row| {
            let start = tags.partition_point(|tag| tag.user_id < row.user_id);
            let end = tags.partition_point(|tag| tag.user_id <= row.user_id);
            let own = &tags[start..end];
            let heard = own.iter().filter(|tag| tag.kind == HEARD);
            let heard = heard.map(|tag| (tag.tag.clone(), tag.weight)).collect();
            Ok(Candidate { profile: row.with_words(own)?, heard })
        })
        .collect()
}

/// The weakest head of each profile that has `n_heads` of them. A profile that is not listed takes any match.
///
/// # Errors
///
/// When the database fails.
pub async fn floors(store: &Store, n_heads: u32) -> Result<Vec<ProfileFloor>> {
    let mut reader = store.reader().await?;
    fetch_all!(
        reader,
        ProfileFloor,
        "select user_id, min(score) as score from profile_heads
         group by user_id having count(*) >= $1 order by user_id",
        i64::from(n_heads)
    )
}

/// A number that grows whenever somebody who has changed is matched.
///
/// # Errors
///
/// When the database fails.
pub async fn epoch(store: &Store) -> Result<i64> {
    let mut reader = store.reader().await?;
    let (epoch,) = fetch_one!(reader, (i64,), "select coalesce(max(epoch), 0) from profiles")?;
    Ok(epoch)
}

/// Those whose heads hold this profile now: they are told again, or lose it.
///
/// # Errors
///
/// When the database fails.
pub async fn holders(store: &Store, user: UserId) -> Result<BTreeSet<UserId>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        (UserId,),
        "select user_id from profile_heads where other_id = $1",
        user
    )?;
    drop(reader);
    Ok(rows.into_iter().map(|(user,)| user).collect())
}

/// Whether two people may be offered to each other, as of this transaction.
pub(super) async fn may_meet(tx: &mut crate::db::Tx, a: UserId, b: UserId) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from profiles
         where discoverable and (user_id = $1 or user_id = $2)
           and not exists (select 1 from profile_answers where answer = 'decline'
               and ((user_id = $1 and other_id = $2) or (user_id = $2 and other_id = $1)))
           and not exists (select 1 from connections where (a_id = $1 and b_id = $2) or (a_id = $2 and b_id = $1))",
        a,
        b
    )?;
    Ok(row == Some((2,)))
}
