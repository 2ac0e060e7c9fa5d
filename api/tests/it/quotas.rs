//! What users may keep.

use api::{Config, QuotaConfig};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use futures::future::join_all;
use serde_json::{Value, json};
use store::testing::{BlobKind, DatabaseKind};
use store::{Role, Scope, jobs, users};

use crate::app::{Answer, token};
use crate::form::Form;
use crate::parts::Client;
use crate::world::{PASSWORD, World, send};

on_both_databases! {
    twenty_uploads_at_once_never_exceed_a_quota,
    a_quota_holds_for_every_way_to_upload,
    an_administrator_changes_what_a_user_may_keep,
    minutes_count_when_they_are_known,
    nobody_changes_the_own_quota,
}

async fn limited(database: DatabaseKind, quota: QuotaConfig) -> World {
    limited_over(database, BlobKind::Local, quota).await
}

/// The same with recordings in a store of this kind.
async fn limited_over(database: DatabaseKind, blobs: BlobKind, quota: QuotaConfig) -> World {
    let config = Config { quota, ..Config::default() };
    World::of_today(database, blobs, config).await
}

async fn upload(router: &Router, token: &str, bytes: &[u8]) -> Answer {
    let form = Form::new().file("a.mp3", "audio/mpeg", bytes);
    let request = Request::builder()
        .method("POST")
        .uri("/v1/tracks")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", form.content_type());
    send(router, request.body(Body::from(form.into_bytes())).unwrap()).await
}

async fn twenty_uploads_at_once_never_exceed_a_quota(database: DatabaseKind) {
    let of_bytes = QuotaConfig { max_bytes: 7500, ..QuotaConfig::default() };
    let of_tracks = QuotaConfig { max_tracks: 7, ..QuotaConfig::default() };
    for (blobs, quota) in [
        (BlobKind::Local, of_bytes),
        (BlobKind::Local, of_tracks),
        (BlobKind::S3, of_bytes),
        (BlobKind::S3, of_tracks),
    ] {
        let world = limited_over(database, blobs, quota).await;
        let token = world.token(&[Scope::Admin]).await;
        let other = crate::world::request(Method::GET, "/v1/auth/me", Some(&token), None);
        let files: Vec<Vec<u8>> = (0..20_u8).map(|n| vec![n; 1000]).collect();
        let answers = join_all(files.iter().map(|file| upload(&world.router, &token, file))).await;
        let n_kept = answers.iter().filter(|answer| answer.status == 202).count();
        assert_eq!(n_kept, 7, "{quota:?}");
        for answer in answers.iter().filter(|answer| answer.status != 202) {
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "quota_exceeded"));
        }
        let quota = send(&world.router, other).await.json()["quota"].clone();
        assert_eq!((&quota["bytes"]["used"], &quota["tracks"]["used"]), (&json!(7000), &json!(7)));
        // Of those that were refused nothing stays.
        assert_eq!(world.n_blob_files(), 7);
        let again = upload(&world.router, &token, b"x").await;
        let is_full = quota["tracks"]["limit"] == 7;
        assert_eq!(again.status == 403, is_full);
    }
}

async fn a_quota_holds_for_every_way_to_upload(database: DatabaseKind) {
    let quota = QuotaConfig { max_bytes: 100_000, ..QuotaConfig::default() };
    for blobs in [BlobKind::Local, BlobKind::S3] {
        holds_for_every_way_to_upload(limited_over(database, blobs, quota).await).await;
    }
}

