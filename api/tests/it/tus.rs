//! Uploads that resume, by tus.

use std::time::Duration;

use api::Config;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::http::request::Builder;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{StreamExt, join, stream};
use ring::digest::{SHA256, digest};
use secrecy::ExposeSecret;
use store::testing::{BlobKind, DatabaseKind};
use store::tokens::{self, NewToken};
use store::{Scope, Sha256, jobs};

use crate::app::Answer;
use crate::world::{World, send};

on_both_databases! {
    an_upload_goes_on_in_another_process,
    an_upload_goes_on_with_an_object_store,
    what_came_of_a_broken_request_is_kept,
    of_two_requests_at_once_one_counts,
    a_checksum_lets_all_count_or_nothing,
    what_is_not_tus_is_refused,
    bytes_beyond_the_end_are_refused,
    an_upload_that_expires_leaves_nothing,
    what_a_killed_process_left_is_swept,
    an_upload_that_is_given_up_leaves_nothing,
    bytes_that_changed_meanwhile_are_refused,
    a_token_may_end_while_an_upload_is_open,
    all_bytes_may_come_at_once,
    words_go_with_the_upload,
    another_method_may_stand_in,
    a_user_may_not_open_uploads_without_end,
    an_upload_goes_with_its_user,
}

/// A client of one process.
struct Client {
    router: Router,
    token: String,
}

impl Client {
    async fn new(world: &World) -> Self {
        Self { router: world.router.clone(), token: world.token(&[Scope::Admin]).await }
    }

    fn request(&self, method: &str, path: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("tus-resumable", "1.0.0")
            .header("x-request-id", "same")
    }

    async fn send(&self, request: Builder, body: impl Into<Body>) -> Answer {
        send(&self.router, request.body(body.into()).unwrap()).await
    }

    async fn create(&self, n_bytes: usize, metadata: &str) -> Answer {
        let request = self
            .request("POST", "/v1/uploads/tus")
            .header("upload-length", n_bytes)
            .header("upload-metadata", metadata);
        self.send(request, Body::empty()).await
    }

    /// Begins an upload; its path.
    async fn begin(&self, n_bytes: usize) -> String {
        let answer = self.create(n_bytes, "").await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        answer.header("location").to_owned()
    }

    fn patching(&self, path: &str, offset: usize) -> Builder {
        self.request("PATCH", path)
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", offset)
    }

    async fn patch(&self, path: &str, offset: usize, body: impl Into<Body>) -> Answer {
        self.send(self.patching(path, offset), body).await
    }

    async fn head(&self, path: &str) -> Answer {
        self.send(self.request("HEAD", path), Body::empty()).await
    }

    /// Where the upload ends.
    async fn offset(&self, path: &str) -> usize {
        let answer = self.head(path).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        answer.header("upload-offset").parse().unwrap()
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path), Body::empty()).await
    }

    /// The bytes of the track that an answer names.
    async fn audio(&self, answer: &Answer) -> Bytes {
        let track = answer.header("track-location");
        assert!(track.starts_with("/v1/tracks/"), "{:?} {:?}", answer.headers, answer.body);
        self.get(&format!("{track}/audio")).await.body
    }
}

/// Bytes that differ from one another.
fn bytes(n_bytes: usize) -> Vec<u8> {
    let words = (0_u32..).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes());
    words.take(n_bytes).collect()
}

/// A body that breaks off after `part`.
fn broken(part: &[u8]) -> Body {
    let chunks = [
        Ok(Bytes::copy_from_slice(part)),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ];
    Body::from_stream(stream::iter(chunks))
}

fn checksum(bytes: &[u8]) -> String {
    format!("sha256 {}", STANDARD.encode(digest(&SHA256, bytes)))
}

