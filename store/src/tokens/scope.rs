//! What a token allows.

use crate::text_enum::text_enum;
use crate::{Error, Result};

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

/// Scopes as a row has them: their words, with spaces between.
pub(super) fn to_words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

pub(super) fn from_words(words: &str) -> Result<Vec<Scope>> {
    let inconsistent = |_| Error::Inconsistent { table: "tokens", column: "scopes" };
    words.split_ascii_whitespace().map(|word| word.parse().map_err(inconsistent)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survive_the_way_to_the_database_and_back() {
        assert_eq!(from_words(&to_words(Scope::ALL)).unwrap(), Scope::ALL);
        assert!(from_words("tracks:read nonsense").is_err());
    }
}
