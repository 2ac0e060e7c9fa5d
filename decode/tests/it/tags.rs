//! Tags of every container, as people write them and as attackers do.

use decode::{Limits, Tags};

use crate::forged::{id3, mp4};
use crate::heard::{bytes, fixture, hear};

#[expect(clippy::unnecessary_wraps, reason = "what a field of the tags is compared with")]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn common() -> Tags {
    Tags {
        title: some("Blåbær på tå"),
        artist: some("Ørjan & 春"),
        album: some("Fjord"),
        track_number: Some(3),
        ..Tags::default()
    }
}

fn check(name: &str, expected: &Tags) {
    assert_eq!(&fixture(name).summary.tags, expected, "{name}");
}

#[test]
fn reads_what_every_container_can_hold() {
    check("tags.wav", &common());
    check("tags.m4a", &common());
}

#[test]
fn reads_tempo_key_and_isrc() {
    let full = Tags { isrc: some("USRC17607839"), bpm: Some(127.5), key: some("F#m"), ..common() };
    check("tags_id3v23.mp3", &full);
    check("tags.ogg", &full);
    check("tags.opus", &full);
    check("tags_id3v24.mp3", &Tags { bpm: Some(128.0), key: some("11A"), ..full.clone() });
    check(
        "tags.flac",
        &Tags {
            musicbrainz_recording_id: some("b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d"),
            musicbrainz_artist_id: some("aaaabbbc-cf9e-42e0-be17-e2c3e1d2600d"),
            ..full
        },
    );
}

#[test]
fn reads_the_items_that_itunes_and_picard_add() {
    let id = "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d";
    let items = [
        mp4::tempo(128),
        mp4::named("initialkey", "F#m"),
        mp4::named("ISRC", "USRC17607839"),
        mp4::named("MusicBrainz Track Id", id),
        mp4::named("MusicBrainz Artist Id", id),
        mp4::named("MusicBrainz Album Id", id),
    ];
    let file = mp4::with_items(&bytes("aac.m4a"), &items);
    let tags = hear(file, &Limits::default()).unwrap().summary.tags;
    let expected = Tags {
        isrc: some("USRC17607839"),
        musicbrainz_recording_id: some(id),
        musicbrainz_artist_id: some(id),
        musicbrainz_release_id: some(id),
        bpm: Some(128.0),
        key: some("F#m"),
        ..Tags::default()
    };
    assert_eq!(tags, expected);
}

/// Apple's own statement of delay and length goes before the edit list.
#[test]
fn trims_by_itunsmpb() {
    let smpb = format!(" 00000000 00000400 000002FF {:016X} 00000000", 50_000);
    let file = mp4::with_items(&bytes("aac.m4a"), &[mp4::named("iTunSMPB", &smpb)]);
    let heard = hear(file, &Limits::default()).unwrap();
    assert_eq!(heard.summary.n_frames, 50_000);
    assert_eq!(heard.samples, fixture("aac.m4a").samples[..100_000]);
}

fn of_id3(frames: &[Vec<u8>]) -> Tags {
    let file = [id3::tag(frames), bytes("mp3_no_header.mp3")].concat();
    hear(file, &Limits::default()).unwrap().summary.tags
}

#[test]
fn reads_the_recording_from_its_frame() {
    let id = "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d";
    let owned = [b"http://musicbrainz.org\0".as_slice(), id.as_bytes()].concat();
    let other = [b"http://example.org\0".as_slice(), id.as_bytes()].concat();
    assert_eq!(of_id3(&[id3::frame(*b"UFID", &owned)]).musicbrainz_recording_id, some(id));
    assert_eq!(of_id3(&[id3::frame(*b"UFID", &other)]).musicbrainz_recording_id, None);
}

#[test]
fn cleans_what_would_do_harm() {
    let title = b"\x1b[2J<script>alert(1)</script> ../../etc/passwd\r\n";
    let tags = of_id3(&[
        id3::text(*b"TIT2", title),
        id3::text(*b"TPE1", b"\x01\x02\x03"),
        id3::text(*b"TRCK", b"-1"),
        id3::text(*b"TBPM", b"1e999"),
        id3::text(*b"TKEY", &[b'A'; 300]),
        id3::text(*b"TSRC", b"'; drop table"),
    ]);
    let expected =
        Tags { title: some("[2J<script>alert(1)</script> ../../etc/passwd"), ..Tags::default() };
    assert_eq!(tags, expected);
}

#[test]
fn makes_text_that_lies_about_its_encoding_valid() {
    // UTF-16 with a mark that reorders text and half of a pair; and Latin-1 where UTF-8 is said.
    let reordered = [0xFF, 0xFE, 0x41, 0, 0x2E, 0x20, 0x42, 0, 0x00, 0xD8];
    let title = id3::frame(*b"TIT2", &[[1].as_slice(), &reordered].concat());
    let album = id3::frame(*b"TALB", b"\x03caf\xE9");
    let tags = of_id3(&[title, album]);
    assert!(tags.title.is_none_or(|title| !title.contains('\u{202E}')));
    assert!(tags.album.is_none_or(|album| album.starts_with("caf")));
}

#[test]
fn caps_a_title_of_a_megabyte() {
    let tags = of_id3(&[id3::text(*b"TIT2", &vec![b'a'; 1_000_000])]);
    assert_eq!(tags.title.map(|title| title.len()), Some(500));
}
