//! Coming in.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use super::ticket::Ticket;
use crate::audit::{self, Action, NewEntry};
use crate::clock::{duration_to_us, us_to_time};
use crate::db::execute;
use crate::logins::Login;
use crate::{Result, SessionId, Store, UserId};

/// A session that is good to go on with.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The session.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it goes on with, once.
    pub refresh_token: SecretString,
    /// The time of the database.
    pub now: OffsetDateTime,
    /// When it ends, however often it is refreshed.
    pub expires_at: OffsetDateTime,
}

/// Begins a session for whoever gave the password of `verified`. `None` if the password has changed meanwhile.
///
/// # Errors
///
/// When the database or the system's random generator fails.
pub async fn open(store: &Store, verified: Login, lifetime: Duration) -> Result<Option<Opened>> {
    let ticket = Ticket::first(store.new_id())?;
    store
        .write(move |tx| {
            Box::pin(async move {
                let (now, user_id) = (tx.now_us(), verified.user_id);
                let expires_at_us = now.saturating_add(duration_to_us(lifetime));
                // Changes nothing but holds the row: who changes the password now ends this session too.
                let n_rows = execute!(
                    tx,
                    "update logins set user_id = user_id where user_id = $1 and password_hash = $2",
                    user_id,
                    verified.password_hash.expose_secret()
                )?;
                if n_rows == 0 {
                    return Ok(None);
                }
                execute!(tx, "delete from sessions where expires_at_us <= $1", now)?;
                execute!(
                    tx,
                    "insert into sessions (id, user_id, family_sha256, refresh_sha256, created_at_us, refreshed_at_us, expires_at_us)
                     values ($1, $2, $3, $4, $5, $5, $6)",
                    ticket.session_id,
                    user_id,
                    ticket.family_sha256().as_bytes().as_slice(),
                    ticket.turn_sha256().as_bytes().as_slice(),
                    now,
                    expires_at_us
                )?;
                let entry = NewEntry::about(Action::LoginSucceeded, user_id);
                audit::append(tx, entry.in_session(user_id, ticket.session_id)).await?;
                Ok(Some(Opened {
                    id: ticket.session_id,
                    user_id,
                    refresh_token: ticket.to_secret(),
                    now: us_to_time(now),
                    expires_at: us_to_time(expires_at_us),
                }))
            })
        })
        .await
}
