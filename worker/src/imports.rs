//! Settings of imports, which are those of the API: what users may bring is said in one place.

use fetch::Names;
use store::Quota;

/// Settings of imports. Without them none are run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imports {
    /// Where recordings may be fetched from, and whether.
    pub fetch: fetch::Config,
    /// Largest recording, in bytes.
    pub max_bytes: u64,
    /// What the installation allows a user for whom nothing else was set.
    pub quota: Quota,
    /// Who knows the addresses of hosts.
    pub names: Names,
}

impl Imports {
    /// Imports that run at once: none where they are off.
    pub(crate) fn n_slots(&self) -> usize {
        if self.fetch.enabled { self.fetch.max_at_once } else { 0 }
    }
}
