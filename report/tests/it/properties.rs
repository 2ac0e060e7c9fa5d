//! Report → JSON → report is the identity, whatever the numbers.

use crate::samples::{known, source, unknown};
use report::Report;

/// Deterministic stream of awkward numbers: tiny, huge, negative, not finite.
fn awkward(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        // Knuth's MMIX generator: seeded, and good enough to vary the cases.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let unit = (state >> 11) as f64 / (1_u64 << 53) as f64;
        match state >> 60 {
            0 => f64::NAN,
            1 => f64::NEG_INFINITY,
            2 => unit * 1e-9,
            3 => -unit * 1e6,
            4 => 0.0,
            _ => unit * 2.0 - 1.0,
        }
    })
}

/// `known`, with every float that a report holds replaced.
fn scrambled(seed: u64) -> dsp::Analysis {
    let mut numbers = awkward(seed);
    let mut next = || numbers.next().unwrap();
    let mut analysis = known(0.0);
    if let Ok(s) = &mut analysis.spectral {
        for stats in s.mfcc.iter_mut().chain(&mut s.contrast_db).chain([
            &mut s.centroid_hz,
            &mut s.flatness,
            &mut s.rms,
            &mut s.zero_crossing_rate,
        ]) {
            stats.mean = next() as f32;
            stats.std = next() as f32;
        }
        s.chroma = std::array::from_fn(|_| next() as f32);
    }
    if let Ok(l) = &mut analysis.loudness {
        l.integrated_lufs = next();
        l.true_peak_dbtp = next();
        l.range_lu = Ok(next());
    }
    if let Ok(t) = &mut analysis.tempo {
        t.bpm = next();
        t.candidates.iter_mut().for_each(|c| c.bpm = next());
    }
    if let Ok(r) = &mut analysis.rhythm {
        r.beats_s.iter_mut().for_each(|beat| *beat = next() * 1e4);
        r.pattern = std::array::from_fn(|_| next() as f32);
    }
    if let Ok(k) = &mut analysis.key {
        k.tuning_cents = next();
        k.regions[0].confidence = next();
        k.profile = std::array::from_fn(|_| next() as f32);
    }
    if let Ok(d) = &mut analysis.dynamics {
        d.crest_db = next();
        d.danceability = Ok(next());
    }
    if let Ok(s) = &mut analysis.structure {
        s.fade_in_end_s = next();
        s.silences[0].end_s = next();
    }
    if let Ok(e) = &mut analysis.emotion {
        e.valence.value = next();
        e.arousal.contributions[0].amount = next();
    }
    analysis
}

fn check(analysis: &dsp::Analysis) {
    let report = Report::new(analysis, source());
    let json = report.to_json();
    let back = Report::from_json(&json).unwrap();
    assert_eq!(back, report);
    assert_eq!(back.to_json(), json);
}

#[test]
fn survives_json_for_a_thousand_analyses() {
    for seed in 0..1_000 {
        check(&scrambled(seed));
        check(&known(f64::from(u32::try_from(seed).unwrap()) * 1.0e-4));
    }
}

#[test]
fn survives_json_when_nothing_is_known() {
    check(&unknown(dsp::Reason::Silence));
    check(&unknown(dsp::Reason::TooShort));
}

#[test]
fn an_unknown_value_has_a_reason_and_a_known_one_has_none() {
    let report = Report::new(&unknown(dsp::Reason::NoPulse), source());
    assert_eq!((report.tempo.bpm, report.tempo.reason), (None, Some(report::Reason::NoPulse)));
    assert_eq!(report.emotion.quadrant, None);
    assert!(report.key.candidates.is_empty() && report.rhythm.beats.is_empty());
    let report = Report::new(&known(0.0), source());
    assert_eq!((report.tempo.bpm, report.tempo.reason), (Some(126.0), None));
    assert_eq!(report.key.camelot.as_deref(), Some("11A"));
    assert_eq!(report.key.open_key.as_deref(), Some("4m"));
}

#[test]
fn sections_have_letters_or_a_reason() {
    let report = Report::new(&known(0.0), source());
    let letters: Vec<&str> = report.structure.sections.iter().map(|s| s.label.as_str()).collect();
    assert_eq!(letters, ["A", "B", "A"]);
    let mut analysis = known(0.0);
    if let Ok(structure) = &mut analysis.structure {
        structure.sections = Err(dsp::Reason::TooShort);
    }
    if let Ok(dynamics) = &mut analysis.dynamics {
        dynamics.danceability = Err(dsp::Reason::NoPulse);
    }
    let report = Report::new(&analysis, source());
    assert_eq!(report.structure.sections_reason, Some(report::Reason::TooShort));
    assert!(report.structure.sections.is_empty() && report.structure.reason.is_none());
    assert_eq!(report.structure.fade_out_start_s, Some(17.13));
    assert_eq!(report.dynamics.danceability_reason, Some(report::Reason::NoPulse));
    assert_eq!((report.dynamics.danceability, report.dynamics.energy), (None, Some(0.679)));
}

#[test]
fn a_short_recording_lacks_only_what_needs_three_seconds() {
    let mut analysis = known(0.0);
    if let Ok(loudness) = &mut analysis.loudness {
        loudness.range_lu = Err(dsp::Reason::TooShort);
        loudness.short_term_max_lufs = Err(dsp::Reason::TooShort);
        loudness.short_term_median_lufs = Err(dsp::Reason::TooShort);
    }
    let loudness = Report::new(&analysis, source()).loudness;
    assert_eq!(loudness.integrated_lufs, Some(-13.99));
    assert_eq!((loudness.range_lu, loudness.reason), (None, None));
    assert_eq!(loudness.short_term_reason, Some(report::Reason::TooShort));
}
