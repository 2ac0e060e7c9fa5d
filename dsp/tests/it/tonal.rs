//! Key and tuning of chord progressions that are known by construction.

use dsp::{Estimate, Key, Mode, Reason, TonalStage};
use fixtures::{clicks, noise, silence, sine};

const RATE_HZ: u32 = 22_050;

fn key(samples: &[f32]) -> Estimate<Key> {
    let mut stage = TonalStage::new(RATE_HZ);
    stage.push(samples);
    stage.finish()
}

/// Notes with four harmonics that fall by 6 dB per octave, and fade, `pitch` in semitones above C4.
fn add_note(samples: &mut [f32], pitch: f64) {
    let hz = 440.0 * 2_f64.powf((pitch - 9.0) / 12.0);
    for harmonic in 1..=4 {
        let h = f64::from(harmonic);
        let tone = sine(h * hz, RATE_HZ, samples.len());
        for (n, (sample, tone)) in samples.iter_mut().zip(tone).enumerate() {
            let decay = 1.0 - n as f32 / (1.2 * RATE_HZ as f32);
            *sample += 0.05 / h as f32 * tone * decay.max(0.0);
        }
    }
}

/// I–IV–V–I (or i–iv–V–i), one chord per second over its root.
fn cadence(tonic: u8, mode: Mode, cents: f64) -> Vec<f32> {
    let third = if mode == Mode::Major { 4.0 } else { 3.0 };
    let chords = [(0.0, third), (5.0, third), (7.0, 4.0), (0.0, third)];
    let mut samples = Vec::new();
    for (root, third) in chords {
        let mut chord = silence(RATE_HZ as usize);
        for interval in [-12.0, 0.0, third, 7.0] {
            let pitch = f64::from(tonic) + root + interval + cents / 100.0;
            // Into the octave above the bass, as a player would.
            add_note(&mut chord, if interval < 0.0 { pitch } else { pitch.rem_euclid(12.0) });
        }
        samples.extend(chord);
    }
    samples
}

#[test]
fn cadences_are_in_their_key_and_tuning() {
    for tonic in 0..12 {
        for mode in [Mode::Major, Mode::Minor] {
            // All keys in tune, each third of them 30 cents off in either direction.
            let detuned = [-30.0, 0.0, 30.0][usize::from(tonic) % 3];
            for cents in [0.0, detuned] {
                let key = key(&cadence(tonic, mode, cents)).unwrap();
                assert_eq!((key.tonic, key.mode), (tonic, mode), "{cents} cents: {key:?}");
                // The just harmonics of each note lie a few cents off the tempered scale.
                assert!((key.tuning_cents - cents).abs() < 5.0, "{cents}: {key:?}");
                assert_eq!(key.majorness > 0.0, mode == Mode::Major, "{key:?}");
            }
        }
    }
}

#[test]
fn key_is_within_its_ranges() {
    let key = key(&cadence(4, Mode::Minor, 0.0)).unwrap();
    assert!((0.0..=1.0).contains(&key.confidence) && (0.0..=1.0).contains(&key.clarity));
    assert_eq!(key.candidates.len(), 3);
    let total: f64 = key.candidates.iter().map(|c| c.strength).sum();
    assert!((total - 1.0).abs() < 1e-9);
    let loudest = key.profile.iter().copied().fold(0.0, f32::max);
    assert!((loudest - 1.0).abs() < 1e-6);
    assert!(key.harmonic_change > 0.05);
}

#[test]
fn held_chord_changes_less_than_a_cadence() {
    let mut chord = silence(RATE_HZ as usize);
    for pitch in [0.0, 4.0, 7.0] {
        add_note(&mut chord, pitch);
    }
    let chord = chord.repeat(4);
    let held = key(&chord).unwrap().harmonic_change;
    let moving = key(&cadence(0, Mode::Major, 0.0)).unwrap().harmonic_change;
    assert!(held < 0.3 * moving, "{held} {moving}");
}

