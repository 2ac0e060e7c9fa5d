//! A track as the protocol's `Child`.

use report::Tags;
use serde_json::{Value, json};
use store::tracks::Track;
use time::format_description::well_known::Rfc3339;

use crate::file_name;

/// What we know of a track; fields of the protocol that we do not know are left out.
///
/// What the owner said goes before what the file says. A tempo of 0 is the protocol's word for an unknown one.
pub(super) fn child(track: Track, bpm: Option<f32>) -> Value {
    let tags: Tags = track.media.and_then(|it| serde_json::from_value(it).ok()).unwrap_or_default();
    let suffix = track.file_name.as_deref().and_then(file_name::extension);
    let title = track.title.or(tags.title).or(track.file_name).unwrap_or_default();
    let fields = json!({
        "id": track.id,
        "isDir": false,
        "isVideo": false,
        "type": "music",
        "mediaType": "song",
        "title": title,
        "artist": track.artist.or(tags.artist),
        "album": tags.album,
        "track": tags.track_number,
        "isrc": tags.isrc.map_or_else(Vec::new, |isrc| vec![isrc]),
        "musicBrainzId": tags.musicbrainz_recording_id.unwrap_or_default(),
        "size": track.n_bytes,
        "contentType": track.content_type,
        "suffix": suffix,
        "duration": track.duration_s.map(whole),
        "bpm": bpm.map_or(0, |bpm| whole(bpm.into())),
        "created": track.created_at.format(&Rfc3339).ok(),
    });
    match fields {
        Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        other => other,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seconds and beats per minute are small")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}
