//! `consort analyze` and `consort compare`.

use std::path::Path;

use serde_json::Value;

use crate::service::{consort, recordings};

async fn analyze(paths: &[&Path], arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = consort(&[])
        .arg("analyze")
        .arg("--json")
        .args(arguments)
        .args(paths)
        .output()
        .await
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code(), lines)
}

#[tokio::test]
async fn prints_one_object_a_file_in_order_and_ends_with_0() {
    let clips = recordings();
    let paths: Vec<&Path> = clips.iter().take(3).map(AsRef::as_ref).collect();
    let (code, lines) = analyze(&paths, &[]).await;
    assert_eq!(code, Some(0));
    let files: Vec<&str> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(files, paths.iter().map(|path| path.to_str().unwrap()).collect::<Vec<_>>());
    for line in &lines {
        assert!(line["report"]["tempo"]["bpm"].is_number(), "{line}");
        assert!(line["report"]["key"]["tonic"].is_string(), "{line}");
    }
}

#[tokio::test]
async fn gives_the_same_report_in_the_child_and_in_this_process() {
    let clips = recordings();
    let path = [clips[0].as_path()];
    let (_, in_child) = analyze(&path, &[]).await;
    let (_, in_process) = analyze(&path, &["--in-process"]).await;
    assert_eq!(in_child, in_process);
}

#[tokio::test]
async fn any_number_of_threads_gives_the_same_bytes() {
    let mut outputs = Vec::new();
    for n_threads in ["1", "2", "3", "1"] {
        let variable = ("CONSORT__WORKER__CHILD__N_THREADS".to_owned(), n_threads.to_owned());
        let mut analyze = consort(&[variable]);
        analyze.arg("analyze").arg("--json").args(&recordings()[..4]);
        outputs.push(analyze.output().await.unwrap().stdout);
    }
    assert!(!outputs[0].is_empty());
    assert!(outputs.iter().all(|output| *output == outputs[0]));
}

#[tokio::test]
async fn names_what_is_wrong_with_a_file_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.mp3");
    std::fs::write(&text, "This is not music. ".repeat(400)).unwrap();
    let empty = folder.path().join("empty.wav");
    std::fs::write(&empty, "").unwrap();
    let missing = folder.path().join("missing.flac");
    let good = recordings().remove(0);
    let (code, lines) = analyze(&[&text, &empty, &missing, &good], &[]).await;
    assert_eq!(code, Some(1));
    let codes: Vec<Option<&str>> =
        lines.iter().map(|line| line["error"]["code"].as_str()).collect();
    assert_eq!(codes, [Some("unsupported_format"), Some("empty"), Some("io"), None]);
    assert!(lines[3]["report"].is_object());
}

#[tokio::test]
async fn compares_two_files_with_parts_that_add_up_to_a_score() {
    let clips = recordings();
    let output =
        consort(&[]).arg("compare").arg("--json").args(&clips[..2]).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let comparison: Value = serde_json::from_slice(&output.stdout).unwrap();
    for purpose in ["mix", "alike", "mood"] {
        let score = comparison[purpose]["score"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&score), "{comparison}");
        assert!(!comparison[purpose]["parts"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_recording_is_a_perfect_match_of_itself() {
    let path = recordings().remove(0);
    let output =
        consort(&[]).arg("compare").arg("--json").args([&path, &path]).output().await.unwrap();
    let comparison: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(comparison["alike"]["score"], 1.0, "{comparison}");
}
