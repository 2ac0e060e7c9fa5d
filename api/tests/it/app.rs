//! The whole API on a throw-away store, without a socket.

use std::path::Path;

use api::{Config, State};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use dsp::Analyzer;
use matching::Descriptor;
use report::Details;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::jobs::{self, Analyzed, NewMatch};
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::tokens::{self, NewToken, Scope};
use store::{Lease, QueueConfig, Store, TrackId, UserId, users};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::form::Form;
use crate::logs::Log;

/// The API, its store and a user with a token for everything.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) router: Router,
    pub(crate) owner: UserId,
    pub(crate) token: String,
    pub(crate) shutdown: CancellationToken,
    test: TestStore,
}

/// What a recording sounds like to the search for duplicates.
#[derive(Default)]
pub(crate) struct Sound {
    pub(crate) pcm_hash: Option<[u8; 32]>,
    pub(crate) fingerprint: Vec<u32>,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of a problem, checked to be one. An answer to `HEAD` has no body: its code is the first one with its status.
    pub(crate) fn code(&self) -> String {
        if self.body.is_empty() {
            let status = self.status.as_u16();
            return api::CODES.iter().find(|code| code.status == status).unwrap().code.to_owned();
        }
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.status);
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        problem["code"].as_str().unwrap().to_owned()
    }
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self::over(DatabaseKind::Sqlite, config).await
    }

    /// The same on a store with this database.
    pub(crate) async fn on(database: DatabaseKind) -> Self {
        Self::over(database, Config::default()).await
    }

    /// The same on a store with this database and with these settings.
    pub(crate) async fn over(database: DatabaseKind, config: Config) -> Self {
        Log::of_all_tests();
        let queue = QueueConfig::default();
        let test = TestStore::with_system_clock(database, BlobKind::Local, queue).await;
        let (store, owner) = (test.store.clone(), test.owner);
        let token = token(&store, owner, &[Scope::Admin]).await;
        let shutdown = CancellationToken::new();
        let router = api::router(State::new(store.clone(), config, shutdown.clone()));
        Self { store, router, owner, token, shutdown, test }
    }

    /// A token of the owner with these scopes.
    pub(crate) async fn token_with(&self, scopes: &[Scope]) -> String {
        token(&self.store, self.owner, scopes).await
    }

    /// A token for everything of somebody else.
    pub(crate) async fn foreign_token(&self) -> String {
        let user = users::create(&self.store, "somebody else").await.unwrap();
        token(&self.store, user.id, &[Scope::Admin]).await
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A request with the owner's token.
    pub(crate) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let token = format!("Bearer {}", self.token);
        Request::builder().method(method).uri(path).header("authorization", token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get_with(&self, path: &str, name: &str, value: &str) -> Answer {
        let request = self.request("GET", path).header(name, value);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.send(self.request("POST", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &str) -> Answer {
        let request = self.request("POST", path).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(crate) async fn upload(&self, form: Form) -> Answer {
        let request =
            self.request("POST", "/v1/tracks").header("content-type", form.content_type());
        self.send(request.body(Body::from(form.into_bytes())).unwrap()).await
    }

    /// Uploads some bytes; the id of the track.
    pub(crate) async fn track(&self, bytes: &[u8]) -> TrackId {
        let answer = self.upload(Form::new().file("a.wav", "audio/wav", bytes)).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        answer.json()["track"]["id"].as_str().unwrap().parse().unwrap()
    }

    /// Uploads some bytes and finishes their analysis as a worker would; `pitch_hz` is what it heard.
    pub(crate) async fn analyzed(&self, bytes: &[u8], pitch_hz: f64) -> TrackId {
        let id = self.track(bytes).await;
        let lease = jobs::claim(&self.store, "test").await.unwrap().unwrap();
        assert_eq!(lease.job.track_id, Some(id));
        let report = json!({ "schema": "consort.report/1", "heard_hz": pitch_hz });
        self.complete(&lease, report.to_string(), Vec::new(), Sound::default(), pitch_hz).await;
        id
    }

    /// Finishes the analysis of a track as a worker would.
    pub(crate) async fn finish(&self, id: TrackId) {
        finish(&self.store, id, "{}").await;
    }

    /// Uploads some bytes and finishes their analysis with the committed report and details.
    pub(crate) async fn reported(&self, bytes: &[u8]) -> TrackId {
        let id = self.track(bytes).await;
        let lease = jobs::claim(&self.store, "test").await.unwrap().unwrap();
        assert_eq!(lease.job.track_id, Some(id));
        let read = |name| std::fs::read(fixtures::path(name)).unwrap();
        let report = String::from_utf8(read("formats/report/v1.json")).unwrap();
        let details = read("formats/details/v1.zlib");
        self.complete(&lease, report, details, Sound::default(), 440.0).await;
        id
    }

    /// Uploads some bytes and finishes their analysis with this sound.
    pub(crate) async fn sounding(&self, bytes: &[u8], sound: Sound) -> TrackId {
        let id = self.track(bytes).await;
        let lease = loop {
            let lease = jobs::claim(&self.store, "test").await.unwrap().unwrap();
            if lease.job.track_id == Some(id) {
                break lease;
            }
        };
        let read = |name| std::fs::read(fixtures::path(name)).unwrap();
        let report = String::from_utf8(read("formats/report/v1.json")).unwrap();
        let mut details = Details::from_json(&read("formats/details/v1.json")).unwrap();
        details.fingerprint.clone_from(&sound.fingerprint);
        self.complete(&lease, report, details.to_bytes().unwrap(), sound, 440.0).await;
        id
    }

    /// Finishes a claimed analysis.
    pub(crate) async fn end(&self, lease: &Lease) {
        let (report, sound) = ("{}".to_owned(), Sound::default());
        self.complete(lease, report, Vec::new(), sound, 440.0).await;
    }

    async fn complete(
        &self,
        lease: &Lease,
        report_json: String,
        details: Vec<u8>,
        sound: Sound,
        pitch_hz: f64,
    ) {
        let analyzed = analyzed(report_json, details, &sound, pitch_hz);
        assert!(jobs::complete_analysis(&self.store, lease, analyzed).await.unwrap());
    }

    /// Finishes the matching of a track with one match.
    pub(crate) async fn matched(&self, id: TrackId, other: TrackId, score: f64) {
        self.matched_for(id, other, score, "alike").await;
    }

    /// [`matched`](Self::matched) for another purpose.
    pub(crate) async fn matched_for(&self, id: TrackId, other: TrackId, score: f64, purpose: &str) {
        let lease = loop {
            let lease = jobs::claim(&self.store, "test").await.unwrap().unwrap();
            if lease.job.track_id == Some(id) {
                break lease;
            }
        };
        let found = NewMatch {
            purpose: purpose.to_owned(),
            other_id: other,
            score,
            parts: json!([{ "facet": "tempo", "score": 1.0 }]),
            reason: "120 and 120 BPM.".to_owned(),
            descriptor_version: matching::DESCRIPTOR_VERSION,
            weights_version: matching::WEIGHTS_VERSION,
        };
        assert!(jobs::complete_match(&self.store, &lease, 10, 0, vec![found]).await.unwrap());
    }

    /// Files in the blob store, staged ones included.
    pub(crate) fn n_blob_files(&self) -> usize {
        n_files(&self.test.folder().join("blobs"))
    }

    /// Tracks that the owner has.
    pub(crate) async fn n_tracks(&self) -> usize {
        self.get("/v1/tracks").await.json()["items"].as_array().unwrap().len()
    }
}

pub(crate) async fn token(store: &Store, owner_id: UserId, scopes: &[Scope]) -> String {
    let new =
        NewToken { owner_id, name: "test".to_owned(), scopes: scopes.to_vec(), expires_at: None };
    tokens::issue(store, new).await.unwrap().1.expose_secret().to_owned()
}

/// Finishes the analysis of a track as a worker would, with this report.
pub(crate) async fn finish(store: &Store, id: TrackId, report: &str) {
    let lease = loop {
        let lease = jobs::claim(store, "test").await.unwrap().unwrap();
        if lease.job.track_id == Some(id) {
            break lease;
        }
    };
    let analyzed = analyzed(report.to_owned(), Vec::new(), &Sound::default(), 440.0);
    assert!(jobs::complete_analysis(store, &lease, analyzed).await.unwrap());
}

fn analyzed(report_json: String, details: Vec<u8>, sound: &Sound, pitch_hz: f64) -> Analyzed {
    Analyzed {
        report_json,
        details,
        analysis_version: dsp::ANALYSIS_VERSION,
        pcm_hash: sound.pcm_hash,
        fingerprint_keys: matching::fingerprint_keys(&sound.fingerprint),
        descriptor: descriptor(pitch_hz).to_bytes(),
        descriptor_version: matching::DESCRIPTOR_VERSION,
        embedding: None,
        media: json!({ "title": "From the file" }),
        stages: json!({ "decode_s": 0.1 }),
        duration_s: 8.0,
    }
}

/// What the analysis hears in clicks at 120 BPM over a tone.
fn descriptor(pitch_hz: f64) -> Descriptor {
    const RATE_HZ: u32 = 22_050;
    let clicks = fixtures::clicks(120.0, RATE_HZ, 8.0);
    let tone = fixtures::sine(pitch_hz, RATE_HZ, clicks.len());
    let mix: Vec<f32> = clicks.iter().zip(&tone).map(|(a, b)| 0.5 * a + 0.3 * b).collect();
    let mut analyzer = Analyzer::new(RATE_HZ, 1).unwrap();
    analyzer.push(&mix).unwrap();
    Descriptor::new(&analyzer.finish())
}

/// Files in a folder and the folders in it; none if there is no such folder.
pub(crate) fn n_files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .map(|entry| entry.unwrap())
        .map(|entry| if entry.file_type().unwrap().is_dir() { n_files(&entry.path()) } else { 1 })
        .sum()
}
