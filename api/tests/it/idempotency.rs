//! `Idempotency-Key`: what comes again is answered as the first time, and done once.

use std::time::Duration;

use api::{Config, ImportsConfig};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use futures::{StreamExt, stream};
use serde_json::json;
use store::testing::{BlobKind, DatabaseKind};
use store::{Scope, jobs, users};

use crate::app::{Answer, token};
use crate::form::Form;
use crate::world::{World, send};

on_both_databases! {
    a_form_that_comes_again_is_answered_as_the_first_time,
    json_that_comes_again_is_answered_as_the_first_time,
    another_request_with_the_same_key_is_refused,
    a_request_that_is_under_way_is_not_begun_again,
    a_request_that_failed_leaves_its_key_free,
    a_key_belongs_to_its_user_and_ends_after_a_day,
    what_is_no_key_is_refused,
}

async fn post(router: &Router, token: &str, path: &str, key: &str, body: (String, Body)) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("idempotency-key", key)
        .header("content-type", body.0);
    send(router, request.body(body.1).unwrap()).await
}

fn song(bytes: &[u8]) -> (String, Body) {
    let form = Form::new().text("title", "Song").file("a.mp3", "audio/mpeg", bytes);
    (form.content_type(), Body::from(form.into_bytes()))
}

fn json(body: &serde_json::Value) -> (String, Body) {
    ("application/json".to_owned(), Body::from(body.to_string()))
}

async fn n_tracks(world: &World, token: &str) -> usize {
    world.get("/v1/tracks", token).await.json()["items"].as_array().unwrap().len()
}

async fn a_form_that_comes_again_is_answered_as_the_first_time(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::Admin]).await;
    let first = post(&world.router, &token, "/v1/tracks", "k", song(b"one")).await;
    assert_eq!((first.status.as_u16(), first.header("idempotent-replayed")), (202, ""));
    let second = world.second_process().await;
    let again = post(&second, &token, "/v1/tracks", "k", song(b"one")).await;
    // 202 and not 200: it is the answer of the first time.
    assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (202, "true"));
    assert_eq!(again.body, first.body);
    for name in ["location", "etag", "content-type"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    // Also when the track is gone: it is not made again.
    let path = first.header("location").to_owned();
    world.send("DELETE".parse().unwrap(), &path, Some(&token), None).await;
    let again = post(&world.router, &token, "/v1/tracks", "k", song(b"one")).await;
    assert_eq!((again.body, n_tracks(&world, &token).await), (first.body, 0));
}

async fn json_that_comes_again_is_answered_as_the_first_time(database: DatabaseKind) {
    let imports = ImportsConfig { enabled: true, ..ImportsConfig::default() };
    let config = Config { imports, ..Config::default() };
    let world = World::shaped(database, BlobKind::Local, config).await;
    let token = world.token(&[Scope::Admin]).await;
    for (path, body) in [
        ("/v1/uploads", json!({ "n_bytes": 5 })),
        ("/v1/imports", json!({ "url": "https://music.example/a.wav" })),
        ("/v1/runs", json!({})),
    ] {
        let key = format!("key of {path}").replace(' ', "-");
        let first = post(&world.router, &token, path, &key, json(&body)).await;
        assert!(first.status.is_success(), "{:?}", first.body);
        let again = post(&world.router, &token, path, &key, json(&body)).await;
        assert_eq!((again.status, again.body), (first.status, first.body), "{path}");
        assert_eq!(again.headers["location"], first.headers["location"]);
    }
    let me = world.get("/v1/auth/me", &token).await.json();
    assert_eq!(me["quota"]["n_open_bytes"], 5);
    for kind in ["import_track", "plan_run"] {
        let jobs = world.get(&format!("/v1/jobs?kind={kind}"), &token).await.json();
        assert_eq!(jobs["items"].as_array().unwrap().len(), 1, "{kind}");
    }
}

