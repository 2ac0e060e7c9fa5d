//! Reading, listing, changing and deleting tracks, and their reports.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use store::jobs;
use store::testing::DatabaseKind;

use crate::app::{Answer, App};
use crate::shown::shown;

on_both_databases! {
    lists_newest_first_in_pages,
    lists_by_state,
    a_query_that_is_not_understood_is_refused,
    changes_what_is_given_and_nothing_else,
    a_change_of_an_old_version_is_refused,
    a_change_that_is_not_understood_is_refused,
    deletes_a_track_once,
    a_report_is_given_as_it_was_written,
    a_track_without_a_report_says_why,
}

async fn patch(app: &App, id: &str, body: &str, if_match: Option<&str>) -> Answer {
    let request = app
        .request("PATCH", &format!("/v1/tracks/{id}"))
        .header("content-type", "application/json");
    let request =
        if_match.into_iter().fold(request, |request, tag| request.header("if-match", tag));
    app.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn lists_newest_first_in_pages(database: DatabaseKind) {
    let app = App::on(database).await;
    let mut ids = Vec::new();
    for n in 0..5_u8 {
        ids.insert(0, app.track(&[n]).await.to_string());
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = app.get(&format!("/v1/tracks?limit=2{after}")).await.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|track| track["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ids);
}

async fn lists_by_state(database: DatabaseKind) {
    let app = App::on(database).await;
    let analyzed = app.analyzed(b"one", 440.0).await;
    app.track(b"two").await;
    let found = app.get("/v1/tracks?state=analyzed").await.json();
    insta::assert_json_snapshot!("tracks", shown(found.clone()));
    assert_eq!(found["items"][0]["id"], analyzed.to_string());
    assert_eq!(
        app.get("/v1/tracks?state=failed").await.json(),
        json!({ "items": [], "next": null })
    );
}

async fn a_query_that_is_not_understood_is_refused(database: DatabaseKind) {
    let app = App::on(database).await;
    for (query, code) in [
        ("limit=0", "invalid_field"),
        ("limit=201", "invalid_field"),
        ("limit=1000000000", "invalid_field"),
        ("limit=99999999999999999999", "malformed_query"),
        ("limit=-1", "malformed_query"),
        ("limit=x", "malformed_query"),
        ("limit=1&limit=2", "malformed_query"),
        ("state=gone", "malformed_query"),
        ("after=x", "malformed_query"),
        ("owner_id=1", "malformed_query"),
        ("after=%00", "malformed_query"),
    ] {
        assert_eq!(app.get(&format!("/v1/tracks?{query}")).await.code(), code, "{query}");
    }
}

async fn changes_what_is_given_and_nothing_else(database: DatabaseKind) {
    let app = App::on(database).await;
    let id = app.track(b"x").await.to_string();
    let first =
        patch(&app, &id, r#"{"title": "One", "artist": "A", "tags": ["B", "a"]}"#, None).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(first.header("etag"), "\"v2\"");
    let second = patch(&app, &id, r#"{"title": null}"#, Some("\"v2\"")).await;
    assert_eq!(second.header("etag"), "\"v3\"");
    let track = second.json();
    assert_eq!((&track["title"], &track["artist"]), (&Value::Null, &json!("A")));
    assert_eq!(track["tags"], json!(["a", "b"]));
    let third = patch(&app, &id, r#"{"tags": null}"#, Some("*")).await;
    assert_eq!(third.json()["tags"], json!([]));
    assert_eq!(app.get(&format!("/v1/tracks/{id}")).await.json(), third.json());
}

async fn a_change_of_an_old_version_is_refused(database: DatabaseKind) {
    let app = App::on(database).await;
    let id = app.track(b"x").await.to_string();
    assert_eq!(
        patch(&app, &id, r#"{"title": "One"}"#, Some("\"v1\"")).await.status,
        StatusCode::OK
    );
    let stale = patch(&app, &id, r#"{"title": "Two"}"#, Some("\"v1\"")).await;
    assert_eq!(stale.code(), "version_mismatch");
    let track = app.get(&format!("/v1/tracks/{id}")).await;
    assert_eq!((&track.json()["title"], track.header("etag")), (&json!("One"), "\"v2\""));
    assert_eq!(patch(&app, &id, "{}", Some("v2")).await.code(), "malformed_header");
}

async fn a_change_that_is_not_understood_is_refused(database: DatabaseKind) {
    let app = App::on(database).await;
    let id = app.track(b"x").await.to_string();
    let large = format!(r#"{{"title": "{}"}}"#, "x".repeat(70_000));
    let deep = format!(r#"{{"title": {}}}"#, "[".repeat(10_000));
    for (body, code) in [
        (r#"{"title": "#, "malformed_json"),
        ("", "malformed_json"),
        (deep.as_str(), "invalid_field"),
        (r#"{"owner_id": "x"}"#, "invalid_field"),
        (r#"{"state": "analyzed"}"#, "invalid_field"),
        (r#"{"title": 1}"#, "invalid_field"),
        (r#"{"title": "a\u0000b"}"#, "invalid_field"),
        (r#"{"tags": ["a,b"]}"#, "invalid_field"),
        (large.as_str(), "body_too_large"),
    ] {
        let answer = patch(&app, &id, body, None).await;
        assert_eq!(answer.code(), code, "{}", &body[..body.len().min(40)]);
    }
    let request =
        app.request("PATCH", &format!("/v1/tracks/{id}")).header("content-type", "text/plain");
    let answer = app.send(request.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.code(), "unsupported_media_type");
    assert_eq!(app.get(&format!("/v1/tracks/{id}")).await.json()["version"], 1);
}

async fn deletes_a_track_once(database: DatabaseKind) {
    let app = App::on(database).await;
    let id = app.track(b"x").await;
    let path = format!("/v1/tracks/{id}");
    let delete = || app.request("DELETE", &path).body(Body::empty()).unwrap();
    let answer = app.send(delete()).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0));
    assert_eq!(app.send(delete()).await.code(), "not_found");
    assert_eq!(app.get(&path).await.code(), "not_found");
    assert_eq!((app.n_tracks().await, app.n_blob_files()), (0, 0));
}

async fn a_report_is_given_as_it_was_written(database: DatabaseKind) {
    let app = App::on(database).await;
    let id = app.analyzed(b"x", 440.0).await;
    let path = format!("/v1/tracks/{id}/report");
    let answer = app.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json(), json!({ "schema": "consort.report/1", "heard_hz": 440.0 }));
    let tag = answer.header("etag");
    let again = app.get_with(&path, "if-none-match", tag).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(again.header("etag"), tag);
}

async fn a_track_without_a_report_says_why(database: DatabaseKind) {
    let app = App::on(database).await;
    let id = app.track(b"x").await;
    let path = format!("/v1/tracks/{id}/report");
    let waiting = app.get(&path).await;
    assert_eq!(
        (waiting.code().as_str(), waiting.header("retry-after")),
        ("track_not_analyzed", "2")
    );

    let lease = jobs::claim(&app.store, "test").await.unwrap().unwrap();
    jobs::fail(&app.store, &lease, "bad_media", "no frame could be decoded").await.unwrap();
    let failed = app.get(&path).await;
    assert_eq!(failed.code(), "track_failed");
    assert_eq!(failed.json()["detail"], "the analysis of the track failed: bad_media");
    insta::assert_json_snapshot!(
        "track_failed",
        shown(app.get(&format!("/v1/tracks/{id}")).await.json())
    );
}
