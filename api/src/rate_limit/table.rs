//! What the limits remember of each caller: one time, in a table that does not outgrow its bounds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::nanos::Nanos;
use governor::state::StateStore;

/// Callers that are remembered one by one: a table of 5 MB.
pub(super) const MAX_CALLERS: usize = 100_000;
/// When there are more, the others share this many places.
const N_SHARED: u128 = 1024;
/// How often a full table is looked through for what may be forgotten.
const SWEEP_INTERVAL_NS: u64 = 1_000_000_000;

/// For each caller the time until which its requests are paid for (the theoretical arrival time of the algorithm).
#[derive(Debug)]
pub(super) struct Table {
    entries: Mutex<Entries>,
    interval_ns: u64,
}

#[derive(Debug, Default)]
struct Entries {
    by_caller: HashMap<u128, Nanos>,
    swept_ns: u64,
}

impl Table {
    /// An empty table for a limit of one request each `interval` in the long run.
    pub(super) fn new(interval: Duration) -> Self {
        let interval_ns = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
        Self { entries: Mutex::default(), interval_ns }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Callers in the table.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries().by_caller.len()
    }
}

impl Entries {
    /// Forgets callers who have rested: who is not in the table is treated like them.
    fn sweep(&mut self, now_ns: u64) {
        let is_due =
            self.swept_ns == 0 || now_ns.saturating_sub(self.swept_ns) >= SWEEP_INTERVAL_NS;
        if is_due {
            self.by_caller.retain(|_, paid_until| paid_until.as_u64() > now_ns);
            self.swept_ns = now_ns.max(1);
        }
    }
}

impl StateStore for Table {
    type Key = u128;

    fn measure_and_replace<T, F, E>(&self, caller: &u128, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut entries = self.entries();
        if let Some(paid_until) = entries.by_caller.get_mut(caller) {
            let (outcome, next) = decide(Some(*paid_until))?;
            *paid_until = next;
            return Ok(outcome);
        }
        let (outcome, next) = decide(None)?;
        if entries.by_caller.len() >= MAX_CALLERS {
            // A first request is paid for until one interval from now.
            entries.sweep(next.as_u64().saturating_sub(self.interval_ns));
        }
        if entries.by_caller.len() < MAX_CALLERS {
            entries.by_caller.insert(*caller, next);
            return Ok(outcome);
        }
        // More callers at once than anybody has: strangers are taken together, and nobody who is known is forgotten for them.
        let place = shared(*caller);
        let (outcome, next) = decide(entries.by_caller.get(&place).copied())?;
        entries.by_caller.insert(place, next);
        Ok(outcome)
    }
}

/// Ids and addresses are far above the places that are shared.
fn shared(caller: u128) -> u128 {
    (caller ^ (caller >> 64)) % N_SHARED
}
