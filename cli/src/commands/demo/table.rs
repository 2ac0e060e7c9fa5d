//! The tables of the demo.

use anyhow::Result;
use serde_json::Value;

use super::Recording;
use crate::client::{Client, Uploaded};
use crate::output;
use crate::table::Table;

/// What is shown of the matches of each recording.
const PURPOSES: [&str; 2] = ["alike", "mix"];

/// Prints values and matches; returns how many recordings failed.
pub(super) async fn print(client: &Client, recordings: &[Recording]) -> Result<usize> {
    let mut values = Table::new([
        "recording",
        "bpm",
        "sure",
        "key",
        "sure",
        "LUFS",
        "arousal",
        "sure",
        "valence",
        "sure",
    ]);
    let mut matches = Table::new(["recording", "for", "score", "best match", "because"]);
    let mut failures = Vec::new();
    for recording in recordings {
        let id = match &recording.outcome {
            Uploaded::Track(id) => id,
            Uploaded::Refused { code, detail } => {
                failures.push(format!("{}: {code}: {detail}", recording.name));
                continue;
            }
        };
        let track: Value = client.get(&format!("/v1/tracks/{id}")).await?;
        if track["state"] == "failed" {
            let (code, detail) = (text(&track["error"]["code"]), text(&track["error"]["detail"]));
            failures.push(format!("{}: {code}: {detail}", recording.name));
            continue;
        }
        let report: Value = client.get(&format!("/v1/tracks/{id}/report")).await?;
        values.row(row(&recording.name, &report));
        for purpose in PURPOSES {
            let page: Value =
                client.get(&format!("/v1/tracks/{id}/matches?purpose={purpose}&limit=1")).await?;
            if let Some(best) = page["items"].get(0) {
                let other = name_of(recordings, &text(&best["track"]["id"]));
                matches.row([
                    recording.name.clone(),
                    purpose.to_owned(),
                    number(&best["score"], 2),
                    other,
                    because(best),
                ]);
            }
        }
    }
    for line in values.lines().iter().chain([&String::new()]).chain(&matches.lines()) {
        output::line(line)?;
    }
    for failure in &failures {
        output::note(failure);
    }
    Ok(failures.len())
}

/// Why two match, and how to play the one into the other.
fn because(best: &Value) -> String {
    match best["mix"]["sentence"].as_str() {
        Some(sentence) => format!("{} {sentence}", text(&best["reason"])),
        None => text(&best["reason"]),
    }
}

fn row(name: &str, report: &Value) -> Vec<String> {
    let key = match (report["key"]["tonic"].as_str(), report["key"]["mode"].as_str()) {
        (Some(tonic), Some(mode)) => format!("{tonic} {mode}"),
        _ => unknown(&report["key"]),
    };
    let sure = |value: &Value| number(value, 2);
    let emotion = &report["emotion"];
    vec![
        name.to_owned(),
        number(&report["tempo"]["bpm"], 1),
        sure(&report["tempo"]["confidence"]),
        key,
        sure(&report["key"]["confidence"]),
        number(&report["loudness"]["integrated_lufs"], 1),
        signed(&emotion["arousal"]["value"]),
        sure(&emotion["arousal"]["confidence"]),
        signed(&emotion["valence"]["value"]),
        sure(&emotion["valence"]["confidence"]),
    ]
}

fn unknown(value: &Value) -> String {
    format!("– ({})", value["reason"].as_str().unwrap_or("unknown"))
}

fn number(value: &Value, digits: usize) -> String {
    value.as_f64().map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

fn signed(value: &Value) -> String {
    value.as_f64().map_or_else(|| "–".to_owned(), |value| format!("{value:+.2}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn name_of(recordings: &[Recording], id: &str) -> String {
    recordings
        .iter()
        .find(|recording| matches!(&recording.outcome, Uploaded::Track(track) if track == id))
        .map_or_else(|| id.to_owned(), |recording| recording.name.clone())
}
