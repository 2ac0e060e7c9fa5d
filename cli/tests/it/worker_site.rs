//! Workers as processes of their own, on a store that the test can look into.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use secrecy::ExposeSecret;
use store::jobs::{self, JobQuery};
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::{BlobsConfig, Job, JobId, JobKind, QueueConfig, TrackId};
use tokio::process::{Child, Command};

use crate::service::{DEADLINE, consort};

/// A lease that is over soon, so that a killed worker's jobs go on within the test; but a disk that others write to
/// can hold a renewal up for seconds.
pub(crate) const LEASE: Duration = Duration::from_secs(8);

/// A store, and the settings with which `consort work` finds it.
pub(crate) struct Site {
    pub(crate) test: TestStore,
    variables: Vec<(String, String)>,
}

impl Site {
    /// `settings` are keys below `CONSORT__WORKER__`.
    pub(crate) async fn new(
        database: DatabaseKind,
        blobs: BlobKind,
        settings: &[(&str, &str)],
    ) -> Self {
        let queue = QueueConfig {
            lease_s: LEASE.as_secs(),
            poll_ms: 50,
            max_lost: 100,
            backoff_first_s: 0.05,
            backoff_max_s: 0.2,
            ..QueueConfig::default()
        };
        let test = TestStore::with_system_clock(database, blobs, queue).await;
        let mut variables = store_variables(&test);
        for (name, value) in [("SWEEP_S", "1"), ("CONCURRENCY", "2")].iter().chain(settings) {
            variables.push((format!("CONSORT__WORKER__{name}"), (*value).to_owned()));
        }
        Self { test, variables }
    }

    /// The embedded shape's store.
    pub(crate) async fn embedded(settings: &[(&str, &str)]) -> Self {
        Self::new(DatabaseKind::Sqlite, BlobKind::Local, settings).await
    }

    /// The program with the settings of this site.
    pub(crate) fn consort(&self) -> Command {
        consort(&self.variables)
    }

    /// Starts `consort work`.
    pub(crate) fn worker(&self) -> Worker {
        let process =
            self.consort().arg("work").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let pid = Pid::from_raw(process.id().unwrap().cast_signed()).unwrap();
        Worker { process, pid }
    }

    /// Uploads two seconds of a tone that no other recording of the test has.
    pub(crate) async fn upload_tone(&self, n: u16) -> (TrackId, JobId) {
        self.upload(&tone(n)).await
    }

    pub(crate) async fn upload(&self, bytes: &[u8]) -> (TrackId, JobId) {
        let created = self.test.upload(bytes).await;
        (created.track.id, created.job.unwrap().id)
    }

    pub(crate) async fn job(&self, id: JobId) -> Job {
        jobs::get(&self.test.store, self.test.owner, id).await.unwrap().unwrap()
    }

    pub(crate) async fn jobs_of(&self, track: TrackId, kind: JobKind) -> Vec<Job> {
        let query = JobQuery {
            state: None,
            kind: Some(kind),
            track: Some(track),
            run: None,
            after: None,
            limit: 100,
        };
        jobs::list(&self.test.store, self.test.owner, query).await.unwrap().items
    }

    /// The job, once it is as asked for.
    pub(crate) async fn job_when(&self, id: JobId, is_so: impl Fn(&Job) -> bool) -> Job {
        let start = Instant::now();
        loop {
            let job = self.job(id).await;
            if is_so(&job) {
                return job;
            }
            assert!(start.elapsed() < DEADLINE, "still {job:?}");
            pause().await;
        }
    }

    pub(crate) async fn ended(&self, id: JobId) -> Job {
        self.job_when(id, |job| job.state.is_final()).await
    }

    /// The track's matching, once it has ended.
    pub(crate) async fn matched(&self, track: TrackId) -> Job {
        let jobs = self.jobs_of(track, JobKind::MatchTrack).await;
        let [job] = jobs.as_slice() else { panic!("one matching: {jobs:?}") };
        self.ended(job.id).await
    }
}

