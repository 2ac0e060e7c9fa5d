//! Tempo and beats of signals whose answer is known by construction.

use dsp::{Reason, RhythmResult, RhythmStage};
use fixtures::{clicks, noise, silence, sine};

const RATE_HZ: u32 = 22_050;

fn rhythm(samples: &[f32]) -> RhythmResult {
    let mut stage = RhythmStage::new(RATE_HZ);
    stage.push(samples);
    stage.finish()
}

/// Clicks of which every fourth is twice as loud.
fn accented(bpm: f64, seconds: f64) -> Vec<f32> {
    let mut samples = clicks(bpm, RATE_HZ, seconds);
    let bar_samples = 4.0 * 60.0 / bpm * f64::from(RATE_HZ);
    for (n, sample) in samples.iter_mut().enumerate() {
        // Half a click early, so that rounding cannot cut a click in two.
        if (n as f64 + 200.0).rem_euclid(bar_samples) > bar_samples / 4.0 {
            *sample *= 0.5;
        }
    }
    samples
}

#[test]
fn tempo_of_clicks_is_exact() {
    for bpm in [40.0, 55.0, 70.0, 97.3, 110.0, 120.0, 128.0, 140.0, 174.0, 200.0, 250.0] {
        for samples in [clicks(bpm, RATE_HZ, 30.0), accented(bpm, 30.0)] {
            let tempo = rhythm(&samples).tempo.unwrap();
            assert!((tempo.bpm / bpm - 1.0).abs() < 0.005, "{bpm}: {tempo:?}");
            assert!(tempo.confidence > 0.7, "{bpm}: {tempo:?}");
            assert!(tempo.stability > 0.98, "{bpm}: {tempo:?}");
            let total: f64 = tempo.candidates.iter().map(|c| c.strength).sum();
            assert!((total - 1.0).abs() < 1e-9 && tempo.candidates.len() <= 3);
        }
    }
}

#[test]
fn beats_of_clicks_lie_on_the_clicks() {
    for bpm in [60.0, 97.3, 128.0, 180.0] {
        let rhythm = rhythm(&clicks(bpm, RATE_HZ, 40.0)).rhythm.unwrap();
        let period_s = 60.0 / bpm;
        for beat in &rhythm.beats_s {
            let off_s = beat - (beat / period_s).round() * period_s;
            assert!(off_s.abs() < 0.02, "{bpm}: beat at {beat} s is {off_s} s off");
        }
        assert!(rhythm.beats_s.len() as f64 > 38.0 / period_s);
        assert!((rhythm.onset_rate_hz * period_s - 1.0).abs() < 0.1, "{}", rhythm.onset_rate_hz);
        assert!(rhythm.pulse_clarity > 0.5 && rhythm.confidence > 0.5);
    }
}

