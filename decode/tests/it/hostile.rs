//! Files that are cut, empty, lying, or no audio at all: each ends with its class.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use decode::{Decoder, Error, LimitKind, Limits};
use fixtures::Rng;
use fixtures::forged::{Wav, caf, flac};

use crate::heard::{bytes, fixture, hear, refusal};

fn check(bytes: Vec<u8>, code: &str) {
    let error = refusal(bytes);
    assert_eq!(error.code(), code, "{error}");
}

fn check_limit(bytes: Vec<u8>, kind: LimitKind) {
    let error = refusal(bytes);
    assert!(matches!(error, Error::LimitExceeded { what, .. } if what == kind), "{error}");
}

#[test]
fn refuses_what_is_no_audio() {
    check(Vec::new(), "empty");
    check(b"The quick brown fox jumps over the lazy dog.\n".repeat(100), "unsupported_format");
    check(vec![0; 100_000], "unsupported_format");
    check(b"%PDF-1.7\n".to_vec(), "unsupported_format");
    check(b"\x89PNG\r\n\x1a\n".repeat(9), "unsupported_format");
}

#[test]
fn refuses_containers_it_has_no_reader_for() {
    let rf64 = [b"RF64\xFF\xFF\xFF\xFFWAVEds64".as_slice(), &[0; 64]].concat();
    check(rf64, "unsupported_format");
    check([b"wvpk".as_slice(), &[0; 64]].concat(), "unsupported_format");
    check([b"MAC ".as_slice(), &[0; 64]].concat(), "unsupported_format");
}

#[test]
fn refuses_codecs_it_has_no_decoder_for() {
    let mut wav = Wav::silent(2, 44_100, 100);
    // GSM 6.10 in WAV.
    wav.format = 0x31;
    check(wav.bytes(), "unsupported_format");
}

#[test]
fn refuses_a_wave_that_contradicts_itself() {
    check(Wav::silent(2, 0, 100).bytes(), "bad_media");
    check(Wav::silent(0, 44_100, 100).bytes(), "bad_media");
    check(Wav::silent(2, 44_100, 0).bytes(), "empty");
    check(Wav::silent(2, 44_100, 100).bytes()[..30].to_vec(), "bad_media");
    check(b"RIFF\x24\0\0\0WAVE".to_vec(), "bad_media");
}

#[test]
fn refuses_shapes_outside_the_limits() {
    check_limit(Wav::silent(200, 44_100, 100).bytes(), LimitKind::Channels);
    check_limit(Wav::silent(9, 44_100, 100).bytes(), LimitKind::Channels);
    check_limit(Wav::silent(2, 3_999, 100).bytes(), LimitKind::SampleRate);
    check_limit(Wav::silent(2, u32::MAX, 100).bytes(), LimitKind::SampleRate);
}

/// One of these asked for 8 GB before the decoder saw a byte of audio; now none asks for more than
/// a packet has to show.
#[test]
fn gives_no_memory_to_a_header() {
    for frames_per_packet in [0, 2, 1 << 20, 1 << 28, u32::MAX] {
        for bytes_per_packet in [0, 4, 1 << 20, u32::MAX] {
            for n_channels in [1, 2, 8, 26, 32, u32::MAX] {
                let file = caf::lpcm(bytes_per_packet, frames_per_packet, n_channels);
                match hear(file, &Limits::default()) {
                    Ok(heard) => assert!(heard.samples.len() <= 4_096),
                    Err(error) => assert_ne!(error.code(), "io"),
                }
            }
        }
    }
}

#[test]
fn refuses_four_hours_of_silence_by_its_header() {
    let claimed = 4 * 3_600 * 4_000;
    check_limit(flac::silence(2, claimed), LimitKind::Duration);
}

/// 34 kB that decode to 4 hours, with a header that says nothing.
#[test]
fn refuses_four_hours_of_silence_that_do_not_say_so() {
    let bomb = flac::silence(4 * 3_600 * 4_000 / 65_535 + 1, 0);
    assert!(bomb.len() < 20_000);
    check_limit(bomb, LimitKind::Duration);
}

