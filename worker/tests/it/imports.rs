//! `import_track`, from a host on loopback to a track that is analysed.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use store::events::{Event, Priority};
use store::imports::{self, NewImport};
use store::jobs::JobQuery;
use store::tracks::ListQuery;
use store::uploads::Words;
use store::{Job, JobKind, JobState, Quota, TrackState, Visibility, events, jobs, tracks};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use worker::Imports;

use crate::world::{World, on_both_databases};

on_both_databases!(
    a_recording_is_fetched_and_goes_the_way_of_every_upload,
    what_cannot_be_fetched_ends_with_a_code_and_leaves_nothing,
    a_host_that_is_not_public_is_never_asked,
    a_host_that_recovers_is_asked_again,
    an_import_that_is_cancelled_leaves_nothing,
    slow_hosts_keep_no_core_from_its_work,
    a_worker_that_stops_gives_imports_back,
    where_imports_are_off_they_wait,
);

/// A host: the path says what it does.
struct Host {
    port: u16,
    n_asked: Arc<AtomicUsize>,
}

impl Host {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (port, n_asked) =
            (listener.local_addr().unwrap().port(), Arc::<AtomicUsize>::default());
        let (counted, flaky) = (Arc::clone(&n_asked), Arc::new(Mutex::new(0)));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                let flaky = Arc::clone(&flaky);
                tokio::spawn(async move {
                    let mut head = [0; 4096];
                    let n_read = stream.read(&mut head).await.unwrap();
                    let head = String::from_utf8_lossy(&head[..n_read]).into_owned();
                    let path = head.split(' ').nth(1).unwrap_or_default();
                    let mut answer = answer(path);
                    if path.starts_with("/flaky") {
                        let mut n = flaky.lock().unwrap();
                        *n += 1;
                        if *n < 3 {
                            "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"
                                .clone_into(&mut answer);
                        }
                    }
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    if path.starts_with("/hang") {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { port, n_asked }
    }

    fn n_asked(&self) -> usize {
        self.n_asked.load(Ordering::SeqCst)
    }

    fn url(&self, path: &str) -> String {
        format!("http://music.example:{}{path}", self.port)
    }

    /// Settings by which it is asked, though it is on loopback.
    fn settings(&self) -> Imports {
        let names = |_| async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) };
        Imports {
            fetch: fetch::Config {
                enabled: true,
                networks: vec!["127.0.0.0/8".parse().unwrap()],
                allow_http: true,
                ports: vec![80, self.port],
                idle_timeout_s: 600,
                ..fetch::Config::default()
            },
            max_bytes: 1000,
            quota: Quota::default(),
            names: fetch::Names::by(names),
        }
    }
}

fn answer(path: &str) -> String {
    let ok = |body: &str| {
        let n_bytes = body.len();
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\ncontent-length: {n_bytes}\r\n\r\n{body}"
        )
    };
    match path.split('?').next().unwrap_or_default() {
        "/empty.wav" => ok(""),
        "/large.wav" => ok(&"x".repeat(1001)),
        "/gone.wav" => "HTTP/1.1 404 Gone\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "/packed.wav" => {
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx".to_owned()
        }
        "/away.wav" => {
            "HTTP/1.1 302 F\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
                .to_owned()
        }
        "/moved.wav" => {
            "HTTP/1.1 302 F\r\nlocation: /good.wav\r\ncontent-length: 0\r\n\r\n".to_owned()
        }
        "/hang.wav" => "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\ngood".to_owned(),
        _ => ok("good from afar\n"),
    }
}

/// A world that imports from a host on loopback.
async fn importing(mut world: World) -> (World, Host) {
    let host = Host::start().await;
    world.config.imports = host.settings();
    (world, host)
}

async fn import(world: &World, url: String) -> Job {
    let new = NewImport {
        owner_id: world.owner,
        url,
        words: Words {
            file_name: Some("good.wav".to_owned()),
            content_type: None,
            title: Some("From afar".to_owned()),
            artist: None,
            tags: vec!["far".to_owned()],
            visibility: Visibility::Listed,
        },
        quota: Quota::default(),
        max_waiting: 100,
        trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
    };
    imports::create(&world.store, new).await.unwrap()
}

