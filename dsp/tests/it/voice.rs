//! Speech, music and noise are told apart, and the voice of what is speech is measured.

use dsp::{Analysis, Analyzer, Reason, SoundKind, Speech, SpeechStage};
use fixtures::speech::{BACK, FRONT, OPEN};
use fixtures::synth::Song;
use fixtures::{Phrase, VOICE_CONTRASTS, Vowel, noise};

const RATE_HZ: u32 = 22_050;

fn analyze(samples: &[f32], block: usize) -> Analysis {
    let mut analyzer = Analyzer::new(RATE_HZ, 1).unwrap();
    samples.chunks(block).for_each(|block| analyzer.push(block).unwrap());
    analyzer.finish()
}

fn song(seed: u64, seconds: f64) -> Vec<f32> {
    let rendered = Song { duration_s: seconds, ..Song::random(seed) }.render(RATE_HZ);
    rendered.left.iter().zip(&rendered.right).map(|(l, r)| 0.5 * (l + r)).collect()
}

fn phrase(seed: u64, seconds: f64) -> Vec<f32> {
    Phrase { seed, f0_hz: if seed.is_multiple_of(2) { 120.0 } else { 205.0 }, ..Phrase::default() }
        .render(RATE_HZ, seconds)
}

/// The ranges as kinds and times.
fn ranges(analysis: &Analysis) -> Vec<(SoundKind, f64, f64)> {
    let voice = analysis.voice.as_ref().unwrap();
    voice.ranges.iter().map(|it| (it.kind, it.start_s, it.end_s)).collect()
}

/// What the stage says of samples that are all speech.
fn spoken(samples: &[f32]) -> Speech {
    let mut stage = SpeechStage::new().unwrap();
    stage.push(samples);
    stage.finish().unwrap()
}

fn value(speech: &Speech, name: &str) -> f64 {
    let found = speech.features.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("{name} is unknown")).1
}

#[test]
fn phrases_are_speech_and_songs_are_music() {
    for seed in 0..4 {
        let speech = analyze(&phrase(seed, 12.0), 4096);
        assert!(matches!(ranges(&speech)[..], [(SoundKind::Speech, ..)]), "{:?}", speech.voice);
        assert_eq!(speech.emotion, Err(Reason::Speech));
        let music = analyze(&song(seed, 12.0), 4096);
        assert!(matches!(ranges(&music)[..], [(SoundKind::Music, ..)]), "{:?}", music.voice);
        let voice = music.voice.unwrap();
        assert_eq!(voice.speech, Err(Reason::NoSpeech));
        assert!(voice.speech_share <= 0.0 && music.emotion.is_ok());
    }
}

#[test]
fn noise_is_noise_and_neither_silence_nor_a_second_is_anything() {
    let analysis = analyze(&noise(3, 10 * 22_050), 4096);
    assert!(matches!(ranges(&analysis)[..], [(SoundKind::Noise, ..)]), "{:?}", analysis.voice);
    assert_eq!(analyze(&vec![0.0; 200_000], 4096).voice, Err(Reason::Silence));
    assert_eq!(analyze(&phrase(0, 1.0), 4096).voice, Err(Reason::TooShort));
    assert_eq!(analyze(&[], 1).voice, Err(Reason::TooShort));
}

// A kind has to go on for 3 s and is judged by the 5 s around, so that an edge is found to about 2 s.
#[test]
fn an_announcement_between_two_songs_is_found() {
    let mut samples = song(2, 20.0);
    samples.extend(phrase(1, 15.0));
    samples.extend(song(5, 20.0));
    let analysis = analyze(&samples, 4096);
    let found = ranges(&analysis);
    let kinds: Vec<SoundKind> = found.iter().map(|it| it.0).collect();
    assert_eq!(kinds, [SoundKind::Music, SoundKind::Speech, SoundKind::Music], "{found:?}");
    assert!((found[1].1 - 20.0).abs() < 2.5 && (found[1].2 - 35.0).abs() < 2.5, "{found:?}");
    assert!((found[0].2 - found[1].1).abs() < 1e-9 && (found[1].2 - found[2].1).abs() < 1e-9);
    let voice = analysis.voice.unwrap();
    let speech = voice.speech.unwrap();
    assert!((value(&speech, "f0_semitones_p50") - 12.0 * (205f64 / 27.5).log2()).abs() < 2.0);
    // A song with an announcement is still music.
    assert!(analysis.emotion.is_ok());
}

#[test]
fn any_split_gives_the_same_bits() {
    let mut samples = song(2, 9.0);
    samples.extend(phrase(1, 9.0));
    let whole = analyze(&samples, samples.len());
    for block in [1_000, 4_097, 50_000] {
        assert_eq!(analyze(&samples, block), whole);
    }
    let speech = phrase(4, 5.0);
    let whole = spoken(&speech);
    for block in [1, 333, 22_051] {
        let mut stage = SpeechStage::new().unwrap();
        speech.chunks(block).for_each(|block| stage.push(block));
        assert_eq!(stage.finish().unwrap(), whole);
    }
}

