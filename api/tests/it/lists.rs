//! Lists made to order.

use axum::body::Body;
use serde_json::{Value, json};
use store::TrackId;
use store::jobs::{self, Analyzed};

use crate::app::{Answer, App};

const NOBODY: &str = "0000000000000000000000";

async fn post(app: &App, path: &str, body: &Value) -> Answer {
    app.post_json(path, &body.to_string()).await
}

/// The ids of a list in their order.
fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap_or_else(|| panic!("no list: {list}"));
    items.iter().map(|item| item["track"]["id"].as_str().unwrap().to_owned()).collect()
}

/// A track whose only descriptor is of another version.
async fn stale(app: &App) -> TrackId {
    let id = app.track(b"stale").await;
    let lease = loop {
        let lease = jobs::claim(&app.store, "test").await.unwrap().unwrap();
        if lease.job.track_id == Some(id) {
            break lease;
        }
    };
    let analyzed = Analyzed {
        report_json: "{}".to_owned(),
        details: Vec::new(),
        analysis_version: dsp::ANALYSIS_VERSION,
        pcm_hash: None,
        fingerprint_keys: Vec::new(),
        descriptor: vec![0],
        descriptor_version: matching::DESCRIPTOR_VERSION + 1,
        embedding: None,
        media: json!({}),
        stages: json!({}),
        duration_s: 8.0,
    };
    assert!(jobs::complete_analysis(&app.store, &lease, analyzed).await.unwrap());
    id
}

/// Tracks with different tones; the last has the same sound as the first in another file.
async fn catalogue(app: &App) -> Vec<TrackId> {
    let mut tracks = Vec::new();
    for (number, pitch_hz) in [220.0, 261.6, 329.6, 440.0, 880.0, 220.0].into_iter().enumerate() {
        tracks.push(app.analyzed(format!("file {number}").as_bytes(), pitch_hz).await);
    }
    tracks
}

/// The score of a comparison under the same weights.
async fn compared(app: &App, a: &str, b: &str, query: &str) -> Value {
    app.get(&format!("/v1/compare?a={a}&b={b}&{query}")).await.json()
}

#[tokio::test]
async fn a_search_ranks_by_the_weights_that_are_asked_for() {
    let app = App::start().await;
    let tracks = catalogue(&app).await;
    let track = tracks[0].to_string();
    let body = json!({ "track": track, "purpose": "mood", "weights": { "timbre": 2, "harmony": 1 }, "each_once": false });
    let found = post(&app, "/v1/search", &body).await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 5, "{found}");
    let mut last = 1.0;
    for item in found["items"].as_array().unwrap() {
        let score = item["score"].as_f64().unwrap();
        assert!(score <= last);
        last = score;
        let other = item["track"]["id"].as_str().unwrap();
        let one_by_one =
            compared(&app, &track, other, "purpose=mood&weights=timbre:2,harmony:1").await;
        for field in ["score", "parts", "reason"] {
            assert_eq!(item[field], one_by_one[field]);
        }
    }
    assert_eq!(found["items"][0]["track"]["id"], tracks[5].to_string());
    assert_eq!(found["items"][0]["score"], 1.0);

    // The copy is not offered unless that is asked for.
    let body = json!({ "track": track, "limit": 2 });
    let found = post(&app, "/v1/search", &body).await.json();
    assert_eq!(ids(&found).len(), 2);
    assert!(!ids(&found).contains(&tracks[5].to_string()));

    let nothing = json!({ "track": track, "filter": { "tags": ["nobody has this"] } });
    assert_eq!(post(&app, "/v1/search", &nothing).await.json(), json!({ "items": [] }));
    let slow = json!({ "track": track, "filter": { "bpm": { "min": 1, "max": 20 } } });
    assert_eq!(post(&app, "/v1/search", &slow).await.json(), json!({ "items": [] }));
}

#[tokio::test]
async fn a_path_leads_from_one_track_to_another() {
    let app = App::start().await;
    let tracks = catalogue(&app).await;
    let (from, to) = (tracks[0].to_string(), tracks[4].to_string());
    let body = json!({ "from": from, "to": to, "length": 4 });
    let found = post(&app, "/v1/playlists/path", &body).await.json();
    let ids = ids(&found);
    assert_eq!((ids.len(), &ids[0], &ids[3]), (4, &from, &to));
    assert!(!ids.contains(&tracks[5].to_string()), "a copy of the first");
    assert_eq!(found["items"][0]["step"], Value::Null);
    let mut weakest: f64 = 1.0;
    for (number, pair) in ids.windows(2).enumerate() {
        let step = &found["items"][number + 1]["step"];
        let one_by_one = compared(&app, &pair[0], &pair[1], "purpose=mix").await;
        for field in ["score", "parts", "reason", "mix"] {
            assert_eq!(step[field], one_by_one[field]);
        }
        weakest = weakest.min(step["score"].as_f64().unwrap());
    }
    assert_eq!(found["weakest"], weakest);
    assert_eq!(found["n_candidates"], 3);
    // Longer than there are tracks: all of them.
    let body = json!({ "from": from, "to": to, "length": 64, "purpose": "alike" });
    let found = post(&app, "/v1/playlists/path", &body).await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 5, "{found}");
    let again = post(&app, "/v1/playlists/path", &body).await.json();
    assert_eq!(found, again);
}

