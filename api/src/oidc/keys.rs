//! The keys of an issuer, as it publishes them, kept for a while.

use std::sync::{Arc, PoisonError, RwLock};

use serde::Deserialize;
use store::Store;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

use super::config::Config;
use super::jwk::{self, Key};

/// After that keys are asked for again, though they are known: some may be withdrawn.
const FRESH: Duration = Duration::hours(1);
/// As long keys are good when their issuer does not answer.
const KEEP: Duration = Duration::hours(24);
/// The issuer is not asked more often, however many tokens name keys that nobody knows.
const INTERVAL: Duration = Duration::seconds(30);
/// Largest document of an issuer.
const MAX_BYTES: u64 = 1 << 20;

/// The keys of an issuer.
#[derive(Debug, Default)]
pub(super) struct Keys {
    held: RwLock<Option<Arc<Held>>>,
    /// When the issuer was last asked. Whoever asks holds it.
    asked_at: Mutex<Option<OffsetDateTime>>,
}

#[derive(Debug)]
pub(super) struct Held {
    pub(super) keys: Vec<Key>,
    since: OffsetDateTime,
}

/// What an issuer says of itself (OpenID Connect Discovery 1.0, section 3).
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

impl Keys {
    /// The keys that are known, with one that `is_wanted` if the issuer has such a key.
    pub(super) async fn with(
        &self,
        config: &Config,
        store: &Store,
        is_wanted: impl Fn(&Key) -> bool,
    ) -> Option<Arc<Held>> {
        let has_it = |held: &Option<Arc<Held>>| {
            held.as_ref().is_some_and(|held| held.keys.iter().any(&is_wanted))
        };
        let held = self.held(store.now());
        let mut asked_at = match (has_it(&held), held.as_ref().is_some_and(|it| it.is_fresh(store)))
        {
            (true, true) => return held,
            // Nobody waits for fresh keys who can do without.
            (true, false) => match self.asked_at.try_lock() {
                Ok(asked_at) => asked_at,
                Err(_) => return held,
            },
            (false, _) => self.asked_at.lock().await,
        };
        let now = store.now();
        // Somebody may have asked while we waited.
        let held = self.held(now);
        let is_new = held.as_ref().is_some_and(|held| held.is_fresh(store));
        let is_early = asked_at.is_some_and(|last| now < last + INTERVAL);
        if is_early || has_it(&held) && is_new {
            return held;
        }
        *asked_at = Some(now);
        match fetched(config).await {
            Ok(keys) => {
                tracing::info!(n_keys = keys.len(), "read the keys of an issuer");
                let new = Arc::new(Held { keys, since: now });
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&new));
                Some(new)
            }
            Err(why) => {
                let issuer = &config.issuer;
                tracing::warn!(issuer, "the keys of {issuer} could not be read: {why}");
                held
            }
        }
    }

    fn held(&self, now: OffsetDateTime) -> Option<Arc<Held>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).clone();
        held.filter(|held| now < held.since + KEEP)
    }
}

impl Held {
    fn is_fresh(&self, store: &Store) -> bool {
        store.now() < self.since + FRESH
    }
}

async fn fetched(config: &Config) -> Result<Vec<Key>, String> {
    let url = match &config.jwks_url {
        Some(url) => url.clone(),
        None => discovered(&config.issuer).await?,
    };
    let json = fetch::document(&url, MAX_BYTES).await.map_err(|error| error.to_string())?;
    jwk::read(&json).ok_or_else(|| "it is no set of keys".to_owned())
}

async fn discovered(issuer: &str) -> Result<String, String> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let json = fetch::document(&url, MAX_BYTES).await.map_err(|error| error.to_string())?;
    let found: Discovered = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
    if found.issuer == issuer {
        Ok(found.jwks_uri)
    } else {
        Err("it calls itself something else".to_owned())
    }
}
