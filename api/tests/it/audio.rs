//! `GET /v1/tracks/{id}/audio`.

use axum::body::Body;
use axum::http::StatusCode;

use crate::app::App;
use crate::form::Form;

const BYTES: &[u8] = b"0123456789";
/// SHA-256 of [`BYTES`], by `printf 0123456789 | sha256sum`.
const TAG: &str = "\"84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882\"";

async fn started() -> (App, String) {
    let app = App::start().await;
    let form = Form::new().file("Été \"1\".mp3", "audio/mpeg", BYTES);
    let id = app.upload(form).await.json()["track"]["id"].as_str().unwrap().to_owned();
    (app, format!("/v1/tracks/{id}/audio"))
}

#[tokio::test]
async fn gives_all_bytes() {
    let (app, path) = started().await;
    let answer = app.get(&path).await;
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, BYTES));
    assert_eq!(answer.header("etag"), TAG);
    assert_eq!(answer.header("content-length"), "10");
    assert_eq!(answer.header("content-type"), "audio/mpeg");
    assert_eq!(answer.header("accept-ranges"), "bytes");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let disposition = answer.header("content-disposition");
    assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
    assert!(disposition.ends_with("filename*=UTF-8''%C3%89t%C3%A9%20%221%22.mp3"), "{disposition}");
}

#[tokio::test]
async fn gives_a_range() {
    let (app, path) = started().await;
    for (range, bytes, content_range) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=9-100", "9", "bytes 9-9/10"),
    ] {
        let answer = app.get_with(&path, "range", range).await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(answer.body, bytes, "{range}");
        assert_eq!(answer.header("content-range"), content_range, "{range}");
        assert_eq!(answer.header("content-length"), bytes.len().to_string(), "{range}");
    }
    let beyond = app.get_with(&path, "range", "bytes=10-").await;
    assert_eq!(beyond.code(), "range_not_satisfiable");
    assert_eq!(beyond.header("content-range"), "bytes */10");
    let several = app.get_with(&path, "range", "bytes=0-1,3-4").await;
    assert_eq!((several.status, several.body.len()), (StatusCode::OK, 10));
}

#[tokio::test]
async fn a_range_of_other_bytes_is_answered_with_the_whole() {
    let (app, path) = started().await;
    let request =
        |tag| app.request("GET", &path).header("range", "bytes=2-4").header("if-range", tag);
    let same = app.send(request(TAG).body(Body::empty()).unwrap()).await;
    assert_eq!(same.status, StatusCode::PARTIAL_CONTENT);
    let other = app.send(request("\"other\"").body(Body::empty()).unwrap()).await;
    assert_eq!((other.status, other.body.len()), (StatusCode::OK, 10));
}

#[tokio::test]
async fn head_gives_the_headers_alone() {
    let (app, path) = started().await;
    let answer = app.send(app.request("HEAD", &path).body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
    assert_eq!((answer.header("content-length"), answer.header("etag")), ("10", TAG));
}

#[tokio::test]
async fn bytes_that_the_client_has_are_not_sent_again() {
    let (app, path) = started().await;
    let answer = app.get_with(&path, "if-none-match", TAG).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(answer.header("etag"), TAG);
}

#[tokio::test]
async fn a_page_in_disguise_is_not_served_as_one() {
    let app = App::start().await;
    let form = Form::new().file("x.html", "text/html", b"<script>alert(1)</script>");
    let id = app.upload(form).await.json()["track"]["id"].as_str().unwrap().to_owned();
    let answer = app.get(&format!("/v1/tracks/{id}/audio")).await;
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert!(answer.header("content-disposition").starts_with("attachment"));
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
}
