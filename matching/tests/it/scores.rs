//! Scores and sentences of pairs whose answer is plain.

use crate::samples::{known, untagged};
use dsp::{Analysis, KeyCandidate, Mode, Reason, TempoCandidate};
use matching::{Embedding, Item, Likeness, Population, Purpose, reason, score};

/// `known(seed)` at a tempo and in a key that are certain.
fn certain(seed: u64, bpm: f64, tonic: u8, mode: Mode) -> Analysis {
    let mut analysis = known(seed);
    let tempo = analysis.tempo.as_mut().unwrap();
    (tempo.bpm, tempo.confidence) = (bpm, 1.0);
    tempo.candidates = vec![TempoCandidate { bpm, strength: 1.0 }];
    let key = analysis.key.as_mut().unwrap();
    (key.tonic, key.mode, key.confidence) = (tonic, mode, 1.0);
    key.candidates = vec![KeyCandidate { tonic, mode, strength: 1.0 }];
    analysis
}

#[test]
fn a_mix_wants_tempo_and_key() {
    let query = untagged(&certain(1, 124.0, 6, Mode::Minor));
    let good = untagged(&certain(2, 126.0, 1, Mode::Minor));
    let wrong_key = untagged(&certain(2, 126.0, 0, Mode::Minor));
    let wrong_tempo = untagged(&certain(2, 98.0, 1, Mode::Minor));
    let mix = |other: &Item| score(&query, other, Purpose::Mix).score;
    assert!(mix(&good) > 2.0 * mix(&wrong_key));
    assert!(mix(&good) > 2.0 * mix(&wrong_tempo));
    let sentence = reason(&score(&query, &good, Purpose::Mix));
    assert!(sentence.contains("F# minor next to C# minor on the wheel"), "{sentence}");
    assert!(sentence.contains("124 and 126 BPM"), "{sentence}");
}

#[test]
fn a_model_counts_where_both_were_heard_by_it() {
    let (a, b) = (untagged(&known(1)), untagged(&known(2)));
    let likeness = Likeness { typical: 0.2, deviation: 0.1 };
    let heard = |item: &Item, method: u64, point: &[f64]| Item {
        embedding: Embedding::new("sound 2".into(), method, likeness, point),
        ..item.clone()
    };
    let between =
        |point: &[f64]| score(&heard(&a, 7, &[1.0, 0.0]), &heard(&b, 7, point), Purpose::Alike);
    let plain = score(&a, &b, Purpose::Alike);
    let near = between(&[0.8, 0.6]);
    let part = near.parts.iter().find(|part| part.facet == "embedding").unwrap();
    assert!(near.score > plain.score && between(&[-1.0, 0.2]).score < plain.score);
    assert_eq!(part.detail, "very similar by the model sound 2 (cosine 0.80)");
    let other_model = score(&heard(&a, 7, &[1.0, 0.0]), &heard(&b, 8, &[1.0, 0.0]), Purpose::Alike);
    let one_side = score(&heard(&a, 7, &[1.0, 0.0]), &b, Purpose::Alike);
    assert_eq!((&other_model, &one_side), (&plain, &plain));
}

#[test]
fn tags_help_when_both_have_them() {
    let (a, b) = (untagged(&known(1)), untagged(&known(2)));
    let tagged = |item: &Item, tags: &[&str]| Item {
        descriptor: item.descriptor.clone(),
        embedding: None,
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
    };
    let alike = |a: &Item, b: &Item| score(a, b, Purpose::Alike).score;
    let words = ["dub", "live", "vinyl"];
    assert!(alike(&tagged(&a, &words), &tagged(&b, &words)) > alike(&a, &b));
    assert_eq!(alike(&tagged(&a, &words), &b).to_bits(), alike(&a, &b).to_bits());
}

#[test]
fn silence_compares_with_nothing_but_itself() {
    let silent = |duration_s: f64| {
        let mut analysis = known(1);
        analysis.input.duration_s = duration_s;
        let silence = Reason::Silence;
        (analysis.spectral, analysis.loudness) = (Err(silence), Err(silence));
        (analysis.tempo, analysis.rhythm) = (Err(silence), Err(silence));
        (analysis.key, analysis.emotion) = (Err(silence), Err(silence));
        untagged(&analysis)
    };
    for purpose in Purpose::ALL {
        let other = score(&silent(5.0), &untagged(&known(2)), purpose);
        assert_eq!((other.score.to_bits(), other.evidence), (0, None));
        assert_eq!(reason(&other), "Nothing that both recordings have could be compared.");
        assert!(score(&silent(5.0), &silent(5.0), purpose).identical);
        assert!(!score(&silent(5.0), &silent(6.0), purpose).identical);
    }
}

#[test]
fn a_value_that_is_not_finite_makes_its_group_unknown() {
    let mut broken = known(1);
    broken.emotion.as_mut().unwrap().valence.value = f64::NAN;
    broken.spectral.as_mut().unwrap().mfcc[3].mean = f32::INFINITY;
    let result = score(&untagged(&broken), &untagged(&known(2)), Purpose::Alike);
    assert!(result.score.is_finite());
    assert!(result.parts.iter().all(|part| part.facet != "emotion" && part.facet != "timbre"));
}

#[test]
fn a_population_needs_two_recordings() {
    let descriptors: Vec<_> = (0..20).map(|seed| matching::Descriptor::new(&known(seed))).collect();
    assert_eq!(Population::of(&descriptors[..1]), None);
    let source = Population::of(&descriptors).unwrap().to_source();
    assert!(source.contains("population of 20 recordings"), "{source}");
    assert!(source.contains("QUANTILES") && !source.contains("NaN"));
}

#[test]
fn emotions_of_different_methods_are_not_compared() {
    let made_by = |number: u32| {
        let mut analysis = known(1);
        analysis.emotion.as_mut().unwrap().method.number = number;
        untagged(&analysis)
    };
    let confidence = |a: u32, b: u32| {
        let score = score(&made_by(a), &made_by(b), Purpose::Mood);
        let part = score.parts.iter().find(|part| part.facet == "emotion");
        part.map_or(0.0, |part| part.confidence)
    };
    assert!(confidence(0, 0) > 0.0 && confidence(7, 7) > 0.0);
    // The largest numbers are told apart too.
    for (a, b) in [(0, 7), (7, 0), (0xff_fffe, 0xff_ffff)] {
        assert!(confidence(a, b) <= 0.0, "{a} {b}");
    }
}
