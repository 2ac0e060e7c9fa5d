//! The signals of `fixtures/generate/librosa_parity.py`, formula by formula.

use std::f64::consts::TAU;

pub(crate) const RATE_HZ: u32 = 22050;
const N_SAMPLES: u32 = 55125;

/// Uniform in −1..1 from a linear congruential generator.
fn noise(seed: u32) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 2f64.powi(31) - 1.0
    })
}

fn of_time(value: impl Fn(f64) -> f64) -> Vec<f32> {
    (0..N_SAMPLES).map(|i| value(f64::from(i) / f64::from(RATE_HZ)) as f32).collect()
}

/// The signal of that name.
pub(crate) fn signal(name: &str) -> Vec<f32> {
    match name {
        "chirp" => of_time(|t| 0.5 * (TAU * (100.0 * t + 0.5 * 3160.0 * t * t)).sin()),
        "noise" => noise(2).take(N_SAMPLES as usize).map(|x| (0.3 * x) as f32).collect(),
        "clicks" => of_time(click),
        "vibrato_chord" => of_time(vibrato_chord),
        "silence_with_a_click" => {
            let mut samples = vec![0.0; N_SAMPLES as usize];
            samples[12345] = 0.8;
            samples
        }
        "speech" => speech(),
        "hiss" => noise(4).take(N_SAMPLES as usize).map(|x| (1e-4 * x) as f32).collect(),
        _ => panic!("there is no signal {name}"),
    }
}

fn click(t: f64) -> f64 {
    let since = t % 0.25;
    if since < 0.02 { 0.8 * (-since / 0.004).exp() * (TAU * 1000.0 * since).sin() } else { 0.0 }
}

/// A minor triad 23 cents sharp, four harmonics per note, vibrato of 5.5 Hz.
fn vibrato_chord(t: f64) -> f64 {
    let vibrato = 0.5 * (TAU * 5.5 * t).sin();
    let mut sum = 0.0;
    for semitone in [0.0, 3.0, 7.0] {
        let hz = 220.0 * ((semitone + 0.23) / 12.0f64).exp2();
        for harmonic in 1..5 {
            let h = f64::from(harmonic);
            sum += 0.1 / h * (h * (TAU * hz * t + vibrato)).sin();
        }
    }
    sum
}

/// Syllables of twelve harmonics under two formants on a gliding voice, and a breath.
fn speech() -> Vec<f32> {
    let voice = |t: f64| {
        let phase = TAU * (120.0 * t - 30.0 / (TAU * 0.7) * (TAU * 0.7 * t).cos());
        let mut sum = 0.0;
        for harmonic in 1..13 {
            let h = f64::from(harmonic);
            let formants =
                (-(h - 5.0).powi(2) / 4.0).exp() + 0.5 * (-(h - 11.0).powi(2) / 2.0).exp();
            sum += (0.05 + formants) * (h * phase).sin();
        }
        sum
    };
    let breath = noise(3);
    (0..N_SAMPLES)
        .zip(breath)
        .map(|(i, breath)| {
            let t = f64::from(i) / f64::from(RATE_HZ);
            let syllable = (TAU * 2.0 * t).sin().max(0.0).powi(2);
            (0.15 * syllable * voice(t) + 0.01 * (1.0 - syllable) * breath) as f32
        })
        .collect()
}
