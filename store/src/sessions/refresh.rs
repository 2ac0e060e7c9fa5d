//! Going on.

use serde_json::json;

use super::open::Opened;
use super::ticket::Ticket;
use crate::audit::{self, Action, NewEntry};
use crate::clock::us_to_time;
use crate::db::{execute, fetch_one, fetch_optional};
use crate::{Result, SessionId, Store, UserId};

/// What a refresh token was good for.
#[derive(Debug, Clone)]
pub enum Refreshed {
    /// The session goes on with another refresh token.
    GoesOn(Opened),
    /// The token had been used before, or its session's time was over: the session has ended.
    Ended(SessionId),
    /// It is of no session.
    Unknown,
}

/// Exchanges a refresh token for the next one.
///
/// # Errors
///
/// When the database or the system's random generator fails.
pub async fn refresh(store: &Store, refresh_token: &str) -> Result<Refreshed> {
    let Some(ticket) = Ticket::read(refresh_token) else { return Ok(Refreshed::Unknown) };
    let next = ticket.next()?;
    store
        .write(move |tx| {
            Box::pin(async move {
                let (now, id) = (tx.now_us(), ticket.session_id);
                let family = ticket.family_sha256();
                let n_rows = execute!(
                    tx,
                    "update sessions set refresh_sha256 = $4, refreshed_at_us = $5
                     where id = $1 and family_sha256 = $2 and refresh_sha256 = $3 and expires_at_us > $5",
                    id,
                    family.as_bytes().as_slice(),
                    ticket.turn_sha256().as_bytes().as_slice(),
                    next.turn_sha256().as_bytes().as_slice(),
                    now
                )?;
                if n_rows == 0 {
                    let ended = fetch_optional!(
                        tx,
                        (UserId, i64),
                        "delete from sessions where id = $1 and family_sha256 = $2 returning user_id, expires_at_us",
                        id,
                        family.as_bytes().as_slice()
                    )?;
                    let Some((user_id, expires_at_us)) = ended else {
                        return Ok(Refreshed::Unknown);
                    };
                    if expires_at_us > now {
                        let entry = NewEntry::about(Action::SessionReused, id);
                        audit::append(tx, entry.with(json!({ "user_id": user_id }))).await?;
                    }
                    return Ok(Refreshed::Ended(id));
                }
                let (user_id, expires_at_us) = fetch_one!(
                    tx,
                    (UserId, i64),
                    "select user_id, expires_at_us from sessions where id = $1",
                    id
                )?;
                Ok(Refreshed::GoesOn(Opened {
                    id,
                    user_id,
                    refresh_token: next.to_secret(),
                    now: us_to_time(now),
                    expires_at: us_to_time(expires_at_us),
                }))
            })
        })
        .await
}