#[test]
fn gives_the_good_frames_of_a_cut_file() {
    // What is left of 60 %: frames at least, and none that the whole file does not have.
    let files = [
        ("pcm_s16.wav", 2_100),
        ("pcm_s16.aiff", 2_100),
        ("flac.flac", 576),
        ("flac.oga", 0),
        ("flac.mka", 576),
        ("flac.mp4", 0),
        ("mp3.mp3", 34_000),
        ("aac.aac", 35_000),
        ("aac_streamable.m4a", 32_000),
        ("aac_fragmented.m4a", 32_000),
        ("aac.mka", 35_000),
        ("vorbis.webm", 15_000),
        ("opus.webm", 37_000),
        ("six_seconds.opus", 96_000),
        ("six_seconds.ogg", 22_050),
    ];
    for (name, at_least) in files {
        let mut cut = bytes(name);
        let n_bytes = cut.len() * 6 / 10;
        cut.truncate(n_bytes);
        let cut = match hear(cut, &Limits::default()) {
            Ok(cut) => cut,
            Err(error) if at_least == 0 => {
                assert_eq!(error.code(), "bad_media", "{name}: {error}");
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        let whole = fixture(name);
        assert!(cut.summary.truncated, "{name}");
        assert!(cut.summary.n_frames >= at_least, "{name}: {}", cut.summary.n_frames);
        assert!(cut.summary.n_frames < whole.summary.n_frames, "{name}");
        assert_eq!(cut.samples, whole.samples[..cut.samples.len()], "{name}: other frames");
    }
}

/// Where the part that explains the rest is at the end, a cut file is beyond help.
#[test]
fn calls_a_file_without_its_index_bad() {
    for name in ["aac.m4a", "alac.m4a", "pcm_s16.caf", "alac.caf"] {
        let mut cut = bytes(name);
        cut.truncate(cut.len() * 6 / 10);
        check(cut, "bad_media");
    }
}

#[test]
fn survives_every_cut() {
    for name in
        ["flac.flac", "opus_silk.opus", "tags.m4a", "tags.ogg", "tags_id3v23.mp3", "alac.caf"]
    {
        let whole = bytes(name);
        let n_whole = fixture(name).summary.n_frames;
        for n_bytes in (0..whole.len()).step_by(211) {
            match hear(whole[..n_bytes].to_vec(), &Limits::default()) {
                Ok(cut) => assert!(cut.summary.n_frames <= n_whole, "{name} cut at {n_bytes}"),
                Err(Error::Io(error)) => panic!("{name} cut at {n_bytes}: {error}"),
                Err(_) => {}
            }
        }
    }
}

/// Some packets of a file spoiled: the rest is heard, and the loss is counted.
#[test]
fn counts_damaged_packets() {
    let mut damaged = bytes("aac_streamable.m4a");
    let mut rng = Rng::new(4);
    let begin = damaged.len() / 2;
    for byte in damaged.iter_mut().skip(begin).take(3_000) {
        *byte = u8::try_from(rng.below(256)).unwrap();
    }
    let heard = hear(damaged, &Limits::default()).unwrap();
    assert!(heard.summary.n_bad_packets > 0);
    assert!(heard.summary.n_frames >= 40_000, "{} frames", heard.summary.n_frames);
    assert!(heard.summary.n_frames < 60_417, "{} frames", heard.summary.n_frames);
}

#[test]
fn calls_a_file_bad_when_more_is_damaged_than_not() {
    let mut damaged = bytes("aac_streamable.m4a");
    let mut rng = Rng::new(5);
    for byte in damaged.iter_mut().skip(1_400) {
        *byte = u8::try_from(rng.below(256)).unwrap();
    }
    check(damaged, "bad_media");
}

/// A decoder is made on one thread and may run on another.
#[test]
fn can_be_sent() {
    fn check<T: Send>() {}
    check::<Decoder>();
}

/// A source that fails after so many bytes, as a disk or a network does.
struct Failing {
    inner: Cursor<Vec<u8>>,
    fails_at: u64,
}

impl Read for Failing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.inner.position() >= self.fails_at {
            return Err(io::Error::from(io::ErrorKind::TimedOut));
        }
        let n = buf.len().min(512);
        self.inner.read(&mut buf[..n])
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A failing source says nothing about the file, wherever it fails.
#[test]
fn tells_the_source_from_the_file() {
    for name in ["pcm_s16.wav", "mp3.mp3", "flac.flac", "vorbis.ogg", "aac.m4a", "opus.webm"] {
        let whole = bytes(name);
        for fails_at in [0, 40, 900, whole.len() as u64 / 2, whole.len() as u64 - 700] {
            let source = Failing { inner: Cursor::new(whole.clone()), fails_at };
            let result = Decoder::open(source, None, &Limits::default()).and_then(|mut decoder| {
                while decoder.next_block()?.is_some() {}
                Ok(decoder.finish().truncated)
            });
            match result {
                Err(Error::Io(error)) => assert_eq!(error.kind(), io::ErrorKind::TimedOut),
                other => panic!("{name} failing at {fails_at}: {other:?}"),
            }
        }
    }
}
