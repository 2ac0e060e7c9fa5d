//! Time on the clock and of the processor.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use super::StageTime;

/// A point in both times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    wall: Instant,
    cpu: Duration,
    clock: ClockId,
}

impl Moment {
    /// Now, counting the time of this thread alone.
    pub(super) fn of_thread() -> Self {
        Self::of(ClockId::ThreadCPUTime)
    }

    /// Now, counting the time of all threads; of this one where there is no other, because under a CPU limit the
    /// kernel counts the process' time in ticks only.
    pub(super) fn of_all_threads() -> Self {
        let is_alone = rayon::current_num_threads() == 1;
        Self::of(if is_alone { ClockId::ThreadCPUTime } else { ClockId::ProcessCPUTime })
    }

    fn of(clock: ClockId) -> Self {
        let cpu = Duration::try_from(clock_gettime(clock)).unwrap_or_default();
        Self { wall: Instant::now(), cpu, clock }
    }

    /// What passed since, up to now.
    pub(super) fn passed(&self) -> StageTime {
        let now = Self::of(self.clock);
        StageTime {
            wall_s: now.wall.duration_since(self.wall).as_secs_f64(),
            cpu_s: now.cpu.saturating_sub(self.cpu).as_secs_f64(),
        }
    }

    /// Adds what passed since this moment to `time`, and moves on to now.
    pub(super) fn add_to(&mut self, time: &mut StageTime) {
        let passed = self.passed();
        time.wall_s += passed.wall_s;
        time.cpu_s += passed.cpu_s;
        *self = Self::of(self.clock);
    }
}
