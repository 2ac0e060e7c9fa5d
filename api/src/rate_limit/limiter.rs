//! One limit: so many requests for each caller.

use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter};

use super::config::Rate;
use super::table::Table;

/// One limit, for each caller by itself.
///
/// The algorithm is GCRA (ITU-T I.371, annex A): a bucket of `burst` requests that fills up by one each interval, kept as one time for each caller.
#[derive(Debug)]
pub(crate) struct Limiter<C: Clock = MonotonicClock> {
    /// What it is called in headers and metrics.
    name: &'static str,
    quota: Quota,
    clock: C,
    gcra: RateLimiter<u128, Table, C, StateInformationMiddleware>,
}

/// How a caller stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The limit.
    pub(crate) name: &'static str,
    /// Requests at once after a rest.
    pub(crate) n_burst: u32,
    /// In how many seconds an empty bucket is full.
    pub(crate) window_s: u64,
    /// Requests that would be answered now.
    pub(crate) n_left: u32,
    /// In how many seconds the bucket is full, or after a refusal, in how many another request will be answered.
    pub(crate) reset_s: u64,
}

impl Limiter {
    /// `None` where there is no limit.
    pub(super) fn new(name: &'static str, rate: Rate) -> Option<Self> {
        Self::with_clock(name, rate, MonotonicClock)
    }
}

impl<C: Clock + Clone> Limiter<C> {
    fn with_clock(name: &'static str, rate: Rate, clock: C) -> Option<Self> {
        let quota = rate.quota()?;
        let table = Table::new(quota.replenish_interval());
        let gcra = RateLimiter::new(quota, table, clock.clone());
        Some(Self { name, quota, clock, gcra })
    }

    /// Counts a request, unless it is one too many.
    ///
    /// # Errors
    ///
    /// How the caller stands when this one is refused.
    pub(super) fn count(&self, caller: u128) -> Result<Standing, Standing> {
        match self.gcra.check_key(&caller) {
            Ok(state) => {
                let n_left = state.remaining_burst_capacity();
                let n_missing = self.quota.burst_size().get() - n_left;
                Ok(self.standing(n_left, self.quota.replenish_interval() * n_missing))
            }
            Err(refusal) => Err(self.standing(0, refusal.wait_time_from(self.clock.now()))),
        }
    }

    fn standing(&self, n_left: u32, reset: Duration) -> Standing {
        Standing {
            name: self.name,
            n_burst: self.quota.burst_size().get(),
            window_s: whole_seconds(self.quota.burst_size_replenished_in()),
            n_left,
            reset_s: whole_seconds(reset),
        }
    }
}

