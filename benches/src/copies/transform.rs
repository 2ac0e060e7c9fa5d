//! What is done to a recording.

use anyhow::Result;
use dsp::resample::Resampler;
use fixtures::Rng;

use super::codec::Codec;
use super::stretch::stretched;
use crate::sounds::Pcm;

/// Corner between what a tilt makes softer and what it makes louder.
const TILT_CORNER_HZ: f64 = 800.0;

/// What is done to a recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transform {
    /// Played this many percent faster, pitch and all.
    Speed(f64),
    /// This many percent faster at the same pitch.
    Tempo(f64),
    /// This many semitones higher at the same tempo.
    Key(f64),
    /// The middle half alone.
    Excerpt,
    /// This many dB louder.
    Gain(f64),
    /// Everything above 800 Hz this many dB louder, everything below as much softer.
    Tilt(f64),
    /// White noise this many dB below the music.
    Noise(f64),
    /// The mean of the channels.
    Mono,
    /// Encoded with loss.
    Encoded(Codec),
}

/// Every transform by its name.
pub const TRANSFORMS: [(&str, Transform); 18] = [
    ("speed-8%", Transform::Speed(-8.0)),
    ("speed-4%", Transform::Speed(-4.0)),
    ("speed+4%", Transform::Speed(4.0)),
    ("speed+8%", Transform::Speed(8.0)),
    ("tempo-6%", Transform::Tempo(-6.0)),
    ("tempo+6%", Transform::Tempo(6.0)),
    ("key-2", Transform::Key(-2.0)),
    ("key-1", Transform::Key(-1.0)),
    ("key+1", Transform::Key(1.0)),
    ("key+2", Transform::Key(2.0)),
    ("excerpt", Transform::Excerpt),
    ("gain-10dB", Transform::Gain(-10.0)),
    ("tilt+3dB", Transform::Tilt(3.0)),
    ("noise-30dB", Transform::Noise(30.0)),
    ("mono", Transform::Mono),
    ("mp3-64k", Transform::Encoded(Codec::Mp3)),
    ("vorbis-64k", Transform::Encoded(Codec::Vorbis)),
    ("opus-48k", Transform::Encoded(Codec::Opus)),
];

impl Transform {
    /// The copy of a recording; what is encoded is the recording itself.
    ///
    /// # Errors
    ///
    /// When the sample rate is outside of what the resampler takes, 4 to 384 kHz.
    pub fn apply(self, source: &Pcm) -> Result<Pcm> {
        Ok(match self {
            Self::Speed(percent) => faster(source, 1.0 + percent / 100.0)?,
            Self::Tempo(percent) => stretched(source, 1.0 / (1.0 + percent / 100.0)),
            Self::Key(semitones) => {
                let ratio = (semitones / 12.0).exp2();
                // Longer first and then faster, so that the length stays.
                faster(&stretched(source, ratio), ratio)?
            }
            Self::Excerpt => excerpt(source),
            Self::Gain(db) => mapped(source, |_, _, value| value * decibels(db) as f32),
            Self::Tilt(db) => tilted(source, db),
            Self::Noise(db) => noisy(source, db),
            Self::Mono => Pcm { n_channels: 1, samples: source.mono(), ..*source },
            Self::Encoded(_) => source.clone(),
        })
    }
}

/// Amplitude of a level.
fn decibels(db: f64) -> f64 {
    10_f64.powf(db / 20.0)
}

