//! Fields that nobody may set: every column of every table, in every JSON body and form.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use store::Role;
use store::testing::DatabaseKind;

use crate::form::Form;
use crate::world::{PASSWORD, World, send};

on_both_databases! {
    no_body_takes_a_column_that_it_does_not_name,
}

const NOBODY: &str = "0000000000000000000000";

/// The names of all columns, as the migrations make them, and a few that others have.
fn columns() -> BTreeSet<String> {
    let mut columns: BTreeSet<String> =
        ["is_superuser", "admin", "permissions", "quota", "owner", "user", "__proto__", "$set"]
            .map(str::to_owned)
            .into();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/sqlite");
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines() {
            let line = line.trim();
            let declared = line.split_once("add column ").map_or(line, |(_, rest)| rest);
            let mut words = declared.split([' ', ';', ',']);
            let (Some(name), Some(kind)) = (words.next(), words.next()) else { continue };
            if ["blob", "text", "integer", "real", "boolean"].contains(&kind) {
                columns.insert(name.to_owned());
            }
        }
    }
    assert!(columns.len() > 120, "{}", columns.len());
    columns
}

/// Every operation that takes JSON: method, path, a body that fits, and the fields that it may have.
fn operations() -> Vec<(Method, String, Value, BTreeSet<String>)> {
    let document = api::openapi();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = &operation["requestBody"]["content"]["application/json"];
            let Some(body) = content.get("example") else { continue };
            let name = content["schema"]["$ref"].as_str().unwrap();
            let schema = document.pointer(name.strip_prefix('#').unwrap()).unwrap();
            let fields = schema["properties"].as_object().unwrap().keys().cloned().collect();
            let path = path.replace("{id}", NOBODY).replace("{number}", "1");
            let method = method.to_uppercase().parse().unwrap();
            found.push((method, path, body.clone(), fields));
        }
    }
    assert!(found.len() >= 14, "{}", found.len());
    found
}

async fn no_body_takes_a_column_that_it_does_not_name(database: DatabaseKind) {
    let world = World::open(database).await;
    world.user("ana", Role::Admin).await;
    let token = world.login("ana", PASSWORD).await.access;
    let before = world.get("/v1/auth/me", &token).await.json();
    let columns = columns();
    let mut n_refused = 0;
    for (method, path, body, fields) in operations() {
        for column in columns.difference(&fields) {
            let mut body = body.clone();
            body[column] = json!("admin");
            let answer = world.send(method.clone(), &path, Some(&token), Some(body)).await;
            assert_eq!(answer.code(), "invalid_field", "{method} {path} {column}");
            n_refused += 1;
        }
    }
    for path in ["/v1/tracks", "/v1/tracks/batch"] {
        let own = ["file", "title", "artist", "tags", "visibility"].map(str::to_owned).into();
        for column in columns.difference(&own) {
            // Before the file, so that no recording of the batch is answered for.
            let form = Form::new().text(column, "admin").file("a.wav", "audio/wav", b"x");
            let request = Request::builder()
                .method("POST")
                .uri(path)
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", form.content_type());
            let answer =
                send(&world.router, request.body(Body::from(form.into_bytes())).unwrap()).await;
            assert_eq!(answer.code(), "invalid_field", "{path} {column}");
            n_refused += 1;
        }
    }
    assert!(n_refused > 2000, "{n_refused}");
    // Nothing of it took effect.
    assert_eq!(world.get("/v1/auth/me", &token).await.json(), before);
    assert_eq!(world.get("/v1/tracks", &token).await.json()["items"], json!([]));
    assert_eq!(
        world.get("/v1/admin/users", &token).await.json()["items"].as_array().unwrap().len(),
        2
    );
}
