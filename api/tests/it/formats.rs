//! Reports in the shapes of other programs.

use std::collections::HashSet;

use axum::http::StatusCode;
use report::formats::{Format, Recording};
use report::{Details, Report, Tags};

use crate::app::App;

#[tokio::test]
async fn every_format_has_its_type_its_tag_and_its_bytes() {
    let app = App::start().await;
    let id = app.reported(b"x").await;
    let read = |name| std::fs::read(fixtures::path(name)).unwrap();
    let json = String::from_utf8(read("formats/report/v1.json")).unwrap();
    let report = Report::from_json(&json).unwrap();
    let details = Details::from_json(&read("formats/details/v1.json")).unwrap();
    let tags = Tags { title: Some("From the file".to_owned()), ..Tags::default() };
    let recording = Recording { report: &report, details: Some(&details), tags: &tags };
    let mut seen = HashSet::new();
    for format in Format::ALL {
        let path = format!("/v1/tracks/{id}/report?format={format}");
        let answer = app.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{format}");
        assert_eq!(answer.header("content-type"), format.media_type(), "{format}");
        let expected = match format {
            Format::Json => json.clone().into_bytes(),
            other => other.render(&recording).unwrap(),
        };
        assert!(answer.body == expected, "{format}");
        let tag = answer.header("etag").to_owned();
        let again = app.get_with(&path, "if-none-match", &tag).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{format}");
        assert!(seen.insert(tag), "{format} has the tag of another one");
    }
}

#[tokio::test]
async fn an_unknown_format_is_refused() {
    let app = App::start().await;
    let id = app.reported(b"x").await;
    for query in ["format=xml", "format=", "format=JSON", "format=csv&format=csv", "shape=csv"] {
        let answer = app.get(&format!("/v1/tracks/{id}/report?{query}")).await;
        assert_eq!(answer.code(), "malformed_query", "{query}");
    }
}

#[tokio::test]
async fn what_cannot_be_given_says_why() {
    let app = App::start().await;
    let waiting = app.track(b"waiting").await;
    let answer = app.get(&format!("/v1/tracks/{waiting}/report?format=csv")).await;
    assert_eq!(answer.code(), "track_not_analyzed");
    let foreign = app.foreign_token().await;
    let request = axum::http::Request::builder()
        .uri(format!("/v1/tracks/{waiting}/report?format=csv"))
        .header("authorization", format!("Bearer {foreign}"));
    let answer = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.code(), "not_found");
}