/// `ratio` times as fast and as high.
fn faster(source: &Pcm, ratio: f64) -> Result<Pcm> {
    let from_hz = (f64::from(source.rate_hz) * ratio).round() as u32;
    let channels = source
        .channels()
        .into_iter()
        .map(|channel| {
            let mut resampler = Resampler::between(from_hz, source.rate_hz)?;
            let mut samples = Vec::new();
            resampler.push(&channel, &mut samples);
            resampler.finish(&mut samples);
            Ok(samples)
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Pcm::of_channels(source.rate_hz, &channels))
}

fn excerpt(source: &Pcm) -> Pcm {
    let n_channels = source.n_channels as usize;
    let n_frames = source.samples.len() / n_channels;
    let (start, end) = (n_frames / 4, n_frames - n_frames / 4);
    Pcm { samples: source.samples[start * n_channels..end * n_channels].to_vec(), ..*source }
}

/// Each sample by itself: `change` gets its channel, its frame and its value.
fn mapped(source: &Pcm, mut change: impl FnMut(usize, usize, f32) -> f32) -> Pcm {
    let n_channels = source.n_channels as usize;
    let samples = source.samples.iter().enumerate();
    let samples =
        samples.map(|(i, &value)| change(i % n_channels, i / n_channels, value)).collect();
    Pcm { samples, ..*source }
}

/// What a one-pole low pass takes and what it leaves, each at its own level.
fn tilted(source: &Pcm, db: f64) -> Pcm {
    let pole = (-std::f64::consts::TAU * TILT_CORNER_HZ / f64::from(source.rate_hz)).exp() as f32;
    let (below, above) = (decibels(-db) as f32, decibels(db) as f32);
    let mut low = vec![0.0_f32; source.n_channels as usize];
    mapped(source, |channel, _, value| {
        low[channel] = value + pole * (low[channel] - value);
        below * low[channel] + above * (value - low[channel])
    })
}

fn noisy(source: &Pcm, db: f64) -> Pcm {
    let power: f64 = source.samples.iter().map(|x| f64::from(x * x)).sum();
    let deviation = (power / source.samples.len().max(1) as f64).sqrt() * decibels(-db);
    // The length is seed enough: two recordings need not have the same noise, and one always has its own.
    let mut rng = Rng::new(source.samples.len() as u64);
    mapped(source, |_, _, value| value + (deviation * rng.normal()) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: u32 = 8_000;

    fn tone() -> Pcm {
        let samples = fixtures::sine(440.0, RATE_HZ, 4 * RATE_HZ as usize);
        Pcm { rate_hz: RATE_HZ, n_channels: 1, samples }
    }

    /// Rising zero crossings a second, away from the ends.
    fn pitch_hz(pcm: &Pcm) -> f64 {
        let n = pcm.samples.len();
        let middle = &pcm.samples[n / 8..n - n / 8];
        let crossings = middle.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        crossings as f64 / (middle.len() as f64 / f64::from(pcm.rate_hz))
    }

    fn check(transform: Transform, hz: f64, seconds: f64) {
        let copy = transform.apply(&tone()).unwrap();
        let n = copy.samples.len() as f64 / f64::from(RATE_HZ);
        // One crossing more or less in 1.5 s or more, and a frame of the stretcher at the end.
        assert!((pitch_hz(&copy) - hz).abs() < 1.0, "{transform:?}: {} Hz", pitch_hz(&copy));
        assert!((n - seconds).abs() < 0.05, "{transform:?}: {n} s");
    }

    #[test]
    fn pitch_and_length_are_those_of_the_name() {
        check(Transform::Speed(8.0), 475.2, 4.0 / 1.08);
        check(Transform::Speed(-4.0), 422.4, 4.0 / 0.96);
        check(Transform::Tempo(6.0), 440.0, 4.0 / 1.06);
        check(Transform::Key(2.0), 493.88, 4.0);
        check(Transform::Key(-1.0), 415.30, 4.0);
        check(Transform::Excerpt, 440.0, 2.0);
    }

    #[test]
    fn levels_are_those_of_the_name() {
        let power = |pcm: &Pcm| {
            let sum: f64 = pcm.samples.iter().map(|x| f64::from(x * x)).sum();
            10.0 * (sum / pcm.samples.len() as f64).log10()
        };
        let source = tone();
        let softer = Transform::Gain(-10.0).apply(&source).unwrap();
        assert!((power(&source) - power(&softer) - 10.0).abs() < 1e-4);
        let copy = Transform::Noise(30.0).apply(&source).unwrap();
        let added = copy.samples.iter().zip(&source.samples).map(|(a, b)| a - b).collect();
        let added = Pcm { samples: added, ..source };
        // 32 000 squares of normal deviates: 0.03 dB is their standard error.
        assert!((power(&source) - power(&added) - 30.0).abs() < 0.15);
    }

    #[test]
    fn a_tilt_moves_what_is_low_and_what_is_high_apart() {
        let level = |hz: f64| {
            let samples = fixtures::sine(hz, 44_100, 44_100);
            let source = Pcm { rate_hz: 44_100, n_channels: 1, samples };
            let copy = Transform::Tilt(3.0).apply(&source).unwrap();
            let power = |pcm: &Pcm| -> f64 { pcm.samples.iter().map(|x| f64::from(x * x)).sum() };
            10.0 * (power(&copy) / power(&source)).log10()
        };
        // Two decades and more from the corner; a one-pole filter is within 0.5 dB of its ends there.
        assert!((level(50.0) + 3.0).abs() < 0.5, "{}", level(50.0));
        assert!((level(12_000.0) - 3.0).abs() < 0.5, "{}", level(12_000.0));
    }

    #[test]
    fn names_are_all_different() {
        let mut names: Vec<&str> = TRANSFORMS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TRANSFORMS.len());
    }
}
