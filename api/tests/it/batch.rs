//! `POST /v1/tracks/batch`.

use api::{Config, QuotaConfig};
use axum::body::{Body, Bytes};
use axum::http::Request;
use futures::stream;
use serde_json::{Value, json};
use store::Scope;
use store::testing::{BlobKind, DatabaseKind};

use crate::app::{Answer, n_files};
use crate::form::Form;
use crate::world::{World, send};

on_both_databases! {
    each_file_is_answered_in_order,
    a_bad_file_does_not_lose_the_others,
    a_form_that_breaks_keeps_what_came_before,
    a_batch_without_a_file_is_refused,
    a_quota_ends_a_batch_file_by_file,
}

async fn batch(world: &World, token: &str, content_type: &str, body: Body) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri("/v1/tracks/batch")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", content_type);
    send(&world.router, request.body(body).unwrap()).await
}

async fn sent(world: &World, token: &str, form: Form) -> Answer {
    batch(world, token, &form.content_type(), Body::from(form.into_bytes())).await
}

/// Name, status and code of each item.
fn outcomes(answer: &Answer) -> Vec<(Value, u64, Value)> {
    let body = answer.json();
    let items = body["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let status = item["status"].as_u64().unwrap();
            (item["file_name"].clone(), status, item["error"]["code"].clone())
        })
        .collect()
}

async fn each_file_is_answered_in_order(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::Admin]).await;
    let form = || {
        Form::new()
            .text("artist", "Trio")
            .text("tags", "Jazz,piano")
            .file("dir/1.mp3", "audio/mpeg", b"one")
            .text("tags", "solo")
            .text("visibility", "listed")
            .file("2.flac", "audio/flac", b"two")
            .file("again.mp3", "audio/mpeg", b"one")
    };
    let answer = sent(&world, &token, form()).await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    let expected = [("1.mp3", 202), ("2.flac", 202), ("1.mp3", 200)];
    let expected = expected.map(|(name, status)| (json!(name), status, Value::Null));
    assert_eq!(outcomes(&answer), expected);
    let items = answer.json()["items"].clone();
    let (first, second) = (&items[0]["track"], &items[1]["track"]);
    assert_eq!(
        (&first["tags"], &first["visibility"]),
        (&json!(["jazz", "piano"]), &json!("private"))
    );
    assert_eq!((&second["tags"], &second["visibility"]), (&json!(["solo"]), &json!("listed")));
    assert_eq!((&first["artist"], &second["artist"]), (&json!("Trio"), &json!("Trio")));
    assert_eq!(items[2]["track"]["id"], first["id"]);
    assert_eq!(items[0]["job"]["state"], "queued");
    // None of them is new.
    assert_eq!(sent(&world, &token, form()).await.status, 200);
}

async fn a_bad_file_does_not_lose_the_others(database: DatabaseKind) {
    let config = Config { max_upload_bytes: 1000, ..Config::default() };
    let world = World::shaped(database, BlobKind::Local, config).await;
    let token = world.token(&[Scope::Admin]).await;
    let form = Form::new()
        .file("empty.mp3", "audio/mpeg", b"")
        .file("good.mp3", "audio/mpeg", b"one")
        .file("large.mp3", "audio/mpeg", &[1; 1001])
        .file("fits.mp3", "audio/mpeg", &[1; 1000]);
    let answer = sent(&world, &token, form).await;
    assert_eq!(answer.status, 202);
    let expected = [
        (json!("empty.mp3"), 422, json!("upload_empty")),
        (json!("good.mp3"), 202, Value::Null),
        (json!("large.mp3"), 413, json!("upload_too_large")),
        (json!("fits.mp3"), 202, Value::Null),
    ];
    assert_eq!(outcomes(&answer), expected);
    let refused = &answer.json()["items"][0];
    assert_eq!((&refused["track"], &refused["job"]), (&Value::Null, &Value::Null));
    assert_eq!(refused["error"]["type"], "/problems/upload_empty");
    assert_eq!(n_files(&world.test.folder().join("blobs")), 2);
}

async fn a_form_that_breaks_keeps_what_came_before(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::Admin]).await;
    let form = Form::new().file("1.mp3", "audio/mpeg", b"one").file("2.mp3", "audio/mpeg", b"two");
    let content_type = form.content_type();
    let mut bytes = form.into_bytes();
    bytes.truncate(bytes.len() - 60);
    let chunks =
        [Ok(Bytes::from(bytes)), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    let answer =
        batch(&world, &token, &content_type, Body::from_stream(stream::iter(chunks))).await;
    assert_eq!(answer.status, 202);
    let expected =
        [(json!("1.mp3"), 202, Value::Null), (Value::Null, 400, json!("malformed_multipart"))];
    assert_eq!(outcomes(&answer), expected);
    assert_eq!(n_files(&world.test.folder().join("blobs")), 1);
    // So does a field that is not known, wherever it comes.
    let form = Form::new().file("1.mp3", "audio/mpeg", b"one").text("owner_id", "x");
    let answer = sent(&world, &token, form).await;
    assert_eq!(outcomes(&answer)[1], (Value::Null, 422, json!("invalid_field")));
    let form = Form::new().text("owner_id", "x").file("3.mp3", "audio/mpeg", b"three");
    assert_eq!(sent(&world, &token, form).await.code(), "invalid_field");
    assert_eq!(n_files(&world.test.folder().join("blobs")), 1);
}

async fn a_batch_without_a_file_is_refused(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::Admin]).await;
    assert_eq!(
        sent(&world, &token, Form::new().text("tags", "x")).await.code(),
        "upload_missing_file"
    );
    let answer = batch(&world, &token, &Form::new().content_type(), Body::empty()).await;
    assert_eq!(answer.code(), "upload_empty");
    let answer = batch(&world, &token, "application/json", Body::from("{}")).await;
    assert_eq!(answer.code(), "unsupported_media_type");
    let many =
        (0..130_u32).fold(Form::new(), |form, n| form.file("a", "audio/mpeg", &n.to_le_bytes()));
    let answer = sent(&world, &token, many).await;
    assert_eq!(outcomes(&answer).len(), 129);
    assert_eq!(outcomes(&answer)[128], (Value::Null, 400, json!("malformed_multipart")));
}

async fn a_quota_ends_a_batch_file_by_file(database: DatabaseKind) {
    let quota = QuotaConfig { max_bytes: 10, ..QuotaConfig::default() };
    let config = Config { quota, ..Config::default() };
    let world = World::shaped(database, BlobKind::Local, config).await;
    let token = world.token(&[Scope::Admin]).await;
    let form = Form::new()
        .file("1.mp3", "audio/mpeg", b"12345678")
        .file("2.mp3", "audio/mpeg", b"12345")
        .file("3.mp3", "audio/mpeg", b"12");
    let answer = sent(&world, &token, form).await;
    let codes: Vec<Value> = outcomes(&answer).into_iter().map(|(_, _, code)| code).collect();
    assert_eq!(codes, [Value::Null, json!("quota_exceeded"), Value::Null]);
    assert_eq!(n_files(&world.test.folder().join("blobs")), 2);
}
