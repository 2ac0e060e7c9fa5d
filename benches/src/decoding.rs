//! What decoding alone costs.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use decode::{Decoder, Limits};
use fixtures::clips;

use crate::clock::Runs;
use crate::cost::{Group, Row};

/// Repeats of a short recording in one run, so that a run is well above the clock's grain.
const REPEATS: u32 = 8;

/// Bytes of one recording.
struct Input {
    bytes: Arc<[u8]>,
    extension: String,
    minutes: f64,
}

/// Decodes and forgets; the sum keeps the samples from being optimised away.
///
/// # Errors
///
/// When the bytes cannot be decoded.
pub fn decode_all(bytes: &Arc<[u8]>, extension: &str) -> Result<f32> {
    // The decoder owns its source; a copy would cost as much as decoding WAV does.
    let source = Cursor::new(Arc::clone(bytes));
    let mut decoder = Decoder::open(source, Some(extension), &Limits::default())?;
    let mut sum = 0.0;
    while let Some(block) = decoder.next_block()? {
        sum += block.first().copied().unwrap_or_default();
    }
    Ok(sum)
}

/// WAV of the long music.
///
/// # Errors
///
/// When it cannot be decoded.
pub fn wav(bytes: &Arc<[u8]>, input: &str, minutes: f64, n_runs: usize) -> Result<Row> {
    decode_all(bytes, "wav").context("cannot decode the music")?;
    let runs = Runs::of(n_runs, || decode_all(bytes, "wav").ok());
    Ok(Row::new(Group::Decode, "decode WAV", input, &runs, minutes))
}

/// The committed recordings, one row a codec and signal; opening each file is included.
///
/// # Errors
///
/// When one of them cannot be read or decoded.
pub fn committed(n_runs: usize) -> Result<Vec<Row>> {
    let mut kinds: BTreeMap<(String, String), Vec<Input>> = BTreeMap::new();
    for clip in clips() {
        let bytes = std::fs::read(clip.path())
            .with_context(|| format!("cannot read the recording {}", clip.file))?
            .into();
        let extension = clip.path().extension().unwrap_or_default().to_string_lossy().into_owned();
        decode_all(&bytes, &extension).with_context(|| format!("cannot decode {}", clip.file))?;
        let channels = if clip.format.n_channels == 1 { "mono" } else { "stereo" };
        let signal = format!("{} kHz {channels}", f64::from(clip.format.sample_rate_hz) / 1_000.0);
        let minutes = clip.truth.duration_s / 60.0;
        kinds.entry((clip.format.codec, signal)).or_default().push(Input {
            bytes,
            extension,
            minutes,
        });
    }
    let rows = kinds.iter().map(|((codec, signal), inputs)| {
        let runs = Runs::of(n_runs, || {
            for _ in 0..REPEATS {
                for input in inputs {
                    // It was decoded before, so it will be again.
                    std::hint::black_box(decode_all(&input.bytes, &input.extension).ok());
                }
            }
        });
        let minutes = inputs.iter().map(|i| i.minutes).sum::<f64>() * f64::from(REPEATS);
        Row::new(Group::Decode, &format!("decode {}", named(codec)), signal, &runs, minutes)
    });
    Ok(rows.collect())
}

/// The codec as people call it.
fn named(codec: &str) -> &str {
    match codec {
        "aac" => "AAC",
        "flac" => "FLAC",
        "mp3" => "MP3",
        "opus" => "Opus",
        "pcm_s16le" => "WAV",
        "vorbis" => "Ogg Vorbis",
        other => other,
    }
}