#[test]
fn pattern_of_clicks_is_at_the_beat() {
    let rhythm = rhythm(&clicks(100.0, RATE_HZ, 30.0)).rhythm.unwrap();
    let mid = &rhythm.pattern[16..32];
    assert!((mid.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    assert!(mid[15] + mid[0] + mid[1] > 0.9, "{mid:?}");
}

#[test]
fn what_has_no_pulse_has_no_tempo() {
    let one_s = RATE_HZ as usize;
    let cases = [
        ("nothing", Vec::new(), Reason::TooShort),
        ("one second", clicks(120.0, RATE_HZ, 1.0), Reason::TooShort),
        ("silence", silence(20 * one_s), Reason::Silence),
        ("constant", vec![0.5; 20 * one_s], Reason::NoPulse),
        ("sine", sine(220.0, RATE_HZ, 20 * one_s), Reason::NoPulse),
    ];
    for (name, samples, reason) in cases {
        let result = rhythm(&samples);
        assert_eq!(result.tempo.as_ref().err(), Some(&reason), "{name}: {result:?}");
        assert_eq!(result.rhythm.err(), Some(reason), "{name}");
    }
    for seed in 0..6 {
        for seconds in [5, 12, 40] {
            let result = rhythm(&noise(seed, seconds * one_s));
            assert_eq!(result.tempo.err(), Some(Reason::NoPulse), "{seconds} s, seed {seed}");
        }
    }
}

/// Clicks at the times of a seeded Poisson process.
#[test]
fn random_clicks_have_no_tempo() {
    for seed in 0..4 {
        let n_samples = 40 * RATE_HZ as usize;
        let mut samples = silence(n_samples);
        let click = clicks(60.0, RATE_HZ, 0.02);
        for at in noise(seed, 120) {
            let start = (f64::from(at + 1.0) / 2.0 * n_samples as f64) as usize;
            for (out, value) in samples[start.min(n_samples)..].iter_mut().zip(&click) {
                *out += value;
            }
        }
        let result = rhythm(&samples);
        assert_eq!(result.tempo.as_ref().err(), Some(&Reason::NoPulse), "{result:?}");
    }
}

#[test]
fn blocks_of_any_length_give_the_same_bits() {
    let samples = accented(117.0, 12.0);
    let whole = rhythm(&samples);
    for length in [1_usize, 97, 1_024, 50_000] {
        let mut stage = RhythmStage::new(RATE_HZ);
        for block in samples.chunks(length) {
            stage.push(block);
        }
        assert_eq!(stage.finish(), whole, "blocks of {length}");
    }
}

#[test]
fn gain_changes_nothing() {
    let samples = accented(93.0, 15.0);
    let loud = rhythm(&samples);
    // A power of two scales every number exactly.
    let quiet = rhythm(&samples.iter().map(|s| s / 64.0).collect::<Vec<_>>());
    let (loud, quiet) = (loud.rhythm.unwrap(), quiet.rhythm.unwrap());
    assert_eq!(loud.beats_s.len(), quiet.beats_s.len());
    for (a, b) in loud.beats_s.iter().zip(&quiet.beats_s) {
        assert!((a - b).abs() < 0.005, "{a} {b}");
    }
}

#[test]
fn tempo_of_a_very_quiet_or_offset_signal_is_the_same() {
    let samples = accented(105.0, 20.0);
    let offset: Vec<f32> = samples.iter().map(|s| 0.3 * s + 0.2).collect();
    let tempo = rhythm(&offset).tempo.unwrap();
    assert!((tempo.bpm / 105.0 - 1.0).abs() < 0.005, "{tempo:?}");
}

#[test]
fn every_beat_has_a_strength() {
    let rhythm = rhythm(&clicks(110.0, RATE_HZ, 30.0)).rhythm.unwrap();
    assert_eq!(rhythm.beat_strengths.len(), rhythm.beats_s.len());
    let inner = &rhythm.beat_strengths[1..rhythm.beat_strengths.len() - 1];
    assert!(inner.iter().all(|&s| s > 0.5 && s <= 1.0), "{inner:?}");
    assert_eq!(rhythm.tatums_per_beat, 1);
}

/// A beat of which nothing is heard is there, but it is weak.
#[test]
fn a_beat_in_a_rest_is_weak() {
    let mut samples = clicks(120.0, RATE_HZ, 30.0);
    let from = (14.9 * f64::from(RATE_HZ)) as usize;
    samples[from..from + RATE_HZ as usize / 2].fill(0.0);
    let rhythm = rhythm(&samples).rhythm.unwrap();
    let k = rhythm.beats_s.iter().position(|beat_s| (beat_s - 15.0).abs() < 0.05).unwrap();
    assert!(rhythm.beat_strengths[k] < 0.05, "{}", rhythm.beat_strengths[k]);
    assert!(rhythm.beat_strengths[k + 2] > 0.5);
}

/// Two thirds of the way from beat to beat, a softer click: a shuffle.
#[test]
fn a_shuffle_has_three_tatums() {
    let mut samples = clicks(90.0, RATE_HZ, 30.0);
    let late = (2.0 / 3.0 * 60.0 / 90.0 * f64::from(RATE_HZ)) as usize;
    for n in (late..samples.len()).rev() {
        samples[n] += 0.5 * samples[n - late];
    }
    let result = rhythm(&samples);
    let bpm = result.tempo.unwrap().bpm;
    assert!((bpm / 90.0 - 1.0).abs() < 0.01, "{bpm}");
    assert_eq!(result.rhythm.unwrap().tatums_per_beat, 3);
}

/// Clicks at 100 BPM for half a minute, then at 125 BPM.
#[test]
fn the_curve_shows_a_change_of_tempo() {
    let mut samples = clicks(100.0, RATE_HZ, 30.0);
    samples.extend(clicks(125.0, RATE_HZ, 30.0));
    let tempo = rhythm(&samples).tempo.unwrap();
    // Each point hears 6 s on either side, and the tracker needs some beats to follow.
    for point in &tempo.curve {
        let expected = if point.time_s < 30.0 { 100.0 } else { 125.0 };
        let is_far = (point.time_s - 30.0).abs() > 8.0;
        assert!(!is_far || (point.bpm / expected - 1.0).abs() < 0.01, "{:?}", tempo.curve);
    }
    assert!(tempo.curve.len() >= 11, "{:?}", tempo.curve);
}

/// Clicks over a bass note that changes every three or four of them: a bar.
#[test]
fn bars_over_clicks_are_counted() {
    for bar in [3_usize, 4] {
        for first in 0..bar {
            let mut samples = clicks(112.0, RATE_HZ, 40.0);
            let period_samples = 60.0 / 112.0 * f64::from(RATE_HZ);
            for (n, beat) in (first..76).step_by(bar).enumerate() {
                let start = (beat as f64 * period_samples) as usize;
                let n_samples = (bar as f64 * period_samples) as usize;
                let note = sine([82.0, 110.0, 98.0, 123.0][n % 4], RATE_HZ, n_samples);
                let end = samples.len();
                for (n, (out, low)) in samples[start.min(end)..].iter_mut().zip(&note).enumerate() {
                    *out += 0.3 * low * (-(n as f32) / RATE_HZ as f32).exp();
                }
            }
            let rhythm = rhythm(&samples).rhythm.unwrap();
            let meter = rhythm.meter.unwrap();
            assert_eq!(usize::from(meter.beats_per_bar), bar, "{meter:?}");
            assert!(meter.confidence > 0.5 && meter.downbeat_confidence > 0.5, "{meter:?}");
            // The first and the last beat may be taken for a part of a bar that is not there.
            for &k in &meter.downbeats[1..meter.downbeats.len() - 1] {
                let beat = (rhythm.beats_s[k] * 112.0 / 60.0).round() as usize;
                assert_eq!(beat % bar, first, "bars of {bar} from {first}: {meter:?}");
            }
        }
    }
}

/// Equal clicks have beats, but nothing tells where a bar begins.
#[test]
fn a_bare_metronome_has_no_meter() {
    for bpm in [60.0, 77.0, 90.0, 105.0, 120.0, 140.0, 180.0] {
        let rhythm = rhythm(&clicks(bpm, RATE_HZ, 40.0)).rhythm.unwrap();
        assert_eq!(rhythm.meter, Err(Reason::NoMeter), "{bpm}");
    }
}

#[test]
fn few_beats_have_no_meter() {
    let rhythm = rhythm(&clicks(100.0, RATE_HZ, 6.0)).rhythm.unwrap();
    assert_eq!(rhythm.meter, Err(Reason::TooShort));
}

/// Polarity is not heard at all; silence before the music moves the beats and nothing else.
#[test]
fn polarity_and_leading_silence_move_only_what_they_should() {
    let samples = accented(104.0, 30.0);
    let plain = rhythm(&samples);
    let inverted = rhythm(&samples.iter().map(|s| -s).collect::<Vec<_>>());
    assert_eq!(inverted, plain);
    let mut late = silence(2 * RATE_HZ as usize);
    late.extend(&samples);
    let late = rhythm(&late);
    let (plain_bpm, late_bpm) = (plain.tempo.unwrap().bpm, late.tempo.unwrap().bpm);
    assert!((late_bpm / plain_bpm - 1.0).abs() < 0.002, "{plain_bpm} {late_bpm}");
    let (plain, late) = (plain.rhythm.unwrap(), late.rhythm.unwrap());
    // Beats may go on into the silence; those of the music stay where they are, to within a frame.
    for beat_s in &plain.beats_s {
        let nearest_s = late.beats_s.iter().map(|b| (b - 2.0 - beat_s).abs()).fold(9.0, f64::min);
        assert!(nearest_s < 0.011, "{beat_s}: {nearest_s}");
    }
}

/// Half a minute of clicks, then as much of noise.
#[test]
fn a_recording_that_ends_in_noise_keeps_its_tempo() {
    let mut samples = accented(126.0, 30.0);
    samples.extend(noise(3, 30 * RATE_HZ as usize).iter().map(|x| 0.3 * x));
    let tempo = rhythm(&samples).tempo.unwrap();
    // The beats that are guessed in the noise may bend the regression, by no more than people notice.
    assert!((tempo.bpm / 126.0 - 1.0).abs() < 0.01, "{tempo:?}");
}
