//! `GET /v1/events`.

use api::Config;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode};
use futures::StreamExt;
use serde_json::Value;
use store::{events, jobs};
use tokio::time::{Duration, timeout};
use tower::ServiceExt;

use crate::app::App;
use crate::shown::shown;

/// Long enough for a loaded machine; nothing waits for it when all is well.
const DEADLINE: Duration = Duration::from_secs(30);

/// One event of a stream.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    id: Option<i64>,
    kind: String,
    data: Value,
}

/// A stream of events under way.
struct Watcher {
    body: BodyDataStream,
    text: String,
}

impl Watcher {
    async fn open(app: &App, request: axum::http::request::Builder) -> Self {
        let request = request.body(Body::empty()).unwrap();
        let response = app.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next block of lines, comments included; `None` at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let chunk = timeout(DEADLINE, self.body.next()).await.expect("nothing came in time");
            self.text.push_str(std::str::from_utf8(&chunk?.unwrap()).unwrap());
        }
    }

    /// The next event.
    async fn event(&mut self) -> Option<Event> {
        loop {
            let block = self.block().await?;
            let field =
                |name: &str| block.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            if let Some(kind) = field("event") {
                return Some(Event {
                    id: field("id").map(|id| id.parse().unwrap()),
                    kind: kind.to_owned(),
                    data: serde_json::from_str(field("data").unwrap()).unwrap(),
                });
            }
        }
    }

    async fn events(&mut self, n: usize) -> Vec<Event> {
        let mut events = Vec::new();
        for _ in 0..n {
            events.push(self.event().await.unwrap());
        }
        events
    }
}

async fn watch(app: &App, query: &str) -> Watcher {
    Watcher::open(app, app.request("GET", &format!("/v1/events{query}"))).await
}

#[tokio::test]
async fn tells_what_happens_from_now_on() {
    let app = App::start().await;
    app.track(b"before").await;
    let mut watcher = watch(&app, "").await;
    let ready = watcher.event().await.unwrap();
    assert_eq!((ready.kind.as_str(), ready.data["after"].as_i64()), ("ready", ready.id));

    let id = app.track(b"after").await;
    let uploaded = watcher.event().await.unwrap();
    assert_eq!(uploaded.data["track_id"], id.to_string());
    assert_eq!(uploaded.id, uploaded.data["seq"].as_i64());
    insta::assert_json_snapshot!("event", shown(uploaded.data));
}

#[tokio::test]
async fn resumes_without_gap_or_repetition() {
    let app = App::start().await;
    for n in 0..5_u8 {
        app.track(&[n]).await;
    }
    let all = watch(&app, "?after=0").await.events(6).await.split_off(1);
    for n in 0..all.len() {
        let after = all[n].id.unwrap().to_string();
        // The header is newer than the address, which a browser repeats as it was.
        let request = app.request("GET", "/v1/events?after=0").header("last-event-id", after);
        let mut watcher = Watcher::open(&app, request).await;
        let rest = watcher.events(all.len() - n).await.split_off(1);
        assert_eq!(rest, all[n + 1..]);
    }
}

#[tokio::test]
async fn gives_more_than_one_batch_in_order() {
    let app = App::start().await;
    let track = app.track(b"x").await;
    for n in 0..250 {
        let request = app.request("PATCH", &format!("/v1/tracks/{track}"));
        let body = format!(r#"{{"title": "{n}"}}"#);
        let request = request.header("content-type", "application/json").body(Body::from(body));
        assert_eq!(app.send(request.unwrap()).await.status, StatusCode::OK);
    }
    let events = watch(&app, "?after=0").await.events(252).await;
    let stored = events::after(&app.store, app.owner, 0, 1000).await.unwrap();
    let seen: Vec<i64> = events[1..].iter().map(|event| event.id.unwrap()).collect();
    assert_eq!(seen, stored.iter().map(|event| event.seq).collect::<Vec<_>>());
}

#[tokio::test]
async fn sends_only_what_matters_as_much_as_asked_for() {
    let app = App::start().await;
    app.track(b"x").await;
    let lease = jobs::claim(&app.store, "w").await.unwrap().unwrap();
    assert!(jobs::fail(&app.store, &lease, "bad_media", "").await.unwrap());
    let all = ["ready", "track.uploaded", "job.started", "track.failed"];
    for (query, expected) in [
        ("", all.to_vec()),
        ("&priority=low", all.to_vec()),
        ("&priority=normal", vec!["ready", "track.uploaded", "track.failed"]),
        ("&priority=high", vec!["ready", "track.failed"]),
    ] {
        let mut watcher = watch(&app, &format!("?after=0{query}")).await;
        let told = watcher.events(expected.len()).await;
        let kinds: Vec<_> = told.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, expected, "{query}");
        assert_eq!(told.last().unwrap().data["priority"], "high");
    }
}

