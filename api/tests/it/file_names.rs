//! 200 names of files that mean harm, by each way in.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use store::Scope;
use store::testing::DatabaseKind;

use crate::form::Form;
use crate::world::{World, request, send};

on_both_databases! {
    two_hundred_file_names_stay_words,
}

const PREFIXES: [&str; 20] = [
    "",
    "/",
    "//",
    "./",
    "../",
    "../../../../../../",
    "..\\..\\",
    "....//....//",
    "C:\\",
    "\\\\host\\share\\",
    "file:///",
    "%2e%2e%2f",
    "..%c0%af",
    "~/",
    "\0",
    "\r\nX-Evil: 1\r\n\r\n",
    "\u{202e}",
    "\u{feff}",
    "$(id)/",
    "blobs/",
];

const CORES: [&str; 10] = [
    "etc/passwd",
    "a\0b.mp3",
    "CON",
    "nul.wav.",
    "..",
    " . ",
    "<img src=x onerror=alert(1)>.flac",
    "'; drop table tracks; --.ogg",
    "song\u{202e}3pm.exe\u{200b}",
    "x",
];

fn names() -> Vec<String> {
    let mut names: Vec<String> = PREFIXES
        .iter()
        .flat_map(|prefix| CORES.iter().map(move |core| format!("{prefix}{core}")))
        .collect();
    // Names that are too long, in place of plain ones.
    names[9] = format!("{}.flac", "é".repeat(2000));
    names[19] = "./".repeat(2000);
    names
}

/// The name as RFC 8187 writes it.
fn extended(name: &str) -> String {
    let mut text = "UTF-8''".to_owned();
    for byte in name.bytes() {
        write!(text, "%{byte:02X}").unwrap();
    }
    text
}

fn is_harmless(name: &str) -> bool {
    let is_hidden =
        |c: char| c.is_control() || matches!(c, '/' | '\\' | '\u{202e}' | '\u{200b}' | '\u{feff}');
    (1..=255).contains(&name.len()) && !name.chars().any(is_hidden) && name != "." && name != ".."
}

/// Every file below `folder`, as a path from there.
fn files(folder: &Path, from: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{from}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &format!("{path}/"), found);
        } else {
            found.push(path);
        }
    }
}

async fn two_hundred_file_names_stay_words(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::Admin]).await;
    let names = names();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), 200);
    let folder = world.test.folder().to_owned();
    let blobs = folder.join("blobs");
    let check = |shown: &serde_json::Value, name: &str| {
        assert!(shown.as_str().is_none_or(is_harmless), "{name:?} is shown as {shown}");
    };

    // By one form after the other, a hundred files each.
    for (n, names) in names.chunks(100).enumerate() {
        let form = names.iter().enumerate().fold(Form::new(), |form, (m, name)| {
            let name = extended(name);
            let header = format!("Content-Disposition: form-data; name=file; filename*={name}");
            form.part(&header, format!("recording {n} {m}").as_bytes())
        });
        let request = Request::builder()
            .method("POST")
            .uri("/v1/tracks/batch")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", form.content_type());
        let answer =
            send(&world.router, request.body(Body::from(form.into_bytes())).unwrap()).await;
        let items = answer.json()["items"].clone();
        assert_eq!(items.as_array().unwrap().len(), names.len());
        for (item, name) in items.as_array().unwrap().iter().zip(names) {
            assert_eq!(item["status"], 202, "{name:?}: {item}");
            check(&item["track"]["file_name"], name);
        }
    }

    // As a word of an upload in parts, and of one by tus.
    for name in &names {
        let body = json!({ "n_bytes": 1, "file_name": name });
        let answer = send(
            &world.router,
            request("POST".parse().unwrap(), "/v1/uploads", Some(&token), Some(body)),
        )
        .await;
        assert_eq!(answer.status, 201, "{name:?}");
        let location = answer.header("location").to_owned();
        let gone = request("DELETE".parse().unwrap(), &location, Some(&token), None);
        assert_eq!(send(&world.router, gone).await.status, 204);
        if name.len() > 4000 {
            continue;
        }
        let metadata = format!("filename {}", STANDARD.encode(name));
        let created = Request::builder()
            .method("POST")
            .uri("/v1/uploads/tus")
            .header("authorization", format!("Bearer {token}"))
            .header("tus-resumable", "1.0.0")
            .header("upload-length", name.len())
            .header("upload-metadata", metadata)
            .header("content-type", "application/offset+octet-stream");
        let answer = send(&world.router, created.body(Body::from(name.clone())).unwrap()).await;
        assert_eq!(answer.status, 201, "{name:?}: {:?}", answer.body);
        let track = world.get(answer.header("track-location"), &token).await.json();
        check(&track["file_name"], name);
    }

    // What lies on the disk is named by us alone.
    let mut found = Vec::new();
    files(&blobs, "", &mut found);
    assert!(found.len() >= 200, "{}", found.len());
    for path in &found {
        let is_ours = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'/' | b'_' | b'-');
        assert!(path.bytes().all(is_ours), "{path:?}");
        assert!(path.starts_with("blobs/"), "{path:?}");
    }
    let beside: HashSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(beside.iter().all(|name| name == "blobs" || name.starts_with("consort.sqlite3")));
}
