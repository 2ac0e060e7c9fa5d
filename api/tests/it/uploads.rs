//! `POST /v1/tracks`.

use api::Config;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures::future::join_all;
use futures::stream;
use store::jobs;
use tower::ServiceExt;

use crate::app::{Answer, App};
use crate::form::{BOUNDARY, Form};
use crate::shown::shown;

#[tokio::test]
async fn stores_a_recording_and_queues_its_analysis() {
    let app = App::start().await;
    let form = Form::new()
        .text("title", " Take Five ")
        .file("Take Five.mp3", "audio/mpeg", b"not really music")
        .text("artist", "The Dave Brubeck Quartet")
        .text("tags", "Jazz, piano")
        .text("tags", "jazz");
    let answer = app.upload(form).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.header("etag"), "\"v1\"");
    let body = answer.json();
    let id = body["track"]["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/v1/tracks/{id}"));
    insta::assert_json_snapshot!("uploaded", shown(body.clone()));

    let got = app.get(&format!("/v1/tracks/{id}")).await;
    assert_eq!(got.json(), body["track"]);
    assert_eq!(app.n_blob_files(), 1);
}

#[tokio::test]
async fn the_job_carries_the_trace_of_the_request() {
    let app = App::start().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let form = Form::new().file("a.mp3", "audio/mpeg", b"x");
    let request = app
        .request("POST", "/v1/tracks")
        .header("content-type", form.content_type())
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .header("x-request-id", "chosen-by-the-client");
    let answer = app.send(request.body(Body::from(form.into_bytes())).unwrap()).await;
    assert_eq!(answer.header("x-request-id"), "chosen-by-the-client");
    let id = answer.json()["job"]["id"].as_str().unwrap().parse().unwrap();
    let job = jobs::get(&app.store, app.owner, id).await.unwrap().unwrap();
    assert_eq!(job.trace_id.as_deref(), Some(trace));
}

#[tokio::test]
async fn the_same_bytes_give_the_same_track() {
    let app = App::start().await;
    let first = app.upload(Form::new().file("a.mp3", "audio/mpeg", b"same")).await;
    let second = app.upload(Form::new().file("b.mp3", "audio/mpeg", b"same")).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    assert_eq!(second.status, StatusCode::OK);
    assert_eq!(first.json()["track"], second.json()["track"]);
    assert_eq!(second.json()["job"]["id"], first.json()["job"]["id"]);
    assert_eq!((app.n_tracks().await, app.n_blob_files()), (1, 1));
}

#[tokio::test]
async fn a_file_may_come_without_a_name_or_type() {
    let app = App::start().await;
    let form = Form::new().part("Content-Disposition: form-data; name=file", b"x");
    let track = &app.upload(form).await.json()["track"];
    assert_eq!(track["file_name"], serde_json::Value::Null);
    assert_eq!(track["content_type"], serde_json::Value::Null);
    assert_eq!(track["tags"], serde_json::json!([]));
}

#[tokio::test]
async fn hostile_file_names_are_cleaned() {
    let app = App::start().await;
    let long = format!("{}.flac", "x".repeat(4096));
    let kept_of_long = format!("{}.flac", "x".repeat(250));
    let cases = [
        ("../../../etc/passwd", Some("passwd")),
        ("..\\..\\boot.ini", Some("boot.ini")),
        ("a\0b.mp3", Some("ab.mp3")),
        ("song\u{202e}3pm.exe", Some("song3pm.exe")),
        ("..", None),
        (long.as_str(), Some(kept_of_long.as_str())),
        ("<script>alert(1)</script>", Some("script>")),
    ];
    for (n, (name, kept)) in cases.into_iter().enumerate() {
        let form = Form::new().file(name, "audio/mpeg", format!("recording {n}").as_bytes());
        let answer = app.upload(form).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{name:?}");
        assert_eq!(answer.json()["track"]["file_name"].as_str(), kept, "{name:?}");
    }
    assert_eq!(app.n_blob_files(), cases.len());
}

/// Sends a body with a type, and expects a problem that leaves nothing behind.
async fn refused(app: &App, content_type: &str, body: Body, code: &str, status: u16) -> Answer {
    let request = app.request("POST", "/v1/tracks").header("content-type", content_type);
    let answer = app.send(request.body(body).unwrap()).await;
    assert_eq!((answer.code().as_str(), answer.status.as_u16()), (code, status));
    assert_eq!((app.n_tracks().await, app.n_blob_files()), (0, 0), "{code} left something");
    answer
}

