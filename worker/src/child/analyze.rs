//! One recording from bytes to report, in the calling process.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::time::{Duration, Instant};

use decode::Decoder;
use dsp::Analyzer;
use matching::Descriptor;
use report::{Details, Report, Source};
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest as _, Sha256};

use super::pcm_hash::PcmHash;
use super::{Failure, Media, Outcome, Sandbox, StageTime, Stages};
use crate::config::MediaLimits;
use crate::error::chain;

/// Progress is worth a line when it moved by this much.
const PROGRESS_STEP: f64 = 0.01;

/// Decodes and analyses `media` in one pass, block by block.
///
/// This is what the child does; a caller elsewhere has none of the child's protection and uses it for
/// profiling only. `progress` gets values that rise from 0 to 1.
///
/// # Errors
///
/// [`Failure`] with one of `decode`'s codes, or `io` when the file could not be read.
pub fn analyze(
    mut media: Media,
    limits: &MediaLimits,
    mut progress: impl FnMut(f64),
) -> Result<Outcome, Failure> {
    let start = Moment::now();
    let n_bytes = media.file.metadata().map_err(|error| unread(&error))?.len();
    let sha256 = match media.sha256.take() {
        Some(known) => known,
        None => sha256_of(&mut media.file).map_err(|error| unread(&error))?,
    };

    let mut stages = Stages::default();
    let mut mark = Moment::now();
    let mut decoder = Decoder::open(media.file, media.extension.as_deref(), &limits.to_decode())
        .map_err(|error| undecoded(&error))?;
    let format = decoder.format().clone();
    let n_frames_declared = format
        .declared_duration_s
        .map(|s| s * f64::from(format.sample_rate_hz))
        .unwrap_or_default();
    let mut analyzer = Analyzer::new(format.sample_rate_hz, format.n_channels)
        .map_err(|error| unanalysed(&error))?;
    let mut pcm_hash = PcmHash::new(format.sample_rate_hz, format.n_channels);
    mark.add_to(&mut stages.decode);

    let (mut n_frames, mut shown) = (0.0, 0.0);
    loop {
        let block = decoder.next_block().map_err(|error| undecoded(&error))?;
        mark.add_to(&mut stages.decode);
        let Some(block) = block else { break };
        pcm_hash.update(block);
        analyzer.push(block).map_err(|error| unanalysed(&error))?;
        n_frames += frames_in(block, format.n_channels);
        mark.add_to(&mut stages.analysis);
        if n_frames_declared > 0.0 {
            let now = (n_frames / n_frames_declared).min(1.0);
            if now >= shown + PROGRESS_STEP {
                shown = now;
                progress(now);
            }
        }
    }
    let summary = decoder.finish();
    mark.add_to(&mut stages.decode);
    let analysis = analyzer.finish();
    let descriptor = Descriptor::new(&analysis).to_bytes();
    mark.add_to(&mut stages.analysis);

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
    report.signal.pcm_hash = Some(pcm_hash.finish());
    let details = Details::new(&analysis);
    let mut whole = start;
    whole.add_to(&mut stages.total);
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

/// A point in both times.
#[derive(Debug, Clone, Copy)]
struct Moment {
    wall: Instant,
    cpu: Duration,
}

impl Moment {
    fn now() -> Self {
        // Of this thread, which does all the work: under a CPU limit the kernel counts the process' time
        // in ticks only.
        let cpu = clock_gettime(ClockId::ThreadCPUTime);
        Self { wall: Instant::now(), cpu: Duration::try_from(cpu).unwrap_or_default() }
    }

    /// Adds what passed since this moment to `time`, and moves on to now.
    fn add_to(&mut self, time: &mut StageTime) {
        let now = Self::now();
        time.wall_s += now.wall.duration_since(self.wall).as_secs_f64();
        time.cpu_s += now.cpu.saturating_sub(self.cpu).as_secs_f64();
        *self = now;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a block is far shorter than 2^52 frames")]
fn frames_in(block: &[f32], n_channels: u32) -> f64 {
    block.len() as f64 / f64::from(n_channels.max(1))
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
    let mut hex = String::with_capacity(64);
    for byte in hasher.finalize() {
        write!(hex, "{byte:02x}").expect("a string takes any text");
    }
    Ok(hex)
}

fn unread(error: &io::Error) -> Failure {
    Failure { code: "io".into(), detail: error.to_string() }
}

fn undecoded(error: &decode::Error) -> Failure {
    Failure { code: error.code().into(), detail: chain(error) }
}

/// The decoder's limits are the analyser's, so an analyser that refuses met media beyond them.
fn unanalysed(error: &dsp::Error) -> Failure {
    Failure { code: "bad_media".into(), detail: chain(error) }
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
