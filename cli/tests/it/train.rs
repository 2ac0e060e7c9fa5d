//! `consort train emotion`, and the model that it writes in use.

use std::path::{Path, PathBuf};

use fixtures::{Rng, wav_i16};
use serde_json::Value;

use crate::service::consort;

const RATE_HZ: u32 = 22_050;
const N_RECORDINGS: u8 = 32;

/// Recordings of 4 s: pulses of a tone, faster and brighter from one to the next, and ratings from 1 to 9 that follow.
fn rated_recordings(folder: &Path) -> PathBuf {
    let mut table = "file,arousal,artist\n".to_owned();
    let mut rng = Rng::new(1);
    for i in 0..N_RECORDINGS {
        let share = f64::from(i) / f64::from(N_RECORDINGS - 1);
        let (pulse_hz, tone_hz) = (1.5 + 4.0 * share, 220.0 * 2f64.powf(2.0 * share));
        let samples: Vec<f32> = (0..4 * RATE_HZ)
            .map(|n| {
                let t = f64::from(n) / f64::from(RATE_HZ);
                let decay = (-8.0 * (t * pulse_hz).fract() / pulse_hz).exp();
                let tone =
                    (1..5).map(|k| (std::f64::consts::TAU * tone_hz * f64::from(k) * t).sin());
                #[expect(clippy::cast_possible_truncation, reason = "samples are 32-bit")]
                let sample = (0.1 * decay * tone.sum::<f64>() + 0.001 * rng.bipolar()) as f32;
                sample
            })
            .collect();
        let name = format!("{i:02}.wav");
        std::fs::write(folder.join(&name), wav_i16(&samples, RATE_HZ, 1)).unwrap();
        let line = format!("{name},{:.3},artist {}\n", 1.0 + 8.0 * share, i % 8);
        table.push_str(&line);
    }
    let path = folder.join("ratings.csv");
    std::fs::write(&path, table).unwrap();
    path
}

#[tokio::test]
async fn a_trained_model_takes_the_place_of_the_rule() {
    let folder = tempfile::tempdir().unwrap();
    let table = rated_recordings(folder.path());
    let model = folder.path().join("mood.json");
    let trained = consort(&[])
        .args(["train", "emotion", "--scale", "1,9", "--name", "mood"])
        .arg("--truth")
        .arg(&table)
        .arg("--audio")
        .arg(folder.path())
        .arg("--output")
        .arg(&model)
        .output()
        .await
        .unwrap();
    let (text, notes) =
        (String::from_utf8(trained.stdout).unwrap(), String::from_utf8(trained.stderr).unwrap());
    assert!(trained.status.success(), "{notes}");
    assert!(text.contains("32 recordings in 8 groups (by the column `artist`)"), "{text}");
    let picture = std::fs::read_to_string(folder.path().join("mood.svg")).unwrap();
    assert!(picture.starts_with("<svg") && picture.contains("arousal: 32 recordings"), "{picture}");
    let written = std::fs::read_to_string(&model).unwrap();
    assert!(written.len() < 200_000);
    let document: Value = serde_json::from_str(&written).unwrap();
    // Rating and sound rise together, so a model that learns nothing from it is broken.
    assert!(document["arousal"]["score"]["r2"].as_f64().unwrap() > 0.5, "{text}");

    let setting =
        ("CONSORT__WORKER__CHILD__EMOTION__MODEL".to_owned(), model.display().to_string());
    let paths = [folder.path().join("00.wav"), folder.path().join("31.wav")];
    let mut outputs = Vec::new();
    for arguments in [&["--json"][..], &["--json", "--in-process"]] {
        let analyzed = consort(std::slice::from_ref(&setting))
            .arg("analyze")
            .args(arguments)
            .args(&paths)
            .output()
            .await
            .unwrap();
        assert!(analyzed.status.success(), "{}", String::from_utf8_lossy(&analyzed.stderr));
        outputs.push(String::from_utf8(analyzed.stdout).unwrap());
    }
    assert_eq!(outputs[0], outputs[1]);
    let emotions: Vec<Value> = outputs[0]
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["report"]["emotion"].clone())
        .collect();
    let arousal = |i: usize| emotions[i]["arousal"]["value"].as_f64().unwrap();
    assert!(arousal(0) < -0.3 && arousal(1) > 0.3, "{emotions:?}");
    let method = emotions[0]["method"].as_str().unwrap();
    assert!(method.starts_with("mood 1 ") && method.contains(" (arousal); rule/"), "{method}");
    assert!(emotions[0]["arousal"]["interval"]["low"].is_number());
    assert!(emotions[0]["valence"]["interval"].is_null());
}

#[tokio::test]
async fn a_bad_model_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.json");
    std::fs::write(&model, r#"{"schema":"consort.emotion-model/7"}"#).unwrap();
    let setting =
        ("CONSORT__WORKER__CHILD__EMOTION__MODEL".to_owned(), model.display().to_string());
    for arguments in [&["config", "check"][..], &["analyze", "song.wav"], &["work"]] {
        let output =
            consort(std::slice::from_ref(&setting)).args(arguments).output().await.unwrap();
        let notes = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{notes}");
        assert!(notes.contains("worker.child.emotion.model"), "{notes}");
        assert!(notes.contains("consort.emotion-model/7"), "{notes}");
    }
}

#[tokio::test]
async fn what_cannot_be_learned_from_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("ratings.csv");
    std::fs::write(&table, "file,valence\na.wav,0.5\n").unwrap();
    let train = consort(&[])
        .args(["train", "emotion", "--truth"])
        .arg(&table)
        .arg("--audio")
        .arg(folder.path())
        .output()
        .await
        .unwrap();
    assert_eq!(train.status.code(), Some(1));
    assert!(String::from_utf8(train.stderr).unwrap().contains("say --scale LOW,HIGH"));
}