#[tokio::test]
async fn what_fails_in_transport_leaves_nothing() {
    let app = App::start().await;
    let form = Form::new().content_type();
    let file = || Form::new().file("a.mp3", "audio/mpeg", b"music");
    let cut = |n: usize| {
        let mut bytes = file().into_bytes();
        bytes.truncate(bytes.len() - n);
        bytes
    };
    let cases: Vec<(&str, Vec<u8>, &str, u16)> = vec![
        ("application/json", b"{}".to_vec(), "unsupported_media_type", 415),
        ("multipart/form-data", file().into_bytes(), "unsupported_media_type", 415),
        (&form, Vec::new(), "upload_empty", 422),
        (&form, Form::new().file("a.mp3", "audio/mpeg", b"").into_bytes(), "upload_empty", 422),
        (&form, Form::new().into_bytes(), "upload_missing_file", 422),
        (&form, Form::new().text("title", "x").into_bytes(), "upload_missing_file", 422),
        (&form, file().file("b.mp3", "audio/mpeg", b"x").into_bytes(), "upload_many_files", 422),
        (&form, file().text("owner_id", "x").into_bytes(), "invalid_field", 422),
        (&form, file().text("title", &"x".repeat(1025)).into_bytes(), "invalid_field", 422),
        (&form, file().text("title", &"x".repeat(9000)).into_bytes(), "invalid_field", 422),
        (&form, file().text("tags", "a\0b").into_bytes(), "invalid_field", 422),
        (&form, cut(4), "malformed_multipart", 400),
        (&form, cut(BOUNDARY.len() + 8), "malformed_multipart", 400),
        (&form, b"no form at all".to_vec(), "malformed_multipart", 400),
        (&form, file().part("X-Nothing: 1", b"x").into_bytes(), "malformed_multipart", 400),
    ];
    for (content_type, body, code, status) in cases {
        refused(&app, content_type, Body::from(body), code, status).await;
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let app = App::start().await;
    let bytes = Form::new().file("a.mp3", "audio/mpeg", &vec![7; 100_000]).into_bytes();
    for share in [1, 50, 99] {
        let part = Bytes::copy_from_slice(&bytes[..bytes.len() * share / 100]);
        let chunks = [Ok(part), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
        let body = Body::from_stream(stream::iter(chunks));
        refused(&app, &Form::new().content_type(), body, "malformed_multipart", 400).await;
    }
}

#[tokio::test]
async fn a_recording_over_the_limit_is_refused_before_or_while_it_arrives() {
    let app = App::with(Config { max_upload_bytes: 1000, ..Config::default() }).await;
    let form = Form::new().content_type();
    // Announced: not a byte of it is asked for.
    let announced = app
        .request("POST", "/v1/tracks")
        .header("content-type", &form)
        .header("content-length", "1000000")
        .header("expect", "100-continue");
    let untouched = Body::from_stream(stream::poll_fn(
        |_| -> std::task::Poll<Option<std::io::Result<Bytes>>> { panic!("the body was read") },
    ));
    let answer = app.send(announced.body(untouched).unwrap()).await;
    assert_eq!((answer.code().as_str(), answer.status.as_u16()), ("upload_too_large", 413));

    // Not announced: one byte too many is enough, wherever it is.
    let over = Form::new().file("a.mp3", "audio/mpeg", &[1; 1001]).into_bytes();
    refused(&app, &form, Body::from(over), "upload_too_large", 413).await;
    let many = Form::new().file("a.mp3", "audio/mpeg", b"x").text("tags", &",".repeat(70_000));
    refused(&app, &form, Body::from(many.into_bytes()), "upload_too_large", 413).await;

    let fits = app.upload(Form::new().file("a.mp3", "audio/mpeg", &[1; 1000])).await;
    assert_eq!(fits.status, StatusCode::ACCEPTED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_uploads_of_the_same_bytes_make_one_track() {
    let app = App::start().await;
    let form = || Form::new().file("a.mp3", "audio/mpeg", b"the same");
    let answers = join_all((0..32).map(|_| app.upload(form()))).await;
    let first = answers[0].json()["track"]["id"].clone();
    for answer in &answers {
        assert!(answer.status.is_success(), "{}", answer.status);
        assert_eq!(answer.json()["track"]["id"], first);
    }
    let new = answers.iter().filter(|answer| answer.status == StatusCode::ACCEPTED).count();
    assert_eq!((new, app.n_tracks().await, app.n_blob_files()), (1, 1, 1));
    assert_eq!(app.get("/v1/jobs").await.json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_given_up_harm_no_later_ones() {
    let app = App::start().await;
    let id = app.track(b"x").await;
    let path = format!("/v1/tracks/{id}");
    for n in 0..200_u32 {
        let body = format!(r#"{{"title": "{n}"}}"#);
        let request = app.request("PATCH", &path).header("content-type", "application/json");
        let request = request.body(Body::from(body)).unwrap();
        let router = app.router.clone();
        let asked = tokio::spawn(async move { router.oneshot(request).await });
        // A different place in the way of the request each time.
        for _ in 0..n % 23 {
            tokio::task::yield_now().await;
        }
        asked.abort();
    }
    for n in 0..50_u32 {
        let form = Form::new().file("a.mp3", "audio/mpeg", &n.to_le_bytes());
        assert_eq!(app.upload(form).await.status, StatusCode::ACCEPTED);
        assert_eq!(app.get(&path).await.status, StatusCode::OK);
    }
}
