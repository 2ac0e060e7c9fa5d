//! When tokens were last used, without a write for each request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use store::tokens::{self, Identity, USE_INTERVAL};
use store::{Store, TokenId};
use time::OffsetDateTime;
use tracing::Instrument;

/// Tokens that are remembered at most; beyond that some uses are written once more often.
const MAX_REMEMBERED: usize = 10_000;

/// Which tokens' uses this process has written down lately.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<HashMap<TokenId, OffsetDateTime>>);

impl Uses {
    /// Writes a use down beside the request, unless that was done within a minute: nobody waits for it.
    pub(super) fn note(&self, store: &Store, used: &Identity) {
        if !self.is_due(used, store.now()) {
            return;
        }
        let (store, id) = (store.clone(), used.token_id);
        let writing = async move {
            if let Err(error) = tokens::touch(&store, id).await {
                tracing::debug!("a use of a token was not written down: {error}");
            }
        };
        tokio::spawn(writing.in_current_span());
    }

    /// Whether nobody has written it down lately; then we are about to.
    fn is_due(&self, used: &Identity, now: OffsetDateTime) -> bool {
        if used.last_used_at.is_some_and(|last| now < last + USE_INTERVAL) {
            return false;
        }
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&used.token_id).is_some_and(|last| now < *last + USE_INTERVAL) {
            return false;
        }
        if noted.len() >= MAX_REMEMBERED {
            noted.clear();
        }
        noted.insert(used.token_id, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use store::{Role, UserId};

    use super::*;

    fn used(last_used_at: Option<OffsetDateTime>) -> Identity {
        Identity {
            user_id: UserId::from_u128(1),
            role: Role::User,
            token_id: TokenId::from_u128(2),
            scopes: Vec::new(),
            last_used_at,
        }
    }

    #[test]
    fn a_use_is_due_once_a_minute() {
        let uses = Uses::default();
        let begin = OffsetDateTime::UNIX_EPOCH;
        let after = |seconds| begin + Duration::from_secs(seconds);
        assert!(!uses.is_due(&used(Some(begin)), after(59)));
        assert!(uses.is_due(&used(None), begin));
        // The row may not be written yet.
        assert!(!uses.is_due(&used(None), after(59)));
        assert!(uses.is_due(&used(Some(begin)), after(60)));
    }
}
