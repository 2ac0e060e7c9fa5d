//! Small files with random damage: always an end, always a class, never a panic.

use std::time::{Duration, Instant};

use decode::{Error, Limits};
use fixtures::Rng;

use crate::heard::{bytes, hear};

/// One of every reader and decoder.
const SEEDS: [&str; 20] = [
    "adpcm_ima.wav",
    "adpcm_ms.wav",
    "pcm_s16.aiff",
    "pcm_s16.caf",
    "alac.caf",
    "alac.m4a",
    "flac.flac",
    "flac.oga",
    "flac.mka",
    "tags.m4a",
    "tags.ogg",
    "tags.wav",
    "tags_id3v23.mp3",
    "tags_id3v24.mp3",
    "opus_silk.opus",
    "opus_hybrid.opus",
    "opus.webm",
    "opus.mp4",
    "vorbis.webm",
    "aac_fragmented.m4a",
];

const MUTANTS_PER_SEED: u64 = 20;

/// Thousands of times what a file of this size takes.
const DEADLINE: Duration = Duration::from_secs(20);

fn mutate(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..=rng.below(6) {
        let at = rng.below(bytes.len());
        // Headers decide most, so half of the damage is there.
        let at = if rng.chance(0.5) { at.min(rng.below(600)) } else { at };
        match rng.below(5) {
            0 => bytes[at] ^= 1 << rng.below(8),
            1 => bytes[at] = rng.pick(&[0, 1, 0x7F, 0x80, 0xFE, 0xFF]),
            2 => {
                let end = bytes.len().min(at + 4);
                bytes[at..end].fill(0xFF);
            }
            3 => {
                let end = bytes.len().min(at + 1 + rng.below(64));
                let piece = bytes[at..end].to_vec();
                let to = rng.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            _ => {
                let end = bytes.len().min(at + 1 + rng.below(64));
                if end - at < bytes.len() {
                    bytes.drain(at..end);
                }
            }
        }
    }
}

#[test]
fn always_ends_with_a_class() {
    let limits = Limits { max_duration_s: 60.0, ..Limits::default() };
    for (seed, name) in SEEDS.into_iter().enumerate() {
        let whole = bytes(name);
        for mutant in 0..MUTANTS_PER_SEED {
            let mut bytes = whole.clone();
            mutate(&mut bytes, &mut Rng::new(1_000 * seed as u64 + mutant));
            let begin = Instant::now();
            let result = hear(bytes, &limits);
            assert!(begin.elapsed() < DEADLINE, "{name}, mutant {mutant}: too slow");
            if let Err(Error::Io(error)) = result {
                panic!("{name}, mutant {mutant}: blamed the source: {error}");
            }
        }
    }
}