async fn resumes(world: World) {
    let first = Client::new(&world).await;
    let song = bytes(100_000);
    let path = first.begin(song.len()).await;
    let answer = first.patch(&path, 0, song[..60_000].to_vec()).await;
    assert_eq!((answer.status.as_u16(), answer.header("upload-offset")), (204, "60000"));
    assert_eq!(answer.header("track-location"), "");
    assert_eq!(world.n_pieces(), 1);

    let second = Client { router: world.second_process().await, token: first.token.clone() };
    let told = second.head(&path).await;
    assert_eq!((told.header("upload-offset"), told.header("upload-length")), ("60000", "100000"));
    assert_eq!(told.header("cache-control"), "no-store");
    assert_eq!(told.header("upload-expires"), "Sat, 03 Jan 2026 03:04:05 GMT");
    let answer = second.patch(&path, 60_000, song[60_000..].to_vec()).await;
    assert_eq!((answer.status.as_u16(), answer.header("upload-offset")), (204, "100000"));
    assert_eq!(answer.header("tus-resumable"), "1.0.0");
    assert!(second.audio(&answer).await == song);

    // It is told later too, and to say the end again does no harm.
    let told = first.head(&path).await;
    assert_eq!(told.header("track-location"), answer.header("track-location"));
    let again = first.patch(&path, 100_000, Body::empty()).await;
    assert_eq!(again.header("track-location"), answer.header("track-location"));
    assert_eq!(world.n_pieces(), 0);
    let jobs = first.get("/v1/jobs").await.json();
    assert_eq!(jobs["items"].as_array().unwrap().len(), 1);
}

async fn an_upload_goes_on_in_another_process(database: DatabaseKind) {
    resumes(World::new(database).await).await;
}

async fn an_upload_goes_on_with_an_object_store(database: DatabaseKind) {
    resumes(World::shaped(database, BlobKind::S3, Config::default()).await).await;
}

async fn what_came_of_a_broken_request_is_kept(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let song = bytes(50_000);
    let path = client.begin(song.len()).await;
    let answer = client.patch(&path, 0, broken(&song[..20_000])).await;
    assert_eq!(answer.status, 400);
    assert_eq!(client.offset(&path).await, 20_000);
    let answer = client.patch(&path, 20_000, broken(&song[20_000..20_001])).await;
    assert_eq!(answer.status, 400);
    assert_eq!(client.offset(&path).await, 20_001);
    // A client that begins elsewhere is told where to.
    let elsewhere = client.patch(&path, 20_000, song[20_000..].to_vec()).await;
    assert_eq!(elsewhere.code(), "upload_moved");
    let answer = client.patch(&path, 20_001, song[20_001..].to_vec()).await;
    assert!(client.audio(&answer).await == song);
}

async fn of_two_requests_at_once_one_counts(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    for round in 0..5_u8 {
        let path = client.begin(30_000).await;
        let (ours, theirs) = (vec![2 * round; 30_000], vec![2 * round + 1; 30_000]);
        let (a, b) =
            join!(client.patch(&path, 0, ours.clone()), client.patch(&path, 0, theirs.clone()));
        let (winner, loser, expected) = if a.status == 204 { (a, b, ours) } else { (b, a, theirs) };
        assert_eq!(winner.status, 204);
        assert_eq!((loser.status.as_u16(), loser.code().as_str()), (409, "upload_moved"));
        assert!(client.audio(&winner).await == expected);
    }
    assert_eq!(world.n_pieces(), 0);
}

async fn a_checksum_lets_all_count_or_nothing(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let song = bytes(10_000);
    let path = client.begin(song.len()).await;
    let sent = |offset: usize, body: Body, checksum: &str| {
        let request = client.patching(&path, offset).header("upload-checksum", checksum.to_owned());
        client.send(request, body)
    };
    let half = || Body::from(song[..5000].to_vec());
    let wrong = sent(0, half(), &checksum(b"other bytes")).await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (460, "checksum_mismatch"));
    assert_eq!((client.offset(&path).await, world.n_pieces()), (0, 0));
    let cut = sent(0, broken(&song[..4000]), &checksum(&song[..5000])).await;
    assert_eq!(cut.status, 400);
    assert_eq!((client.offset(&path).await, world.n_pieces()), (0, 0));
    for unknown in ["md5 XrY7u+Ae7tCTyyK7j1rNww==", "sha256 Zg==", "sha256"] {
        assert_eq!(sent(0, half(), unknown).await.code(), "malformed_header", "{unknown}");
    }
    assert_eq!(sent(0, half(), &checksum(&song[..5000])).await.status, 204);
    let answer = sent(5000, Body::from(song[5000..].to_vec()), &checksum(&song[5000..])).await;
    assert!(client.audio(&answer).await == song);
}

