//! A store of its own on SQLite, a worker on it, and the shell in the place of the child.

use std::time::{Duration, Instant};

use serde_json::json;
use store::jobs::{self, JobQuery};
use store::tracks::{self, NewTrack};
use store::{Job, JobId, JobKind, Store, Track, TrackId, UserId, users};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::child::{Line, Outcome, Sandbox, Stages};
use worker::{ChildConfig, Config, Program};

/// Far beyond what any of these tests needs.
const DEADLINE: Duration = Duration::from_mins(1);

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
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = json!({
            "database": { "url": format!("sqlite:{}", folder.path().join("db").display()) },
            "blobs": { "kind": "local", "path": folder.path().join("blobs") },
            "queue": {
                "lease_s": 1, "poll_ms": 20, "max_retries": 4,
                "backoff_first_s": 0.01, "backoff_max_s": 0.05,
            },
        });
        let store = Store::open(&serde_json::from_value(config).unwrap()).await.unwrap();
        store.migrate().await.unwrap();
        let owner = users::operator(&store).await.unwrap().id;
        let good = folder.path().join("good");
        std::fs::write(&good, good_line()).unwrap();
        let script = SCRIPT.replace("$GOOD", good.to_str().unwrap());
        let program =
            Program { path: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] };
        let child = ChildConfig { program, ..ChildConfig::default() };
        let config = Config { concurrency: 2, sweep_s: 1, drain_s: 0, child, ..Config::default() };
        Self { store, owner, config, _folder: folder }
    }

    /// Uploads a recording that makes the stub child do `words`.
    pub(crate) async fn upload(&self, words: &str) -> (Track, Job) {
        let mut staging = self.store.blobs().stage(1024).await.unwrap();
        staging.write(format!("{words}\n").as_bytes()).await.unwrap();
        let staged = staging.finish().await.unwrap();
        let new = NewTrack {
            owner_id: self.owner,
            staged,
            file_name: Some("a name.wav".into()),
            content_type: None,
            title: Some(words.into()),
            artist: None,
            tags: vec![],
            trace_id: None,
        };
        let created = tracks::create(&self.store, new).await.unwrap();
        (created.track, created.job.unwrap())
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
        loop {
            let job = self.job(id).await;
            if is_so(&job) {
                return job;
            }
            assert!(Instant::now() < deadline, "still {job:?}");
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn ended(&self, id: JobId) -> Job {
        self.job_when(id, |job| job.state.is_final()).await
    }

    /// The track's matching, once it has ended.
    pub(crate) async fn matched(&self, track: TrackId) -> Job {
        let query = JobQuery {
            track: Some(track),
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
fn good_line() -> String {
    let report = std::fs::read_to_string(fixtures::path("formats/report/v1.json")).unwrap();
    let outcome = Outcome {
        report: report::Report::from_json(&report).unwrap(),
        tags: report::Tags { title: Some("From the file".into()), ..report::Tags::default() },
        descriptor: std::fs::read(fixtures::path("formats/descriptor/v1.bin")).unwrap(),
        stages: Stages::default(),
        peak_memory_bytes: Some(1 << 20),
        sandbox: Sandbox::Full,
    };
    serde_json::to_string(&Line::Ok(Box::new(outcome))).unwrap() + "\n"
}
