//! What there is under `/rest`.

use matching::Purpose;
use matching::playlist::Wanted;
use serde_json::{Map, Value, json};
use store::{Scope, Store, TrackId, UserId, tracks, users};

use super::child::child;
use super::failure::Failure;
use super::parameters::Parameters;
use crate::error::Error;
use crate::identity::Identity;
use crate::lists::find::{self, Order};

/// Tracks that [`similar_tracks`] gives unless told, and at most.
const SIMILAR: (usize, usize) = (10, 200);
/// Tracks of [`path`] unless told, and at most.
const PATH: (usize, usize) = (25, 64);
/// Extensions, each in version 1.
const EXTENSIONS: [&str; 3] = ["apiKeyAuthentication", "formPost", "sonicSimilarity"];

/// A method of the protocol.
#[derive(Debug)]
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) access: Access,
    pub(super) parameters: &'static [Parameter],
}

/// Who may call a method, and which it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Access {
    /// Everybody: the list of extensions.
    Open,
    /// Whoever has a key that allows all of these.
    Key(&'static [Scope], Keyed),
}

/// A method that takes a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keyed {
    Ping,
    TokenInfo,
    SimilarTracks,
    Path,
}

/// A parameter of a method.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// Unless told, and at most; `None` for an id, without which there is no answer.
    pub(super) count: Option<(usize, usize)>,
}

/// All of them.
pub(super) const METHODS: &[Method] = &[
    Method {
        name: "getOpenSubsonicExtensions",
        summary: "List the extensions that there are.",
        access: Access::Open,
        parameters: &[],
    },
    Method {
        name: "ping",
        summary: "Tell whether the key is good.",
        access: Access::Key(&[], Keyed::Ping),
        parameters: &[],
    },
    Method {
        name: "tokenInfo",
        summary: "Tell whose key it is.",
        access: Access::Key(&[], Keyed::TokenInfo),
        parameters: &[],
    },
    Method {
        name: "getSonicSimilarTracks",
        summary: "List your tracks that sound like one.",
        access: Access::Key(&[Scope::MatchesRead, Scope::TracksRead], Keyed::SimilarTracks),
        parameters: &[
            Parameter { name: "id", description: "The track", count: None },
            Parameter { name: "count", description: "Most tracks to give", count: Some(SIMILAR) },
        ],
    },
    Method {
        name: "findSonicPath",
        summary: "Make a path from one of your tracks to another in small steps.",
        access: Access::Key(&[Scope::MatchesRead, Scope::TracksRead], Keyed::Path),
        parameters: &[
            Parameter { name: "startSongId", description: "Where it begins", count: None },
            Parameter { name: "endSongId", description: "Where it ends", count: None },
            Parameter { name: "count", description: "Most tracks of the path", count: Some(PATH) },
        ],
    },
];

type Answer = Result<Map<String, Value>, Failure>;

fn field(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

/// The extensions that there are.
pub(super) fn extensions() -> Map<String, Value> {
    let extension = |name: &str| json!({ "name": name, "versions": [1] });
    field("openSubsonicExtensions", EXTENSIONS.iter().map(|name| extension(name)).collect())
}

/// Whose key it is: the login, or the name of who has none.
pub(super) async fn token_info(store: &Store, caller: &Identity) -> Answer {
    let user = users::get(store, caller.user_id).await.map_err(Error::from)?;
    // Deleted in the same moment.
    let user = user.ok_or(Error::NotFound)?;
    let name = user.login.map_or(user.name, |login| login.to_string());
    Ok(field("tokenInfo", json!({ "username": name })))
}

/// The tracks that sound most like one, best first, each once.
pub(super) async fn similar_tracks(store: &Store, owner: UserId, given: &Parameters) -> Answer {
    let id = given.id("id")?;
    let limit = given.count(SIMILAR.0, 1..=SIMILAR.1)?;
    let found = find::similar(store, owner, id, order(limit)).await?;
    let found = found.into_iter().map(|it| (it.track.id, it.pair.score.score, it.bpm)).collect();
    matches(store, owner, found).await
}

/// A path between two tracks. As the protocol has it, the similarity is that with the first one, not that of the step.
pub(super) async fn path(store: &Store, owner: UserId, given: &Parameters) -> Answer {
    let ends = (given.id("startSongId")?, given.id("endSongId")?);
    let limit = given.count(PATH.0, 2..=PATH.1)?;
    let (stops, _) = find::path(store, owner, ends, order(limit)).await?;
    let stops = stops.into_iter().map(|it| (it.track.id, it.with_first, it.bpm)).collect();
    matches(store, owner, stops).await
}

fn order(limit: usize) -> Order {
    let weighting = Purpose::Alike.into();
    Order { weighting, wanted: Wanted::default(), each_once: true, limit }
}

/// Tracks in this order, each with its similarity and its tempo; what was deleted since is left out.
async fn matches(store: &Store, owner: UserId, found: Vec<(TrackId, f64, Option<f32>)>) -> Answer {
    let ids: Vec<TrackId> = found.iter().map(|(id, ..)| *id).collect();
    let mut tracks = tracks::of(store, owner, &ids).await.map_err(Error::from)?;
    let entries = found.into_iter().filter_map(|(id, similarity, bpm)| {
        let at = tracks.iter().position(|track| track.id == id)?;
        let entry = child(tracks.swap_remove(at), bpm);
        Some(json!({ "entry": entry, "similarity": similarity }))
    });
    Ok(field("sonicMatch", entries.collect()))
}
