//! Spotify's paths `/v1/audio-features` and `/v1/audio-analysis`, so that a client made for them works by changing its base URL.
//!
//! Ids are ours, which have the form of Spotify's: 22 characters of base62. Answers and errors are shaped as Spotify's are; `report` makes
//! the objects.
//!
//! # Source
//!
//! Spotify for Developers, Web API reference: "Get Track's Audio Features", "Get Several Tracks' Audio Features", "Get Track's Audio
//! Analysis", and "Response Schema" of errors.

mod analysis;
mod features;
mod refusal;
mod schema;
mod several;

use axum::Router;
use axum::routing::get;

use crate::state::State;

pub(crate) use analysis::{__path_analysis, analysis};
pub(crate) use features::{__path_features, features};
pub(crate) use refusal::{RefusalBody, refusal};
pub(crate) use several::{__path_several, several};

const FEATURES: &str = "/v1/audio-features";
const ANALYSIS: &str = "/v1/audio-analysis";

/// The other spelling of one of the paths: Python's spotipy writes it so.
pub(crate) fn aliases() -> Router<State> {
    Router::new().route("/v1/audio-features/", get(several))
}

/// Whether what is below a path is answered as Spotify would, errors included.
pub(crate) fn speaks_at(path: &str) -> bool {
    let is_below =
        |root| path.strip_prefix(root).is_some_and(|it| it.is_empty() || it.starts_with('/'));
    is_below(FEATURES) || is_below(ANALYSIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_paths_are_answered_as_everywhere() {
        for path in ["/v1/audio-features", "/v1/audio-features/", "/v1/audio-analysis/x"] {
            assert!(speaks_at(path), "{path}");
        }
        for path in ["/v1/audio-featuresx", "/v1/audio", "/v1/tracks", "/"] {
            assert!(!speaks_at(path), "{path}");
        }
    }
}
