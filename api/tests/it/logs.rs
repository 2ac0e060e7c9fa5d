//! What the log says, and what it must never say.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use axum::body::Body;
use serde_json::json;
use store::testing::DatabaseKind;
use tracing_subscriber::fmt::MakeWriter;

use crate::app::App;
use crate::form::Form;
use crate::world::{Session, World};

/// The log of all tests of this process, at the lowest level.
///
/// One for all: a subscriber per test would miss what another test's thread was first to reach.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// The log, which is kept from the first call on.
    pub(crate) fn of_all_tests() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_ansi(false)
                .with_writer(log.clone())
                .init();
            log
        })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_names_requests_and_nothing_that_clients_bring() {
    let app = App::start().await;
    let form = Form::new()
        .file("canary-name.mp3", "audio/canary-type", b"canary-bytes")
        .text("title", "canary-title")
        .text("artist", "canary-artist")
        .text("tags", "canary-tag");
    let request = app
        .request("POST", "/v1/tracks?canary-query=1")
        .header("content-type", form.content_type())
        .header("x-canary", "canary-header")
        .header("x-request-id", "request-of-the-upload");
    let answer = app.send(request.body(Body::from(form.into_bytes())).unwrap()).await;
    let id = answer.json()["track"]["id"].as_str().unwrap().to_owned();
    let request = app
        .request("PATCH", &format!("/v1/tracks/{id}"))
        .header("content-type", "application/json");
    app.send(request.body(Body::from(r#"{"title": "canary-new"}"#)).unwrap()).await;
    app.get("/v1/canary-path").await;
    app.get_with("/v1/tracks", "authorization", "Bearer canary-token").await;

    let text = Log::of_all_tests().text();
    let lines: Vec<&str> =
        text.lines().filter(|line| line.contains("request-of-the-upload")).collect();
    assert!(lines.iter().any(|line| line.contains("POST /v1/tracks 202")), "{lines:?}");
    let uploaded = format!("uploaded track {id}");
    let uploaded = lines.iter().find(|line| line.contains(&uploaded)).unwrap();
    assert!(uploaded.contains("api.tracks.create"), "{uploaded}");
    for secret in ["canary", &app.token] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
}

#[tokio::test]
async fn the_log_never_says_a_login_a_password_or_a_token() {
    let world = World::open(DatabaseKind::Sqlite).await;
    let body =
        json!({ "login": "canary-login", "password": "canary-password", "name": "canary-name" });
    assert_eq!(world.post("/v1/auth/register", body).await.status, 201);
    let first = world.login("canary-login", "canary-password").await;
    let refresh = json!({ "refresh_token": first.refresh });
    let second = Session::of(&world.post("/v1/auth/refresh", refresh.clone()).await);
    assert_eq!(world.post("/v1/auth/refresh", refresh).await.code(), "refresh_refused");
    let wrong = json!({ "login": "canary-nobody", "password": "canary-wrong" });
    assert_eq!(world.post("/v1/auth/login", wrong).await.code(), "login_failed");

    let text = Log::of_all_tests().text();
    let of_these = |session: &Session| [session.access.clone(), session.refresh.clone()];
    let secrets = of_these(&first).into_iter().chain(of_these(&second)).collect::<Vec<_>>();
    for secret in secrets.iter().map(String::as_str).chain(["canary"]) {
        assert_eq!(text.lines().find(|line| line.contains(secret)), None);
    }
    assert!(text.lines().any(|line| line.contains("came in")));
}

#[tokio::test]
async fn a_fault_of_ours_is_logged_once_with_its_cause() {
    let app = App::start().await;
    app.store.close().await;
    let answer = app.get_with("/v1/tracks", "x-request-id", "request-that-fails").await;
    assert_eq!(answer.code(), "unavailable");
    let text = Log::of_all_tests().text();
    let errors: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("request-that-fails") && line.contains(" ERROR "))
        .collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("error.cause"), "{}", errors[0]);
}
