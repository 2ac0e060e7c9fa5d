//! Container tags, cleaned: ID3, Vorbis comments, MP4 `ilst`, RIFF INFO, APE and Matroska tags.

use symphonia::core::meta::{
    Metadata, MetadataContainer, MetadataRevision, RawValue, StandardTag, Tag, well_known,
};

use crate::{Error, LimitKind, Limits, Result};

/// Longest text kept of one tag, in characters.
const MAX_TEXT_CHARS: usize = 500;

/// A key is "F#m", "11A" or "C minor"; longer texts are something else.
const MAX_KEY_CHARS: usize = 24;

/// BPM texts outside this range are mistakes, often 0 for "unknown".
const BPM_RANGE: std::ops::RangeInclusive<f64> = 1.0..=999.0;

/// What the container says about the recording: valid UTF-8, no control characters, one line,
/// capped in length. Never checked against the audio.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tags {
    /// Title of the recording.
    pub title: Option<String>,
    /// Artist as credited.
    pub artist: Option<String>,
    /// Album or release.
    pub album: Option<String>,
    /// Number on its medium.
    pub track_number: Option<u32>,
    /// ISRC: 12 characters, capitals, no hyphens.
    pub isrc: Option<String>,
    /// MusicBrainz recording id, a UUID in small letters.
    pub musicbrainz_recording_id: Option<String>,
    /// MusicBrainz artist id, a UUID in small letters; the first, when there are several.
    pub musicbrainz_artist_id: Option<String>,
    /// MusicBrainz release id, a UUID in small letters.
    pub musicbrainz_release_id: Option<String>,
    /// Tempo that somebody wrote into the file.
    pub bpm: Option<f64>,
    /// Key that somebody wrote into the file, as written.
    pub key: Option<String>,
}

impl Tags {
    /// Takes from what a reader has collected, refusing more than the limits allow.
    ///
    /// The first to name a field wins; `ID3v1`, which cuts its texts at 30 bytes, is asked last.
    ///
    /// # Errors
    ///
    /// [`Error::LimitExceeded`] for too many bytes of tags or pictures.
    pub(crate) fn new(revisions: &[MetadataRevision], limits: &Limits) -> Result<Self> {
        check_sizes(revisions, limits)?;
        let is_old =
            |revision: &&MetadataRevision| revision.info.metadata == well_known::METADATA_ID_ID3V1;
        let (old, new): (Vec<_>, Vec<_>) = revisions.iter().partition(is_old);
        let mut tags = Self::default();
        for container in new.into_iter().chain(old).flat_map(containers) {
            for tag in &container.tags {
                tags.take(tag);
            }
        }
        Ok(tags)
    }

    fn take(&mut self, tag: &Tag) {
        let raw = &tag.raw.value;
        match &tag.std {
            Some(StandardTag::TrackTitle(text)) => fill(&mut self.title, || line(text)),
            Some(StandardTag::Artist(text)) => fill(&mut self.artist, || line(text)),
            Some(StandardTag::Album(text)) => fill(&mut self.album, || line(text)),
            Some(StandardTag::TrackNumber(n)) => fill(&mut self.track_number, || track_number(*n)),
            Some(StandardTag::IdentIsrc(text)) => fill(&mut self.isrc, || isrc(text)),
            // MusicBrainz' own tagger calls the recording "track" in every format but ID3.
            Some(
                StandardTag::MusicBrainzRecordingId(text) | StandardTag::MusicBrainzTrackId(text),
            ) => {
                fill(&mut self.musicbrainz_recording_id, || uuid(text));
            }
            Some(StandardTag::MusicBrainzArtistId(text)) => {
                fill(&mut self.musicbrainz_artist_id, || uuid(text));
            }
            Some(StandardTag::MusicBrainzAlbumId(text)) => {
                fill(&mut self.musicbrainz_release_id, || uuid(text));
            }
            Some(StandardTag::InitialKey(text)) => fill(&mut self.key, || key(text)),
            // The standard tag is whole beats; the text behind it may say "127.5".
            Some(StandardTag::Bpm(_)) => fill(&mut self.bpm, || bpm(raw)),
            _ => self.take_raw(tag),
        }
    }

    /// Tags that have no standard form, or whose text did not parse as one.
    fn take_raw(&mut self, tag: &Tag) {
        let raw = &tag.raw.value;
        let name = tag.raw.key.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "bpm" | "tbpm" | "tmpo" | "tempo" | "fbpm" => fill(&mut self.bpm, || bpm(raw)),
            "initialkey" | "tkey" | "key" | "initial_key" => {
                fill(&mut self.key, || key(&raw.to_string()));
            }
            "ufid" => fill(&mut self.musicbrainz_recording_id, || recording_of_ufid(tag)),
            _ => {}
        }
    }
}

/// Everything that a reader has collected so far.
pub(crate) fn revisions(mut log: Metadata<'_>) -> Vec<MetadataRevision> {
    let mut revisions = Vec::new();
    while let Some(revision) = log.pop() {
        revisions.push(revision);
    }
    revisions.extend(log.current().cloned());
    revisions
}

fn containers(revision: &MetadataRevision) -> impl Iterator<Item = &MetadataContainer> {
    std::iter::once(&revision.media).chain(revision.per_track.iter().map(|track| &track.metadata))
}

