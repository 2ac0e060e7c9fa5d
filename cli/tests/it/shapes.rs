//! Both shapes of the service give the same answers.

use serde_json::Value;

use crate::service::{Service, Shape, recordings};

/// Uploads four recordings one after the other and collects every report and match.
async fn answers(service: &Service) -> Value {
    let mut tracks = Vec::new();
    for file in recordings().iter().take(4) {
        let track = service.upload_file(file).await;
        service.until_final(std::slice::from_ref(&track)).await;
        tracks.push(track);
    }
    let mut answers = Vec::new();
    for track in &tracks {
        let report = service.json(&format!("/v1/tracks/{track}/report")).await;
        let mut matches = Vec::new();
        for purpose in ["alike", "mix", "mood"] {
            matches
                .push(service.json(&format!("/v1/tracks/{track}/matches?purpose={purpose}")).await);
        }
        answers.push(serde_json::json!({ "report": report, "matches": matches }));
    }
    let mut answers = Value::Array(answers);
    leave_out_ids_and_times(&mut answers, &tracks);
    answers
}

/// Ids become the place of the track in the order of uploads; times go.
fn leave_out_ids_and_times(value: &mut Value, tracks: &[String]) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.ends_with("_at"));
            for value in fields.values_mut() {
                leave_out_ids_and_times(value, tracks);
            }
        }
        Value::Array(items) => {
            for item in items {
                leave_out_ids_and_times(item, tracks);
            }
        }
        Value::String(text) => {
            for (place, track) in tracks.iter().enumerate() {
                *text = text.replace(track, &format!("track {place}"));
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn embedded_and_production_answer_alike() {
    let shape = Shape::embedded();
    let embedded = answers(&Service::start(&shape, &[]).await).await;

    let shape = Shape::production().await;
    let service = Service::start(&shape, &["--no-worker"]).await;
    let _workers = [shape.worker(), shape.worker()];
    let production = answers(&service).await;

    let matches = &embedded[0]["matches"][0]["items"];
    assert_eq!(
        matches.as_array().map(Vec::len),
        Some(3),
        "every other track is a match: {matches}"
    );
    assert_eq!(embedded, production);
}
