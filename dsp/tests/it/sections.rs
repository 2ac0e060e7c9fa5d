//! Sections of songs whose form is known.

use dsp::{Analyzer, Reason, Section};
use fixtures::synth::theory::{Key, Metre};
use fixtures::synth::{BassLine, ChordStyle, Groove, Line, MelodyStyle, Song, Timbre};

const RATE_HZ: u32 = 22_050;
/// 8 bars of 4/4 at 120 BPM.
const PART_S: f64 = 16.0;

/// A part of a song: one of three bands.
fn part(kind: char, seed: u64) -> Vec<f32> {
    let song = Song {
        duration_s: PART_S + 0.01,
        lead_in_s: 0.0,
        tail_s: 0.0,
        jitter_s: 0.003,
        ..Song::new(seed, 120.0, Metre::FourFour, Key::major(2))
    };
    let song = match kind {
        'A' => Song {
            groove: Some(Groove::Brushes),
            bass: Some(Line::new(BassLine::RootAndFifth, Timbre::SoftPluck)),
            chords: Some(Line::new(ChordStyle::Arpeggio, Timbre::Piano)),
            melody: Some(Line::new(MelodyStyle::Singing, Timbre::Flute)),
            progression: vec![0, 4, 5, 3],
            ..song
        },
        'B' => Song {
            groove: Some(Groove::Backbeat),
            bass: Some(Line::new(BassLine::Eighths, Timbre::SynthBass)),
            chords: Some(Line::new(ChordStyle::Beats, Timbre::Organ)),
            melody: Some(Line::new(MelodyStyle::Lively, Timbre::Lead)),
            progression: vec![3, 4, 0, 5],
            ..song
        },
        _ => Song {
            chords: Some(Line::new(ChordStyle::Held, Timbre::Strings)),
            melody: Some(Line::new(MelodyStyle::Slow, Timbre::ElectricPiano)),
            progression: vec![1, 5, 1, 4],
            ..song
        },
    };
    let mut samples = song.render(RATE_HZ).mono();
    samples.truncate((PART_S * f64::from(RATE_HZ)) as usize);
    samples
}

fn sections(form: &str, gain: f32) -> Vec<Section> {
    let mut analyzer = Analyzer::new(RATE_HZ, 1).unwrap();
    for (i, kind) in form.chars().enumerate() {
        let samples: Vec<f32> = part(kind, i as u64).iter().map(|x| gain * x).collect();
        analyzer.push(&samples).unwrap();
    }
    analyzer.finish().structure.unwrap().sections.unwrap()
}

fn letters(sections: &[Section]) -> String {
    sections.iter().map(|section| char::from(b'A' + section.label)).collect()
}

#[test]
fn the_form_of_a_song_is_found() {
    for form in ["ABABCB", "ABAB", "ABCA"] {
        let sections = sections(form, 1.0);
        assert_eq!(letters(&sections), form, "{sections:?}");
        for (i, section) in sections.iter().enumerate() {
            // A beat is 0.5 s, which half of it cannot be mistaken for.
            assert!((section.start_s - PART_S * i as f64).abs() < 0.25, "{form}: {sections:?}");
            assert!((0.3..=1.0).contains(&section.confidence), "{section:?}");
        }
    }
}

#[test]
fn one_band_throughout_is_one_section() {
    let sections = sections("AAA", 1.0);
    assert_eq!(letters(&sections), "A", "{sections:?}");
}

#[test]
fn gain_and_polarity_do_not_move_the_form() {
    let (a, b) = (sections("ABCB", 1.0), sections("ABCB", -0.125));
    assert_eq!(letters(&a), letters(&b));
    for (a, b) in a.iter().zip(&b) {
        assert!((a.start_s - b.start_s).abs() < 1e-9, "{a:?} {b:?}");
        assert!((a.confidence - b.confidence).abs() < 0.02);
    }
}

#[test]
fn sections_tile_and_short_recordings_have_none() {
    let song = Song { duration_s: 60.0, ..Song::random(11) }.render(RATE_HZ).mono();
    let mut analyzer = Analyzer::new(RATE_HZ, 1).unwrap();
    analyzer.push(&song).unwrap();
    let sections = analyzer.finish().structure.unwrap().sections.unwrap();
    let mut end_s = 0.0;
    for pair in sections.windows(2) {
        assert_ne!(pair[0].label, pair[1].label);
    }
    for section in &sections {
        assert!((section.start_s - end_s).abs() < 1e-9);
        end_s = section.end_s;
    }
    assert!((end_s - 60.0).abs() < 0.01);
    let mut analyzer = Analyzer::new(RATE_HZ, 1).unwrap();
    analyzer.push(&song[..19 * RATE_HZ as usize]).unwrap();
    assert_eq!(analyzer.finish().structure.unwrap().sections, Err(Reason::TooShort));
}