/// The environment in which the program opens the same store.
fn store_variables(test: &TestStore) -> Vec<(String, String)> {
    let mut list = vec![
        ("DATABASE__URL", test.config.database.url.expose_secret().to_owned()),
        ("QUEUE__LEASE_S", test.config.queue.lease_s.to_string()),
        ("QUEUE__POLL_MS", test.config.queue.poll_ms.to_string()),
        ("QUEUE__MAX_LOST", test.config.queue.max_lost.to_string()),
        ("QUEUE__BACKOFF_FIRST_S", test.config.queue.backoff_first_s.to_string()),
        ("QUEUE__BACKOFF_MAX_S", test.config.queue.backoff_max_s.to_string()),
    ];
    match &test.config.blobs {
        BlobsConfig::Local { path } => {
            list.push(("BLOBS__KIND", "local".into()));
            list.push(("BLOBS__PATH", path.display().to_string()));
        }
        BlobsConfig::S3(s3) => {
            list.push(("BLOBS__KIND", "s3".into()));
            list.push(("BLOBS__ENDPOINT", s3.endpoint.clone()));
            list.push(("BLOBS__REGION", s3.region.clone()));
            list.push(("BLOBS__BUCKET", s3.bucket.clone()));
            list.push(("BLOBS__ACCESS_KEY", s3.access_key.expose_secret().to_owned()));
            list.push(("BLOBS__SECRET_KEY", s3.secret_key.expose_secret().to_owned()));
        }
    }
    list.into_iter().map(|(name, value)| (format!("CONSORT__STORE__{name}"), value)).collect()
}

/// A running `consort work`. Killed when dropped.
pub(crate) struct Worker {
    process: Child,
    pid: Pid,
}

impl Worker {
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Whether it is still the process that was started.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Waits for its end; whether it ended well.
    pub(crate) async fn ended(&mut self) -> bool {
        tokio::time::timeout(DEADLINE, self.process.wait()).await.unwrap().unwrap().success()
    }

    /// Its children that are not dead.
    pub(crate) fn children(&self) -> BTreeSet<i32> {
        let pid = self.pid.as_raw_nonzero().get();
        processes()
            .into_iter()
            .filter(|p| p.parent == pid && p.state != 'Z')
            .map(|p| p.id)
            .collect()
    }

    /// Stops the worker, then its children, so that nothing moves while the test looks. The children that live.
    pub(crate) async fn freeze(&self) -> BTreeSet<i32> {
        self.signal(Signal::STOP);
        stopped(self.pid.as_raw_nonzero().get()).await;
        let children = self.children();
        for &child in &children {
            let _ = kill_process(Pid::from_raw(child).unwrap(), Signal::STOP);
            stopped(child).await;
        }
        children.into_iter().filter(|&child| state(child) == Some('T')).collect()
    }

    /// Lets everything go on.
    pub(crate) fn thaw(&self) {
        for child in self.children() {
            let _ = kill_process(Pid::from_raw(child).unwrap(), Signal::CONT);
        }
        self.signal(Signal::CONT);
    }

    /// Whether this worker holds the job.
    pub(crate) fn holds(&self, job: &Job) -> bool {
        let mark = format!("-{}-", self.pid.as_raw_nonzero());
        job.lease_until.is_some() && job.worker.as_ref().is_some_and(|name| name.contains(&mark))
    }
}

struct Process {
    id: i32,
    parent: i32,
    state: char,
}

/// Everything that `/proc` knows.
fn processes() -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    entries.filter_map(|entry| process(entry.file_name().to_str()?.parse().ok()?)).collect()
}

fn process(id: i32) -> Option<Process> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name, in brackets, may hold anything.
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?.chars().next()?;
    Some(Process { id, state, parent: fields.next()?.parse().ok()? })
}

/// State of a process as `/proc` says it: T is stopped, Z is dead.
fn state(id: i32) -> Option<char> {
    process(id).map(|process| process.state)
}

/// Waits until a process is stopped or dead.
async fn stopped(id: i32) {
    until(|| matches!(state(id), None | Some('T' | 'Z')), "it stops").await;
}

/// Waits until processes are gone.
pub(crate) async fn gone(ids: &BTreeSet<i32>) {
    until(|| ids.iter().all(|&id| matches!(state(id), None | Some('Z'))), "they go").await;
}

/// Waits until something that only can be looked at is so.
pub(crate) async fn until(is_so: impl Fn() -> bool, what: &str) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < DEADLINE, "waited in vain until {what}");
        pause().await;
    }
}

/// Between two looks at another process, whose changes nobody announces.
pub(crate) async fn pause() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

/// Two seconds of a tone, as a WAV file.
pub(crate) fn tone(n: u16) -> Vec<u8> {
    let wave = fixtures::sine(200.0 + f64::from(n), 22_050, 44_100);
    fixtures::wav_i16(&wave, 22_050, 1)
}
