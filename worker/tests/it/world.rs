//! A store of its own, a worker on it, and the shell in the place of the child.

use std::time::{Duration, Instant};

use store::jobs::{self, JobQuery};
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::tracks::NewTrack;
use store::{Job, JobId, JobKind, QueueConfig, Store, Track, TrackId, UserId, Visibility, tracks};
use tempfile::NamedTempFile;
use tokio::task::JoinHandle;
use tokio::time::{Interval, interval};
use tokio_util::sync::CancellationToken;
use worker::child::{Line, Outcome, Sandbox, Stages};
use worker::{ChildConfig, Config, Program};

/// Far beyond what any of these tests needs.
const DEADLINE: Duration = Duration::from_mins(5);

/// What the stub child does is the first word of the recording.
const SCRIPT: &str = r#"read -r word rest
case "$word" in
    good) cat "$GOOD" ;;
    bad) echo '{"error":{"code":"bad_media","detail":"torn"}}' ;;
    crash) kill -SEGV $$ ;;
    big) exit 86 ;;
    shy) exit 87 ;;
    hang) echo '{"progress":0.25}'; exec sleep 1000 ;;
esac"#;

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) owner: UserId,
    pub(crate) config: Config,
    test: TestStore,
    _good: NamedTempFile,
}

impl World {
    pub(crate) async fn new(database: DatabaseKind) -> Self {
        let queue = QueueConfig {
            // A disk that others write to can hold a commit up for seconds.
            lease_s: 8,
            poll_ms: 20,
            max_retries: 4,
            backoff_first_s: 0.01,
            backoff_max_s: 0.05,
            ..QueueConfig::default()
        };
        let test = TestStore::with_system_clock(database, BlobKind::Local, queue).await;
        let good = NamedTempFile::new().unwrap();
        std::fs::write(&good, good_line()).unwrap();
        let script = SCRIPT.replace("$GOOD", good.path().to_str().unwrap());
        let program =
            Program { path: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] };
        let child = ChildConfig { program, ..ChildConfig::default() };
        let config = Config { concurrency: 2, sweep_s: 1, drain_s: 0, child, ..Config::default() };
        Self { store: test.store.clone(), owner: test.owner, config, test, _good: good }
    }

    /// Uploads a recording that makes the stub child do `words`.
    pub(crate) async fn upload(&self, words: &str) -> (Track, Job) {
        let created = self.test.upload(format!("{words}\n").as_bytes()).await;
        (created.track, created.job.unwrap())
    }

    /// [`Self::upload`] by somebody else.
    pub(crate) async fn upload_for(
        &self,
        owner_id: UserId,
        words: &str,
        visibility: Visibility,
    ) -> TrackId {
        let new = self.test.new_track(format!("{words}\n").as_bytes()).await;
        let new = NewTrack { owner_id, visibility, ..new };
        tracks::create(&self.store, new).await.unwrap().track.id
    }

    pub(crate) fn start(&self) -> Running {
        let shutdown = CancellationToken::new();
        let run = worker::run(self.store.clone(), self.config.clone(), shutdown.clone());
        Running { shutdown, task: tokio::spawn(run) }
    }

    pub(crate) async fn job(&self, id: JobId) -> Job {
        jobs::get(&self.store, self.owner, id).await.unwrap().unwrap()
    }

    pub(crate) async fn track(&self, id: TrackId) -> Track {
        tracks::get(&self.store, self.owner, id).await.unwrap().unwrap()
    }

    /// The job, once it is as asked for.
    pub(crate) async fn job_when(&self, id: JobId, is_so: impl Fn(&Job) -> bool) -> Job {
        let deadline = Instant::now() + DEADLINE;
        let mut tick = tick();
        loop {
            tick.tick().await;
            let job = self.job(id).await;
            if is_so(&job) {
                return job;
            }
            assert!(Instant::now() < deadline, "still {job:?}");
        }
    }

    pub(crate) async fn ended(&self, id: JobId) -> Job {
        self.job_when(id, |job| job.state.is_final()).await
    }

    /// The track's matching, once it has ended.
    pub(crate) async fn matched(&self, track: TrackId) -> Job {
        let query = JobQuery {
            track: Some(track),
            run: None,
            kind: Some(JobKind::MatchTrack),
            limit: 10,
            state: None,
            after: None,
        };
        let page = jobs::list(&self.store, self.owner, query).await.unwrap();
        let [job] = page.items.as_slice() else { panic!("one matching: {:?}", page.items) };
        self.ended(job.id).await
    }
}

/// Between two questions: who asks without a pause takes the cores from the worker that is waited for.
pub(crate) fn tick() -> Interval {
    interval(Duration::from_millis(5))
}

pub(crate) struct Running {
    shutdown: CancellationToken,
    task: JoinHandle<worker::Result<()>>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap().unwrap();
    }
}

/// The last line of a child that was content.
pub(crate) fn good_line() -> String {
    let report = std::fs::read_to_string(fixtures::path("formats/report/v1.json")).unwrap();
    let details = std::fs::read(fixtures::path("formats/details/v1.json")).unwrap();
    let outcome = Outcome {
        report: report::Report::from_json(&report).unwrap(),
        details: report::Details::from_json(&details).unwrap(),
        tags: report::Tags { title: Some("From the file".into()), ..report::Tags::default() },
        descriptor: std::fs::read(fixtures::path("formats/descriptor/v1.bin")).unwrap(),
        stages: Stages::default(),
        peak_memory_bytes: Some(1 << 20),
        sandbox: Sandbox::Full,
    };
    serde_json::to_string(&Line::Ok(Box::new(outcome))).unwrap() + "\n"
}

/// Makes of each function two tests, one on each database.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let world = crate::world::World::new(store::testing::DatabaseKind::Sqlite).await;
                super::$name(world).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let world = crate::world::World::new(store::testing::DatabaseKind::Postgres).await;
                super::$name(world).await;
            })+
        }
    };
}
pub(crate) use on_both_databases;
