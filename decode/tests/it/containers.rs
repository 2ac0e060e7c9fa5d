//! Every container and codec: exact length, right signal, nothing of the encoder's delay.
//!
//! The files are sines (`fixtures/generate/containers.sh`), so that what must come out is known
//! in closed form. The floors of the signal-to-noise ratio are what rounding to so many bits leaves
//! of the softer sine, and for lossy codecs what a shift by more than a frame cannot reach: 17 dB
//! is all that 1 kHz has against itself one frame later.

use std::f64::consts::TAU;

use crate::heard::{Heard, bytes, fixture, hear};
use decode::Limits;

/// Amplitude and frequency of a channel.
type Sine = (f64, f64);

const STEREO: [Sine; 2] = [(0.5, 440.0), (0.25, 1_000.0)];

/// Of `heard` from frame `delay` on, as long as the sine lasts.
fn snr_db(heard: &[f64], sine: Sine, rate_hz: u32, delay: usize, n_frames: usize) -> f64 {
    let (mut signal, mut noise) = (0.0, 0.0);
    for (n, &got) in heard[delay..].iter().take(n_frames).enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a few seconds of frames")]
        let time_s = n as f64 / f64::from(rate_hz);
        let expected = sine.0 * (TAU * sine.1 * time_s).sin();
        signal += expected * expected;
        noise += (got - expected) * (got - expected);
    }
    10.0 * (signal / noise.max(1e-30)).log10()
}

fn check(name: &str, kind: [&str; 2], n_frames: u64, min_snr_db: f64) {
    check_padded(name, kind, n_frames, 0, usize::MAX, min_snr_db);
}

/// A file of `n_frames`, of which `delay` come before the signal, which lasts `n_signal`.
fn check_padded(
    name: &str,
    kind: [&str; 2],
    n_frames: u64,
    delay: usize,
    n_signal: usize,
    min_snr_db: f64,
) {
    let heard = fixture(name);
    let format = &heard.format;
    assert_eq!([format.container.as_str(), format.codec.as_str()], kind, "{name}");
    assert_eq!(heard.summary.n_frames, n_frames, "{name}");
    assert_eq!(heard.summary.n_bad_packets, 0, "{name}");
    for (channel, sine) in STEREO.into_iter().enumerate() {
        let samples = heard.channel(channel);
        let snr_db = snr_db(&samples, sine, format.sample_rate_hz, delay, n_signal);
        assert!(snr_db >= min_snr_db, "{name}, channel {channel}: {snr_db:.1} dB");
    }
}

fn is_whole(heard: &Heard) -> bool {
    !heard.summary.truncated
}

#[test]
fn reads_uncompressed_files() {
    check("pcm_u8.wav", ["wav", "pcm_u8"], 3_600, 36.0);
    check("pcm_s16.wav", ["wav", "pcm_s16le"], 3_600, 85.0);
    check("pcm_s24.wav", ["wav", "pcm_s24le"], 3_600, 130.0);
    check("pcm_f32.wav", ["wav", "pcm_f32le"], 3_600, 140.0);
    check("pcm_s16.aiff", ["aiff", "pcm_s16be"], 3_600, 85.0);
    check("pcm_s16.caf", ["caf", "pcm_s16le"], 3_600, 85.0);
    check("pcm_s16.mov", ["mp4", "pcm_s16le"], 3_600, 85.0);
    check("alaw.wav", ["wav", "pcm_alaw"], 3_600, 34.0);
    check("mulaw.wav", ["wav", "pcm_mulaw"], 3_600, 34.0);
}

#[test]
fn reads_lossless_files() {
    check("flac.flac", ["flac", "flac"], 3_600, 130.0);
    check("flac.oga", ["ogg", "flac"], 3_600, 130.0);
    check("flac.mka", ["matroska", "flac"], 3_600, 130.0);
    check("flac.mp4", ["mp4", "flac"], 3_600, 130.0);
    check("alac.m4a", ["mp4", "alac"], 3_600, 85.0);
    check("alac.caf", ["caf", "alac"], 3_600, 85.0);
}

#[test]
fn trims_what_the_encoder_added() {
    check("mp3.mp3", ["mp3", "mp3"], 60_417, 20.0);
    check("mp3.mp4", ["mp4", "mp3"], 60_417, 20.0);
    check("vorbis.ogg", ["ogg", "vorbis"], 60_417, 20.0);
    check("aac.m4a", ["mp4", "aac"], 60_417, 20.0);
    check("aac_streamable.m4a", ["mp4", "aac"], 60_417, 20.0);
    check("opus.opus", ["ogg", "opus"], 65_760, 20.0);
    check("opus.webm", ["matroska", "opus"], 65_760, 20.0);
    check("opus.mp4", ["mp4", "opus"], 65_760, 20.0);
}

