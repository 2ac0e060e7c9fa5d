//! CPU time of this process.

use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};

/// CPU seconds that all threads of this process have used.
#[expect(clippy::cast_precision_loss, reason = "an f64 counts nanoseconds for 104 days")]
pub fn cpu_s() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// Keeps everything that follows on the calling thread, so that what is measured is the work and not how it is shared.
/// Once in a process.
///
/// # Errors
///
/// When work has been shared before.
pub fn stay_on_this_thread() -> Result<(), rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global()
}

/// CPU seconds of several runs of one thing, ascending.
#[derive(Debug, Clone, PartialEq)]
pub struct Runs(Vec<f64>);

impl Runs {
    /// Runs `work` once to warm the caches and `n_runs` times for the record.
    ///
    /// # Panics
    ///
    /// When `n_runs` is 0.
    pub fn of<T>(n_runs: usize, mut work: impl FnMut() -> T) -> Self {
        assert!(n_runs > 0, "nothing was measured");
        black_box(work());
        let mut runs: Vec<f64> = (0..n_runs)
            .map(|_| {
                let start = cpu_s();
                black_box(work());
                cpu_s() - start
            })
            .collect();
        runs.sort_by(f64::total_cmp);
        Self(runs)
    }

    /// The run in the middle (the upper one of two).
    pub fn median_s(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    /// The fastest run.
    pub fn min_s(&self) -> f64 {
        self.0[0]
    }

    /// The slowest run.
    pub fn max_s(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_work_of_other_threads() {
        let spin = || {
            let start = cpu_s();
            while cpu_s() - start < 0.05 {}
        };
        let before = cpu_s();
        std::thread::spawn(spin).join().unwrap();
        assert!(cpu_s() - before >= 0.05);
    }

    #[test]
    fn the_median_lies_between_the_extremes() {
        let mut n = 0_u64;
        let runs = Runs::of(5, || {
            n += 1;
            (0..n * 10_000).map(black_box).sum::<u64>()
        });
        assert!(runs.min_s() <= runs.median_s() && runs.median_s() <= runs.max_s());
    }
}