fn check_sizes(revisions: &[MetadataRevision], limits: &Limits) -> Result<()> {
    let mut n_tag_bytes = 0u64;
    let mut n_picture_bytes = 0u64;
    for container in revisions.iter().flat_map(containers) {
        for tag in &container.tags {
            n_tag_bytes += (tag.raw.key.len() + n_value_bytes(&tag.raw.value)) as u64;
        }
        for visual in &container.visuals {
            n_picture_bytes += visual.data.len() as u64;
        }
    }
    if n_picture_bytes > limits.max_picture_bytes {
        let limit = limits.max_picture_bytes;
        return Err(Error::LimitExceeded { what: LimitKind::PictureBytes, limit });
    }
    if n_tag_bytes > limits.max_tag_bytes {
        let limit = limits.max_tag_bytes;
        return Err(Error::LimitExceeded { what: LimitKind::TagBytes, limit });
    }
    Ok(())
}

fn n_value_bytes(value: &RawValue) -> usize {
    match value {
        RawValue::Binary(bytes) => bytes.len(),
        RawValue::String(text) => text.len(),
        RawValue::StringList(list) => list.iter().map(String::len).sum(),
        _ => 8,
    }
}

fn fill<T>(field: &mut Option<T>, value: impl FnOnce() -> Option<T>) {
    if field.is_none() {
        *field = value();
    }
}

/// One clean line: control characters and the marks that reorder text become spaces, runs of
/// space one space.
fn line(text: &str) -> Option<String> {
    let harmless = text.chars().map(|c| if is_hidden(c) { ' ' } else { c });
    let mut out = String::new();
    let mut n_chars = 0;
    for c in harmless {
        if c.is_whitespace() && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if n_chars == MAX_TEXT_CHARS {
            break;
        }
        out.push(if c.is_whitespace() { ' ' } else { c });
        n_chars += 1;
    }
    let out = out.trim_end();
    (!out.is_empty()).then(|| out.to_owned())
}

/// Control characters, and what makes text show as something else than it is: bidirectional
/// overrides and isolates, zero-width marks, the byte order mark, the replacement of bad bytes.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}')
        || matches!(c, '\u{FEFF}' | '\u{FFF9}'..='\u{FFFD}')
}

fn track_number(n: u64) -> Option<u32> {
    u32::try_from(n).ok().filter(|&n| n > 0)
}

fn isrc(text: &str) -> Option<String> {
    let code: String =
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let separators = |c: char| c == '-' || c.is_whitespace() || c.is_ascii_alphanumeric();
    (code.len() == 12 && text.chars().all(separators)).then_some(code)
}

fn uuid(text: &str) -> Option<String> {
    // Several ids are joined by "/", ";" or a line end, depending on who wrote them.
    let first = text.split(['/', ';', '\n', '\0', ',']).next()?.trim();
    let groups: Vec<&str> = first.split('-').collect();
    let is_shaped = groups.len() == 5
        && groups
            .iter()
            .zip([8, 4, 4, 4, 12])
            .all(|(group, n)| group.len() == n && group.chars().all(|c| c.is_ascii_hexdigit()));
    is_shaped.then(|| first.to_ascii_lowercase())
}

fn key(text: &str) -> Option<String> {
    line(text).filter(|key| key.chars().count() <= MAX_KEY_CHARS)
}

fn bpm(value: &RawValue) -> Option<f64> {
    let beats = match value {
        RawValue::String(text) => text.trim().replace(',', ".").parse().ok()?,
        RawValue::StringList(list) => list.first()?.trim().replace(',', ".").parse().ok()?,
        other => other.to_string().parse::<f64>().ok()?,
    };
    BPM_RANGE.contains(&beats).then_some(beats)
}

/// ID3 keeps the recording in a frame of its own, owned by MusicBrainz.
fn recording_of_ufid(tag: &Tag) -> Option<String> {
    let fields = tag.raw.sub_fields.as_deref().unwrap_or_default();
    let owned = fields.iter().any(|field| field.value.to_string().contains("musicbrainz.org"));
    let RawValue::Binary(bytes) = &tag.raw.value else { return None };
    if !owned {
        return None;
    }
    uuid(std::str::from_utf8(bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::{bpm, isrc, key, line, uuid};
    use symphonia::core::meta::RawValue;

    #[test]
    fn cleans_texts() {
        assert_eq!(line("  A\0B\u{1b}[31m\r\n C ").as_deref(), Some("A B [31m C"));
        assert_eq!(line("abc\u{202E}gpj.exe").as_deref(), Some("abc gpj.exe"));
        assert_eq!(line("../../<script>").as_deref(), Some("../../<script>"));
        assert_eq!(line("\u{FFFD}\u{FEFF} \t"), None);
    }

    #[test]
    fn caps_texts_by_characters() {
        let long = "é".repeat(10_000);
        assert_eq!(line(&long).map(|text| text.chars().count()), Some(500));
    }

    #[test]
    fn takes_only_well_formed_codes() {
        assert_eq!(isrc("us-rc1-76-07839").as_deref(), Some("USRC17607839"));
        assert_eq!(isrc("not an isrc"), None);
        assert_eq!(isrc("USRC17607839<>"), None);
        let id = "B10BBBFC-CF9E-42E0-BE17-E2C3E1D2600D";
        assert_eq!(uuid(&format!("{id}/{id}")), Some(id.to_ascii_lowercase()));
        assert_eq!(uuid("b10bbbfc-cf9e-42e0-be17"), None);
    }

    #[test]
    fn reads_tempo_and_key_as_people_write_them() {
        assert_eq!(bpm(&RawValue::from("127,5")), Some(127.5));
        assert_eq!(bpm(&RawValue::from("0")), None);
        assert_eq!(bpm(&RawValue::from("NaN")), None);
        assert_eq!(bpm(&RawValue::from(128u32)), Some(128.0));
        assert_eq!(key(" F#m ").as_deref(), Some("F#m"));
        assert_eq!(key(&"A".repeat(25)), None);
    }
}
