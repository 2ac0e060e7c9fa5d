//! What people say to being offered each other.

use serde_json::json;

use super::complete::remove;
use super::touch::touch;
use crate::db::{Lock, Tx, execute, fetch_optional};
use crate::events::{self, NewEvent};
use crate::text_enum::text_enum;
use crate::{JobId, Result, Store, UserId};

text_enum! {
    /// What somebody says to being offered somebody.
    pub enum Answer {
        /// Yes: when both say so, they are connected.
        Accept = "accept",
        /// No: neither is offered to the other any more.
        Decline = "decline",
        /// Not now: offered again after a while.
        Later = "later",
    }
}

/// Writes down an answer; the last one counts. True if the two are connected now; `None` if the other is not known to the user.
///
/// The second of two yeses makes the connection, with an event for each; a no ends it, with an event for each.
///
/// # Errors
///
/// When the database fails.
pub async fn answer(
    store: &Store,
    user: UserId,
    other: UserId,
    answer: Answer,
) -> Result<Option<bool>> {
    let job = store.new_id();
    store.write(move |tx| Box::pin(answer_in(tx, user, other, answer, job))).await
}

async fn answer_in(
    tx: &mut Tx,
    user: UserId,
    other: UserId,
    answer: Answer,
    job: JobId,
) -> Result<Option<bool>> {
    if user == other {
        return Ok(None);
    }
    if !is_known(tx, user, other).await? {
        return Ok(None);
    }
    touch(tx, user, job).await?;
    // One after the other: two yeses at once must see each other.
    tx.lock(Lock::People).await?;
    let now = tx.now_us();
    execute!(
        tx,
        "insert into profile_answers (user_id, other_id, answer, answered_at_us) values ($1, $2, $3, $4)
         on conflict (user_id, other_id) do update
         set answer = excluded.answer, answered_at_us = excluded.answered_at_us",
        user,
        other,
        answer.as_str(),
        now
    )?;
    let (a, b) = if user < other { (user, other) } else { (other, user) };
    let mut events = Vec::new();
    let mut both = |kind| {
        for (owner_id, with) in [(user, other), (other, user)] {
            let data = json!({ "profile_id": with });
            events.push(NewEvent { owner_id, kind, track_id: None, job_id: None, data });
        }
    };
    let is_mutual = answer == Answer::Accept && has_accepted(tx, other, user).await?;
    if is_mutual {
        let n_rows = execute!(
            tx,
            "insert into connections (a_id, b_id, made_at_us) values ($1, $2, $3) on conflict do nothing",
            a,
            b,
            now
        )?;
        if n_rows == 1 {
            both("connection.made");
        }
    } else {
        let n_rows = execute!(tx, "delete from connections where a_id = $1 and b_id = $2", a, b)?;
        if n_rows == 1 {
            both("connection.ended");
        }
    }
    if is_mutual || answer == Answer::Decline {
        remove(tx, user, other).await?;
    }
    events::append(tx, &events).await?;
    Ok(Some(is_mutual))
}

async fn has_accepted(tx: &mut Tx, user: UserId, other: UserId) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select answered_at_us from profile_answers where user_id = $1 and other_id = $2 and answer = 'accept'",
        user,
        other
    )?;
    Ok(row.is_some())
}

/// Whether the user may know of the other: discoverable and not declined by them, or connected.
async fn is_known(tx: &mut Tx, user: UserId, other: UserId) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (UserId,),
        "select user_id from profiles p where user_id = $1 and (
             exists (select 1 from connections where (a_id = $1 and b_id = $2) or (a_id = $2 and b_id = $1))
             or (discoverable and not exists (
                 select 1 from profile_answers where user_id = $1 and other_id = $2 and answer = 'decline')))",
        other,
        user
    )?;
    Ok(row.is_some())
}
