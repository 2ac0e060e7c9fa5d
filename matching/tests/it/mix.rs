//! Advice for playing one recording into another.

use crate::samples::{analysis, known};
use dsp::{Analysis, KeyCandidate, Mode, Reason, TempoCandidate};
use matching::Descriptor;
use matching::mix::{BeatRelation, MixUnknown, mix_advice};
use proptest::prelude::*;

/// Certain of a tempo and a key.
fn certain(bpm: f64, tonic: u8, mode: Mode) -> Analysis {
    let mut analysis = known(1);
    let tempo = analysis.tempo.as_mut().unwrap();
    (tempo.bpm, tempo.confidence) = (bpm, 1.0);
    tempo.candidates = vec![TempoCandidate { bpm, strength: 1.0 }];
    let key = analysis.key.as_mut().unwrap();
    (key.tonic, key.mode, key.confidence) = (tonic, mode, 0.81);
    key.candidates = vec![KeyCandidate { tonic, mode, strength: 1.0 }];
    analysis
}

// Worked by hand: 126 to 124 BPM is −1.587 %, −0.277 semitones; D minor a semitone down is C# minor, a fifth from F# minor.
#[test]
fn says_what_has_to_change() {
    let a = Descriptor::new(&certain(124.0, 6, Mode::Minor));
    let b = Descriptor::new(&certain(126.0, 2, Mode::Minor));
    let advice = mix_advice(&a, &b);
    let tempo = advice.tempo.unwrap();
    assert_eq!(tempo.relation, BeatRelation::OneToOne);
    assert!((tempo.b_percent() + 1.587).abs() < 1e-3 && (tempo.b_heard_bpm() - 124.0).abs() < 1e-3);
    assert!((tempo.a_percent() - 1.613).abs() < 1e-3 && (tempo.meet_bpm() - 124.996).abs() < 1e-3);
    let locked = advice.key_lock.clone().unwrap();
    assert_eq!((&*locked.heard_key, &*locked.heard_camelot), ("C# minor", "12A"));
    assert!((locked.b_semitones + 1.0).abs() < 1e-12 && (locked.confidence - 0.81).abs() < 1e-6);
    let varispeed = advice.varispeed.clone().unwrap();
    assert_eq!((&*varispeed.heard_key, varispeed.relation), ("D minor", "far"));
    assert!((varispeed.b_semitones + 0.277).abs() < 1e-3 && !varispeed.is_compatible);
    assert_eq!(
        advice.sentence(),
        "The other 1.6 % slower, at 124.0 BPM; lowered by 1 semitone to C# minor (12A)."
    );
}

#[test]
fn says_what_is_unknown() {
    let whole = certain(124.0, 6, Mode::Minor);
    let (mut no_tempo, mut no_key, mut older) = (whole.clone(), whole.clone(), whole.clone());
    no_tempo.tempo = Err(Reason::Noise);
    no_key.key = Err(Reason::Noise);
    older.version += 1;
    let advice = |other: &Analysis| mix_advice(&Descriptor::new(&whole), &Descriptor::new(other));
    let found = advice(&no_tempo);
    assert_eq!(
        (&found.tempo, &found.varispeed),
        (&Err(MixUnknown::NoTempo), &Err(MixUnknown::NoTempo))
    );
    assert!(found.sentence().starts_with("Tempo unknown; keys go together as they are"));
    let found = advice(&no_key);
    assert_eq!(
        (&found.key_lock, &found.varispeed),
        (&Err(MixUnknown::NoKey), &Err(MixUnknown::NoKey))
    );
    assert_eq!(found.sentence(), "Tempo as it is, 124.0 BPM; key unknown.");
    let found = advice(&older);
    assert_eq!(
        (found.tempo, found.key_lock),
        (Err(MixUnknown::OtherAnalysis), Err(MixUnknown::OtherAnalysis))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn advice_both_ways_undoes_itself(a: u64, b: u64) {
        let (a, b) = (Descriptor::new(&analysis(a)), Descriptor::new(&analysis(b)));
        let (there, back) = (mix_advice(&a, &b), mix_advice(&b, &a));
        prop_assert_eq!(there.tempo.is_ok(), back.tempo.is_ok());
        if let (Ok(there), Ok(back)) = (&there.tempo, &back.tempo) {
            // Logarithms are kept as f32: 1e-6 of a ratio.
            prop_assert!((there.b_ratio * back.b_ratio - 1.0).abs() < 1e-5, "{:?} {:?}", there, back);
            prop_assert!((there.meet_a_percent() - back.meet_b_percent()).abs() < 1e-3);
            prop_assert!((0.0..=1.0).contains(&there.confidence));
        }
        if let (Ok(there), Ok(back)) = (&there.key_lock, &back.key_lock) {
            prop_assert_eq!(there.is_compatible, back.is_compatible);
            prop_assert!((there.b_semitones.abs() - back.b_semitones.abs()).abs() < 1e-12 || !there.is_compatible);
            prop_assert!(there.b_semitones.abs() <= 2.0);
        }
        for fit in [&there.key_lock, &there.varispeed].into_iter().flatten() {
            prop_assert!((-50.0..=50.0).contains(&fit.heard_cents), "{:?}", fit);
        }
        prop_assert!(there.sentence().ends_with('.'));
    }
}
