//! Where the time comes from, and how it is stored.
//!
//! Times are stored as whole microseconds since 1970 (UTC) in a 64-bit integer: the same in both databases,
//! exact in comparisons and cursors. (Text in RFC 3339 sorts wrongly when trailing zeros are dropped, and the two
//! databases keep different precisions.)

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

/// The source of "now".
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The time of day. Transactions on PostgreSQL take it from the server, so that worker hosts need not agree.
    #[default]
    System,
    /// A clock that moves only when told, for tests.
    Manual(ManualClock),
}

impl Clock {
    /// The time now, in whole microseconds.
    pub fn now(&self) -> OffsetDateTime {
        us_to_time(self.now_us())
    }

    pub(crate) fn now_us(&self) -> i64 {
        match self {
            Self::System => {
                #[expect(clippy::disallowed_methods, reason = "this is the store's clock")]
                let now = SystemTime::now();
                let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
            }
            Self::Manual(clock) => clock.0.load(Ordering::SeqCst),
        }
    }
}

/// A clock that moves only when told. Clones share their time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at `time`.
    pub fn new(time: OffsetDateTime) -> Self {
        Self(Arc::new(AtomicI64::new(time_to_us(time))))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(duration_to_us(by), Ordering::SeqCst);
    }
}

/// Microseconds since 1970.
pub(crate) fn time_to_us(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1000)).unwrap_or(i64::MAX)
}

/// The time at `us` microseconds since 1970; beyond the calendar's range, its nearest end.
pub(crate) fn us_to_time(us: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(us) * 1000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Whole microseconds of a duration.
pub(crate) fn duration_to_us(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Whole seconds since 1970, rounded down.
pub(crate) fn us_to_seconds(us: i64) -> u64 {
    u64::try_from(us.div_euclid(1_000_000)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn survives_the_way_to_the_database_and_back() {
        for time in [datetime!(2026-02-03 04:05:06.789012 UTC), datetime!(1969-12-31 23:59:59 UTC)]
        {
            assert_eq!(us_to_time(time_to_us(time)), time);
        }
    }

    #[test]
    fn drops_what_is_below_a_microsecond() {
        let time = datetime!(2026-02-03 04:05:06.789012345 UTC);
        assert_eq!(us_to_time(time_to_us(time)), datetime!(2026-02-03 04:05:06.789012 UTC));
    }

    #[test]
    fn rounds_down_to_seconds() {
        assert_eq!(us_to_seconds(1_999_999), 1);
        assert_eq!(us_to_seconds(2_000_000), 2);
    }

    #[test]
    fn manual_clock_moves_only_when_told() {
        let manual = ManualClock::new(OffsetDateTime::UNIX_EPOCH);
        let clock = Clock::Manual(manual.clone());
        assert_eq!(clock.now(), clock.now());
        manual.advance(Duration::from_secs(5));
        assert_eq!(clock.now(), OffsetDateTime::UNIX_EPOCH + Duration::from_secs(5));
    }
}
