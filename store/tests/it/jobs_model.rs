//! Random walks through the state machine of jobs, beside a model of it that fits on two pages.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use store::jobs::{self, Renewal};
use store::testing::TestStore;
use store::{JobId, JobKind, JobState, Lease, TrackId, tracks};

use crate::jobs::{analyzed, claim};

on_both_databases! {
    walks_like_its_model,
}

const N_WALKS: u64 = 12;
const N_STEPS: usize = 60;
const LEASE_S: u64 = 15;
const MAX_CRASHES: i64 = 3;
const MAX_LOST: i64 = 10;
const MAX_RETRIES: i64 = 12;
/// Longer than any delay: the model does not know the jitter.
const LONG_S: u64 = 2000;

/// What the model knows of a job. Times are seconds.
#[derive(Debug, Clone)]
struct Model {
    kind: JobKind,
    track: TrackId,
    state: JobState,
    attempts: i64,
    crashes: i64,
    lost: i64,
    retries: i64,
    fence: i64,
    cancel: bool,
    lease_until: u64,
    delayed: bool,
}

impl Model {
    fn new(kind: JobKind, track: TrackId) -> Self {
        let state = JobState::Queued;
        let (attempts, crashes, lost, retries, fence, lease_until) = (0, 0, 0, 0, 0, 0);
        let (cancel, delayed) = (false, false);
        Self {
            kind,
            track,
            state,
            attempts,
            crashes,
            lost,
            retries,
            fence,
            cancel,
            lease_until,
            delayed,
        }
    }

    fn holds(&self, fence: i64) -> bool {
        self.state == JobState::Running && self.fence == fence
    }

    /// A try ended without a result: `n` of `max`.
    fn again(&mut self, n: i64, max: i64, delayed: bool) {
        self.delayed = delayed;
        self.state = match () {
            () if self.cancel => JobState::Cancelled,
            () if n >= max => JobState::Dead,
            () => JobState::Queued,
        };
    }
}

struct Walk {
    test: TestStore,
    random: StdRng,
    now_s: u64,
    jobs: BTreeMap<JobId, Model>,
    leases: Vec<Lease>,
    n_uploads: u64,
}

async fn walks_like_its_model(test: TestStore) {
    let mut walk = Walk {
        test,
        random: StdRng::seed_from_u64(0),
        now_s: 0,
        jobs: BTreeMap::new(),
        leases: Vec::new(),
        n_uploads: 0,
    };
    for seed in 0..N_WALKS {
        walk.random = StdRng::seed_from_u64(seed);
        for step in 0..N_STEPS {
            let done = walk.step().await;
            walk.compare(&format!("seed {seed}, step {step}: {done}")).await;
        }
        walk.clear().await;
    }
}

impl Walk {
    async fn step(&mut self) -> String {
        match self.random.random_range(0..100) {
            0..12 => self.upload().await,
            12..40 => self.claim().await,
            40..50 => self.pass(),
            50..60 => self.sweep().await,
            60..66 => self.cancel().await,
            66..69 => self.delete().await,
            _ => self.finish().await,
        }
    }

    async fn upload(&mut self) -> String {
        self.n_uploads += 1;
        let created = self.test.upload(&self.n_uploads.to_be_bytes()).await;
        let id = created.job.unwrap().id;
        self.jobs.insert(id, Model::new(JobKind::AnalyzeTrack, created.track.id));
        format!("upload {id}")
    }

    async fn claim(&mut self) -> String {
        let Some(lease) = claim(&self.test).await else {
            let due = self.jobs.values().find(|job| job.state == JobState::Queued && !job.delayed);
            assert!(due.is_none(), "a due job was not given: {due:?}");
            return "claim nothing".into();
        };
        // The analysis of a track goes before any matching that is due.
        if lease.job.kind == JobKind::MatchTrack {
            assert!(!self.jobs.values().any(|job| {
                job.kind == JobKind::AnalyzeTrack && job.state == JobState::Queued && !job.delayed
            }));
        }
        let now_s = self.now_s;
        let job = self.jobs.get_mut(&lease.job.id).unwrap();
        assert_eq!(job.state, JobState::Queued);
        job.state = JobState::Running;
        job.attempts += 1;
        job.fence += 1;
        job.lease_until = now_s + LEASE_S;
        assert_eq!(lease.fence, job.fence);
        let text = format!("claim {}", lease.job.id);
        self.leases.push(lease);
        text
    }

    /// Past every delay and every lease.
    fn pass(&mut self) -> String {
        self.test.advance(Duration::from_secs(LONG_S));
        self.now_s += LONG_S;
        self.jobs.values_mut().for_each(|job| job.delayed = false);
        "time passes".into()
    }

    async fn sweep(&mut self) -> String {
        let now_s = self.now_s;
        let mut n_lost = 0;
        for job in self.jobs.values_mut() {
            if job.state == JobState::Running && job.lease_until < now_s {
                job.lost += 1;
                n_lost += 1;
                job.again(job.lost, MAX_LOST, false);
            }
        }
        assert_eq!(jobs::sweep(&self.test.store).await.unwrap().n_lost, n_lost);
        format!("sweep {n_lost}")
    }

