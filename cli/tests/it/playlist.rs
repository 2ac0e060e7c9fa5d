//! `consort playlist` and what `consort compare` says of mixing.

use std::path::Path;

use serde_json::Value;

use crate::service::{consort, recordings};

async fn lines(arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = consort(&[]).args(arguments).output().await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code(), lines)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn a_path_of_files_leads_from_one_to_another() {
    let clips = recordings();
    let (from, to) = (text(&clips[0]), text(&clips[3]));
    let folder = text(clips[0].parent().unwrap());
    let path = ["playlist", "path", "--json", "--from", from, "--to", to, "--length", "4", folder];
    let (code, stops) = lines(&path).await;
    assert_eq!(code, Some(0));
    assert_eq!((stops.len(), &stops[0]["step"]), (4, &Value::Null));
    assert_eq!((&stops[0]["file"], &stops[3]["file"]), (&from.into(), &to.into()));
    for stop in &stops[1..] {
        assert!(stop["step"]["score"].is_number() && stop["step"]["mix"]["sentence"].is_string());
    }
    let same = ["playlist", "path", "--from", from, "--to", from];
    assert_eq!(lines(&same).await.0, Some(1));
}

#[tokio::test]
async fn more_like_names_what_is_nearest() {
    let clips = recordings();
    let (like, folder) = (text(&clips[0]), text(clips[0].parent().unwrap()));
    let arguments = ["playlist", "more-like", "--json", "--limit", "2", "--like", like, folder];
    let (code, found) = lines(&arguments).await;
    assert_eq!((code, found.len()), (Some(0), 2));
    assert!(found.iter().all(|line| line["closest"] == like && line["file"] != like));
    assert!(found[0]["score"].as_f64() >= found[1]["score"].as_f64());
    let wrong = ["playlist", "more-like", "--like", like, "--weights", "loudness:1"];
    assert_eq!(lines(&wrong).await.0, Some(2));
}

#[tokio::test]
async fn compare_takes_weights_and_advises() {
    let clips = recordings();
    let (a, b) = (text(&clips[0]), text(&clips[1]));
    let (_, found) = lines(&["compare", "--json", a, b]).await;
    assert!(found[0]["mix"]["mix"]["sentence"].is_string(), "{}", found[0]["mix"]);
    let (_, found) = lines(&["compare", "--json", "--weights", "timbre:1", a, b]).await;
    let parts = found[0]["custom"]["parts"].as_array().unwrap();
    assert_eq!((parts.len(), &parts[0]["weight"]), (1, &1.0.into()));
}
