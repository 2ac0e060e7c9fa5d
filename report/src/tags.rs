//! Container tags: what the file says about itself. Kept beside the report, never in it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Container tags, already capped and cleaned by the decoder.
///
/// Claims of whoever made the file: they are never used as measurements. Kept beside the report so
/// that the same sound under other tags has the same analysis.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Tags {
    /// Title of the track.
    pub title: Option<String>,
    /// Artist of the track.
    pub artist: Option<String>,
    /// Album.
    pub album: Option<String>,
    /// Position on the album, from 1.
    pub track_number: Option<u32>,
    /// International Standard Recording Code.
    pub isrc: Option<String>,
    /// MusicBrainz recording id.
    pub musicbrainz_recording_id: Option<String>,
    /// MusicBrainz release id.
    pub musicbrainz_release_id: Option<String>,
    /// MusicBrainz artist id.
    pub musicbrainz_artist_id: Option<String>,
    /// Tempo that the file claims, beats per minute.
    pub bpm: Option<f64>,
    /// Key that the file claims, as written.
    pub key: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_tags_written_before_a_field_existed() {
        let tags: Tags = serde_json::from_str(r#"{"title":"Air"}"#).unwrap();
        assert_eq!(tags, Tags { title: Some("Air".to_owned()), ..Tags::default() });
    }
}