async fn what_is_not_tus_is_refused(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let options = client.send(client.request("OPTIONS", "/v1/uploads/tus"), Body::empty()).await;
    assert_eq!((options.status.as_u16(), options.header("tus-version")), (204, "1.0.0"));
    assert_eq!(
        options.header("tus-extension"),
        "creation,creation-with-upload,expiration,checksum,termination"
    );
    assert_eq!(options.header("tus-checksum-algorithm"), "sha1,sha256");
    assert_eq!(options.header("tus-max-size"), "4294967296");

    let path = client.begin(10).await;
    for version in [None, Some("0.2.2"), Some("1.0.1")] {
        for (method, path) in
            [("POST", "/v1/uploads/tus"), ("HEAD", &path), ("PATCH", &path), ("DELETE", &path)]
        {
            let mut request = Request::builder()
                .method(method)
                .uri(path)
                .header("authorization", format!("Bearer {}", client.token));
            if let Some(version) = version {
                request = request.header("tus-resumable", version);
            }
            let answer = client.send(request, Body::empty()).await;
            assert_eq!((answer.status.as_u16(), answer.header("tus-version")), (412, "1.0.0"));
            if method != "HEAD" {
                assert_eq!(answer.code(), "tus_version");
            }
        }
    }

    let typed = |kind: &'static str| {
        client.request("PATCH", &path).header("content-type", kind).header("upload-offset", 0)
    };
    assert_eq!(client.send(typed("audio/flac"), "x").await.code(), "unsupported_media_type");
    let no_offset =
        client.request("PATCH", &path).header("content-type", "application/offset+octet-stream");
    assert_eq!(client.send(no_offset, "x").await.code(), "malformed_header");
    assert_eq!(client.patch(&path, 1, "x").await.code(), "upload_moved");
    assert_eq!(client.offset(&path).await, 0);

    for (length, code) in [
        ("", "malformed_header"),
        ("-1", "malformed_header"),
        ("x", "malformed_header"),
        ("0", "upload_empty"),
        ("4294967297", "upload_too_large"),
        ("99999999999999999999", "malformed_header"),
    ] {
        let request = client.request("POST", "/v1/uploads/tus").header("upload-length", length);
        assert_eq!(client.send(request, Body::empty()).await.code(), code, "{length:?}");
    }
    let deferred = client.request("POST", "/v1/uploads/tus").header("upload-defer-length", "1");
    assert_eq!(client.send(deferred, Body::empty()).await.code(), "malformed_header");
    assert_eq!(client.create(5, "filename !").await.code(), "malformed_header");
    assert_eq!(client.create(5, "visibility YWxs").await.code(), "invalid_field");
}

async fn bytes_beyond_the_end_are_refused(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let path = client.begin(10).await;
    let announced = client.patching(&path, 0).header("content-length", 11);
    assert_eq!(client.send(announced, bytes(11)).await.code(), "upload_too_large");
    // Not announced: they are noticed when they come, and none of that request counts.
    let chunks = [Ok::<_, std::io::Error>(Bytes::from(bytes(6))), Ok(Bytes::from(bytes(6)))];
    let answer = client.patch(&path, 0, Body::from_stream(stream::iter(chunks))).await;
    assert_eq!(answer.code(), "upload_too_large");
    assert_eq!((client.offset(&path).await, world.n_pieces()), (0, 0));
    assert_eq!(client.patch(&path, 0, bytes(10)).await.status, 204);
}

async fn an_upload_that_expires_leaves_nothing(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let path = client.begin(10).await;
    assert_eq!(client.patch(&path, 0, "12345").await.status, 204);
    let done = client.begin(4).await;
    assert_eq!(client.patch(&done, 0, "song").await.status, 204);
    world.advance(Duration::from_hours(23));
    assert_eq!(jobs::sweep(world.store()).await.unwrap().n_uploads, 0);
    assert_eq!(client.offset(&path).await, 5);
    world.advance(Duration::from_hours(1));
    assert_eq!(client.head(&path).await.code(), "not_found");
    assert_eq!(client.patch(&path, 5, "67890").await.code(), "not_found");
    assert_eq!(world.n_pieces(), 1);
    assert_eq!(jobs::sweep(world.store()).await.unwrap().n_uploads, 2);
    assert_eq!(world.n_pieces(), 0);
    // What a finished one led to stays.
    assert_eq!(client.get("/v1/tracks").await.json()["items"].as_array().unwrap().len(), 1);
}