/// Kinds of all events but those that tell how far something has come, with the codes that they tell.
async fn told(world: &World) -> Vec<String> {
    let events = events::after(&world.store, world.owner, 0, 1000).await.unwrap();
    let events = events.into_iter().filter(|event| event.priority > Priority::Low);
    let told = events.map(|event| match event.data["code"].as_str() {
        Some(code) => format!("{} {code}", event.kind),
        None => event.kind,
    });
    told.collect()
}

async fn n_tracks(world: &World) -> usize {
    let first = ListQuery { after: None, limit: 100, state: None };
    tracks::list(&world.store, world.owner, first).await.unwrap().items.len()
}

async fn a_recording_is_fetched_and_goes_the_way_of_every_upload(world: World) {
    let (world, host) = importing(world).await;
    let running = world.start();
    let job = import(&world, host.url("/moved.wav?key=secret")).await;
    assert_eq!(job.track_id, None);
    let job = world.ended(job.id).await;
    assert_eq!((job.state, job.progress, &job.error_code), (JobState::Succeeded, 1.0, &None));
    let id = job.track_id.unwrap();
    let analysis = JobQuery {
        kind: Some(JobKind::AnalyzeTrack),
        track: Some(id),
        run: None,
        state: None,
        after: None,
        limit: 1,
    };
    let analysis = jobs::list(&world.store, world.owner, analysis).await.unwrap().items;
    assert_eq!(world.ended(analysis[0].id).await.state, JobState::Succeeded);
    assert_eq!(world.matched(id).await.state, JobState::Succeeded);
    let track = world.track(id).await;
    assert_eq!((track.state, track.n_bytes), (TrackState::Analyzed, 15));
    assert_eq!((track.title.as_deref(), track.visibility), (Some("From afar"), Visibility::Listed));
    assert_eq!(
        (track.file_name.as_deref(), &track.tags),
        (Some("good.wav"), &vec!["far".to_owned()])
    );
    assert_eq!(track.content_type.as_deref(), Some("audio/wav"));
    assert_eq!(host.n_asked(), 2);
    assert_eq!(imports::get(&world.store, job.id).await.unwrap(), None);

    let of_job = |event: &Event| event.job_id == Some(job.id);
    let mut told_of = events::after(&world.store, world.owner, 0, 1000).await.unwrap();
    told_of.retain(of_job);
    let told_of: Vec<_> =
        told_of.iter().map(|event| (event.kind.as_str(), event.data["step"].as_str())).collect();
    assert_eq!(
        told_of,
        [("job.started", None), ("job.step", Some("write")), ("track.imported", None)]
    );

    // The same bytes from elsewhere are the same track.
    let again = import(&world, host.url("/other.wav")).await;
    let again = world.ended(again.id).await;
    assert_eq!((again.state, again.track_id), (JobState::Succeeded, Some(id)));
    running.stop().await;
    let told = told(&world).await;
    assert_eq!(told[..2], ["track.imported", "track.uploaded"]);
    assert_eq!(told.iter().filter(|kind| *kind == "track.imported").count(), 2);
    assert_eq!(told.iter().filter(|kind| *kind == "track.uploaded").count(), 1);
}

async fn what_cannot_be_fetched_ends_with_a_code_and_leaves_nothing(world: World) {
    let (world, host) = importing(world).await;
    let running = world.start();
    let closed = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let mut expected = Vec::new();
    for (url, code) in [
        (host.url("/gone.wav"), "remote_status"),
        (host.url("/empty.wav"), "upload_empty"),
        (host.url("/large.wav"), "upload_too_large"),
        (host.url("/packed.wav"), "remote_encoded"),
        (host.url("/away.wav"), "redirect_refused"),
        (format!("http://music.example:{closed}/"), "url_port"),
        ("file:///etc/passwd".to_owned(), "url_scheme"),
    ] {
        let job = import(&world, url.clone()).await;
        let job = world.ended(job.id).await;
        assert_eq!((job.state, job.attempts), (JobState::Failed, 1), "{url}");
        assert_eq!(job.error_code.as_deref(), Some(code), "{url}");
        let detail = job.error_detail.unwrap();
        assert!(!detail.contains("169.254") && !detail.contains("passwd"), "{detail}");
        expected.push(format!("import.failed {code}"));
    }
    assert_eq!((told(&world).await, n_tracks(&world).await), (expected, 0));
    running.stop().await;
}

