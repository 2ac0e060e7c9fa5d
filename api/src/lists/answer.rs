//! Tracks of lists as JSON.

use serde::Serialize;
use store::TrackId;
use store::duplicates::OtherTrack;
use utoipa::ToSchema;

use super::find::Pair;
use crate::mix::MixBody;
use crate::part::PartBody;

/// A track of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedTrack)]
pub(super) struct TrackBody {
    /// Its id.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    id: TrackId,
    /// Its title.
    title: Option<String>,
    /// Its artist.
    artist: Option<String>,
    /// Name of its file.
    file_name: Option<String>,
}

impl From<OtherTrack> for TrackBody {
    fn from(track: OtherTrack) -> Self {
        let OtherTrack { id, title, artist, file_name } = track;
        Self { id, title, artist, file_name }
    }
}

/// How two tracks go together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pair)]
pub(super) struct PairBody {
    /// 0 to 1; one half is a typical pair.
    #[schema(example = 0.83)]
    score: f64,
    /// What each facet says.
    parts: Vec<PartBody>,
    /// One sentence of why.
    #[schema(example = "124 and 126 BPM, A minor next to E minor on the wheel.")]
    reason: String,
    /// How to play the second into the first; `null` for other purposes than `mix`.
    mix: Option<MixBody>,
}

impl From<Pair> for PairBody {
    fn from(Pair { score, mix }: Pair) -> Self {
        Self {
            score: score.score,
            reason: matching::reason(&score),
            parts: score.parts.into_iter().map(PartBody::from).collect(),
            mix: mix.map(MixBody::from),
        }
    }
}
