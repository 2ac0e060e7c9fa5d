//! Models that an operator brings: in reports, at their limits, and refused.

use std::path::{Path, PathBuf};

use serde_json::Value;
use store::{JobState, matches, reports};
use tempfile::TempDir;

use crate::service::{consort, recordings};
use crate::worker_site::Site;

/// Variables that name a folder of models and give each one second of the processor.
fn settings(folder: &Path) -> Vec<(String, String)> {
    let setting =
        |name: &str, value: String| (format!("CONSORT__WORKER__CHILD__MODELS__{name}"), value);
    vec![setting("DIR", folder.display().to_string()), setting("MAX_CPU_S", "1".into())]
}

fn good() -> PathBuf {
    fixtures::path("models/good")
}

/// A folder with some of the fixtures' models.
fn folder(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        for extension in ["toml", "onnx"] {
            let from = fixtures::path(&format!("models/{name}.{extension}"));
            std::fs::copy(&from, folder.path().join(from.file_name().unwrap())).unwrap();
        }
    }
    folder
}

/// Two seconds of a tone.
fn tone(folder: &Path, peak: f32) -> PathBuf {
    let samples: Vec<f32> =
        fixtures::sine(440.0, 44_100, 88_200).iter().map(|x| x * peak).collect();
    let path = folder.join(format!("tone-{peak}.wav"));
    std::fs::write(&path, fixtures::wav_f32(&samples, 44_100, 1)).unwrap();
    path
}

