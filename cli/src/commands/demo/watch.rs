//! Waiting for tracks by following the events of the service.

use std::collections::HashSet;

use anyhow::{Context, Result};
use futures::StreamExt;
use serde_json::Value;

use crate::client::Client;
use crate::output;

/// Events after which nothing more happens to a track.
const FINAL_EVENTS: [&str; 5] =
    ["track.matched", "track.failed", "job.failed", "job.dead", "job.cancelled"];

/// Returns when each of `tracks` is matched or has failed.
pub(super) async fn until_matched(client: &Client, tracks: &[&str]) -> Result<()> {
    let mut waiting: HashSet<&str> = tracks.iter().copied().collect();
    let bar = output::progress(tracks.len(), "analysing");
    let mut last_event = "0".to_owned();
    while !waiting.is_empty() {
        // The stream may be cut: it is taken up again after the last event that was seen.
        let mut body = client.open("/v1/events", Some(&last_event)).await?.bytes_stream();
        let mut text = Vec::new();
        while !waiting.is_empty() {
            let Some(chunk) = body.next().await else { break };
            text.extend_from_slice(&chunk.context("the stream of events broke off")?);
            while let Some(end) = find(&text, b"\n\n") {
                let frame = String::from_utf8_lossy(&text[..end]).into_owned();
                text.drain(..end + 2);
                let Some((id, event, data)) = parse(&frame) else { continue };
                last_event = id;
                if FINAL_EVENTS.contains(&event.as_str())
                    && data["track_id"].as_str().is_some_and(|track| waiting.remove(track))
                {
                    bar.inc(1);
                }
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Id, name and data of one frame of the event stream; a comment gives none.
fn parse(frame: &str) -> Option<(String, String, Value)> {
    let field = |name: &str| {
        frame
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(str::trim_start)
    };
    let data = serde_json::from_str(field("data")?).ok()?;
    Some((field("id")?.to_owned(), field("event")?.to_owned(), data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_frame_and_passes_over_a_comment() {
        let (id, event, data) =
            parse("id: 7\nevent: track.matched\ndata: {\"track_id\":\"x\"}").unwrap();
        assert_eq!(
            (id.as_str(), event.as_str(), data["track_id"].as_str()),
            ("7", "track.matched", Some("x"))
        );
        assert!(parse(": still here").is_none());
    }
}