/// Where the file does not say what to trim, everything is given: the figures are the encoders'
/// delays and whole packets.
#[test]
fn gives_all_where_nothing_is_stated() {
    let lossy = |name, kind, n_frames, delay| {
        check_padded(name, kind, n_frames, delay, 60_417, 20.0);
    };
    lossy("aac.aac", ["adts", "aac"], 61 * 1_024, 1_024);
    lossy("aac.mka", ["matroska", "aac"], 61 * 1_024, 1_024);
    lossy("aac_fragmented.m4a", ["mp4", "aac"], 60 * 1_024, 0);
    lossy("mp2.mp2", ["mp2", "mp2"], 53 * 1_152, 481);
    lossy("mp3_no_header.mp3", ["mp3", "mp3"], 54 * 1_152, 1_105);
    lossy("vorbis.webm", ["matroska", "vorbis"], 60_992, 0);
    check_padded("adpcm_ms.wav", ["wav", "adpcm_ms"], 4_048, 0, 3_600, 16.0);
    check_padded("adpcm_ima.wav", ["wav", "adpcm_ima_wav"], 4_068, 0, 3_600, 16.0);
}

/// Left, right, centre, LFE and the two behind, whatever order the codec keeps them in.
#[test]
fn gives_surround_in_the_order_of_wave() {
    let sines =
        [(0.3, 300.0), (0.25, 400.0), (0.2, 500.0), (0.3, 60.0), (0.15, 700.0), (0.1, 800.0)];
    for (name, n_frames) in [("opus_5_1.opus", 24_000), ("vorbis_5_1.ogg", 17_640)] {
        let heard = fixture(name);
        assert_eq!((heard.format.n_channels, heard.summary.n_frames), (6, n_frames), "{name}");
        for (channel, sine) in sines.into_iter().enumerate() {
            let snr_db =
                snr_db(&heard.channel(channel), sine, heard.format.sample_rate_hz, 0, usize::MAX);
            assert!(snr_db >= 10.0, "{name}, channel {channel}: {snr_db:.1} dB");
        }
    }
}

#[test]
fn takes_what_a_pipe_wrote() {
    let wav = fixture("pipe.wav");
    assert_eq!((wav.summary.n_frames, wav.summary.truncated), (3_600, true));
    assert_eq!(wav.format.declared_duration_s, None);
    let flac = fixture("pipe.flac");
    assert_eq!((flac.summary.n_frames, flac.summary.truncated), (3_600, false));
}

#[test]
fn calls_only_cut_files_truncated() {
    let folder = fixtures::path("containers");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let heard = fixture(&name);
        assert_eq!(is_whole(&heard), name != "pipe.wav", "{name}");
    }
}

#[test]
fn states_the_length_that_it_gives() {
    for name in ["mp3.mp3", "vorbis.ogg", "aac.m4a", "opus.opus", "opus.mp4", "flac.flac"] {
        let heard = fixture(name);
        #[expect(clippy::cast_precision_loss, reason = "a few seconds of frames")]
        let given_s = heard.summary.n_frames as f64 / f64::from(heard.format.sample_rate_hz);
        let declared_s = heard.format.declared_duration_s.unwrap();
        assert!((declared_s - given_s).abs() < 1e-9, "{name}: {declared_s} s");
    }
}

#[test]
fn reads_every_piece_of_the_fixtures_to_its_exact_end() {
    for clip in fixtures::clips() {
        let bytes = std::fs::read(clip.path()).unwrap();
        let heard = hear(bytes, &Limits::default()).unwrap();
        let rate_hz = f64::from(heard.format.sample_rate_hz);
        #[expect(clippy::cast_precision_loss, reason = "a few seconds of frames")]
        let seconds = heard.summary.n_frames as f64 / rate_hz;
        assert!(seconds.fract() < 1e-9, "{}: {seconds} s", clip.path().display());
        assert!(is_whole(&heard));
    }
}

/// The links of a chain are one recording, when they have one shape.
#[test]
fn goes_on_through_a_chain_and_stops_at_another_shape() {
    let (stereo, mono) = (bytes("opus.opus"), bytes("opus_silk.opus"));
    let twice = hear([stereo.clone(), stereo.clone()].concat(), &Limits::default()).unwrap();
    assert_eq!((twice.summary.n_frames, twice.summary.truncated), (2 * 65_760, false));
    let mixed = hear([stereo, mono].concat(), &Limits::default()).unwrap();
    assert_eq!((mixed.summary.n_frames, mixed.summary.truncated), (65_760, true));
}

/// Two MP3 files glued together are heard up to the end that the first one states.
#[test]
fn stops_where_an_mp3_says_that_it_ends() {
    let glued = [bytes("mp3.mp3"), bytes("mp2.mp2")].concat();
    let heard = hear(glued, &Limits::default()).unwrap();
    assert_eq!((heard.summary.n_frames, heard.summary.n_bad_packets), (60_417, 0));
}
