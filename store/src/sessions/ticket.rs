//! The refresh token.

use secrecy::SecretString;

use crate::secret::{N_CHARS, random_text, well_formed};
use crate::{Result, SessionId, Sha256};

const PREFIX: &str = "csr_";
const N_ID_CHARS: usize = 22;

/// A refresh token, taken apart.
pub(super) struct Ticket {
    pub(super) session_id: SessionId,
    /// The same in all refresh tokens of the session.
    family: String,
    /// Another in each.
    turn: String,
}

impl Ticket {
    /// The first of a session.
    pub(super) fn first(session_id: SessionId) -> Result<Self> {
        Ok(Self { session_id, family: random_text("", N_CHARS)?, turn: random_text("", N_CHARS)? })
    }

    /// The one after this.
    pub(super) fn next(&self) -> Result<Self> {
        let Self { session_id, family, .. } = self;
        let turn = random_text("", N_CHARS)?;
        Ok(Self { session_id: *session_id, family: family.clone(), turn })
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let rest = well_formed(text, PREFIX, N_ID_CHARS + 2 * N_CHARS)?;
        let (id, rest) = rest.split_at(N_ID_CHARS);
        let (family, turn) = rest.split_at(N_CHARS);
        let session_id = id.parse().ok()?;
        Some(Self { session_id, family: family.to_owned(), turn: turn.to_owned() })
    }

    pub(super) fn to_secret(&self) -> SecretString {
        let Self { session_id, family, turn } = self;
        format!("{PREFIX}{session_id}{family}{turn}").into()
    }

    pub(super) fn family_sha256(&self) -> Sha256 {
        Sha256::of(self.family.as_bytes())
    }

    pub(super) fn turn_sha256(&self) -> Sha256 {
        Sha256::of(self.turn.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn survives_the_way_to_the_client_and_back() {
        let first = Ticket::first(SessionId::from_u128(7)).unwrap();
        let second = first.next().unwrap();
        let read = Ticket::read(second.to_secret().expose_secret()).unwrap();
        assert_eq!(read.session_id, first.session_id);
        assert_eq!(read.family_sha256(), first.family_sha256());
        assert_eq!(read.turn_sha256(), second.turn_sha256());
        assert_ne!(read.turn_sha256(), first.turn_sha256());
        let text = second.to_secret();
        let text = text.expose_secret();
        for wrong in ["", "csr_", &text[1..], &text[..text.len() - 1], &text.replace("csr", "cst")]
        {
            assert!(Ticket::read(wrong).is_none(), "{wrong}");
        }
    }
}