async fn what_a_killed_process_left_is_swept(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let path = client.begin(10).await;
    assert_eq!(client.patch(&path, 0, "12345").await.status, 204);
    // A piece that was written while its process was killed before it could count.
    let folder = world.test.folder().join("blobs/uploads");
    let upload = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    std::fs::write(upload.join("0123456789abcdef0123456789abcdef"), "678").unwrap();
    let orphan = folder.join("0123456789abcdef0123456789abcdef");
    std::fs::create_dir(&orphan).unwrap();
    std::fs::write(orphan.join("00001"), "x").unwrap();
    // It does not count, and goes with its upload.
    assert_eq!(client.offset(&path).await, 5);
    world.advance(Duration::from_hours(24));
    jobs::sweep(world.store()).await.unwrap();
    assert_eq!(world.n_pieces(), 1);
    // What no row knows of goes by its age, which the disk tells.
    world.advance(Duration::from_hours(24 * 365 * 10));
    jobs::sweep(world.store()).await.unwrap();
    assert_eq!(world.n_pieces(), 0);
}

async fn an_upload_that_is_given_up_leaves_nothing(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let path = client.begin(10).await;
    assert_eq!(client.patch(&path, 0, "12345").await.status, 204);
    let deleted = client.send(client.request("DELETE", &path), Body::empty()).await;
    assert_eq!((deleted.status.as_u16(), deleted.header("tus-resumable")), (204, "1.0.0"));
    assert_eq!(world.n_pieces(), 0);
    assert_eq!(client.head(&path).await.code(), "not_found");
    assert_eq!(client.patch(&path, 5, "67890").await.code(), "not_found");
    let again = client.send(client.request("DELETE", &path), Body::empty()).await;
    assert_eq!(again.code(), "not_found");
}

async fn bytes_that_changed_meanwhile_are_refused(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let announced = Sha256::of(b"1234567890").to_string();
    let metadata = format!("sha256 {}", STANDARD.encode(announced));
    let path = client.create(10, &metadata).await.header("location").to_owned();
    assert_eq!(client.patch(&path, 0, "12345").await.status, 204);
    let answer = client.patch(&path, 5, "67899").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "upload_mismatch"));
    // Nothing is lost, nothing is made; and to say the end again is answered again.
    assert_eq!(client.offset(&path).await, 10);
    assert_eq!(client.patch(&path, 10, "").await.code(), "upload_mismatch");
    let tracks = client.get("/v1/tracks").await.json();
    assert_eq!(tracks["items"].as_array().unwrap().len(), 0);
    let deleted = client.send(client.request("DELETE", &path), Body::empty()).await;
    assert_eq!((deleted.status.as_u16(), world.n_pieces()), (204, 0));
}

async fn a_token_may_end_while_an_upload_is_open(database: DatabaseKind) {
    let world = World::new(database).await;
    let store = world.store();
    let new = NewToken {
        owner_id: world.test.owner,
        name: "short".to_owned(),
        scopes: vec![Scope::TracksWrite],
        expires_at: Some(store.now() + Duration::from_mins(1)),
    };
    let token = tokens::issue(store, new).await.unwrap().1.expose_secret().to_owned();
    let short = Client { router: world.router.clone(), token };
    let path = short.begin(10).await;
    // It is asked when a request begins: one that began in time ends well.
    let clock = world.test.clock.clone().unwrap();
    let slow = stream::iter(["12", "345"]).map(move |part| {
        clock.advance(Duration::from_secs(40));
        Ok::<_, std::io::Error>(Bytes::from(part))
    });
    assert_eq!(short.patch(&path, 0, Body::from_stream(slow)).await.status, 204);
    let answer = short.patch(&path, 5, "67890").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "unauthorized"));
    // With a new token the same user goes on.
    let fresh = Client { token: world.token(&[Scope::TracksWrite]).await, ..short };
    assert_eq!(fresh.offset(&path).await, 5);
    assert_eq!(fresh.patch(&path, 5, "67890").await.status, 204);
}