async fn holds_for_every_way_to_upload(world: World) {
    let client = Client::new(&world).await;
    let token = client.token.clone();
    let begin = async |n_bytes: u64| {
        let body = json!({ "n_bytes": n_bytes });
        world.send(Method::POST, "/v1/uploads", Some(&token), Some(body)).await
    };
    let tus = async |n_bytes: u64| {
        let request = Request::builder()
            .method("POST")
            .uri("/v1/uploads/tus")
            .header("authorization", format!("Bearer {token}"))
            .header("tus-resumable", "1.0.0")
            .header("upload-length", n_bytes);
        send(&world.router, request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(begin(100_001).await.code(), "quota_exceeded");
    assert_eq!(tus(100_001).await.code(), "quota_exceeded");
    // What was announced counts before it has come.
    let opened = begin(60_000).await;
    assert_eq!(opened.status, 201);
    assert_eq!(tus(40_001).await.code(), "quota_exceeded");
    assert_eq!(tus(40_000).await.status, 201);
    assert_eq!(begin(1).await.code(), "quota_exceeded");
    // A form is refused by its length, before a byte of it is read.
    let announced = Request::builder()
        .method("POST")
        .uri("/v1/tracks")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", Form::new().content_type())
        .header("content-length", 200_000)
        .header("expect", "100-continue");
    let unread = Body::from_stream(futures::stream::poll_fn(
        |_| -> std::task::Poll<Option<std::io::Result<axum::body::Bytes>>> {
            panic!("the body was read")
        },
    ));
    let refused = send(&world.router, announced.body(unread).unwrap()).await;
    assert_eq!(refused.code(), "quota_exceeded");

    // What is counted in the end is what came.
    let opened = opened.json();
    let (status, etag) = client.put(&opened["urls"][0], &vec![1; 60_000]).await;
    assert_eq!(status, 200);
    let parts = json!({ "parts": [{ "number": 1, "etag": etag }] });
    let path = format!("/v1/uploads/{}/complete", opened["upload"]["id"].as_str().unwrap());
    // An administrator has lowered the limit meanwhile: it is asked again in the end.
    let set = async |limit: Value| {
        let path = format!("/v1/admin/users/{}", world.test.owner);
        let body = json!({ "quota": { "n_bytes": limit } });
        world.send(Method::PATCH, &path, Some(&token), Some(body)).await
    };
    assert_eq!(set(json!(59_999)).await.status, 200);
    let refused = world.send(Method::POST, &path, Some(&token), Some(parts.clone())).await;
    assert_eq!(refused.code(), "quota_exceeded");
    assert_eq!(refused.json()["detail"], "the quota is 59999 bytes");
    assert_eq!(set(Value::Null).await.status, 200);
    let kept = world.send(Method::POST, &path, Some(&token), Some(parts)).await;
    assert_eq!(kept.status, 202);
    let quota = world.get("/v1/auth/me", &token).await.json()["quota"].clone();
    assert_eq!((&quota["bytes"]["used"], &quota["n_open_bytes"]), (&json!(60_000), &json!(40_000)));
    // What is deleted counts no more.
    let location = kept.header("location").to_owned();
    world.send(Method::DELETE, &location, Some(&token), None).await;
    let quota = world.get("/v1/auth/me", &token).await.json()["quota"].clone();
    assert_eq!(quota["bytes"], json!({ "used": 0, "limit": 100_000 }));
}

async fn an_administrator_changes_what_a_user_may_keep(database: DatabaseKind) {
    let world = limited(database, QuotaConfig { max_tracks: 1, ..QuotaConfig::default() }).await;
    world.user("root", Role::Admin).await;
    let admin = world.login("root", PASSWORD).await.access;
    let ana = users::create(world.store(), "Ana").await.unwrap().id;
    let mine = token(world.store(), ana, &[Scope::TracksWrite]).await;
    let path = format!("/v1/admin/users/{ana}");
    let set = async |quota: Value| {
        world.send(Method::PATCH, &path, Some(&admin), Some(json!({ "quota": quota }))).await
    };
    assert_eq!(upload(&world.router, &mine, b"one").await.status, 202);
    assert_eq!(upload(&world.router, &mine, b"two").await.code(), "quota_exceeded");
    let answer = set(json!({ "n_tracks": 2 })).await;
    assert_eq!(answer.json()["quota"]["tracks"], json!({ "used": 1, "limit": 2 }));
    assert_eq!(answer.json()["user"]["id"], json!(ana));
    assert_eq!(upload(&world.router, &mine, b"two").await.status, 202);
    // A field that is left out stays; null is what everybody may.
    let answer = set(json!({ "n_bytes": 6, "n_minutes": 9 })).await.json();
    assert_eq!(answer["quota"]["tracks"]["limit"], 2);
    assert_eq!(answer["quota"]["bytes"], json!({ "used": 6, "limit": 6 }));
    assert_eq!(answer["quota"]["minutes"], json!({ "used": 0.0, "limit": 9 }));
    let answer = set(json!({ "n_tracks": null, "n_bytes": null, "n_minutes": null })).await.json();
    assert_eq!(answer["quota"]["tracks"]["limit"], 1);
    assert_eq!(answer["quota"]["bytes"]["limit"], Value::Null);
    for body in [json!({ "n_tracks": -1 }), json!({ "n_tracks": 1.5 }), json!({ "tracks": 1 })] {
        assert_eq!(set(body.clone()).await.code(), "invalid_field", "{body}");
    }
}

async fn minutes_count_when_they_are_known(database: DatabaseKind) {
    let world = limited(database, QuotaConfig { max_minutes: 1, ..QuotaConfig::default() }).await;
    let token = world.token(&[Scope::Admin]).await;
    assert_eq!(upload(&world.router, &token, b"one").await.status, 202);
    let lease = jobs::claim(world.store(), "test").await.unwrap().unwrap();
    // Nobody knows yet how long it is.
    assert_eq!(upload(&world.router, &token, b"two").await.status, 202);
    let analyzed = jobs::Analyzed {
        report_json: "{}".to_owned(),
        details: Vec::new(),
        analysis_version: 1,
        pcm_hash: None,
        fingerprint_keys: Vec::new(),
        descriptor: Vec::new(),
        descriptor_version: 1,
        embedding: None,
        media: json!({}),
        stages: json!({}),
        duration_s: 90.0,
    };
    assert!(jobs::complete_analysis(world.store(), &lease, analyzed).await.unwrap());
    assert_eq!(upload(&world.router, &token, b"three").await.code(), "quota_exceeded");
    let quota = world.get("/v1/auth/me", &token).await.json()["quota"].clone();
    assert_eq!(quota["minutes"], json!({ "used": 1.5, "limit": 1 }));
}

async fn nobody_changes_the_own_quota(database: DatabaseKind) {
    let world = limited(database, QuotaConfig { max_tracks: 1, ..QuotaConfig::default() }).await;
    let user = world.user("ana", Role::User).await;
    let access = world.login("ana", PASSWORD).await.access;
    let path = format!("/v1/admin/users/{}", user.id);
    let body = json!({ "quota": { "n_tracks": 100 } });
    let answer = world.send(Method::PATCH, &path, Some(&access), Some(body.clone())).await;
    assert_eq!(answer.code(), "admin_needed");
    for path in ["/v1/profiles/me", "/v1/auth/password"] {
        let answer = world.send(Method::PUT, path, Some(&access), Some(body.clone())).await;
        assert_eq!(answer.code(), "invalid_field", "{path}");
    }
    let me = world.get("/v1/auth/me", &access).await.json();
    assert_eq!(me["quota"]["tracks"], json!({ "used": 0, "limit": 1 }));
}
