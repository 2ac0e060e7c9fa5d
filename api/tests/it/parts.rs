//! Uploads in parts, put straight into the object store or to the API: for a client it is the same.

use std::time::Duration;

use api::Config;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use store::testing::{BlobKind, DatabaseKind};
use store::{Scope, Sha256, jobs};

use crate::app::Answer;
use crate::world::{World, request, send};

on_both_databases! {
    a_recording_comes_in_parts_to_the_api,
    a_recording_comes_in_parts_to_an_object_store,
    a_recording_comes_in_one_part,
    an_upload_goes_on_with_fresh_urls_in_another_process,
    bytes_that_changed_meanwhile_are_refused,
    a_url_takes_no_other_length_and_no_other_part,
    a_url_ends_when_it_was_said_to,
    parts_of_the_wrong_length_are_refused,
    something_must_be_said_of_the_bytes,
    what_is_no_upload_is_refused,
    an_upload_that_is_given_up_or_expires_leaves_nothing,
    an_upload_is_completed_once,
}

const MIB: usize = 1 << 20;
/// The least size of a part.
const PART: usize = 5 * MIB;

/// A client that knows only what the API answers.
pub(crate) struct Client {
    pub(crate) token: String,
    router: Router,
}

impl Client {
    pub(crate) async fn new(world: &World) -> Self {
        Self { router: world.router.clone(), token: world.token(&[Scope::Admin]).await }
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let method = method.parse().unwrap();
        send(&self.router, request(method, path, Some(&self.token), body)).await
    }

    /// Begins an upload.
    async fn begin(&self, n_bytes: usize) -> Value {
        let body = json!({ "n_bytes": n_bytes, "part_bytes": PART, "file_name": "a/b.flac", "title": "Song" });
        let answer = self.ask("POST", "/v1/uploads", Some(body)).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        let begun = answer.json();
        assert_eq!(answer.header("location"), path(&begun));
        begun
    }

