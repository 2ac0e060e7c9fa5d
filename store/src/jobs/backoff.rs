//! How long to wait before the next try.

use sha2::{Digest, Sha256};

use crate::{JobId, QueueConfig};

/// A delay is up to this part longer than the rule says, so that jobs that failed together do not come back together.
const JITTER: f64 = 0.25;

/// Microseconds before try number `n` (from 1): growing to the longest delay, then jittered.
///
/// The jitter is a hash of job and try, not a random number: the same each time, different for each job.
pub(super) fn delay_us(config: &QueueConfig, id: JobId, n: i64) -> i64 {
    let exponent = i32::try_from((n - 1).clamp(0, 64)).unwrap_or(64);
    let delay_s =
        (config.backoff_first_s * config.backoff_factor.powi(exponent)).min(config.backoff_max_s);
    let digest = Sha256::new()
        .chain_update(id.as_u128().to_be_bytes())
        .chain_update(n.to_be_bytes())
        .finalize();
    let fraction = f64::from(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]))
        / f64::from(u32::MAX);
    seconds_to_us(delay_s * (1.0 + JITTER * fraction))
}

fn seconds_to_us(seconds: f64) -> i64 {
    std::time::Duration::try_from_secs_f64(seconds)
        .map_or(i64::MAX / 4, crate::clock::duration_to_us)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn grows_by_half_at_least_until_the_cap(id: u128, n in 1_i64..8) {
            let config = QueueConfig::default();
            let id = JobId::from_u128(id);
            let (this, next) = (delay_us(&config, id, n), delay_us(&config, id, n + 1));
            // Factor 2, and the earlier delay may be jittered up by a quarter: 2 / 1.25 = 1.6.
            prop_assert!(next * 10 >= this * 15, "{this} then {next}");
            prop_assert!(this >= 1_000_000);
        }

        #[test]
        fn never_passes_the_cap_by_more_than_the_jitter(id: u128, n in 1_i64..i64::MAX) {
            let config = QueueConfig::default();
            let delay = delay_us(&config, JobId::from_u128(id), n);
            prop_assert!(delay <= seconds_to_us(config.backoff_max_s * (1.0 + JITTER)));
        }
    }

    #[test]
    fn jobs_that_failed_together_come_back_apart() {
        let config = QueueConfig::default();
        let mut delays: Vec<_> =
            (0..100).map(|id| delay_us(&config, JobId::from_u128(id), 1)).collect();
        delays.sort_unstable();
        delays.dedup();
        assert_eq!(delays.len(), 100);
    }
}
