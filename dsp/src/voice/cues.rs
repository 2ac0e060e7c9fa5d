//! Cues that tell speech from music, over a few seconds.

use std::f64::consts::LN_2;

use multiversion::multiversion;

use crate::lanes::inner_product;

use super::sound_frame::{N_GROUPS, SoundFrame};

/// Number of cues.
pub const N_CUES: usize = 10;
/// Their names, in the order in which they are kept.
pub const NAMES: [&str; N_CUES] = [
    "low_energy_share",
    "syllable_depth_db",
    "syllable_share",
    "flux_mean_db",
    "flux_variation",
    "centroid_deviation",
    "centroid_skew",
    "chroma_steadiness",
    "spectrum_steadiness",
    "pulse",
];

/// Share of the mean level below which a frame is low (Scheirer and Slaney 1997).
const LOW: f32 = 0.5;
/// Levels are not read further below the loudest of their group, dB.
const RANGE_DB: f32 = 40.0;
/// Frames in the mean that still follows syllables, and in the one that does not: what passes between them is 2 to 6 Hz.
const SHORT: usize = 5;
/// See [`SHORT`].
const LONG: usize = 19;
/// Frames between chroma that are compared: 186 ms.
const CHROMA_APART: usize = 8;
/// Lags of the pulse, frames: 0.28 to 1 s.
const PULSE_LAGS: std::ops::RangeInclusive<usize> = 12..=43;
/// Least frames that are heard for the cues to mean anything: a second.
pub(crate) const MIN_HEARD: usize = 43;

/// The cues of a window; `None` if too little is heard.
///
/// | cue | what | source |
/// | --- | --- | --- |
/// | `low_energy_share` | share of frames with less than half of the mean level | Scheirer and Slaney (1997), Saunders (1996) |
/// | `syllable_depth_db` | deviation of the levels of eight bands at the rate of syllables, 2 to 6 Hz | 4 Hz modulation energy, ditto |
/// | `syllable_share` | its share of the whole deviation | ditto |
/// | `flux_mean_db`, `flux_variation` | mean of the rise of the mel bands, and deviation over it | variance of the flux, ditto |
/// | `centroid_deviation`, `centroid_skew` | of the centroid, octaves: hisses between vowels; Saunders (1996) has the zero crossings, which are not the same when the polarity is turned | Scheirer and Slaney (1997) |
/// | `chroma_steadiness` | mean cosine of chroma 186 ms apart | |
/// | `spectrum_steadiness` | mean cosine of spectra 93 ms apart | |
/// | `pulse` | largest autocorrelation of the flux from 0.28 to 1 s | pulse metric, Scheirer and Slaney (1997) |
///
/// Scheirer and Slaney, "Construction and evaluation of a robust multifeature speech/music discriminator", ICASSP 1997;
/// Saunders, "Real-time discrimination of broadcast speech/music", ICASSP 1996. None depends on the gain.
pub(crate) fn cues(frames: &[SoundFrame]) -> Option<[f64; N_CUES]> {
    let heard: Vec<&SoundFrame> = frames.iter().filter(|frame| frame.is_heard).collect();
    if heard.len() < MIN_HEARD {
        return None;
    }
    let mean_rms = frames.iter().map(|it| it.rms).sum::<f32>() / frames.len() as f32;
    let n_low = frames.iter().filter(|it| it.rms < LOW * mean_rms).count();
    let (depth, share) = syllables(frames);
    let (flux_mean, flux_deviation, _) = moments(heard.iter().map(|it| it.flux_db));
    let (_, centroid_deviation, skew) =
        moments(heard.iter().map(|it| it.centroid_bins.max(1.0).ln()));
    let (steadiness, _, _) = moments(heard.iter().map(|it| it.steadiness));
    Some([
        n_low as f64 / frames.len() as f64,
        depth,
        share,
        flux_mean,
        flux_deviation / flux_mean.max(1e-3),
        centroid_deviation / LN_2,
        skew,
        chroma_steadiness(frames),
        steadiness,
        pulse(&frames.iter().map(|it| it.flux_db).collect::<Vec<_>>()),
    ])
}

/// Mean, deviation and skewness.
fn moments(values: impl Iterator<Item = f32> + Clone) -> (f64, f64, f64) {
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().map(f64::from).sum::<f64>() / n;
    let (mut square, mut cube) = (0.0, 0.0);
    for value in values {
        let distance = f64::from(value) - mean;
        square += distance * distance;
        cube += distance * distance * distance;
    }
    let deviation = (square / n).sqrt();
    let skew = if deviation > 1e-9 { cube / n / (deviation * deviation * deviation) } else { 0.0 };
    (mean, deviation, skew)
}

