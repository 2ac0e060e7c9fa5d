//! A histogram of times with fixed buckets, each about a fifth wider than the one before.

/// Four bounds to the doubling, in microseconds from a millisecond on; whole numbers, so that all programs agree on them.
const FIRST_US: [i64; 4] = [1000, 1189, 1414, 1682];

/// Buckets with an upper bound: the last is at 41 days. What is longer goes into one more.
const N_BOUNDED: usize = 128;

/// How far a percentile may be from the truth, as a part of it: half a bucket. Up to a millisecond it may be half of one off.
pub const MAX_RELATIVE_ERROR: f64 = 0.091;

/// Largest time that belongs to a bucket, in microseconds; `None` of the last, which has no end.
pub(crate) fn bound_us(bucket: usize) -> Option<i64> {
    (bucket < N_BOUNDED).then(|| FIRST_US[bucket % 4] << (bucket / 4))
}

/// The bucket that a time belongs to.
pub(crate) fn bucket(time_us: i64) -> usize {
    let (mut low, mut high) = (0, N_BOUNDED);
    while low < high {
        let middle = usize::midpoint(low, high);
        if bound_us(middle).is_some_and(|bound| time_us > bound) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// How many times lie in each bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    sum_us: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; N_BOUNDED + 1], sum_us: 0 }
    }
}

impl Histogram {
    /// Adds `n` times of a bucket, with their sum.
    pub(crate) fn add(&mut self, bucket: usize, n: u64, sum_us: u64) {
        self.counts[bucket.min(N_BOUNDED)] += n;
        self.sum_us += sum_us;
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.sum_us += other.sum_us;
    }

    /// How many there are.
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All of them together, in seconds; exact.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of centuries are below 2^52")]
    pub fn sum_s(&self) -> f64 {
        self.sum_us as f64 / 1e6
    }

    /// The time in seconds that a share of them, 0 to 1, does not exceed (nearest rank): the geometric middle of the bucket where that one lies,
    /// which is off by [`MAX_RELATIVE_ERROR`] of it or half a millisecond at most. `None` if there are none.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of jobs and bounds in microseconds are below 2^52"
    )]
    pub fn percentile_s(&self, share: f64) -> Option<f64> {
        let n = self.n();
        if n == 0 {
            return None;
        }
        let rank = ((share.clamp(0.0, 1.0) * n as f64).ceil() as u64).max(1);
        let mut n_below = 0;
        let bucket = self.counts.iter().position(|count| {
            n_below += count;
            n_below >= rank
        })?;
        let low_us = bucket.checked_sub(1).and_then(bound_us).unwrap_or(0);
        let middle_us = match bound_us(bucket) {
            Some(high_us) if low_us > 0 => (low_us as f64 * high_us as f64).sqrt(),
            Some(high_us) => high_us as f64 / 2.0,
            None => low_us as f64,
        };
        Some(middle_us / 1e6)
    }

    /// How many are of `2^power` milliseconds at most: exact, because those are bounds of buckets.
    pub fn n_within_ms(&self, power: u32) -> u64 {
        let bucket = (power as usize * 4).min(N_BOUNDED);
        self.counts[..=bucket].iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(times_us: &[i64]) -> Histogram {
        let mut histogram = Histogram::default();
        for time_us in times_us {
            histogram.add(bucket(*time_us), 1, time_us.unsigned_abs());
        }
        histogram
    }

    proptest! {
        /// The oracle sorts all times and counts.
        #[test]
        fn percentiles_are_as_near_as_promised(
            exponents in prop::collection::vec(0.0_f64..12.0, 1..200),
            share in 0.0_f64..=1.0,
        ) {
            #[expect(clippy::cast_possible_truncation, reason = "10^12 is far below 2^63")]
            let mut times: Vec<i64> = exponents.iter().map(|it| 10_f64.powf(*it) as i64).collect();
            let found = of(&times).percentile_s(share).unwrap();
            times.sort_unstable();
            #[expect(
                clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss,
                reason = "a rank among 200"
            )]
            let rank = ((share * times.len() as f64).ceil() as usize).max(1);
            #[expect(clippy::cast_precision_loss, reason = "10^12 is far below 2^52")]
            let truth = times[rank - 1] as f64 / 1e6;
            let allowed = (truth * MAX_RELATIVE_ERROR).max(0.0005);
            prop_assert!((found - truth).abs() <= allowed, "{found} for {truth}");
        }

        #[test]
        fn a_time_lies_within_its_bucket(time_us in 0_i64..4_000_000_000_000) {
            let bucket = bucket(time_us);
            prop_assert!(bound_us(bucket).is_none_or(|bound| time_us <= bound));
            prop_assert!(bucket == 0 || bound_us(bucket - 1).unwrap() < time_us);
        }
    }

    #[test]
    fn bounds_double_every_four() {
        assert_eq!(
            (bound_us(0), bound_us(4), bound_us(40)),
            (Some(1000), Some(2000), Some(1_024_000))
        );
        assert_eq!(bound_us(N_BOUNDED), None);
        assert_eq!(bucket(i64::MAX), N_BOUNDED);
        assert_eq!((bucket(-5), bucket(0), bucket(1000), bucket(1001)), (0, 0, 0, 1));
    }

    #[test]
    fn counts_what_is_within_a_bound() {
        let histogram = of(&[16_000, 16_001, 1_024_000, 2_000_000]);
        assert_eq!([4, 5, 10, 11].map(|power| histogram.n_within_ms(power)), [1, 2, 3, 4]);
        assert_eq!((histogram.n(), histogram.sum_s()), (4, 3.056_001));
        assert_eq!(Histogram::default().percentile_s(0.5), None);
    }
}
