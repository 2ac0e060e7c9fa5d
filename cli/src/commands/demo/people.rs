//! Two made-up people, each with half of the recordings, and what they are told of each other.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use store::Store;
use tokio::time::sleep;

use super::watch;
use crate::client::{Client, Uploaded};
use crate::output;
use crate::table::Table;

/// Recordings of each: they are analysed once more, because they are somebody else's.
const MAX_RECORDINGS: usize = 6;

const PAUSE: Duration = Duration::from_millis(100);

/// Somebody made up.
pub(super) struct Person {
    name: &'static str,
    plays: &'static str,
    seeks: &'static str,
    client: Client,
}

/// Makes the two and their tokens.
pub(super) async fn made_up(store: &Store, base: &str) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    for (name, plays, seeks) in [("Ada", "drums", "bass"), ("Ben", "bass", "drums")] {
        let id = store::users::create(store, name).await?.id;
        let token = super::token_of(store, id).await?;
        people.push(Person { name, plays, seeks, client: Client::new(base.to_owned(), token)? });
    }
    Ok(people)
}

/// Gives each of them every other recording, matches them, and prints what each is told.
pub(super) async fn show(people: &[Person], files: &[PathBuf]) -> Result<()> {
    for (number, person) in people.iter().enumerate() {
        let mut tracks = Vec::new();
        let own = files.iter().skip(number).step_by(people.len()).take(MAX_RECORDINGS);
        for path in own {
            if let Uploaded::Track(id) = person.client.upload_listed(path).await? {
                tracks.push(id);
            }
        }
        let tracks: Vec<&str> = tracks.iter().map(String::as_str).collect();
        watch::until_matched(&person.client, &tracks).await?;
    }
    for person in people {
        let profile = json!({
            "name": person.name,
            "discoverable": true,
            "tags": { "plays": [person.plays], "seeks": [person.seeks] },
        });
        person.client.put("/v1/profiles/me", &profile).await?;
    }
    let mut table = Table::new(["person", "score", "goes with", "because"]);
    for person in people {
        until_idle(&person.client).await?;
    }
    for person in people {
        let page: Value = person.client.get("/v1/profiles/me/matches?limit=1").await?;
        let Some(best) = page["items"].get(0) else { continue };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        table.row([
            person.name.to_owned(),
            best["score"].as_f64().map_or_else(String::new, |score| format!("{score:.2}")),
            text(&best["profile"]["name"]),
            text(&best["why"]["reason"]),
        ]);
    }
    output::line("")?;
    for line in table.lines() {
        output::line(&line)?;
    }
    Ok(())
}

/// Returns when the person's profile waits for no matching.
async fn until_idle(client: &Client) -> Result<()> {
    loop {
        let mut n_live = 0;
        for state in ["queued", "running"] {
            let path = format!("/v1/jobs?kind=match_profile&state={state}&limit=1");
            let page: Value = client.get(&path).await?;
            n_live += page["items"].as_array().map_or(0, Vec::len);
        }
        if n_live == 0 {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
}
