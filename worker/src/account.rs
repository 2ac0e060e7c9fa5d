//! What the job at hand takes, noted as it is taken.
//!
//! The account of a job goes with its task, so that whatever the job does finds it without being handed it. Outside of a job nothing is noted.
//!
//! CPU time of children is what the system says of them. That of work beside the async threads ([`crate::compute()`]) is a share: threads of one pool work on
//! several jobs by turns, so what the process uses is divided equally among the jobs that compute at the moment.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use store::JobKind;
use store::jobs::{Meter, Stage, StageTime};

use crate::child::{StageTime as ChildTime, Stages};

tokio::task_local! {
    static ACCOUNT: Account;
}

/// The account of one attempt at a job.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    meter: Meter,
    price_per_cpu_s: f64,
    /// What it is when the job computes.
    computing: Stage,
}

impl Account {
    /// An account that notes on `meter`. Without a price (0) nothing costs.
    pub(crate) fn new(meter: Meter, kind: JobKind, price_per_cpu_s: f64) -> Self {
        let computing = match kind {
            // All else that an analysis computes, its children do.
            JobKind::AnalyzeTrack => Stage::Write,
            _ => Stage::Matching,
        };
        let account = Self { meter, price_per_cpu_s, computing };
        account.cpu(Duration::ZERO);
        account
    }

    /// Runs a job on this account.
    pub(crate) async fn of<T>(self, job: impl Future<Output = T>) -> T {
        ACCOUNT.scope(self, job).await
    }

    /// The account of the job that runs here, if one does.
    pub(crate) fn current() -> Option<Self> {
        ACCOUNT.try_with(Clone::clone).ok()
    }

    /// Adds time of the processor.
    pub(crate) fn cpu(&self, cpu: Duration) {
        self.meter.note(|usage| {
            usage.cpu += cpu;
            usage.cost_nanos = cost_nanos(usage.cpu, self.price_per_cpu_s);
        });
    }

    /// Adds bytes that were fetched, since `start`.
    pub(crate) fn fetched(&self, n_bytes: u64, start: Instant) {
        let time = StageTime { wall_s: start.elapsed().as_secs_f64(), cpu_s: None };
        self.meter.note(|usage| {
            usage.n_bytes += n_bytes;
            usage.stages.add(Stage::Fetch, time);
        });
    }

    /// Notes what the children say of a recording of this length.
    pub(crate) fn analyzed(&self, duration_s: f64, stages: &Stages, has_models: bool) {
        let time = |time: ChildTime| StageTime { wall_s: time.wall_s, cpu_s: Some(time.cpu_s) };
        self.meter.note(|usage| {
            usage.audio = Duration::try_from_secs_f64(duration_s).ok();
            usage.stages.add(Stage::Decode, time(stages.decode));
            usage.stages.add(Stage::Analysis, time(stages.analysis));
            if has_models {
                usage.stages.add(Stage::Models, time(stages.models));
            }
        });
    }

    /// Adds what the job computes until the result is dropped.
    pub(crate) fn compute(self) -> Computing {
        Computing { id: SHARES.with(Shares::begin), start: Instant::now(), account: self }
    }
}

/// What so much time costs, in billionths; `None` without a price.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cost is above 0, and one that is too large stays at the largest number"
)]
fn cost_nanos(cpu: Duration, price_per_cpu_s: f64) -> Option<u64> {
    (price_per_cpu_s > 0.0).then(|| (cpu.as_secs_f64() * price_per_cpu_s * 1e9).round() as u64)
}

/// A job that computes.
#[derive(Debug)]
pub(crate) struct Computing {
    id: u64,
    start: Instant,
    account: Account,
}

impl Drop for Computing {
    fn drop(&mut self) {
        let cpu = SHARES.with(|shares, now| shares.end(self.id, now));
        self.account.cpu(cpu);
        let (wall_s, cpu_s) = (self.start.elapsed().as_secs_f64(), Some(cpu.as_secs_f64()));
        let stage = self.account.computing;
        self.account.meter.note(|usage| usage.stages.add(stage, StageTime { wall_s, cpu_s }));
    }
}

/// Divides the CPU time of the process among those who compute.
static SHARES: Clocked = Clocked(Mutex::new(Shares::new()));

struct Clocked(Mutex<Shares>);

impl Clocked {
    fn with<T>(&self, act: impl FnOnce(&mut Shares, Duration) -> T) -> T {
        let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock, so that it only rises from one to the next.
        let now = Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default();
        act(&mut shares, now)
    }
}

#[derive(Debug)]
struct Shares {
    last: Duration,
    n_begun: u64,
    used: BTreeMap<u64, Duration>,
}

impl Shares {
    const fn new() -> Self {
        Self { last: Duration::ZERO, n_begun: 0, used: BTreeMap::new() }
    }

    /// Gives what was used since the last time to those who computed then.
    fn divide(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.last);
        self.last = now;
        let n = u32::try_from(self.used.len()).unwrap_or(u32::MAX);
        if let Some(share) = passed.checked_div(n) {
            self.used.values_mut().for_each(|used| *used += share);
        }
    }

    fn begin(&mut self, now: Duration) -> u64 {
        self.divide(now);
        self.n_begun += 1;
        self.used.insert(self.n_begun, Duration::ZERO);
        self.n_begun
    }

    fn end(&mut self, id: u64, now: Duration) -> Duration {
        self.divide(now);
        self.used.remove(&id).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_compute_at_once_share_what_is_used() {
        let mut shares = Shares::new();
        let at = Duration::from_secs;
        let a = shares.begin(at(10));
        let b = shares.begin(at(14));
        assert_eq!(shares.end(a, at(20)), at(4 + 3));
        let c = shares.begin(at(21));
        assert_eq!(shares.end(b, at(21)), at(3 + 1));
        assert_eq!(shares.end(c, at(22)), at(1));
        // What is used while nobody computes is nobody's.
        let d = shares.begin(at(100));
        assert_eq!(shares.end(d, at(100)), at(0));
    }

    #[test]
    fn time_costs_what_the_price_says() {
        let cpu = Duration::from_millis(1500);
        assert_eq!(cost_nanos(cpu, 0.0), None);
        assert_eq!(cost_nanos(cpu, 0.000_011), Some(16_500));
        assert_eq!(cost_nanos(Duration::ZERO, 2.0), Some(0));
    }

    #[tokio::test]
    async fn work_beside_the_async_threads_is_noted_on_the_job() {
        let meter = Meter::default();
        let account = Account::new(meter.clone(), JobKind::MatchTrack, 2.0);
        let spin = || {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(20) {}
        };
        account.of(async { crate::compute(spin).await.unwrap() }).await;
        crate::compute(spin).await.unwrap();
        let usage = meter.read();
        assert!(usage.cpu > Duration::ZERO && usage.cost_nanos > Some(0), "{usage:?}");
    }
}
