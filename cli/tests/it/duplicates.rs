//! Copies of a recording are told from other recordings, from upload to answer.

use serde_json::Value;

use crate::service::{Service, Shape};

const RATE_HZ: u32 = 22_050;

/// The samples of a WAV file of 16 bits.
fn samples(wav: &[u8]) -> Vec<f32> {
    let data = wav.windows(4).position(|window| window == b"data").unwrap() + 8;
    let pairs = wav[data..].chunks_exact(2);
    pairs.map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0).collect()
}

async fn track(service: &Service, name: &str, bytes: Vec<u8>) -> String {
    let body: Value = service.upload(name, bytes).await.json().await.unwrap();
    body["track"]["id"].as_str().unwrap().to_owned()
}

async fn duplicates(service: &Service, track: &str) -> Vec<Value> {
    let body = service.json(&format!("/v1/tracks/{track}/duplicates")).await;
    body["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn copies_are_told_from_other_recordings() {
    let read = |name: &str| std::fs::read(fixtures::path(name)).unwrap();
    let whole = read("audio/willow_waltz.wav");
    // It begins 1.06 s later, which is no whole number of words, and is 6 dB softer.
    let skipped = 23_373u16;
    let later: Vec<f32> =
        samples(&whole)[usize::from(skipped)..].iter().map(|sample| 0.5 * sample).collect();
    let later = fixtures::wav_i16(&later, RATE_HZ, 1);

    let shape = Shape::embedded();
    let service = Service::start(&shape, &[]).await;
    let mut tracks = Vec::new();
    for (name, bytes) in [
        ("whole.wav", whole),
        ("later.wav", later),
        ("other.flac", read("audio/harbour_lights.flac")),
        // The same samples in two containers, too short for a fingerprint.
        ("short.wav", read("containers/pcm_s16.wav")),
        ("short.flac", read("containers/flac.flac")),
    ] {
        tracks.push(track(&service, name, bytes).await);
    }
    service.until_final(&tracks).await;

    for (from, to, sign) in [(0, 1, -1.0), (1, 0, 1.0)] {
        let found = duplicates(&service, &tracks[from]).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let copy = &found[0];
        assert_eq!(copy["track"]["id"], tracks[to]);
        assert_eq!(copy["kind"], "same_recording");
        assert!(copy["overlap"].as_f64().unwrap() > 0.95, "{copy}");
        assert!(copy["bit_error"].as_f64().unwrap() < 4.0, "{copy}");
        // To one word, 0.124 s.
        let expected_s = sign * f64::from(skipped) / f64::from(RATE_HZ);
        let offset_s = copy["offset_s"].as_f64().unwrap();
        assert!((offset_s - expected_s).abs() < 0.125, "{copy}");
    }
    assert!(duplicates(&service, &tracks[2]).await.is_empty());
    for (from, to) in [(3, 4), (4, 3)] {
        let found = duplicates(&service, &tracks[from]).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["track"]["id"], tracks[to]);
        assert_eq!(found[0]["kind"], "same_audio");
        assert_eq!((&found[0]["overlap"], &found[0]["bit_error"]), (&1.0.into(), &0.0.into()));
    }
}