#[test]
fn what_has_no_pitch_has_no_key() {
    let one_s = RATE_HZ as usize;
    let cases = [
        ("nothing", Vec::new(), Reason::TooShort),
        ("one second", cadence(0, Mode::Major, 0.0)[..one_s].to_vec(), Reason::TooShort),
        ("silence", silence(20 * one_s), Reason::Silence),
        ("noise", noise(1, 20 * one_s), Reason::NoPitch),
        ("short noise", noise(2, 4 * one_s), Reason::NoPitch),
        ("drums", drums(), Reason::NoPitch),
    ];
    for (name, samples, reason) in cases {
        assert_eq!(key(&samples).err(), Some(reason), "{name}");
    }
}

/// Bursts of noise that die away, at three speeds.
fn drums() -> Vec<f32> {
    let mut samples = noise(3, 20 * RATE_HZ as usize);
    for (n, sample) in samples.iter_mut().enumerate() {
        let t = n as f64 / f64::from(RATE_HZ);
        let burst = |period_s: f64, decay_s: f64| (-(t % period_s) / decay_s).exp();
        *sample *=
            (0.3 * burst(0.5, 0.05) + 0.2 * burst(0.25, 0.02) + 0.3 * burst(1.0, 0.1)) as f32;
    }
    samples
}

#[test]
fn drums_do_not_hide_the_key() {
    let mut samples = cadence(2, Mode::Major, 0.0);
    for (sample, drum) in samples.iter_mut().zip(drums()) {
        *sample += 0.3 * drum;
    }
    let key = key(&samples).unwrap();
    assert_eq!((key.tonic, key.mode), (2, Mode::Major), "{key:?}");
}

#[test]
fn blocks_of_any_length_give_the_same_bits() {
    let samples = cadence(7, Mode::Minor, 12.0);
    let whole = key(&samples);
    for length in [97_usize, 1_024, 50_000] {
        let mut stage = TonalStage::new(RATE_HZ);
        for block in samples.chunks(length) {
            stage.push(block);
        }
        assert_eq!(stage.finish(), whole, "blocks of {length}");
    }
}

#[test]
fn gain_changes_nothing() {
    let samples = cadence(10, Mode::Major, 0.0);
    let loud = key(&samples).unwrap();
    let quiet = key(&samples.iter().map(|s| s / 64.0).collect::<Vec<_>>()).unwrap();
    assert_eq!((loud.tonic, loud.mode), (quiet.tonic, quiet.mode));
    assert!((loud.confidence - quiet.confidence).abs() < 1e-3);
}

#[test]
fn transposition_turns_the_candidates() {
    let low = key(&cadence(0, Mode::Minor, 0.0)).unwrap();
    let high = key(&cadence(5, Mode::Minor, 0.0)).unwrap();
    assert_eq!((low.candidates[0].tonic + 5) % 12, high.candidates[0].tonic);
    assert!((low.clarity - high.clarity).abs() < 0.1);
}

#[test]
fn clicks_of_a_metronome_are_not_a_key_with_confidence() {
    // A metronome may have a pitch, but never a scale.
    if let Ok(key) = key(&clicks(120.0, RATE_HZ, 20.0)) {
        assert!(key.confidence < 0.6, "{key:?}");
    }
}

/// A cadence four times, then as often `step` semitones higher.
fn modulating(step: u8) -> Vec<f32> {
    let mut samples = cadence(5, Mode::Major, 0.0).repeat(4);
    samples.extend(cadence(5 + step, Mode::Major, 0.0).repeat(4));
    samples
}