async fn a_host_that_is_not_public_is_never_asked(world: World) {
    let (mut world, host) = importing(world).await;
    world.config.imports.fetch.networks.clear();
    let running = world.start();
    let job = import(&world, host.url("/good.wav")).await;
    let job = world.ended(job.id).await;
    assert_eq!((job.state, job.retries), (JobState::Failed, 3));
    assert_eq!(job.error_code.as_deref(), Some("host_not_public"));
    let job = import(&world, format!("http://127.0.0.1:{}/good.wav", host.port)).await;
    let job = world.ended(job.id).await;
    assert_eq!((job.retries, job.error_code.as_deref()), (0, Some("url_host")));
    assert_eq!((host.n_asked(), n_tracks(&world).await), (0, 0));
    running.stop().await;
}

async fn a_host_that_recovers_is_asked_again(world: World) {
    let (world, host) = importing(world).await;
    let running = world.start();
    let job = import(&world, host.url("/flaky.wav")).await;
    let job = world.ended(job.id).await;
    assert_eq!((job.state, job.retries), (JobState::Succeeded, 2));
    assert_eq!(host.n_asked(), 3);
    running.stop().await;
}

async fn an_import_that_is_cancelled_leaves_nothing(world: World) {
    let (world, host) = importing(world).await;
    let waiting = import(&world, host.url("/good.wav")).await;
    jobs::cancel(&world.store, world.owner, waiting.id).await.unwrap();
    let running = world.start();
    let job = import(&world, host.url("/hang.wav")).await;
    world.job_when(job.id, |job| job.progress > 0.0).await;
    jobs::cancel(&world.store, world.owner, job.id).await.unwrap();
    assert_eq!(world.ended(job.id).await.state, JobState::Cancelled);
    running.stop().await;
    assert_eq!((host.n_asked(), n_tracks(&world).await), (1, 0));
    let ended = ["job.cancelled", "import.failed cancelled"];
    assert_eq!(told(&world).await, [ended, ended].concat());
}

async fn slow_hosts_keep_no_core_from_its_work(world: World) {
    let (mut world, host) = importing(world).await;
    world.config.concurrency = 1;
    let running = world.start();
    let slow =
        [import(&world, host.url("/hang.wav")).await, import(&world, host.url("/hang.wav")).await];
    for job in &slow {
        world.job_when(job.id, |job| job.state == JobState::Running).await;
    }
    // As many as may run at once do; one more waits, and an upload does not.
    let third = import(&world, host.url("/good.wav")).await;
    let (track, job) = world.upload("good 1").await;
    assert_eq!(world.ended(job.id).await.state, JobState::Succeeded);
    assert_eq!(world.matched(track.id).await.state, JobState::Succeeded);
    assert_eq!(world.job(third.id).await.state, JobState::Queued);
    jobs::cancel(&world.store, world.owner, slow[0].id).await.unwrap();
    assert_eq!(world.ended(third.id).await.state, JobState::Succeeded);
    running.stop().await;
}

async fn a_worker_that_stops_gives_imports_back(world: World) {
    let (world, host) = importing(world).await;
    let running = world.start();
    let job = import(&world, host.url("/hang.wav")).await;
    world.job_when(job.id, |job| job.progress > 0.0).await;
    running.stop().await;
    let job = world.job(job.id).await;
    assert_eq!((job.state, job.attempts, job.lost), (JobState::Queued, 0, 0));
    assert!(imports::get(&world.store, job.id).await.unwrap().is_some());
}

async fn where_imports_are_off_they_wait(world: World) {
    let (mut world, host) = importing(world).await;
    world.config.imports.fetch.enabled = false;
    let running = world.start();
    let job = import(&world, host.url("/good.wav")).await;
    let (_, upload) = world.upload("good 1").await;
    assert_eq!(world.ended(upload.id).await.state, JobState::Succeeded);
    assert_eq!(world.job(job.id).await.state, JobState::Queued);
    assert_eq!(host.n_asked(), 0);
    running.stop().await;
}
