//! A recording whose parts go straight into the object store: the service sees none of its bytes before all are there.

use std::ops::Range;

use serde_json::{Value, json};
use store::Sha256;

use crate::service::{Service, Shape, recordings};

/// The least size of a part.
const PART: usize = 5 << 20;

async fn posted(service: &Service, path: &str, body: &Value, status: u16) -> Value {
    let answer = service.post(path).json(body).send().await.unwrap();
    let answered = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(answered, status, "POST {path}: {body}");
    body
}

/// Where a part lies in the whole.
fn range(url: &Value) -> Range<usize> {
    let field = |name: &str| usize::try_from(url[name].as_u64().unwrap()).unwrap();
    let begin = (field("number") - 1) * PART;
    begin..begin + field("n_bytes")
}

#[tokio::test]
async fn a_recording_that_was_put_into_the_object_store_is_matched() {
    let shape = Shape::production().await;
    let service = Service::start(&shape, &["--no-worker"]).await;
    let _worker = shape.worker();
    let other = service.upload_file(&recordings()[0]).await;
    service.until_final(std::slice::from_ref(&other)).await;

    // A minute and more of 16 bit: two parts.
    let song = fixtures::wav_i16(&fixtures::clicks(120.0, 44_100, 70.0), 44_100, 1);
    let wish = json!({ "n_bytes": song.len(), "part_bytes": PART, "file_name": "clicks.wav" });
    let begun = posted(&service, "/v1/uploads", &wish, 201).await;
    let urls = begun["urls"].as_array().unwrap();
    assert_eq!(urls.len(), 2);
    let mut parts = Vec::new();
    for url in urls {
        let target = url["url"].as_str().unwrap();
        assert!(!target.starts_with(&service.base), "{target}");
        // Without a token: the URL is the leave.
        let mut request = service.http.put(target).body(song[range(url)].to_vec());
        for (name, value) in url["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let etag = answer.headers()["etag"].to_str().unwrap();
        parts.push(json!({ "number": url["number"], "etag": etag }));
    }
    let path = format!("/v1/uploads/{}/complete", begun["upload"]["id"].as_str().unwrap());
    let whole = json!({ "sha256": Sha256::of(&song).to_string(), "parts": parts });
    let made = posted(&service, &path, &whole, 202).await;
    let track = made["track"]["id"].as_str().unwrap().to_owned();

    service.until_final(std::slice::from_ref(&track)).await;
    let shown = service.json(&format!("/v1/tracks/{track}")).await;
    assert_eq!((&shown["state"], &shown["duration_s"]), (&json!("analyzed"), &json!(70.0)));
    assert_eq!(
        (&shown["file_name"], &shown["n_bytes"]),
        (&json!("clicks.wav"), &json!(song.len()))
    );
    let matches = service.json(&format!("/v1/tracks/{track}/matches?purpose=alike")).await;
    assert_eq!(matches["items"].as_array().unwrap().len(), 1);
    assert_eq!(matches["items"][0]["track"]["id"], json!(other));
}