#[test]
fn gain_moves_the_level_alone() {
    let loud = phrase(6, 8.0);
    let soft: Vec<f32> = loud.iter().map(|x| 0.1 * x).collect();
    let (loud, soft) = (spoken(&loud), spoken(&soft));
    let (a, b) = (loud.arousal.as_ref().unwrap(), soft.arousal.as_ref().unwrap());
    // More frames of the softer one lie below the gate of silence.
    assert!((a.value - b.value).abs() < 0.02, "{} {}", a.value, b.value);
    assert!((value(&loud, "level_dbfs") - value(&soft, "level_dbfs") - 20.0).abs() < 0.2);
    for name in ["loudness_p50", "flux_mean", "voiced_alpha_ratio_db_mean", "voiced_mfcc1_mean"] {
        let (a, b) = (value(&loud, name), value(&soft, name));
        assert!((a / b - 1.0).abs() < 0.03, "{name}: {a} {b}");
    }
}

// 0.3 % is a twentieth of a semitone. Periods are read to a twentieth of a sample in 110 or more, which is the jitter that is
// heard where there is none.
#[test]
fn a_steady_vowel_has_its_pitch_no_jitter_and_no_shimmer() {
    for f0_hz in [75.0, 110.0, 163.0, 220.0, 320.0] {
        let speech = spoken(&Vowel { f0_hz, ..Vowel::default() }.render(RATE_HZ, 3 * 22_050));
        let semitones = value(&speech, "f0_semitones_mean");
        let hz = 27.5 * 2f64.powf(semitones / 12.0);
        assert!((hz / f0_hz - 1.0).abs() < 0.003, "{f0_hz}: {hz}");
        assert!(value(&speech, "f0_semitones_cv") < 0.001, "{f0_hz}");
        assert!(value(&speech, "jitter_mean") < 0.002, "{f0_hz}: {speech:?}");
        assert!(value(&speech, "shimmer_db_mean") < 0.1, "{f0_hz}: {speech:?}");
        assert!(value(&speech, "hnr_db_mean") > 20.0, "{f0_hz}: {speech:?}");
        assert!(speech.voiced_share > 0.97, "{f0_hz}");
    }
}

#[test]
fn jitter_and_shimmer_are_those_that_a_vowel_was_made_with() {
    for jitter in [0.005, 0.01, 0.02] {
        let vowel = Vowel { f0_hz: 110.0, jitter, ..Vowel::default() };
        let found = value(&spoken(&vowel.render(RATE_HZ, 3 * 22_050)), "jitter_mean");
        // What rings on from the period before pulls the next one towards it, and 330 random numbers have a mean of their own.
        assert!((found / jitter - 1.0).abs() < 0.35, "{jitter}: {found}");
    }
    for shimmer_db in [0.5, 1.0] {
        let vowel = Vowel { f0_hz: 110.0, shimmer_db, ..Vowel::default() };
        let found = value(&spoken(&vowel.render(RATE_HZ, 3 * 22_050)), "shimmer_db_mean");
        assert!((found / shimmer_db - 1.0).abs() < 0.35, "{shimmer_db}: {found}");
    }
}

#[test]
fn breath_lowers_the_harmonics_over_the_noise() {
    let hnr = |breath: f64| {
        let vowel = Vowel { breath, ..Vowel::default() };
        value(&spoken(&vowel.render(RATE_HZ, 3 * 22_050)), "hnr_db_mean")
    };
    let found = [0.0, 0.1, 0.3, 1.0].map(hnr);
    assert!(found.is_sorted_by(|a, b| a > b), "{found:?}");
    // Ten decibels more noise are ten less of the ratio, as long as it is not the window that limits it.
    assert!((found[1] - found[2] - 9.5).abs() < 2.0, "{found:?}");
}

// Harmonics 110 Hz apart leave a first formant open to about a quarter of that; the others are narrower against the distance.
#[test]
fn formants_are_the_resonances_of_the_vowel() {
    for tract in [OPEN, FRONT, BACK] {
        let speech =
            spoken(&Vowel { f0_hz: 110.0, tract, ..Vowel::default() }.render(RATE_HZ, 44_100));
        for (name, (hz, _)) in ["f1_hz_mean", "f2_hz_mean", "f3_hz_mean"].iter().zip(tract) {
            let found = value(&speech, name);
            assert!((found - hz).abs() < 40.0 + 0.02 * hz, "{name} {hz}: {found}");
        }
    }
}

/// In how many pairs it holds in general is measured by `benches --bin contrasts`.
#[test]
fn arousal_moves_as_published() {
    let arousal = |phrase: Phrase| spoken(&phrase.render(RATE_HZ, 8.0)).arousal.unwrap().value;
    for contrast in VOICE_CONTRASTS {
        for seed in 0..4 {
            let (without, with) = contrast.pair(seed);
            let moved = arousal(with) - arousal(without);
            assert!(moved > 0.0, "{contrast:?}, seed {seed}: {moved}");
        }
    }
}