/// Rounded up, so that nobody comes too early; one second at least.
fn whole_seconds(duration: Duration) -> u64 {
    (duration.as_secs() + u64::from(duration.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;
    use proptest::prelude::*;

    use super::super::table::MAX_CALLERS;
    use super::*;

    fn limiter(per_min: u32, burst: u32) -> (Limiter<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        // The state of a caller at the very beginning of the clock cannot be told from none.
        clock.advance(Duration::from_secs(1));
        let limiter = Limiter::with_clock("test", Rate { per_min, burst }, clock.clone()).unwrap();
        (limiter, clock)
    }

    #[test]
    fn a_burst_is_answered_and_then_one_for_each_interval() {
        let (limiter, clock) = limiter(60, 5);
        for n_left in (0..5).rev() {
            let standing = limiter.count(1).unwrap();
            assert_eq!((standing.n_left, standing.reset_s), (n_left, 5 - u64::from(n_left)));
            assert_eq!((standing.n_burst, standing.window_s), (5, 5));
        }
        let refused = limiter.count(1).unwrap_err();
        assert_eq!((refused.n_left, refused.reset_s), (0, 1));
        // A refusal costs nothing.
        clock.advance(Duration::from_millis(999));
        assert_eq!(limiter.count(1).unwrap_err().reset_s, 1);
        clock.advance(Duration::from_millis(1));
        assert_eq!(limiter.count(1).unwrap().n_left, 0);
        assert!(limiter.count(1).is_err());
        // Others have theirs.
        assert_eq!(limiter.count(2).unwrap().n_left, 4);
    }

    #[test]
    fn what_a_refusal_says_is_true() {
        let (limiter, clock) = limiter(7, 1);
        limiter.count(1).unwrap();
        let wait_s = limiter.count(1).unwrap_err().reset_s;
        // Sixty seconds in sevenths, rounded up.
        assert_eq!(wait_s, 9);
        clock.advance(Duration::from_secs(wait_s - 1));
        assert!(limiter.count(1).is_err());
        clock.advance(Duration::from_secs(1));
        assert!(limiter.count(1).is_ok());
    }

    proptest! {
        /// The oracle is a bucket that is filled step by step: `burst` at first, one more each interval, never above `burst`.
        #[test]
        fn as_many_are_answered_as_a_bucket_holds(
            per_min in 1_u32..100_000,
            burst in 1_u32..50,
            pauses_us in prop::collection::vec(0_u64..3_000_000, 1..200),
        ) {
            let (limiter, clock) = limiter(per_min, burst);
            let interval_ns = 60_000_000_000 / u128::from(per_min);
            let full_ns = interval_ns * u128::from(burst);
            let mut bucket_ns = full_ns;
            for pause_us in pauses_us {
                clock.advance(Duration::from_micros(pause_us));
                bucket_ns = full_ns.min(bucket_ns + u128::from(pause_us) * 1000);
                let is_answered = bucket_ns >= interval_ns;
                if is_answered {
                    bucket_ns -= interval_ns;
                }
                let outcome = limiter.count(1);
                prop_assert_eq!(outcome.is_ok(), is_answered);
                if let Ok(standing) = outcome {
                    prop_assert_eq!(u128::from(standing.n_left), bucket_ns / interval_ns);
                }
            }
        }
    }

    /// The figure: whoever asks 20 times as often as allowed for ten minutes is answered within 5 % as often as allowed.
    #[test]
    fn the_long_run_is_exact() {
        for (per_min, burst) in [(30, 60), (600, 10), (30_000, 1000)] {
            let (limiter, clock) = limiter(per_min, burst);
            let step = Duration::from_mins(1) / per_min / 20;
            let n_asked = u64::from(per_min) * 20 * 10;
            let n_answered = (0..n_asked).filter(|_| {
                clock.advance(step);
                limiter.count(1).is_ok()
            });
            let n_answered = f64::from(u32::try_from(n_answered.count()).unwrap());
            let n_allowed = f64::from(per_min) * 10.0 + f64::from(burst);
            assert!((n_answered / n_allowed - 1.0).abs() < 0.05, "{n_answered} of {n_allowed}");
        }
    }

    #[test]
    fn a_crowd_neither_fills_the_memory_nor_frees_who_is_limited() {
        let (limiter, clock) = limiter(1, 2);
        // An id as addresses and tokens have them, far above the places that are shared.
        let waiting = 1 << 40;
        assert!(limiter.count(waiting).is_ok() && limiter.count(waiting).is_ok());
        let crowd = || (1_u128 << 32..).take(MAX_CALLERS + 5000);
        let n_refused = crowd().filter(|caller| limiter.count(*caller).is_err()).count();
        // What did not fit into the table shared 1024 places of two requests each.
        assert_eq!(n_refused, 5001 - 2 * 1024);
        assert!(limiter.count(waiting).is_err());
        // Who has rested is forgotten, and then there is room.
        clock.advance(Duration::from_mins(10));
        assert!(crowd().take(MAX_CALLERS).all(|caller| limiter.count(caller).is_ok()));
        assert!(limiter.gcra.into_state_store().len() <= MAX_CALLERS + 1024);
    }
}
