//! Tracks that are the same recording.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use store::{Scope, Sha256};

use crate::app::{App, Sound};

/// A fingerprint like no other.
fn words(seed: u64, n: usize) -> Vec<u32> {
    let mut rng = fixtures::Rng::new(seed);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^32")]
    (0..n).map(|_| (rng.unit() * 4_294_967_296.0) as u32).collect()
}

fn sound(pcm: &[u8], fingerprint: Vec<u32>) -> Sound {
    Sound { pcm_hash: Some(*Sha256::of(pcm).as_bytes()), fingerprint }
}

async fn items(app: &App, id: impl std::fmt::Display) -> Vec<Value> {
    let answer = app.get(&format!("/v1/tracks/{id}/duplicates")).await.json();
    answer["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_same_audio_comes_first_then_the_nearest_recording() {
    let app = App::start().await;
    let whole = words(1, 1000);
    // One bit of 32 is wrong in every fourth word, two in every second one, none in the part.
    let spoilt = |step: usize, bits: u32| -> Vec<u32> {
        let wrong = |(i, word): (usize, &u32)| if i % step == 0 { word ^ bits } else { *word };
        whole.iter().enumerate().map(wrong).collect()
    };
    let id = app.sounding(b"a", sound(b"a", whole.clone())).await;
    let far = app.sounding(b"b", sound(b"b", spoilt(2, 3))).await;
    let near = app.sounding(b"c", sound(b"c", spoilt(4, 1))).await;
    let part = app.sounding(b"d", sound(b"d", whole[400..].to_vec())).await;
    let same = app.sounding(b"e", sound(b"a", whole.clone())).await;
    let other = app.sounding(b"f", sound(b"f", words(2, 1000))).await;

    let found = items(&app, id).await;
    let ids: Vec<&str> = found.iter().map(|item| item["track"]["id"].as_str().unwrap()).collect();
    let expected = [same, part, near, far].map(|id| id.to_string());
    assert_eq!(ids, expected);
    let same = json!({ "kind": "same_audio", "overlap": 1.0, "bit_error": 0.0, "offset_s": 0.0 });
    for (name, value) in same.as_object().unwrap() {
        assert_eq!(&found[0][name], value, "{name}");
    }
    assert_eq!(found[0]["track"]["file_name"], "a.wav");
    let number = |item: &Value, name: &str| item[name].as_f64().unwrap();
    for (item, bit_error, offset_words) in
        [(&found[1], 0.0, -400.0), (&found[2], 0.25, 0.0), (&found[3], 1.0, 0.0)]
    {
        assert_eq!(item["kind"], "same_recording");
        assert!((number(item, "overlap") - 1.0).abs() < 1e-9, "{item}");
        assert!((number(item, "bit_error") - bit_error).abs() < 1e-9, "{item}");
        // Words are 1365 samples at 11 025 Hz apart.
        let offset_s = offset_words * 1365.0 / 11_025.0;
        assert!((number(item, "offset_s") - offset_s).abs() < 1e-3, "{item}");
    }
    // From the other side the same, the other way round.
    let back = items(&app, part).await;
    assert!(back.iter().all(|item| number(item, "offset_s") > 49.0), "{back:?}");
    assert_eq!(back.len(), 4);
    assert!(items(&app, other).await.is_empty());
}

#[tokio::test]
async fn without_a_fingerprint_only_the_same_audio_is_found() {
    let app = App::start().await;
    let one = app.sounding(b"a", sound(b"silence", Vec::new())).await;
    let two = app.sounding(b"b", sound(b"silence", Vec::new())).await;
    app.sounding(b"c", sound(b"longer silence", Vec::new())).await;
    let found = items(&app, one).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["track"]["id"], two.to_string());
    // A recording of before there were hashes, fingerprints or details.
    let old = app.analyzed(b"d", 440.0).await;
    assert!(items(&app, old).await.is_empty());
}

#[tokio::test]
async fn at_most_fifty_are_given() {
    let app = App::start().await;
    let id = app.sounding(b"a", sound(b"a", words(1, 100))).await;
    for i in 0..52u8 {
        let pcm: &[u8] = if i < 3 { b"a" } else { &[i] };
        app.sounding(&[b'x', i], sound(pcm, words(1, 100))).await;
    }
    let found = items(&app, id).await;
    assert_eq!(found.len(), 50);
    let n_same = found.iter().filter(|item| item["kind"] == "same_audio").count();
    assert_eq!(n_same, 3);
}

#[tokio::test]
async fn what_cannot_be_told_says_why() {
    let app = App::start().await;
    let id = app.sounding(b"a", sound(b"a", words(1, 100))).await;
    let waiting = app.track(b"waiting").await;
    let code = async |path: String| app.get(&path).await.code();
    assert_eq!(code(format!("/v1/tracks/{waiting}/duplicates")).await, "track_not_analyzed");
    assert_eq!(code("/v1/tracks/0000000000000000000000/duplicates".to_owned()).await, "not_found");
    let with = async |token: &str| {
        let request = Request::builder()
            .uri(format!("/v1/tracks/{id}/duplicates"))
            .header("authorization", format!("Bearer {token}"));
        app.send(request.body(Body::empty()).unwrap()).await.code()
    };
    assert_eq!(with(&app.foreign_token().await).await, "not_found");
    let lesser = app.token_with(&[Scope::MatchesRead]).await;
    assert_eq!(with(&lesser).await, "missing_scope");
}
