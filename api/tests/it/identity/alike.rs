//! What belongs to others looks like what does not exist, byte for byte.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::json;
use store::testing::DatabaseKind;

use super::operation::{NOBODIES, Operation, operations, send};
use super::things::{Profile, named};
use crate::app::{Answer, App};
use crate::form::Form;
use crate::world::request;

on_both_databases! {
    what_belongs_to_others_looks_like_what_does_not_exist,
    lists_hold_nothing_of_others,
    the_same_bytes_of_two_users_are_two_tracks,
}

/// The headers of an answer but how many more requests there may be, which is less with each.
fn told(answer: &Answer) -> HeaderMap {
    let mut headers = answer.headers.clone();
    headers.remove("ratelimit");
    headers
}

async fn what_belongs_to_others_looks_like_what_does_not_exist(database: DatabaseKind) {
    let app = App::on(database).await;
    let stranger = app.foreign_token().await;
    let (mut n_checked, mut tracks) = (0, Vec::new());
    for operation in operations().into_iter().filter(Operation::names) {
        let name = operation.name();
        let ids = named(&app, &operation, Profile::Hidden).await;
        let ids = ids.each_ref().map(String::as_str);
        let foreign = send(&app, &operation, Some(&stranger), ids).await;
        let code = if operation.is_for_administrators() {
            // Whoever may do nothing with any of them learns nothing about any of them.
            "admin_needed"
        } else if operation.lists_what_it_names() {
            "ok"
        } else {
            "not_found"
        };
        assert_eq!(operation.code(&foreign), code, "{name}");
        let mut unknown = vec![NOBODIES];
        if operation.path.contains("{id}") {
            unknown.push(["not-an-id", NOBODIES[1]]);
        }
        for ids in unknown {
            let unknown = send(&app, &operation, Some(&stranger), ids).await;
            assert_eq!(unknown.body, foreign.body, "{name}");
            assert_eq!(told(&unknown), told(&foreign), "{name}");
        }
        if operation.path.starts_with("/v1/tracks/{id}") {
            tracks.push(format!("/v1/tracks/{}", ids[0]));
        }
        n_checked += 1;
    }
    assert_eq!((n_checked, tracks.len()), (48, 7));
    for track in tracks {
        assert_eq!(app.get(&track).await.status, StatusCode::OK);
    }
}

async fn lists_hold_nothing_of_others(database: DatabaseKind) {
    let app = App::on(database).await;
    app.analyzed(b"mine", 440.0).await;
    app.post_json("/v1/runs", "{}").await;
    let stranger = app.foreign_token().await;
    for list in ["/v1/tracks", "/v1/jobs", "/v1/runs"] {
        assert_ne!(app.get(list).await.json()["items"], json!([]), "{list}");
        let page = app.send(request(Method::GET, list, Some(&stranger), None)).await.json();
        assert_eq!(page["items"], json!([]), "{list}");
    }
}

async fn the_same_bytes_of_two_users_are_two_tracks(database: DatabaseKind) {
    let app = App::on(database).await;
    let mine = app.track(b"the same").await.to_string();
    let stranger = app.foreign_token().await;
    let form = Form::new().file("a", "audio/wav", b"the same");
    let request = Request::builder()
        .method("POST")
        .uri("/v1/tracks")
        .header("authorization", format!("Bearer {stranger}"))
        .header("content-type", form.content_type());
    let answer = app.send(request.body(Body::from(form.into_bytes())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_ne!(answer.json()["track"]["id"], mine);
    assert_eq!(app.n_blob_files(), 1);
}