/// Deviation of the levels between two running means, dB, and its share of the whole.
fn syllables(frames: &[SoundFrame]) -> (f64, f64) {
    let (mut at_rate, mut whole) = (0.0, 0.0);
    let mut sums = Vec::with_capacity(frames.len() + 1);
    for group in 0..N_GROUPS {
        let level = |frame: &SoundFrame| {
            if frame.is_heard { frame.groups_db[group] } else { f32::MIN }
        };
        let floor = frames.iter().map(level).fold(f32::MIN, f32::max) - RANGE_DB;
        let levels = frames.iter().map(|frame| f64::from(level(frame).max(floor)));
        sums.clear();
        sums.push(0.0);
        let mut sum = 0.0;
        for level in levels.clone() {
            sum += level;
            sums.push(sum);
        }
        let mean = sum / frames.len() as f64;
        let around = |at: usize, width: usize| {
            let (start, end) =
                (at.saturating_sub(width / 2), (at + width / 2 + 1).min(frames.len()));
            (sums[end] - sums[start]) / (end - start) as f64
        };
        for (at, level) in levels.enumerate() {
            at_rate += (around(at, SHORT) - around(at, LONG)).powi(2);
            whole += (level - mean).powi(2);
        }
    }
    let n = (frames.len() * N_GROUPS) as f64;
    ((at_rate / n).sqrt(), at_rate / whole.max(1e-9))
}

fn chroma_steadiness(frames: &[SoundFrame]) -> f64 {
    let (mut sum, mut n) = (0.0, 0);
    for (a, b) in frames.iter().zip(frames.iter().skip(CHROMA_APART)) {
        if a.is_heard && b.is_heard {
            let product = |a: &SoundFrame, b: &SoundFrame| -> f32 {
                a.chroma.iter().zip(&b.chroma).map(|(a, b)| a * b).sum()
            };
            let norms = (product(a, a) * product(b, b)).sqrt();
            sum += f64::from(product(a, b) / norms.max(f32::MIN_POSITIVE));
            n += 1;
        }
    }
    sum / f64::from(n.max(1))
}

/// Largest autocorrelation over that at lag 0.
fn pulse(flux: &[f32]) -> f64 {
    let mean = flux.iter().sum::<f32>() / flux.len().max(1) as f32;
    let centred: Vec<f32> = flux.iter().map(|x| x - mean).collect();
    if flux.len() <= 2 * PULSE_LAGS.end() {
        return 0.0;
    }
    let (power, best) = repetition(&centred);
    if power > 1e-6 { f64::from(best / power) } else { 0.0 }
}

/// Autocorrelation at lag 0, and the largest of the pulse.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn repetition(centred: &[f32]) -> (f32, f32) {
    let n = centred.len() as f32;
    let mut best = 0f32;
    for lag in PULSE_LAGS {
        // A lag has fewer pairs the longer it is.
        let scale = n / (n - lag as f32);
        best = best.max(scale * inner_product(&centred[lag..], centred));
    }
    (inner_product(centred, centred), best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    const FRAME_HZ: f64 = 22_050.0 / 512.0;

    fn frames(n: usize, frame: impl Fn(usize) -> SoundFrame) -> Vec<SoundFrame> {
        (0..n).map(frame).collect()
    }

    fn heard() -> SoundFrame {
        let chroma = std::array::from_fn(|i| if i == 0 { 1.0 } else { 0.1 });
        SoundFrame { is_heard: true, rms: 0.1, flux_db: 1.0, chroma, ..SoundFrame::default() }
    }

    fn cue(frames: &[SoundFrame], name: &str) -> f64 {
        cues(frames).unwrap()[NAMES.iter().position(|it| *it == name).unwrap()]
    }

    #[test]
    fn levels_that_come_and_go_four_times_a_second_are_syllables() {
        let modulated = |hz: f64| {
            frames(215, |i| {
                let db = 10.0 * (TAU * hz * i as f64 / FRAME_HZ).sin();
                SoundFrame { groups_db: [db as f32; N_GROUPS], ..heard() }
            })
        };
        let (slow, syllables, fast) = (modulated(0.4), modulated(4.0), modulated(15.0));
        // A sine of 10 dB deviates by 7.1 dB; the two means let three quarters of it through.
        assert!(cue(&syllables, "syllable_depth_db") > 5.0);
        // A mean of five lets 0.22 of what is faster through at most, that of nineteen 0.05.
        assert!(cue(&slow, "syllable_depth_db") < 2.0 && cue(&fast, "syllable_depth_db") < 2.0);
        assert!(cue(&syllables, "syllable_share") > 0.6);
    }

    #[test]
    fn pauses_are_low_and_a_pulse_repeats() {
        let paused =
            frames(200, |i| SoundFrame { rms: if i % 4 == 0 { 0.01 } else { 0.1 }, ..heard() });
        assert!((cue(&paused, "low_energy_share") - 0.25).abs() < 1e-9);
        let pulse =
            frames(215, |i| SoundFrame { flux_db: if i % 21 == 0 { 9.0 } else { 0.5 }, ..heard() });
        assert!(cue(&pulse, "pulse") > 0.9);
        assert!(cue(&paused, "pulse") < 0.01);
    }

    #[test]
    fn chroma_that_stay_are_steady() {
        assert!(cue(&frames(100, |_| heard()), "chroma_steadiness") > 0.999);
        let moving = frames(100, |i| SoundFrame {
            chroma: std::array::from_fn(|it| f32::from(it == i / 4 % 12)),
            ..heard()
        });
        assert!(cue(&moving, "chroma_steadiness") < 0.01);
    }

    #[test]
    fn of_too_little_nothing_is_said() {
        assert_eq!(cues(&frames(MIN_HEARD - 1, |_| heard())), None);
        assert_eq!(cues(&frames(500, |_| SoundFrame::default())), None);
        assert!(cues(&frames(MIN_HEARD, |_| heard())).unwrap().iter().all(|x| x.is_finite()));
    }
}