    async fn cancel(&mut self) -> String {
        let ids: Vec<_> = self.jobs.keys().copied().collect();
        let Some(id) = ids.choose(&mut self.random) else { return "cancel nothing".into() };
        jobs::cancel(&self.test.store, self.test.owner, *id).await.unwrap().unwrap();
        let job = self.jobs.get_mut(id).unwrap();
        match job.state {
            JobState::Queued => (job.state, job.cancel) = (JobState::Cancelled, true),
            JobState::Running => job.cancel = true,
            _ => (),
        }
        format!("cancel {id}")
    }

    async fn delete(&mut self) -> String {
        let tracks: Vec<_> = self.jobs.values().map(|job| job.track).collect();
        let Some(id) = tracks.choose(&mut self.random) else { return "delete nothing".into() };
        tracks::delete(&self.test.store, self.test.owner, *id).await.unwrap();
        for job in self.jobs.values_mut().filter(|job| job.track == *id && !job.state.is_final()) {
            job.state = JobState::Cancelled;
            job.cancel = true;
            job.fence += 1;
        }
        format!("delete {id}")
    }

    /// Ends, renews or gives back any lease there ever was: most of them are stale.
    async fn finish(&mut self) -> String {
        let Some(lease) = self.leases.choose(&mut self.random).cloned() else {
            return "finish nothing".into();
        };
        let store = &self.test.store;
        let now_s = self.now_s;
        let job = self.jobs.get_mut(&lease.job.id).unwrap();
        let held = job.holds(lease.fence);
        let what = self.random.random_range(0..7);
        let done = match what {
            0 => {
                let renewal = jobs::renew(store, &lease, 0.5).await.unwrap();
                let expected = match () {
                    () if held && job.cancel => Renewal::Cancel,
                    () if held => Renewal::Held,
                    () if job.state == JobState::Cancelled && job.fence == lease.fence + 1 => {
                        Renewal::Cancel
                    }
                    () => Renewal::Lost,
                };
                assert_eq!(renewal, expected);
                held
            }
            1 if lease.job.kind == JobKind::AnalyzeTrack => {
                jobs::complete_analysis(store, &lease, analyzed()).await.unwrap()
            }
            1 => jobs::complete_match(store, &lease, 5, 0, Vec::new()).await.unwrap(),
            2 => jobs::fail(store, &lease, "bad_media", "").await.unwrap(),
            3 => jobs::crash(store, &lease, "").await.unwrap(),
            4 => jobs::retry_later(store, &lease, "io", "").await.unwrap(),
            5 => jobs::cancelled(store, &lease).await.unwrap(),
            _ => jobs::release(store, &lease).await.unwrap(),
        };
        assert_eq!(done, held, "action {what}");
        if held {
            match what {
                0 => job.lease_until = now_s + LEASE_S,
                1 => {
                    job.state = JobState::Succeeded;
                    let (track, kind) = (job.track, job.kind);
                    if kind == JobKind::AnalyzeTrack {
                        self.expect_matching(track).await;
                    }
                }
                2 => job.state = JobState::Failed,
                3 => {
                    job.crashes = lease.job.crashes + 1;
                    job.again(job.crashes, MAX_CRASHES, true);
                }
                4 => {
                    job.retries = lease.job.retries + 1;
                    job.again(job.retries, MAX_RETRIES, true);
                }
                5 => job.state = JobState::Cancelled,
                _ => {
                    job.attempts -= 1;
                    job.again(0, 1, false);
                }
            }
        }
        format!("action {what} on {} ({held})", lease.job.id)
    }

    /// A finished analysis queues a matching, whose id only the store knows.
    async fn expect_matching(&mut self, track: TrackId) {
        let query = jobs::JobQuery {
            state: Some(JobState::Queued),
            kind: Some(JobKind::MatchTrack),
            track: Some(track),
            run: None,
            after: None,
            limit: 10,
        };
        let page = jobs::list(&self.test.store, self.test.owner, query).await.unwrap();
        assert_eq!(page.items.len(), 1);
        self.jobs.insert(page.items[0].id, Model::new(JobKind::MatchTrack, track));
    }

    async fn compare(&self, context: &str) {
        for (id, model) in &self.jobs {
            let job = jobs::get(&self.test.store, self.test.owner, *id).await.unwrap().unwrap();
            let actual = (job.state, job.attempts, job.crashes, job.lost, job.retries);
            let expected = (model.state, model.attempts, model.crashes, model.lost, model.retries);
            assert_eq!(actual, expected, "{context}; job {id}");
            assert_eq!(job.cancel_requested, model.cancel, "{context}; job {id}");
            assert_eq!(job.finished_at.is_some(), job.state.is_final(), "{context}; job {id}");
        }
    }

    async fn clear(&mut self) {
        let tracks: Vec<_> = self.jobs.values().map(|job| job.track).collect();
        for id in tracks {
            tracks::delete(&self.test.store, self.test.owner, id).await.unwrap();
        }
        self.jobs.clear();
        self.leases.clear();
    }
}
