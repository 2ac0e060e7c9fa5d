//! Many tracks in one request.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use store::testing::DatabaseKind;
use store::users;
use store::{Scope, TrackId};

use crate::app::{Answer, finish, token};
use crate::form::Form;
use crate::world::{World, send};

on_both_databases! {
    tracks_come_in_the_order_of_the_request,
    reports_come_word_for_word_with_why_there_is_none,
    a_hundred_is_the_most,
    what_cannot_be_meant_is_refused,
}

const NOBODY: &str = "0000000000000000000000";

async fn upload(world: &World, token: &str, bytes: &[u8]) -> TrackId {
    let form = Form::new().file("a.wav", "audio/wav", bytes);
    let request = Request::builder()
        .method(Method::POST)
        .uri("/v1/tracks")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", form.content_type());
    let answer = send(&world.router, request.body(Body::from(form.into_bytes())).unwrap()).await;
    assert_eq!(answer.status, 202);
    answer.json()["track"]["id"].as_str().unwrap().parse().unwrap()
}

async fn everything(world: &World) -> String {
    world.token(&[Scope::Admin]).await
}

async fn of_somebody_else(world: &World) -> String {
    let user = users::create(world.store(), "somebody else").await.unwrap();
    token(world.store(), user.id, &[Scope::Admin]).await
}

fn list(ids: &[&str]) -> String {
    ids.join(",")
}

fn ids_of<'a>(answer: &'a Value, name: &str) -> Vec<&'a str> {
    answer["items"].as_array().unwrap().iter().map(|item| item[name].as_str().unwrap()).collect()
}

async fn tracks_come_in_the_order_of_the_request(database: DatabaseKind) {
    let world = World::new(database).await;
    let (mine, theirs) = (everything(&world).await, of_somebody_else(&world).await);
    let a = upload(&world, &mine, b"a").await.to_string();
    let b = upload(&world, &mine, b"b").await.to_string();
    let c = upload(&world, &mine, b"c").await.to_string();
    let foreign = upload(&world, &theirs, b"d").await.to_string();
    let path = format!("/v1/tracks?ids={}", list(&[&b, NOBODY, &c, &foreign, &a, &b]));
    let answer = world.get(&path, &mine).await;
    assert_eq!(answer.status, 200);
    assert_eq!(ids_of(&answer.json(), "id"), [&b, &c, &a]);
    assert_eq!(answer.json()["next"], Value::Null);
    let one = world.get(&format!("/v1/tracks/{a}"), &mine).await.json();
    assert_eq!(answer.json()["items"][2], one);
    // A foreign id and one of nobody leave the same: nothing, byte for byte.
    let get =
        async |id: &str| -> Answer { world.get(&format!("/v1/tracks?ids={id}"), &mine).await };
    assert_eq!(get(&foreign).await.body, get(NOBODY).await.body);
}

async fn reports_come_word_for_word_with_why_there_is_none(database: DatabaseKind) {
    let world = World::new(database).await;
    let (mine, theirs) = (everything(&world).await, of_somebody_else(&world).await);
    let report = r#"{"schema":"consort.report/1",  "a number": 1.50}"#;
    let done = upload(&world, &mine, b"done").await;
    finish(world.store(), done, report).await;
    let foreign = upload(&world, &theirs, b"foreign").await;
    finish(world.store(), foreign, report).await;
    let (done, foreign) = (done.to_string(), foreign.to_string());
    let waiting = upload(&world, &mine, b"waiting").await.to_string();
    let path = format!("/v1/reports?ids={}", list(&[&waiting, &foreign, NOBODY, &done]));
    let answer = world.get(&path, &mine).await;
    assert_eq!(answer.status, 200);
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains(&format!("\"report\":{report}")), "{text}");
    assert_eq!(ids_of(&answer.json(), "track"), [&waiting, &done]);
    assert_eq!(answer.json()["items"][0]["state"], "queued");
    assert_eq!(answer.json()["items"][0]["report"], Value::Null);
    assert_eq!(answer.json()["items"][1]["state"], "analyzed");
    let get =
        async |id: &str| -> Answer { world.get(&format!("/v1/reports?ids={id}"), &mine).await };
    assert_eq!(get(&foreign).await.body, get(NOBODY).await.body);
    assert_eq!(get(NOBODY).await.json(), json!({ "items": [] }));
}

async fn a_hundred_is_the_most(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = everything(&world).await;
    let ids = |n: u128| {
        let ids = (1..=n).map(|id| TrackId::from_u128(id).to_string());
        ids.collect::<Vec<_>>().join(",")
    };
    for path in ["/v1/tracks", "/v1/reports"] {
        assert_eq!(world.get(&format!("{path}?ids={}", ids(100)), &token).await.status, 200);
        let answer = world.get(&format!("{path}?ids={}", ids(101)), &token).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "too_many_ids"));
    }
}

async fn what_cannot_be_meant_is_refused(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = everything(&world).await;
    for query in [
        "tracks?ids=",
        "tracks?ids=x",
        "tracks?ids=0000000000000000000000,",
        "tracks?ids=0000000000000000000000&limit=1",
        "tracks?ids=0000000000000000000000&state=failed",
        "tracks?ids=0000000000000000000000&after=0000000000000000000000",
        "tracks?ids=0000000000000000000000&ids=0000000000000000000001",
        "reports",
        "reports?ids=",
        "reports?ids=null",
        "reports?ids=0000000000000000000000&limit=1",
    ] {
        let answer = world.get(&format!("/v1/{query}"), &token).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "malformed_query"),
            "{query}"
        );
    }
}
