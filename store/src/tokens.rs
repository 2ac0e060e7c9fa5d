//! Bearer tokens. Only their SHA-256 is stored: a stolen database opens no door.

use rand::TryRng;
use rand::rngs::SysRng;
use secrecy::SecretString;
use time::OffsetDateTime;

use crate::clock::{time_to_us, us_to_time};
use crate::db::{execute, fetch_optional};
use crate::text_enum::text_enum;
use crate::{Error, Result, Sha256, Store, TokenId, UserId};

const PREFIX: &str = "cst_";
/// 43 characters of 62 carry 256 bits.
const N_CHARS: usize = 43;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

text_enum! {
    /// What the bearer of a token may do.
    pub enum Scope {
        /// Read tracks, reports and audio.
        TracksRead = "tracks:read",
        /// Upload, change and delete tracks.
        TracksWrite = "tracks:write",
        /// Read matches and compare.
        MatchesRead = "matches:read",
        /// Read the own profile, those of others as far as they show them, and connections.
        ProfilesRead = "profiles:read",
        /// Change the own profile and answer offers.
        ProfilesWrite = "profiles:write",
        /// Read jobs.
        JobsRead = "jobs:read",
        /// Cancel jobs.
        JobsWrite = "jobs:write",
        /// Read re-scoring runs.
        RunsRead = "runs:read",
        /// Start and cancel re-scoring runs.
        RunsWrite = "runs:write",
        /// Follow events.
        EventsRead = "events:read",
        /// Everything.
        Admin = "admin",
    }
}

/// A token to be issued.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Whose rows it opens.
    pub owner_id: UserId,
    /// What to call it.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// When it ends, if ever.
    pub expires_at: Option<OffsetDateTime>,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose rows it opens.
    pub owner_id: UserId,
    /// What to call it.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// When it ends, if ever.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was issued.
    pub created_at: OffsetDateTime,
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user_id: UserId,
    /// The token that was shown.
    pub token_id: TokenId,
    /// What the token allows.
    pub scopes: Vec<Scope>,
}

impl Identity {
    /// True if the token allows `scope`; [`Scope::Admin`] allows all.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|held| *held == scope || *held == Scope::Admin)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: TokenId,
    owner_id: UserId,
    scopes: String,
    expires_at_us: Option<i64>,
}

/// Issues a token. Its secret is returned once and never again.
///
/// # Errors
///
/// When the database or the system's random generator fails.
pub async fn issue(store: &Store, new: NewToken) -> Result<(Token, SecretString)> {
    let secret = random_secret()?;
    let hash = Sha256::of(secret.as_bytes());
    let id: TokenId = store.new_id();
    let token = store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                let words: Vec<_> = new.scopes.iter().map(|scope| scope.as_str()).collect();
                execute!(
                    tx,
                    "insert into tokens (id, owner_id, name, sha256, scopes, expires_at_us, created_at_us)
                     values ($1, $2, $3, $4, $5, $6, $7)",
                    id,
                    new.owner_id,
                    &new.name,
                    hash.as_bytes().as_slice(),
                    words.join(" "),
                    new.expires_at.map(time_to_us),
                    now
                )?;
                Ok(Token {
                    id,
                    owner_id: new.owner_id,
                    name: new.name,
                    scopes: new.scopes,
                    expires_at: new.expires_at,
                    created_at: us_to_time(now),
                })
            })
        })
        .await?;
    Ok((token, SecretString::from(secret)))
}

/// The identity behind a secret; `None` when no token has it or its time is over.
///
/// # Errors
///
/// When the database fails.
pub async fn authenticate(store: &Store, secret: &str) -> Result<Option<Identity>> {
    let well_formed = secret.strip_prefix(PREFIX).is_some_and(|rest| {
        rest.len() == N_CHARS && rest.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    if !well_formed {
        return Ok(None);
    }
    // Looking up the hash, not the secret, leaves nothing to time.
    let hash = Sha256::of(secret.as_bytes());
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        Row,
        "select id, owner_id, scopes, expires_at_us from tokens where sha256 = $1",
        hash.as_bytes().as_slice()
    )?;
    let Some(row) = row else { return Ok(None) };
    if row.expires_at_us.is_some_and(|end| end <= time_to_us(store.now())) {
        return Ok(None);
    }
    let scopes = row
        .scopes
        .split_ascii_whitespace()
        .map(|word| {
            word.parse().map_err(|_| Error::Inconsistent { table: "tokens", column: "scopes" })
        })
        .collect::<Result<_>>()?;
    Ok(Some(Identity { user_id: row.owner_id, token_id: row.id, scopes }))
}

fn random_secret() -> Result<String> {
    let mut secret = String::from(PREFIX);
    let mut bytes = [0_u8; 64];
    while secret.len() < PREFIX.len() + N_CHARS {
        SysRng.try_fill_bytes(&mut bytes).map_err(|error| Error::Disk {
            operation: "read random bytes",
            source: std::io::Error::other(error),
        })?;
        // 248 is the largest multiple of 62 below 256: what is above would favour some characters.
        let characters = bytes.iter().filter(|byte| **byte < 248);
        let missing = PREFIX.len() + N_CHARS - secret.len();
        secret.extend(
            characters.take(missing).map(|byte| char::from(ALPHABET[usize::from(byte % 62)])),
        );
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_their_shape_and_differ() {
        let (a, b) = (random_secret().unwrap(), random_secret().unwrap());
        for secret in [&a, &b] {
            let rest = secret.strip_prefix("cst_").unwrap();
            assert_eq!(rest.len(), 43);
            assert!(rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
        assert_ne!(a, b);
    }

    #[test]
    fn admin_allows_everything_and_others_only_themselves() {
        let identity = |scopes| Identity {
            user_id: UserId::from_u128(1),
            token_id: TokenId::from_u128(2),
            scopes,
        };
        for scope in Scope::ALL {
            assert!(identity(vec![Scope::Admin]).allows(*scope));
            assert_eq!(
                identity(vec![Scope::TracksRead]).allows(*scope),
                *scope == Scope::TracksRead
            );
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
    }
}