    /// Puts bytes where they belong; the status and the tag of the part.
    pub(crate) async fn put(&self, url: &Value, bytes: &[u8]) -> (u16, String) {
        let target = url["url"].as_str().unwrap();
        if url["needs_token"] == true {
            let request = Request::builder()
                .method("PUT")
                .uri(target)
                .header("authorization", format!("Bearer {}", self.token));
            let answer =
                send(&self.router, request.body(Body::from(bytes.to_vec())).unwrap()).await;
            return (answer.status.as_u16(), answer.header("etag").to_owned());
        }
        let mut request = reqwest::Client::new().put(target).body(bytes.to_vec());
        for (name, value) in url["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        let answer = request.send().await.unwrap();
        let tag = answer.headers().get("etag").map_or("", |tag| tag.to_str().unwrap()).to_owned();
        (answer.status().as_u16(), tag)
    }

    async fn put_all(&self, urls: &Value, bytes: &[u8]) -> Vec<Value> {
        let mut parts = Vec::new();
        for url in urls.as_array().unwrap() {
            let number = url["number"].as_u64().unwrap();
            let begin = (usize::try_from(number).unwrap() - 1) * PART;
            let end = begin + usize::try_from(url["n_bytes"].as_u64().unwrap()).unwrap();
            let (status, etag) = self.put(url, &bytes[begin..end]).await;
            assert_eq!(status, 200);
            parts.push(json!({ "number": number, "etag": etag }));
        }
        parts
    }

    async fn complete(&self, begun: &Value, body: Value) -> Answer {
        self.ask("POST", &format!("{}/complete", path(begun)), Some(body)).await
    }
}

fn path(begun: &Value) -> String {
    format!("/v1/uploads/{}", begun["upload"]["id"].as_str().unwrap())
}

/// Bytes that differ from one another.
fn bytes(n_bytes: usize) -> Vec<u8> {
    let words = 0..u32::try_from(n_bytes.div_ceil(4)).unwrap();
    let mut bytes: Vec<u8> =
        words.flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    bytes.truncate(n_bytes);
    bytes
}

async fn comes_in_parts(world: World) {
    let client = Client::new(&world).await;
    let song = bytes(2 * PART + 7);
    let begun = client.begin(song.len()).await;
    let upload = &begun["upload"];
    assert_eq!((&upload["state"], &upload["n_parts"]), (&json!("open"), &json!(3)));
    assert_eq!(begun["urls"].as_array().unwrap().len(), 3);
    assert_eq!(begun["urls"][2]["n_bytes"], 7);
    // In any order.
    let mut urls = begun["urls"].clone();
    urls.as_array_mut().unwrap().reverse();
    let parts = client.put_all(&urls, &song).await;
    let shown = client.ask("GET", &path(&begun), None).await.json();
    assert_eq!(
        (&shown["n_bytes_arrived"], &shown["n_bytes"]),
        (&json!(song.len()), &json!(song.len()))
    );
    assert_eq!(shown["parts"][0], json!({ "number": 1, "n_bytes": PART }));

    let sha256 = Sha256::of(&song).to_string();
    let body = json!({ "sha256": sha256, "parts": parts });
    let answer = client.complete(&begun, body.clone()).await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    let track = &answer.json()["track"];
    assert_eq!((&track["sha256"], &track["n_bytes"]), (&json!(sha256), &json!(song.len())));
    assert_eq!((&track["file_name"], &track["title"]), (&json!("b.flac"), &json!("Song")));
    assert_eq!(answer.json()["job"]["state"], "queued");
    assert_eq!(answer.header("location"), format!("/v1/tracks/{}", track["id"].as_str().unwrap()));
    let audio = client.ask("GET", &format!("{}/audio", answer.header("location")), None).await;
    assert!(audio.body == song);
    assert_eq!(world.n_pieces(), 0);

    // Whoever did not hear the answer asks again.
    let again = client.complete(&begun, body).await;
    assert_eq!((again.status.as_u16(), &again.json()["track"]["id"]), (200, &track["id"]));
    assert_eq!(again.json()["job"]["id"], answer.json()["job"]["id"]);
    let shown = client.ask("GET", &path(&begun), None).await.json();
    assert_eq!((&shown["state"], &shown["track_id"]), (&json!("done"), &track["id"]));
    // The same bytes by another upload are the same track.
    let second = client.begin(song.len()).await;
    client.put_all(&second["urls"], &song).await;
    let same = client.complete(&second, json!({ "sha256": sha256 })).await;
    assert_eq!((same.status.as_u16(), &same.json()["track"]["id"]), (200, &track["id"]));
}

async fn a_recording_comes_in_parts_to_the_api(database: DatabaseKind) {
    comes_in_parts(World::new(database).await).await;
}

async fn a_recording_comes_in_parts_to_an_object_store(database: DatabaseKind) {
    comes_in_parts(World::of_today(database, BlobKind::S3, Config::default()).await).await;
}

async fn a_recording_comes_in_one_part(database: DatabaseKind) {
    for blobs in [BlobKind::Local, BlobKind::S3] {
        let world = World::of_today(database, blobs, Config::default()).await;
        let client = Client::new(&world).await;
        let song = bytes(1000);
        let begun = client.begin(song.len()).await;
        assert_eq!(begun["upload"]["n_parts"], 1);
        assert_eq!(begun["urls"].as_array().unwrap().len(), 1);
        assert_eq!(begun["urls"][0]["needs_token"], blobs == BlobKind::Local);
        let parts = client.put_all(&begun["urls"], &song).await;
        let answer = client.complete(&begun, json!({ "parts": parts })).await;
        assert_eq!(answer.status, 202, "{:?}", answer.body);
        assert_eq!(answer.json()["track"]["sha256"], Sha256::of(&song).to_string());
        let audio = client.ask("GET", &format!("{}/audio", answer.header("location")), None).await;
        assert!(audio.body == song);
        assert_eq!((world.n_pieces(), world.n_blob_files()), (0, 1));
    }
}

async fn an_upload_goes_on_with_fresh_urls_in_another_process(database: DatabaseKind) {
    for blobs in [BlobKind::Local, BlobKind::S3] {
        let world = World::of_today(database, blobs, Config::default()).await;
        let client = Client::new(&world).await;
        let song = bytes(PART + 1);
        let begun = client.begin(song.len()).await;
        assert_eq!(client.put(&begun["urls"][0], &song[..PART]).await.0, 200);
        let missing = client.complete(&begun, json!({ "sha256": "0".repeat(64) })).await;
        assert_eq!((missing.status.as_u16(), missing.code().as_str()), (409, "upload_incomplete"));
        assert_eq!(missing.json()["detail"], "the upload is not complete: part 2");

        let second = Client { router: world.second_process().await, token: client.token.clone() };
        let parts = format!("{}/parts", path(&begun));
        let fresh = second.ask("POST", &parts, Some(json!({}))).await.json();
        assert_eq!(fresh["urls"].as_array().unwrap().len(), 1);
        assert_eq!(fresh["urls"][0]["number"], 2);
        second.put_all(&fresh["urls"], &song).await;
        assert_eq!(second.ask("POST", &parts, Some(json!({}))).await.json()["urls"], json!([]));
        let sha256 = Sha256::of(&song).to_string();
        let answer = second.complete(&begun, json!({ "sha256": sha256 })).await;
        assert_eq!(answer.status, 202, "{:?}", answer.body);
        let over = second.ask("POST", &parts, Some(json!({}))).await;
        assert_eq!(over.code(), "upload_busy");
    }
}

async fn bytes_that_changed_meanwhile_are_refused(database: DatabaseKind) {
    for blobs in [BlobKind::Local, BlobKind::S3] {
        let world = World::of_today(database, blobs, Config::default()).await;
        let client = Client::new(&world).await;
        let song = bytes(PART + 3);
        let begun = client.begin(song.len()).await;
        let parts = client.put_all(&begun["urls"], &song).await;
        // Somebody put another first part after all.
        let other = vec![7; PART];
        client.put(&begun["urls"][0], &other).await;
        let sha256 = Sha256::of(&song).to_string();
        let whole = client.complete(&begun, json!({ "sha256": sha256 })).await;
        assert_eq!((whole.status.as_u16(), whole.code().as_str()), (422, "upload_mismatch"));
        let tagged = client.complete(&begun, json!({ "parts": parts })).await;
        assert_eq!(tagged.code(), "upload_mismatch");
        let detail =
            "the bytes are not those that were announced: part 1 differ from what was said";
        assert_eq!(tagged.json()["detail"], detail);
        let first = json!({ "number": 1, "sha256": Sha256::of(&song[..PART]).to_string() });
        let by_hash = json!({ "parts": [first, parts[1]] });
        assert_eq!(client.complete(&begun, by_hash.clone()).await.code(), "upload_mismatch");
        let tracks = client.ask("GET", "/v1/tracks", None).await.json();
        assert_eq!(tracks["items"], json!([]));
        // Nothing is lost: with the right part it ends well.
        client.put(&begun["urls"][0], &song[..PART]).await;
        assert_eq!(client.complete(&begun, by_hash).await.status, 202);
    }
}

async fn a_url_takes_no_other_length_and_no_other_part(database: DatabaseKind) {
    let world = World::of_today(database, BlobKind::S3, Config::default()).await;
    let client = Client::new(&world).await;
    let begun = client.begin(PART + 3).await;
    let mut url = begun["urls"][1].clone();
    assert_eq!(url["needs_token"], false);
    for length in [2, 4, 1000] {
        let (status, _) = client.put(&url, &vec![1; length]).await;
        assert_eq!(status, 403, "{length} bytes");
    }
    let text = url["url"].as_str().unwrap().to_owned();
    for (from, to) in [("/00002?", "/00001?"), ("/00002?", "/00003?"), ("uploads/", "blobs/")] {
        assert!(text.contains(from), "{text}");
        url["url"] = text.replacen(from, to, 1).into();
        assert_eq!(client.put(&url, &[1; 3]).await.0, 403, "{to}");
    }
    // It is for putting only.
    let got = reqwest::get(&text).await.unwrap();
    assert_eq!(got.status(), 403);
    assert_eq!(world.n_pieces(), 0);
    url["url"] = text.into();
    assert_eq!(client.put(&url, &[1; 3]).await.0, 200);
}

async fn a_url_ends_when_it_was_said_to(database: DatabaseKind) {
    // The clock of this world stands in the past, and the object store goes by the time of day.
    let config = Config { upload_url_s: 60, ..Config::default() };
    let world = World::shaped(database, BlobKind::S3, config).await;
    let client = Client::new(&world).await;
    let begun = client.begin(3).await;
    let url = &begun["urls"][0];
    assert_eq!(url["expires_at"], "2026-01-02T03:05:05Z");
    let signed = url["url"].as_str().unwrap();
    for part in ["X-Amz-Date=20260102T030405Z", "X-Amz-Expires=60"] {
        assert!(signed.contains(part), "{signed}");
    }
    let refused = reqwest::Client::new().put(signed).body("abc").send().await.unwrap();
    assert_eq!(refused.status(), 403);
    let why = refused.text().await.unwrap();
    assert!(why.contains("expired"), "{why}");
    assert_eq!(world.n_pieces(), 0);
    let sha256 = Sha256::of(b"abc").to_string();
    let missing = client.complete(&begun, json!({ "sha256": sha256 })).await;
    assert_eq!(missing.code(), "upload_incomplete");
}

async fn parts_of_the_wrong_length_are_refused(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let begun = client.begin(PART + 3).await;
    let url = |number: u32| json!({ "url": format!("{}/parts/{number}", path(&begun)), "needs_token": true });
    for (number, n_bytes, status) in
        [(2, 2, 422), (2, 0, 422), (2, 4, 413), (3, 3, 404), (0, 3, 404), (1, 3, 422)]
    {
        assert_eq!(
            client.put(&url(number), &vec![1; n_bytes]).await.0,
            status,
            "{number} {n_bytes}"
        );
    }
    assert_eq!(world.n_pieces(), 0);
    // A part that is there stays until the whole of another one is.
    let (_, tag) = client.put(&url(2), b"abc").await;
    assert_eq!(client.put(&url(2), b"ab").await.0, 422);
    assert_eq!(tag, format!("\"{}\"", Sha256::of(b"abc")));
    let shown = client.ask("GET", &path(&begun), None).await.json();
    assert_eq!(shown["parts"], json!([{ "number": 2, "n_bytes": 3 }]));
    let asked = client
        .ask("POST", &format!("{}/parts", path(&begun)), Some(json!({ "numbers": [3] })))
        .await;
    assert_eq!(asked.code(), "invalid_field");
    let many: Vec<u32> = vec![1; 101];
    let asked = client
        .ask("POST", &format!("{}/parts", path(&begun)), Some(json!({ "numbers": many })))
        .await;
    assert_eq!(asked.code(), "invalid_field");
}

async fn something_must_be_said_of_the_bytes(database: DatabaseKind) {
    for blobs in [BlobKind::Local, BlobKind::S3] {
        let world = World::of_today(database, blobs, Config::default()).await;
        let client = Client::new(&world).await;
        let begun = client.begin(3).await;
        client.put_all(&begun["urls"], b"abc").await;
        for said in [
            json!({}),
            json!({ "parts": [{ "number": 1 }] }),
            json!({ "parts": [{ "number": 2, "etag": "x" }] }),
            json!({ "parts": [{ "number": 0, "etag": "x" }] }),
            json!({ "sha256": "x" }),
            json!({ "sha256": Sha256::of(b"abc").to_string(), "owner_id": "x" }),
        ] {
            let answer = client.complete(&begun, said.clone()).await;
            assert_eq!(answer.code(), "invalid_field", "{said}");
        }
        // What was announced at the beginning is enough.
        let body = json!({ "n_bytes": 3, "sha256": Sha256::of(b"abc").to_string() });
        let begun = client.ask("POST", "/v1/uploads", Some(body)).await.json();
        client.put_all(&begun["urls"], b"abd").await;
        assert_eq!(client.complete(&begun, json!({})).await.code(), "upload_mismatch");
        client.put_all(&begun["urls"], b"abc").await;
        assert_eq!(client.complete(&begun, json!({})).await.status, 202);
    }
}

async fn what_is_no_upload_is_refused(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    for (body, code) in [
        (json!({}), "invalid_field"),
        (json!({ "n_bytes": 0 }), "upload_empty"),
        (json!({ "n_bytes": -1 }), "invalid_field"),
        (json!({ "n_bytes": (4_u64 << 30) + 1 }), "upload_too_large"),
        (json!({ "n_bytes": 1, "part_bytes": 1 }), "invalid_field"),
        (json!({ "n_bytes": 1, "sha256": "x" }), "invalid_field"),
        (json!({ "n_bytes": 1, "visibility": "all" }), "invalid_field"),
        (json!({ "n_bytes": 1, "title": "a\u{0}b" }), "invalid_field"),
        (json!({ "n_bytes": 1, "tags": ["a,b"] }), "invalid_field"),
        (json!({ "n_bytes": 1, "state": "done" }), "invalid_field"),
        (json!({ "n_bytes": 1, "owner_id": "0000000000000000000001" }), "invalid_field"),
        (json!({ "n_bytes": 1, "expires_at": "2030-01-01T00:00:00Z" }), "invalid_field"),
        (json!({ "n_bytes": 1, "track_id": "0000000000000000000001" }), "invalid_field"),
    ] {
        let answer = client.ask("POST", "/v1/uploads", Some(body.clone())).await;
        assert_eq!(answer.code(), code, "{body}");
    }
    // An upload by tus has no parts.
    let request = Request::builder()
        .method("POST")
        .uri("/v1/uploads/tus")
        .header("authorization", format!("Bearer {}", client.token))
        .header("tus-resumable", "1.0.0")
        .header("upload-length", 3);
    let answer = send(&client.router, request.body(Body::empty()).unwrap()).await;
    let id = answer.header("location").rsplit('/').next().unwrap().to_owned();
    let shown = client.ask("GET", &format!("/v1/uploads/{id}"), None).await.json();
    assert_eq!((&shown["protocol"], &shown["n_parts"]), (&json!("tus"), &json!(0)));
    for (path, body) in [("parts", json!({})), ("complete", json!({ "sha256": "0".repeat(64) }))] {
        let answer = client.ask("POST", &format!("/v1/uploads/{id}/{path}"), Some(body)).await;
        assert_eq!(answer.code(), "not_found");
    }
}

async fn an_upload_that_is_given_up_or_expires_leaves_nothing(database: DatabaseKind) {
    for blobs in [BlobKind::Local, BlobKind::S3] {
        let world = World::of_today(database, blobs, Config::default()).await;
        let client = Client::new(&world).await;
        let begun = client.begin(3).await;
        client.put_all(&begun["urls"], b"abc").await;
        assert_eq!(world.n_pieces(), 1);
        assert_eq!(client.ask("DELETE", &path(&begun), None).await.status, 204);
        assert_eq!(world.n_pieces(), 0);
        for (method, path) in [("GET", path(&begun)), ("DELETE", path(&begun))] {
            assert_eq!(client.ask(method, &path, None).await.code(), "not_found");
        }
        let begun = client.begin(3).await;
        client.put_all(&begun["urls"], b"abc").await;
        world.advance(Duration::from_hours(24));
        let late =
            client.complete(&begun, json!({ "sha256": Sha256::of(b"abc").to_string() })).await;
        assert_eq!(late.code(), "not_found");
        assert_eq!(jobs::sweep(world.store()).await.unwrap().n_uploads, 1);
        assert_eq!(world.n_pieces(), 0);
    }
}

async fn an_upload_is_completed_once(database: DatabaseKind) {
    for blobs in [BlobKind::Local, BlobKind::S3] {
        let world = World::of_today(database, blobs, Config::default()).await;
        let client = Client::new(&world).await;
        let song = bytes(PART + 1);
        let begun = client.begin(song.len()).await;
        client.put_all(&begun["urls"], &song).await;
        let body = json!({ "sha256": Sha256::of(&song).to_string() });
        let all = (0..8).map(|_| client.complete(&begun, body.clone()));
        let answers = futures::future::join_all(all).await;
        let made = answers.iter().filter(|answer| answer.status == 202).count();
        assert_eq!(made, 1);
        for answer in answers.iter().filter(|answer| !answer.status.is_success()) {
            assert_eq!(
                (answer.code().as_str(), answer.header("retry-after")),
                ("upload_busy", "2")
            );
        }
        let jobs = client.ask("GET", "/v1/jobs", None).await.json();
        assert_eq!(jobs["items"].as_array().unwrap().len(), 1);
        assert_eq!(world.n_pieces(), 0);
    }
}