async fn another_request_with_the_same_key_is_refused(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::Admin]).await;
    let sent = async |path: &str, body| post(&world.router, &token, path, "k", body).await;
    assert_eq!(sent("/v1/tracks", song(b"one")).await.status, 202);
    let other_words = Form::new().text("title", "Other").file("a.mp3", "audio/mpeg", b"one");
    let other_words = (other_words.content_type(), Body::from(other_words.into_bytes()));
    for (path, body) in [
        ("/v1/tracks", song(b"two")),
        ("/v1/tracks", other_words),
        ("/v1/runs", json(&json!({}))),
        ("/v1/uploads", json(&json!({ "n_bytes": 5 }))),
    ] {
        let answer = sent(path, body).await;
        let expected = (422, "idempotency_key_reused");
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), expected, "{path}");
    }
    assert_eq!(n_tracks(&world, &token).await, 1);
    // Nothing of what was refused stays.
    assert_eq!(world.n_pieces(), 0);
}

async fn a_request_that_is_under_way_is_not_begun_again(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::Admin]).await;
    let (kind, _) = song(b"one");
    let form = Form::new().text("title", "Song").file("a.mp3", "audio/mpeg", b"one").into_bytes();
    let (router, key_token) = (world.router.clone(), token.clone());
    // While the body of the first arrives, the second comes.
    let (head, tail) = (Bytes::copy_from_slice(&form[..20]), Bytes::copy_from_slice(&form[20..]));
    let body = stream::iter([head, tail]).then(move |part| {
        let (router, token) = (router.clone(), key_token.clone());
        async move {
            let answer = post(&router, &token, "/v1/tracks", "k", song(b"one")).await;
            let expected = ("idempotency_key_in_use".to_owned(), "2");
            assert_eq!((answer.code(), answer.header("retry-after")), expected);
            Ok::<_, std::io::Error>(part)
        }
    });
    let body = Body::from_stream(Box::pin(body));
    let first = post(&world.router, &token, "/v1/tracks", "k", (kind, body)).await;
    assert_eq!(first.status, 202);
    let again = post(&world.router, &token, "/v1/tracks", "k", song(b"one")).await;
    assert_eq!(again.body, first.body);
}

async fn a_request_that_failed_leaves_its_key_free(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::Admin]).await;
    let empty = post(&world.router, &token, "/v1/tracks", "k", song(b"")).await;
    assert_eq!(empty.code(), "upload_empty");
    let first = post(&world.router, &token, "/v1/tracks", "k", song(b"one")).await;
    assert_eq!((first.status.as_u16(), first.header("idempotent-replayed")), (202, ""));
}

async fn a_key_belongs_to_its_user_and_ends_after_a_day(database: DatabaseKind) {
    let world = World::new(database).await;
    let mine = world.token(&[Scope::Admin]).await;
    let other = users::create(world.store(), "somebody else").await.unwrap().id;
    let theirs = token(world.store(), other, &[Scope::Admin]).await;
    let first = post(&world.router, &mine, "/v1/tracks", "k", song(b"one")).await;
    let foreign = post(&world.router, &theirs, "/v1/tracks", "k", song(b"one")).await;
    assert_eq!((foreign.status.as_u16(), foreign.header("idempotent-replayed")), (202, ""));
    assert_ne!(foreign.json()["track"]["id"], first.json()["track"]["id"]);
    world.advance(Duration::from_hours(24));
    jobs::sweep(world.store()).await.unwrap();
    let late = post(&world.router, &mine, "/v1/tracks", "k", song(b"one")).await;
    assert_eq!((late.status.as_u16(), late.header("idempotent-replayed")), (200, ""));
}

async fn what_is_no_key_is_refused(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::Admin]).await;
    for key in ["", "a b", "ä", &"x".repeat(256)] {
        let answer = post(&world.router, &token, "/v1/tracks", key, song(b"one")).await;
        assert_eq!(answer.code(), "malformed_header", "{key:?}");
    }
    let long = "~".repeat(255);
    let answer = post(&world.router, &token, "/v1/tracks", &long, song(b"one")).await;
    assert_eq!(answer.status, 202);
}