#[tokio::test]
async fn leaving_much_out_misses_nothing_and_repeats_nothing() {
    let app = App::start().await;
    let mut watcher = watch(&app, "?priority=high").await;
    assert_eq!(watcher.event().await.unwrap().kind, "ready");
    let mut failed = Vec::new();
    for n in 0..3_u8 {
        app.track(&[n]).await;
        let lease = jobs::claim(&app.store, "w").await.unwrap().unwrap();
        assert!(jobs::fail(&app.store, &lease, "bad_media", "").await.unwrap());
        // Each as it comes, so that the stream has passed over what is left out before.
        let event = watcher.event().await.unwrap();
        assert_eq!(event.data["job_id"], lease.job.id.to_string());
        failed.push(event);
    }
    for n in 0..failed.len() {
        let after = failed[n].id.unwrap().to_string();
        let request = app.request("GET", "/v1/events?priority=high").header("last-event-id", after);
        let mut again = Watcher::open(&app, request).await;
        assert_eq!(again.events(failed.len() - n).await.split_off(1), failed[n + 1..]);
    }
}

#[tokio::test]
async fn tells_nothing_of_others() {
    let app = App::start().await;
    let stranger = app.foreign_token().await;
    let request = Request::builder().uri("/v1/events?after=0");
    let mut theirs =
        Watcher::open(&app, request.header("authorization", format!("Bearer {stranger}"))).await;
    let mut mine = watch(&app, "?after=0").await;
    app.track(b"x").await;
    assert_eq!(mine.events(2).await[1].kind, "track.uploaded");
    app.shutdown.cancel();
    let seen: Vec<String> = theirs.events(2).await.into_iter().map(|event| event.kind).collect();
    assert_eq!(seen, ["ready", "bye"]);
}

#[tokio::test]
async fn says_goodbye_when_the_server_stops() {
    let app = App::start().await;
    let mut watcher = watch(&app, "").await;
    watcher.event().await.unwrap();
    app.shutdown.cancel();
    let bye = watcher.event().await.unwrap();
    assert_eq!((bye.kind.as_str(), bye.id), ("bye", None));
    assert_eq!(bye.data["reason"], "shutdown");
    assert_eq!(watcher.event().await, None);
}

#[tokio::test]
async fn a_silent_stream_is_kept_alive_by_comments() {
    let app = App::with(Config { events_keep_alive_s: 1, ..Config::default() }).await;
    let mut watcher = watch(&app, "").await;
    watcher.event().await.unwrap();
    assert_eq!(watcher.block().await.unwrap(), ": keep-alive");
    assert_eq!(watcher.block().await.unwrap(), ": keep-alive");
}

#[tokio::test]
async fn too_many_streams_are_refused_until_one_ends() {
    let app = App::with(Config { max_event_streams: 1, ..Config::default() }).await;
    let mut first = watch(&app, "").await;
    first.event().await.unwrap();
    let refused = app.get("/v1/events").await;
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("too_many_streams", "2"));
    drop(first);
    let mut tick = tokio::time::interval(Duration::from_millis(10));
    let reopened = async {
        loop {
            tick.tick().await;
            let request = app.request("GET", "/v1/events").body(Body::empty()).unwrap();
            if app.router.clone().oneshot(request).await.unwrap().status() == StatusCode::OK {
                break;
            }
        }
    };
    timeout(DEADLINE, reopened).await.expect("the place was not given back");
}

#[tokio::test]
async fn a_place_that_is_not_understood_is_refused() {
    let app = App::start().await;
    for (name, value, code) in [
        ("last-event-id", "x", "malformed_header"),
        ("last-event-id", "1 2", "malformed_header"),
        ("last-event-id", "-1", "invalid_field"),
    ] {
        assert_eq!(app.get_with("/v1/events", name, value).await.code(), code, "{value}");
    }
    assert_eq!(app.get("/v1/events?after=-1").await.code(), "invalid_field");
    assert_eq!(app.get("/v1/events?after=x").await.code(), "malformed_query");
    for priority in ["urgent", "High", "2", ""] {
        let answer = app.get(&format!("/v1/events?priority={priority}")).await;
        assert_eq!(answer.code(), "malformed_query", "{priority}");
    }
    let empty = app.request("GET", "/v1/events").header("last-event-id", "");
    Watcher::open(&app, empty).await;
}
