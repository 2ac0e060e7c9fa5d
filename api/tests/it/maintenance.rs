//! Maintenance over HTTP: every operation of the OpenAPI document, and what is written meanwhile.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use store::testing::DatabaseKind;
use store::{Role, Scope, tokens};

use crate::app::Answer;
use crate::world::{PASSWORD, World, request, send};

on_both_databases! {
    every_writing_operation_is_refused_and_writes_nothing,
    reading_coming_in_and_leaving_go_on,
    every_process_obeys_at_once,
    it_is_begun_and_ended_by_administrators,
}

/// What is answered as ever though its method would change something.
const GO_ON: [&str; 12] = [
    "POST /rest/findSonicPath",
    "POST /rest/getOpenSubsonicExtensions",
    "POST /rest/getSonicSimilarTracks",
    "POST /rest/ping",
    "POST /rest/tokenInfo",
    "POST /v1/auth/login",
    "POST /v1/auth/logout",
    "POST /v1/auth/refresh",
    "POST /v1/playlists/more-like",
    "POST /v1/playlists/path",
    "POST /v1/search",
    "PUT /v1/admin/maintenance",
];

const ID: &str = "0000000000000000000000";

async fn set(world: &World, admin: &str, body: Value) -> Answer {
    world.send(Method::PUT, "/v1/admin/maintenance", Some(admin), Some(body)).await
}

/// The operations of the document that are not reading by their method.
fn writing() -> Vec<(String, String)> {
    let document = api::openapi();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            if !["get", "head", "options"].contains(&method.as_str()) {
                operations.push((method.to_uppercase(), path.clone()));
            }
        }
    }
    operations
}

async fn every_writing_operation_is_refused_and_writes_nothing(database: DatabaseKind) {
    let world = World::new(database).await;
    world.test.upload(b"one").await;
    let admin = world.token(&[Scope::Admin]).await;
    assert_eq!(world.try_token(&admin).await, "ok");
    // That it was used is written down beside the request: wait for it.
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    while tokens::list(world.store(), None, 1).await.unwrap().items[0].last_used_at.is_none() {
        tick.tick().await;
    }
    let on = json!({ "enabled": true, "reason": "a new disk" });
    assert_eq!(set(&world, &admin, on).await.status, 200);
    let before = world.test.contents().await;
    assert!(before.len() > 20 && before["tracks"].len() > 20, "{before:?}");
    let (mut n_refused, mut going_on) = (0, Vec::new());
    for (method, path) in writing() {
        let name = format!("{method} {path}");
        if GO_ON.contains(&&*name) {
            going_on.push(name);
            continue;
        }
        let request = Request::builder()
            .method(&*method)
            .uri(path.replace("{id}", ID).replace("{number}", "1"))
            .header("authorization", format!("Bearer {admin}"))
            .header("content-type", "application/json")
            .header("tus-resumable", "1.0.0");
        // A body that no operation takes: it is not even looked at.
        let answer = send(&world.router, request.body(Body::from("{")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{name}");
        assert_eq!(answer.code(), "maintenance", "{name}");
        assert_eq!(answer.header("retry-after"), "60", "{name}");
        assert_eq!(answer.json()["detail"], "nothing is changed now: a new disk", "{name}");
        n_refused += 1;
    }
    going_on.sort_unstable();
    assert_eq!(going_on, GO_ON);
    assert!(n_refused >= 24, "{n_refused}");
    assert_eq!(world.test.contents().await, before);
    assert_eq!(world.n_pieces(), 0);
    // Strangers learn nothing.
    let stranger = request(Method::POST, "/v1/runs", None, Some(json!({})));
    assert_eq!(send(&world.router, stranger).await.code(), "unauthorized");
}

async fn reading_coming_in_and_leaving_go_on(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("root", Role::Admin).await;
    let admin = world.login("root", PASSWORD).await;
    let track = world.test.upload(b"one").await.track.id;
    set(&world, &admin.access, json!({ "enabled": true })).await;
    // A process that has signed nothing yet: it needs a key for the first login.
    let other = world.second_process().await;
    let body = json!({ "login": "root", "password": PASSWORD });
    let login = send(&other, request(Method::POST, "/v1/auth/login", None, Some(body))).await;
    assert_eq!(login.status, 200, "{:?}", login.body);
    let access = login.json()["access_token"].as_str().unwrap().to_owned();
    let wrong = json!({ "login": "root", "password": "wrong" });
    assert_eq!(world.post("/v1/auth/login", wrong).await.code(), "login_failed");
    let refresh = json!({ "refresh_token": admin.refresh });
    assert_eq!(world.post("/v1/auth/refresh", refresh).await.status, 200);
    assert_eq!(world.get("/v1/tracks", &access).await.status, 200);
    assert_eq!(world.get("/v1/admin/users", &access).await.status, 200);
    // It got as far as to look whether there is such a track of the caller.
    let search = Some(json!({ "track": track }));
    assert_eq!(
        world.send(Method::POST, "/v1/search", Some(&access), search).await.code(),
        "not_found"
    );
    let ready = request(Method::GET, "/readyz", None, None);
    let ready = send(&world.router, ready).await;
    assert_eq!(
        (ready.status.as_u16(), ready.json()),
        (200, json!({ "status": "ok", "maintenance": true }))
    );
    let logout = world.send(Method::POST, "/v1/auth/logout", Some(&access), None).await;
    assert_eq!(logout.status, 204);
}

async fn every_process_obeys_at_once(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = world.token(&[Scope::Admin]).await;
    let other = world.second_process().await;
    let start = async || {
        send(&other, request(Method::POST, "/v1/runs", Some(&admin), Some(json!({})))).await
    };
    for _ in 0..3 {
        set(&world, &admin, json!({ "enabled": true })).await;
        assert_eq!(start().await.code(), "maintenance");
        set(&world, &admin, json!({ "enabled": false })).await;
        assert!(start().await.status.is_success());
    }
}

async fn it_is_begun_and_ended_by_administrators(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = world.token(&[Scope::Admin]).await;
    let other = world.token(&[Scope::TracksWrite]).await;
    let on = json!({ "enabled": true, "reason": "a disk" });
    assert_eq!(set(&world, &other, on.clone()).await.code(), "missing_scope");
    let get = async || world.get("/v1/admin/maintenance", &admin).await.json();
    assert_eq!(get().await, json!({ "enabled": false, "reason": null, "changed_at": null }));
    let begun = set(&world, &admin, on).await.json();
    assert_eq!((&begun["enabled"], &begun["reason"]), (&json!(true), &json!("a disk")));
    assert_eq!(get().await, begun);
    for bad in [
        json!({}),
        json!({ "enabled": "yes" }),
        json!({ "enabled": false, "reason": "x" }),
        json!({ "enabled": true, "until": 1 }),
        json!({ "enabled": true, "reason": "x".repeat(1025) }),
    ] {
        assert_eq!(set(&world, &admin, bad.clone()).await.code(), "invalid_field", "{bad}");
    }
    assert_eq!(set(&world, &admin, json!({ "enabled": false })).await.json()["enabled"], false);
}
