//! Each limit at one less, at itself, and at one more.

use decode::{Error, LimitKind, Limits};
use fixtures::forged::{Wav, flac};

use crate::forged::id3;
use crate::heard::{bytes, hear};

/// Accepts at the limit and one below it, refuses one above it, by the right name.
fn check(kind: LimitKind, file: impl Fn(i64) -> Vec<u8>, limits: &Limits) {
    for step in [-1, 0] {
        let heard = hear(file(step), limits);
        assert!(heard.is_ok(), "{kind} at {step:+}: {:?}", heard.err());
    }
    match hear(file(1), limits) {
        Err(Error::LimitExceeded { what, .. }) => assert_eq!(what, kind),
        Err(other) => panic!("{kind} at +1: {other}"),
        Ok(_) => panic!("{kind} at +1 was accepted"),
    }
}

fn shifted(limit: u64, step: i64) -> usize {
    usize::try_from(limit.checked_add_signed(step).unwrap()).unwrap()
}

#[test]
fn holds_bytes() {
    let limits = Limits { max_bytes: 1_044, ..Limits::default() };
    check(
        LimitKind::Bytes,
        |step| {
            let mut wav = Wav::silent(1, 8_000, 500).bytes();
            wav.resize(shifted(1_044, step), 0);
            wav
        },
        &limits,
    );
}

#[test]
fn holds_duration() {
    let limits = Limits { max_duration_s: 0.5, ..Limits::default() };
    let file = |step| Wav::silent(1, 8_000, shifted(4_000, step)).bytes();
    check(LimitKind::Duration, file, &limits);
}

#[test]
fn holds_a_duration_that_only_the_header_states() {
    let limits = Limits { max_duration_s: 65_535.0 / 4_000.0, ..Limits::default() };
    let file = |step| flac::silence(1, 65_535u64.checked_add_signed(step).unwrap());
    check(LimitKind::Duration, file, &limits);
}

#[test]
fn holds_channels() {
    let file = |step| Wav::silent(u16::try_from(shifted(8, step)).unwrap(), 8_000, 50).bytes();
    check(LimitKind::Channels, file, &Limits::default());
}

#[test]
fn holds_rates() {
    let with_rate = |rate_hz| Wav::silent(1, u32::try_from(rate_hz).unwrap(), 50).bytes();
    check(LimitKind::SampleRate, |step| with_rate(shifted(384_000, step)), &Limits::default());
    check(LimitKind::SampleRate, |step| with_rate(shifted(4_000, -step)), &Limits::default());
}

#[test]
fn holds_picture_bytes() {
    let limits = Limits { max_picture_bytes: 5_000, ..Limits::default() };
    check(
        LimitKind::PictureBytes,
        |step| {
            [id3::tag(&[id3::picture(shifted(5_000, step))]), bytes("mp3_no_header.mp3")].concat()
        },
        &limits,
    );
}

#[test]
fn holds_tag_bytes() {
    let limits = Limits { max_tag_bytes: 1_000, ..Limits::default() };
    // The name of the frame counts, too.
    check(
        LimitKind::TagBytes,
        |step| {
            let title = vec![b'a'; shifted(996, step)];
            [id3::tag(&[id3::text(*b"TIT2", &title)]), bytes("mp3_no_header.mp3")].concat()
        },
        &limits,
    );
}

/// A picture far over the limit is not even read to its end.
#[test]
fn stops_reading_a_header_without_end() {
    let limits = Limits { max_picture_bytes: 0, max_tag_bytes: 0, ..Limits::default() };
    let file = [id3::tag(&[id3::picture(40 << 20)]), bytes("mp3_no_header.mp3")].concat();
    let error = hear(file, &limits).err().unwrap();
    assert!(matches!(error, Error::LimitExceeded { what: LimitKind::TagBytes, .. }), "{error}");
}