async fn all_bytes_may_come_at_once(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let created = |length: usize| {
        client
            .request("POST", "/v1/uploads/tus")
            .header("upload-length", length)
            .header("content-type", "application/offset+octet-stream")
    };
    let half = client.send(created(10), "12345").await;
    assert_eq!((half.status.as_u16(), half.header("upload-offset")), (201, "5"));
    let path = half.header("location").to_owned();
    assert_eq!(client.patch(&path, 5, "67890").await.status, 204);
    let whole = client.send(created(4), "song").await;
    assert_eq!((whole.status.as_u16(), whole.header("upload-offset")), (201, "4"));
    assert_eq!(client.audio(&whole).await, "song");
    // What fails leaves no upload that nobody knows of.
    let wrong = client.send(created(4).header("upload-checksum", checksum(b"x")), "song").await;
    assert_eq!((wrong.code().as_str(), world.n_pieces()), ("checksum_mismatch", 0));
    let me = client.get("/v1/auth/me").await.json();
    assert_eq!(me["quota"]["n_open_bytes"], 0);
}

async fn words_go_with_the_upload(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let pair = |key: &str, value: &str| format!("{key} {}", STANDARD.encode(value));
    let metadata = [
        pair("filename", "../../Take\u{202e} Five.mp3"),
        pair("filetype", "audio/mpeg"),
        pair("title", "Take Five"),
        pair("artist", "Dave Brubeck"),
        pair("tags", "Jazz,piano"),
        pair("visibility", "listed"),
        // Nobody gives what is not theirs to give.
        pair("owner_id", "0000000000000000000001"),
        pair("state", "analyzed"),
        pair("weight", "9"),
    ]
    .join(",");
    let path = client.create(4, &metadata).await.header("location").to_owned();
    assert_eq!(client.head(&path).await.header("upload-metadata"), metadata);
    let answer = client.patch(&path, 0, "song").await;
    let track = client.get(answer.header("track-location")).await.json();
    assert_eq!(track["file_name"], "Take Five.mp3");
    assert_eq!(track["content_type"], "audio/mpeg");
    assert_eq!((&track["title"], &track["artist"]), (&"Take Five".into(), &"Dave Brubeck".into()));
    assert_eq!(track["tags"], serde_json::json!(["jazz", "piano"]));
    assert_eq!((&track["visibility"], &track["state"]), (&"listed".into(), &"queued".into()));
    assert_eq!(track["weight"], 1.0);
}

async fn another_method_may_stand_in(database: DatabaseKind) {
    let world = World::new(database).await;
    let client = Client::new(&world).await;
    let path = client.begin(4).await;
    let instead = |method: &'static str| {
        client
            .request("POST", &path)
            .header("x-http-method-override", method)
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", 0)
    };
    assert_eq!(client.send(instead("GET"), "").await.code(), "malformed_header");
    assert_eq!(client.send(instead("HEAD"), "").await.header("upload-length"), "4");
    assert_eq!(client.send(instead("PATCH"), "so").await.header("upload-offset"), "2");
    assert_eq!(client.send(instead("DELETE"), "").await.status, 204);
    assert_eq!(client.send(instead("HEAD"), "").await.code(), "not_found");
}

async fn a_user_may_not_open_uploads_without_end(database: DatabaseKind) {
    let config = Config { max_open_uploads: 2, ..Config::default() };
    let world = World::shaped(database, BlobKind::Local, config).await;
    let client = Client::new(&world).await;
    let path = client.begin(4).await;
    client.begin(4).await;
    let answer = client.create(4, "").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "too_many_uploads"));
    // One that is done is not open.
    assert_eq!(client.patch(&path, 0, "song").await.status, 204);
    client.begin(4).await;
    world.advance(Duration::from_hours(24));
    let again = Client::new(&world).await;
    again.begin(4).await;
}

async fn an_upload_goes_with_its_user(database: DatabaseKind) {
    let world = World::new(database).await;
    let user = world.user("ana", store::Role::User).await;
    let access = world.login("ana", crate::world::PASSWORD).await.access;
    let client = Client { router: world.router.clone(), token: access };
    let path = client.begin(10).await;
    assert_eq!(client.patch(&path, 0, "12345").await.status, 204);
    assert!(store::users::delete(world.store(), user.id).await.unwrap());
    assert_eq!(world.n_pieces(), 0);
    assert_eq!(client.head(&path).await.code(), "unauthorized");
}
