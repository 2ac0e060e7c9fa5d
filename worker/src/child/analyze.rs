//! One recording from bytes to report, in the calling process.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use decode::Decoder;
use matching::Descriptor;
use report::{Details, Report, Source};
use sha2::{Digest as _, Sha256};

use super::emotion::TrainedEmotion;
use super::listen::{Listener, undecoded};
use super::moment::Moment;
use super::{Failure, Media, Outcome, Sandbox, Stages};
use crate::config::MediaLimits;

/// Decodes and analyses `media` in one pass, block by block.
///
/// This is what the child does; a caller elsewhere has none of the child's protection and uses it for
/// profiling only. `emotion` replaces the rule where it has values. `progress` gets values that rise from 0 to 1.
///
/// # Errors
///
/// [`Failure`] with one of `decode`'s codes, or `io` when the file could not be read.
pub fn analyze(
    mut media: Media,
    limits: &MediaLimits,
    emotion: Option<&TrainedEmotion>,
    mut progress: impl FnMut(f64),
) -> Result<Outcome, Failure> {
    let start = Moment::of_all_threads();
    let n_bytes = media.file.metadata().map_err(|error| unread(&error))?.len();
    let sha256 = match media.sha256.take() {
        Some(known) => known,
        None => sha256_of(&mut media.file).map_err(|error| unread(&error))?,
    };

    let mut mark = Moment::of_all_threads();
    let mut decoder = Decoder::open(media.file, media.extension.as_deref(), &limits.to_decode())
        .map_err(|error| undecoded(&error))?;
    let format = decoder.format().clone();
    let mut listener = Listener::new(&format)?;
    let mut stages = Stages::default();
    mark.add_to(&mut stages.decode);
    let decoding = listener.hear(&mut decoder, &mut progress)?;
    let summary = decoder.finish();
    let (mut analysis, pcm_hash) = listener.finish();
    let source = Source {
        sha256,
        n_bytes,
        container: format.container,
        codec: format.codec,
        sample_rate_hz: format.sample_rate_hz,
        n_channels: format.n_channels,
        duration_s: analysis.input.duration_s,
        truncated: summary.truncated,
        n_bad_packets: summary.n_bad_packets,
    };
    let mut report = Report::new(&analysis, source);
    if let Some(TrainedEmotion { model, sha256 }) = emotion {
        model.apply(sha256, &report, &mut analysis);
        report.set_emotion(&analysis);
    }
    let descriptor = Descriptor::new(&analysis).to_bytes();
    mark.add_to(&mut stages.analysis);
    stages.decode.add(decoding);
    stages.analysis.cpu_s = (stages.analysis.cpu_s - decoding.cpu_s).max(0.0);
    report.signal.pcm_hash = Some(pcm_hash);
    let details = Details::new(&analysis);
    stages.total = start.passed();
    Ok(Outcome {
        report,
        details,
        tags: tags_of(summary.tags),
        descriptor,
        stages,
        peak_memory_bytes: None,
        sandbox: Sandbox::None,
    })
}

fn sha256_of(file: &mut File) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => hasher.update(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(super::hex::of(&hasher.finalize()))
}

fn unread(error: &io::Error) -> Failure {
    Failure { code: "io".into(), detail: error.to_string() }
}

fn tags_of(tags: decode::Tags) -> report::Tags {
    report::Tags {
        title: tags.title,
        artist: tags.artist,
        album: tags.album,
        track_number: tags.track_number,
        isrc: tags.isrc,
        musicbrainz_recording_id: tags.musicbrainz_recording_id,
        musicbrainz_artist_id: tags.musicbrainz_artist_id,
        musicbrainz_release_id: tags.musicbrainz_release_id,
        bpm: tags.bpm,
        key: tags.key,
    }
}