async fn analyze(models: &Path, recording: &Path, arguments: &[&str]) -> Value {
    let mut analyze = consort(&settings(models));
    analyze.args(["analyze", "--json"]).args(arguments).arg(recording);
    let output = analyze.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn what_models_say_is_in_the_report_under_their_names() {
    let clip = recordings().remove(0);
    let line = analyze(&good(), &clip, &[]).await;
    let models = line["report"]["models"].as_array().unwrap();
    let names: Vec<&str> = models.iter().map(|model| model["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["classes", "embedding", "regression"]);
    let [classes, embedding, regression] = models.as_slice() else { panic!("three models") };
    assert_eq!(classes["values"][1]["name"], "middling");
    let shares = classes["values"].as_array().unwrap().iter().map(|v| v["value"].as_f64().unwrap());
    assert!((shares.sum::<f64>() - 1.0).abs() < 1e-5);
    assert_eq!(embedding["embedding"].as_array().unwrap().len(), 4);
    assert_eq!(
        (regression["version"].as_str(), regression["kind"].as_str()),
        (Some("2.1"), Some("regression"))
    );
    for model in models {
        assert!(model["reason"].is_null() && model["n_windows"].as_u64() > Some(10), "{model}");
        assert_eq!(model["onnx_sha256"].as_str().unwrap().len(), 64);
    }
    assert_eq!(
        analyze(&good(), &clip, &["--in-process"]).await,
        line,
        "and the same without a child"
    );

    let without = analyze(Path::new(""), &clip, &[]).await;
    assert_eq!(without["report"]["models"], Value::Array(Vec::new()));
    let mut with = line;
    with["report"]["models"] = Value::Array(Vec::new());
    assert_eq!(with, without, "nothing else depends on them");
}

#[tokio::test]
async fn a_model_that_breaks_spoils_nothing_but_its_own_entry() {
    let models = folder(&["good/embedding", "loud/nan", "loud/loop", "loud/hungry"]);
    let check = async |peak: f32, wanted: [Value; 4]| {
        let line = analyze(models.path(), &tone(models.path(), peak), &[]).await;
        assert!(line["report"]["loudness"]["integrated_lufs"].is_number(), "{line}");
        let found = line["report"]["models"].as_array().unwrap();
        let reasons: Vec<&Value> = found.iter().map(|model| &model["reason"]).collect();
        assert_eq!(reasons, wanted.iter().collect::<Vec<_>>(), "{line}");
        for model in found {
            assert_eq!(model["reason"].is_null(), model["n_windows"].is_number(), "{model}");
        }
    };
    check(0.4, [Value::Null, Value::Null, Value::Null, Value::Null]).await;
    check(0.9, [Value::Null, "memory_limit".into(), "cpu_limit".into(), "not_finite".into()]).await;
}

#[tokio::test]
async fn silence_and_a_short_recording_have_their_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let reason = async |samples: &[f32]| {
        let path = folder.path().join("recording.wav");
        std::fs::write(&path, fixtures::wav_f32(samples, 44_100, 1)).unwrap();
        let line = analyze(&good(), &path, &[]).await;
        line["report"]["models"][1]["reason"].clone()
    };
    assert_eq!(reason(&fixtures::silence(88_200)).await, "silence");
    assert_eq!(reason(&fixtures::sine(440.0, 44_100, 13_000)).await, "too_short");
}

#[tokio::test]
async fn a_worker_stores_what_models_say() {
    let dir = good().display().to_string();
    let site = Site::embedded(&[("CHILD__MODELS__DIR", &dir)]).await;
    let _worker = site.worker();
    let (track, job) = site.upload_tone(1).await;
    assert_eq!(site.ended(job).await.state, JobState::Succeeded);
    let report = reports::get(&site.test.store, site.test.owner, track).await.unwrap().unwrap();
    let json: Value = serde_json::from_str(&report.json).unwrap();
    assert_eq!(json["models"].as_array().unwrap().len(), 3);
    assert!(report.stages["models"]["cpu_s"].as_f64() > Some(0.0), "{}", report.stages);
}

/// Adds lines to the manifest of a copied model.
fn append(folder: &Path, name: &str, lines: &str) {
    let path = folder.join(format!("{name}.toml"));
    let manifest = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{manifest}\n{lines}")).unwrap();
}

/// The part of an embedding among parts.
fn embedding_part(parts: &Value) -> Option<&Value> {
    parts.as_array().unwrap().iter().find(|part| part["facet"] == "embedding")
}

#[tokio::test]
async fn an_embedding_takes_part_in_matching_once_its_likeness_is_known() {
    let models = folder(&["good/embedding"]);
    let clips = recordings();
    let run = async |arguments: &[&str]| {
        let mut command = consort(&settings(models.path()));
        let output = command.args(arguments).args(&clips[..10]).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let compare = async || {
        let mut command = consort(&settings(models.path()));
        let output = command.args(["compare", "--json"]).args(&clips[..2]).output().await.unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert_eq!(embedding_part(&compare().await["alike"]["parts"]), None);

    let reports = models.path().join("reports.jsonl");
    std::fs::write(&reports, run(&["analyze", "--json"]).await).unwrap();
    let mut likeness = consort(&[]);
    let output = likeness.args(["train", "likeness"]).arg(&reports).output().await.unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(lines.starts_with("# embedding 1, 10 recordings\n[matching]\n"), "{lines}");
    append(models.path(), "embedding", &lines);

    let compared = compare().await;
    let part = embedding_part(&compared["alike"]["parts"]).unwrap();
    let detail = part["detail"].as_str().unwrap();
    assert!(detail.contains("by the model embedding 1 (cosine "), "{detail}");
    assert_eq!(part["confidence"], 1.0);
    assert_eq!(embedding_part(&compared["mix"]["parts"]), None, "it says nothing of mixing");

    let again = ["toml", "onnx"].map(|extension| models.path().join(format!("b.{extension}")));
    std::fs::copy(models.path().join("embedding.onnx"), &again[1]).unwrap();
    let manifest = std::fs::read_to_string(models.path().join("embedding.toml")).unwrap();
    let renamed = manifest.replace("name = \"embedding\"", "name = \"b\"");
    std::fs::write(&again[0], renamed).unwrap();
    let said = refusal(&["config", "check"], models.path()).await;
    assert!(said.contains(": second_for_matching: "), "{said}");
}

#[tokio::test]
async fn a_worker_matches_by_what_an_embedding_says() {
    let models = folder(&["good/embedding"]);
    append(models.path(), "embedding", "[matching]\ntypical = 0.2\ndeviation = 0.3\n");
    let dir = models.path().display().to_string();
    let site = Site::embedded(&[("CHILD__MODELS__DIR", &dir)]).await;
    let _worker = site.worker();
    let mut other = None;
    for tone in [1, 2] {
        let (track, job) = site.upload_tone(tone).await;
        site.ended(job).await;
        site.matched(track).await;
        other = Some(track);
    }
    let (store, owner) = (&site.test.store, site.test.owner);
    let found = matches::list(store, owner, other.unwrap(), "alike", 10).await.unwrap();
    let parts: Vec<_> = found.iter().map(|found| embedding_part(&found.parts)).collect();
    assert!(matches!(parts.as_slice(), [Some(_)]), "{found:?}");
}

/// What a command says of a folder of models.
async fn refusal(command: &[&str], folder: &Path) -> String {
    let output = consort(&settings(folder)).args(command).output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{command:?}: {said}");
    assert!(output.stdout.is_empty(), "nothing is done");
    said
}

#[tokio::test]
async fn every_command_refuses_a_bad_model_at_its_start() {
    let models = folder(&["good/embedding", "bad/missing_operator"]);
    let clip = recordings().remove(0).display().to_string();
    let (analyze, compare) = (["analyze", &clip], ["compare", &clip, &clip]);
    let commands: [&[&str]; 6] =
        [&["config", "check"], &["serve"], &["work"], &["demo", "--exit"], &analyze, &compare];
    for command in commands {
        let said = refusal(command, models.path()).await;
        assert!(said.contains("missing_operator.toml is refused: unsupported_operator"), "{said}");
    }
}

#[tokio::test]
async fn a_bad_model_is_refused_with_its_code() {
    let check = async |folder: &Path, wanted: &str| {
        let said = refusal(&["config", "check"], folder).await;
        assert!(said.contains(wanted), "{said}");
    };
    let of = |name: &str| folder(&[name]);
    check(of("bad/wrong_shape").path(), ": wrong_shape: ").await;
    check(of("bad/nan").path(), ": not_finite: ").await;
    check(of("bad/loop").path(), ": cpu_limit: ").await;
    check(Path::new("/nonexistent"), ": bad_folder: ").await;

    let file = |extension: &str| of("good/embedding").keep().join(format!("embedding.{extension}"));
    let changed = async |extension: &str, bytes: Option<&[u8]>, wanted: &str| {
        let file = file(extension);
        match bytes {
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        check(file.parent().unwrap(), wanted).await;
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    };
    changed("toml", None, ": no_manifest: ").await;
    changed("onnx", None, ": no_onnx: ").await;
    changed("onnx", Some(b"not a model"), ": not_onnx: ").await;
    let manifest = std::fs::read_to_string(fixtures::path("models/good/embedding.toml")).unwrap();
    let unlicensed = manifest.replace("MIT OR Apache-2.0", "");
    changed("toml", Some(unlicensed.as_bytes()), ": unlicensed: ").await;
    changed("toml", Some((manifest.clone() + "sise = 4\n").as_bytes()), ": bad_manifest: ").await;

    let twice = of("good/embedding");
    for extension in ["toml", "onnx"] {
        let path = |stem: &str| twice.path().join(format!("{stem}.{extension}"));
        std::fs::copy(path("embedding"), path("again")).unwrap();
    }
    check(twice.path(), ": duplicate_name: ").await;
}

#[tokio::test]
async fn a_model_of_2_gigabytes_is_refused_before_it_is_read() {
    let models = folder(&["good/embedding"]);
    let onnx =
        std::fs::File::options().write(true).open(models.path().join("embedding.onnx")).unwrap();
    // A hole: the file takes no room, and reading it would take 2 GiB of memory.
    onnx.set_len(2 << 30).unwrap();
    let said = refusal(&["config", "check"], models.path()).await;
    assert!(said.contains(": too_large: "), "{said}");
}