#[test]
fn a_change_of_key_is_a_region() {
    for step in [1, 2, 3] {
        let key = key(&modulating(step)).unwrap();
        let found: Vec<_> = key.regions.iter().map(|r| (r.tonic, r.mode)).collect();
        assert_eq!(found, [(5, Mode::Major), (5 + step, Mode::Major)], "{step}: {key:?}");
        // Sixteen of thirty-two seconds; a local key listens to ten.
        assert!((key.regions[0].end_s - 16.0).abs() < 3.0, "{step}: {key:?}");
        assert!(found.contains(&(key.tonic, key.mode)), "{step}: {key:?}");
    }
}

#[test]
fn regions_tile_the_recording() {
    for samples in [modulating(0), modulating(1), modulating(6), drums_and(&modulating(1))] {
        let key = key(&samples).unwrap();
        assert!(key.regions[0].start_s.abs() < 1e-12);
        let end_s = samples.len() as f64 / f64::from(RATE_HZ);
        assert!((key.regions.last().unwrap().end_s - end_s).abs() < 1e-9);
        for pair in key.regions.windows(2) {
            assert!((pair[0].end_s - pair[1].start_s).abs() < 1e-12);
            assert_ne!((pair[0].tonic, pair[0].mode), (pair[1].tonic, pair[1].mode));
        }
        assert!(key.regions.iter().all(|r| (0.0..=1.0).contains(&r.confidence)));
    }
}

#[test]
fn a_piece_in_one_key_is_one_region_in_the_key_of_the_whole() {
    for (tonic, mode) in [(0, Mode::Major), (9, Mode::Minor), (4, Mode::Minor)] {
        let key = key(&cadence(tonic, mode, 0.0).repeat(8)).unwrap();
        assert_eq!(key.regions.len(), 1, "{key:?}");
        let region = &key.regions[0];
        assert_eq!((region.tonic, region.mode), (key.tonic, key.mode));
        assert!((region.confidence - key.confidence).abs() < 1e-12);
    }
}

fn drums_and(samples: &[f32]) -> Vec<f32> {
    samples.iter().zip(drums().iter().cycle()).map(|(s, d)| s + 0.3 * d).collect()
}

/// Sum of the first harmonics of each pitch, as loud as `1 / harmonic`, for 20 s.
fn drone(hz: &[f64], n_harmonics: u32) -> Vec<f32> {
    let mut samples = silence(20 * RATE_HZ as usize);
    for hz in hz {
        for harmonic in 1..=n_harmonics {
            let tone = sine(hz * f64::from(harmonic), RATE_HZ, samples.len());
            for (sample, tone) in samples.iter_mut().zip(tone) {
                *sample += 0.1 / harmonic as f32 * tone;
            }
        }
    }
    samples
}

#[test]
fn a_held_sound_has_no_key_with_confidence() {
    let one = drone(&[440.0], 1);
    let beeps: Vec<f32> =
        one.iter().enumerate().map(|(n, s)| if n / 7000 % 3 == 0 { *s } else { 0.0 }).collect();
    let in_turn: Vec<f32> = drone(&[196.0], 5)
        .iter()
        .zip(drone(&[261.6], 5))
        .enumerate()
        .map(|(n, (low, high))| if n / 11_025 % 2 == 0 { *low } else { high })
        .collect();
    let cases = [
        ("sine", one),
        ("beeps", beeps),
        ("mains hum", drone(&[50.0], 5)),
        ("string", drone(&[110.0], 20)),
        ("fifth", drone(&[110.0, 165.0], 20)),
        ("triad", drone(&[220.0, 277.18, 329.63], 6)),
        ("two notes in turn", in_turn),
    ];
    for (name, samples) in cases {
        match key(&samples) {
            Ok(key) => assert!(key.confidence < 0.3, "{name}: {key:?}"),
            Err(reason) => assert_eq!(reason, Reason::NoPitch, "{name}"),
        }
    }
}

#[test]
fn speech_has_no_key() {
    let samples = crate::parity_signals::signal("speech").repeat(6);
    if let Ok(key) = key(&samples) {
        assert!(key.confidence < 0.3, "{key:?}");
    }
}
