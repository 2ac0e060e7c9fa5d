//! `consort analyze --format`.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::service::{consort, recordings};

async fn analyze(arguments: &[&str], paths: &[impl AsRef<Path>]) -> Output {
    let paths = paths.iter().map(AsRef::as_ref);
    consort(&[]).arg("analyze").args(arguments).args(paths).output().await.unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn text_is_printed_one_recording_after_the_other() {
    let files = &recordings()[..2];
    let output = analyze(&["-j", "2", "--format", "spotify-features"], files).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line["type"] == "audio_features" && line["tempo"].is_number()));
    assert_ne!(lines[0]["id"], lines[1]["id"]);
}

#[tokio::test]
async fn a_table_has_one_header_and_the_file_in_front() {
    let files = &recordings()[..2];
    let output = analyze(&["--format", "csv"], files).await;
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("file,sha256,"));
    for (line, file) in lines[1..].iter().zip(files) {
        assert!(line.starts_with(&format!("{},", file.display())), "{line}");
    }
}

#[tokio::test]
async fn a_folder_is_written_file_by_file() {
    let files = &recordings()[..2];
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("peaks");
    let arguments = ["--format", "waveform-dat", "--output", target.to_str().unwrap()];
    let output = analyze(&arguments, files).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    for file in files {
        let name = format!("{}.dat", file.file_name().unwrap().to_str().unwrap());
        let bytes = std::fs::read(target.join(&name)).unwrap();
        assert_eq!(bytes[..8], [2, 0, 0, 0, 1, 0, 0, 0], "{name}");
    }
    assert_eq!(std::fs::read_dir(&target).unwrap().count(), 2);
}

#[tokio::test]
async fn what_cannot_work_is_refused_before_anything_is_analysed() {
    let file = recordings().remove(0);
    let check = async |arguments: &[&str], files: &[&Path], said: &str| {
        let output = analyze(arguments, files).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    };
    check(&["--format", "waveform-dat"], &[&file], "--output DIR").await;
    check(&["--format", "xml"], &[&file], "spotify-features").await;
    check(&["--output", "/nowhere"], &[&file], "--format").await;
    check(&["--json", "--format", "csv"], &[&file], "cannot be used with").await;
    check(&["-j", "0"], &[&file], "-j").await;
    let twice = ["--format", "csv", "--output", "/nowhere"];
    check(&twice, &[&file, &file], "two recordings would be written to").await;
}
