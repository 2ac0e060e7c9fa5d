//! The keys of access tokens.
//!
//! Each process signs with a key of its own, whose private half exists in its memory only: neither the database nor a backup of it opens
//! anything. The public halves are in the database, so that every process verifies what any has signed, also after that has ended.
//! A key signs for a day; the one before stays good for as long as anything that it signed.

use std::time::Duration;

use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use store::sessions::Opened;
use store::{KeyId, SessionId, Store, signing_keys};
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::access_token::{self, Claims};
use super::config::MAX_ACCESS_TOKEN_S;
use crate::error::{Error, Result};

/// How long a key signs.
const SIGNS_FOR: Duration = Duration::from_hours(24);
/// How long it is good beyond that: what it signed last, and the clocks of two hosts.
const GOOD_AFTER: Duration = Duration::from_secs(MAX_ACCESS_TOKEN_S + 3600);

/// The keys of access tokens.
#[derive(Default)]
pub(crate) struct Keys {
    own: Mutex<Option<Own>>,
}

struct Own {
    id: KeyId,
    pair: Ed25519KeyPair,
    signs_until: OffsetDateTime,
}

impl Keys {
    /// An access token of a session.
    pub(super) async fn sign(
        &self,
        store: &Store,
        session: &Opened,
        lifetime: Duration,
    ) -> Result<String> {
        let claims = Claims::new(session.user_id, session.id, session.now, lifetime);
        let mut own = self.own.lock().await;
        let key = match own.take() {
            Some(key) if session.now < key.signs_until => key,
            _ => new_key(store).await?,
        };
        let token = access_token::sign(&key.pair, key.id, &claims);
        *own = Some(key);
        Ok(token)
    }

    /// The session that an access token of ours names, if it is good now. Whether the session still lasts is another question.
    pub(crate) async fn verify(&self, store: &Store, token: &str) -> Result<Option<SessionId>> {
        let Some(id) = access_token::key_id(token) else { return Ok(None) };
        let Some(key) = signing_keys::find(store, id).await? else { return Ok(None) };
        let claims = access_token::verify(token, &key.public_key, store.now());
        Ok(claims.map(|claims| claims.sid))
    }
}

async fn new_key(store: &Store) -> Result<Own> {
    let failed = || Error::Internal("cannot make a key".to_owned());
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| failed())?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(|_| failed())?;
    let public_key = pair.public_key().as_ref().to_vec();
    let key =
        signing_keys::publish(&store.despite_maintenance(), public_key, SIGNS_FOR + GOOD_AFTER)
            .await?;
    tracing::info!(key.id = %key.id, "signs access tokens with the new key {}", key.id);
    Ok(Own { id: key.id, pair, signs_until: key.created_at + SIGNS_FOR })
}