#[tokio::test]
async fn more_like_these_and_less_like_those() {
    let app = App::start().await;
    let tracks = catalogue(&app).await;
    let ids_of = |numbers: &[usize]| -> Vec<String> {
        numbers.iter().map(|number| tracks[*number].to_string()).collect()
    };
    let body = json!({ "like": ids_of(&[1, 2]), "less_like": ids_of(&[4]) });
    let found = post(&app, "/v1/playlists/more-like", &body).await.json();
    // 0 and 5 are the same recording; what is named is not offered.
    assert_eq!(ids(&found).len(), 2, "{found}");
    for item in found["items"].as_array().unwrap() {
        let (liked, disliked) =
            (item["liked"].as_f64().unwrap(), item["disliked"].as_f64().unwrap());
        let score = 1.0 / (1.0 + (disliked - liked).exp());
        assert!((item["score"].as_f64().unwrap() - score).abs() < 1e-12);
        let id = item["track"]["id"].as_str().unwrap();
        for with in ["likes", "dislikes"].iter().flat_map(|kind| item[kind].as_array().unwrap()) {
            let other = with["id"].as_str().unwrap();
            assert_eq!(with["score"], compared(&app, other, id, "").await["score"]);
        }
        let closest = item["closest"]["id"].as_str().unwrap();
        assert_eq!(item["closest"]["reason"], compared(&app, closest, id, "").await["reason"]);
    }
}

#[tokio::test]
async fn a_catalogue_of_one_has_nothing_to_offer() {
    let app = App::start().await;
    let only = app.analyzed(b"one", 440.0).await.to_string();
    for (path, body) in [
        ("/v1/search", json!({ "track": only })),
        ("/v1/playlists/more-like", json!({ "like": [only] })),
    ] {
        assert_eq!(post(&app, path, &body).await.json(), json!({ "items": [] }), "{path}");
    }
    let body = json!({ "from": only, "to": only });
    assert_eq!(post(&app, "/v1/playlists/path", &body).await.code(), "invalid_field");
}

#[tokio::test]
async fn bad_requests_have_a_code_each() {
    let app = App::start().await;
    let stale = stale(&app).await.to_string();
    let one = app.analyzed(b"one", 440.0).await.to_string();
    let waiting = app.track(b"waiting").await.to_string();
    let weighted = |weights: Value| json!({ "track": one, "weights": weights });
    for (body, code) in [
        (weighted(json!({ "loudness": 1 })), "unknown_facet"),
        (weighted(json!({ "tempo": -1 })), "negative_weight"),
        (weighted(json!({ "tempo": 0 })), "no_weight"),
        (weighted(json!({})), "no_weight"),
        (weighted(json!({ "tempo": "much" })), "invalid_field"),
        (json!({ "track": one, "limit": 0 }), "invalid_field"),
        (json!({ "track": one, "filter": { "keys": ["H"] } }), "invalid_field"),
        (json!({ "track": one, "filter": { "tempo": 1 } }), "invalid_field"),
        (json!({ "track": "x" }), "invalid_field"),
        (json!({ "track": NOBODY }), "not_found"),
        (json!({ "track": stale }), "track_stale"),
        (json!({ "track": waiting }), "track_not_analyzed"),
    ] {
        assert_eq!(post(&app, "/v1/search", &body).await.code(), code, "{body}");
    }
    let huge = format!(r#"{{"track": "{one}", "weights": {{"tempo": 1e999}}}}"#);
    assert_eq!(app.post_json("/v1/search", &huge).await.code(), "malformed_json");
    for (body, code) in [
        (json!({ "from": one, "to": one }), "invalid_field"),
        (json!({ "from": one, "to": stale }), "track_stale"),
        (json!({ "from": one, "to": waiting, "length": 1 }), "invalid_field"),
        (json!({ "from": one, "to": waiting, "length": 65 }), "invalid_field"),
        (json!({ "from": one, "to": NOBODY }), "not_found"),
    ] {
        assert_eq!(post(&app, "/v1/playlists/path", &body).await.code(), code, "{body}");
    }
    for (body, code) in [
        (json!({ "like": [] }), "invalid_field"),
        (json!({ "like": [one, one] }), "invalid_field"),
        (json!({ "like": [one], "less_like": [one] }), "invalid_field"),
        (json!({ "like": vec![NOBODY; 33] }), "invalid_field"),
        (json!({ "like": [one], "less_like": [NOBODY] }), "not_found"),
    ] {
        assert_eq!(post(&app, "/v1/playlists/more-like", &body).await.code(), code, "{body}");
    }
    assert_eq!(app.get(&format!("/v1/compare?a={one}&b={stale}")).await.code(), "track_stale");
}

#[tokio::test]
async fn tracks_of_others_are_never_offered() {
    let app = App::start().await;
    let tracks = catalogue(&app).await;
    let stranger = app.foreign_token().await;
    let upload = crate::form::Form::new().file("a.wav", "audio/wav", b"theirs");
    let request = app.request("POST", "/v1/tracks").header("content-type", upload.content_type());
    let mut request = request.body(Body::from(upload.into_bytes())).unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {stranger}").parse().unwrap());
    let theirs = app.send(request).await.json()["track"]["id"].as_str().unwrap().to_owned();
    app.finish(theirs.parse().unwrap()).await;
    let body = json!({ "track": tracks[0].to_string(), "each_once": false, "limit": 200 });
    let found = post(&app, "/v1/search", &body).await.json();
    assert_eq!(ids(&found).len(), 5);
    assert!(!ids(&found).contains(&theirs));
    let named = json!({ "like": [tracks[0].to_string()], "less_like": [theirs] });
    assert_eq!(post(&app, "/v1/playlists/more-like", &named).await.code(), "not_found");
}
