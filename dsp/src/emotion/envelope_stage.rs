//! What the critical bands do over time: fluctuation, attacks, events, soft frames.

use multiversion::multiversion;

use super::attacks::{events, mean_attack_frames};
use super::bark::{Bands, BarkBank, N_BANDS};
use super::fluctuation::{Fluctuation, FluctuationPeak};
use crate::framing::Framer;
use crate::power_spectrum::PowerSpectrum;
use crate::{Result, window};

/// Samples in a frame: 23 ms at 22 050 Hz.
const N_FFT: usize = 512;
/// Frames per second, to the next whole number of samples between them.
const FRAME_HZ: f64 = 80.0;
/// Bands this far below the loudest band so far are taken to be silent, dB.
const RANGE_DB: f32 = 60.0;
/// Level of a band when nothing has sounded yet, dB: what [`BarkBank`] makes of no power at all.
const SILENCE_DB: f32 = -200.0;
/// Seconds of envelope around a frame that it is compared with.
const SURROUNDINGS_S: f64 = 1.0;
/// Share of the mean around it below which a frame is soft (Scheirer and Slaney 1997).
const SOFT: f64 = 0.5;

/// Streaming analysis of the critical bands of a mono signal, 80 times a second; memory grows by 640 bytes per second.
pub struct EnvelopeStage {
    framer: Framer,
    frames: Hearing,
}

/// What is known of each frame, and from all of them.
struct Hearing {
    spectrum: PowerSpectrum,
    power: Vec<f32>,
    bank: BarkBank,
    frame_hz: f64,
    loudest_db: f32,
    /// Decibels of the two frames before.
    before: [Bands; 2],
    n_frames: usize,
    fluctuation: Fluctuation,
    /// Sum of the amplitudes of the bands.
    envelope: Vec<f32>,
    /// Mean rise of the bands, dB.
    rises_db: Vec<f32>,
}

/// What [`EnvelopeStage`] found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EnvelopeFeatures {
    pub(crate) fluctuation: Option<FluctuationPeak>,
    /// Mean time in which sounds reach their full level, seconds.
    pub(crate) attack_s: Option<f64>,
    /// Sounds that begin in each second.
    pub(crate) events: Vec<u16>,
    /// Share of the frames below half of the mean around them, 0..=1.
    pub(crate) soft_share: f64,
}

impl std::fmt::Debug for EnvelopeStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnvelopeStage")
            .field("n_frames", &self.frames.n_frames)
            .finish_non_exhaustive()
    }
}

impl EnvelopeStage {
    /// A stage for mono samples at `rate_hz`; made for 22 050 Hz.
    ///
    /// # Errors
    ///
    /// None for these sizes; the type is that of the transforms.
    pub fn new(rate_hz: u32) -> Result<Self> {
        let rate = f64::from(rate_hz);
        let hop = (rate / FRAME_HZ).round().max(1.0) as usize;
        let frame_hz = rate / hop as f64;
        let spectrum = PowerSpectrum::new(window::hamming(N_FFT))?;
        let n_bins = spectrum.n_bins();
        Ok(Self {
            framer: Framer::centred(N_FFT, hop)?,
            frames: Hearing {
                spectrum,
                power: vec![0.0; n_bins],
                bank: BarkBank::new(rate / N_FFT as f64, n_bins),
                frame_hz,
                loudest_db: SILENCE_DB,
                before: [[SILENCE_DB; N_BANDS]; 2],
                n_frames: 0,
                fluctuation: Fluctuation::new(frame_hz),
                envelope: Vec::new(),
                rises_db: Vec::new(),
            },
        })
    }

    /// Takes the next samples; blocks of any length give the same bits.
    pub fn push(&mut self, samples: &[f32]) {
        let Self { framer, frames } = self;
        framer.push(samples, |frame| frames.add(frame));
    }

    /// The features of everything pushed.
    pub fn finish(self) -> EnvelopeFeatures {
        let Self { framer, mut frames } = self;
        framer.finish(|frame| frames.add(frame));
        frames.features()
    }
}

impl Hearing {
    fn features(self) -> EnvelopeFeatures {
        let frame_s = self.frame_hz.recip();
        let mut in_second = vec![0; (self.n_frames as f64 * frame_s).ceil() as usize];
        for at in events(&self.rises_db) {
            in_second[(at as f64 * frame_s) as usize] += 1;
        }
        EnvelopeFeatures {
            attack_s: mean_attack_frames(&self.envelope).map(|frames| frames * frame_s),
            soft_share: soft_share(&self.envelope, (self.frame_hz * SURROUNDINGS_S) as usize),
            fluctuation: self.fluctuation.finish(),
            events: in_second,
        }
    }

    fn add(&mut self, frame: &[f32]) {
        self.spectrum.of(frame, &mut self.power).expect("frame and window have one length");
        let bands = self.bank.bands(&mut self.power);
        let amplitude = bands.iter().map(|power| power.sqrt()).sum();
        let unlimited = self.bank.decibels(&bands, SILENCE_DB);
        self.loudest_db = unlimited.iter().copied().fold(self.loudest_db, f32::max);
        let floor_db = self.loudest_db - RANGE_DB;
        let decibels = unlimited.map(|db| db.max(floor_db));
        self.rises_db.push(if self.n_frames > 0 {
            mean_rise(&decibels, &self.before, floor_db)
        } else {
            0.0
        });
        self.envelope.push(amplitude);
        self.fluctuation.push(&decibels, self.loudest_db);
        self.before = [decibels, self.before[0]];
        self.n_frames += 1;
    }
}

/// Mean rise of the bands over the larger of the two frames before.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn mean_rise(now: &Bands, before: &[Bands; 2], floor_db: f32) -> f32 {
    let mut sum = 0.0;
    for i in 0..N_BANDS {
        let level = before[0][i].max(before[1][i]).max(floor_db);
        sum += (now[i] - level).max(0.0);
    }
    sum / N_BANDS as f32
}

/// Share of the values below half of the mean of `width` values around them.
fn soft_share(envelope: &[f32], width: usize) -> f64 {
    let mut prefix = vec![0.0];
    let mut sum = 0.0;
    for &value in envelope {
        sum += f64::from(value);
        prefix.push(sum);
    }
    let is_soft = |&at: &usize| {
        let around = at.saturating_sub(width / 2)..(at + width / 2 + 1).min(envelope.len());
        let mean = (prefix[around.end] - prefix[around.start]) / around.len() as f64;
        f64::from(envelope[at]) < SOFT * mean
    };
    let n_soft = (0..envelope.len()).filter(is_soft).count();
    n_soft as f64 / envelope.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(samples: &[f32], block: usize) -> EnvelopeFeatures {
        let mut stage = EnvelopeStage::new(22_050).unwrap();
        samples.chunks(block).for_each(|block| stage.push(block));
        stage.finish()
    }

    /// A tone of 1 kHz with a level over time.
    fn tone(seconds: f64, level: impl Fn(f64) -> f64) -> Vec<f32> {
        (0..(seconds * 22_050.0) as usize)
            .map(|i| {
                let t = i as f64 / 22_050.0;
                (0.5 * level(t) * (std::f64::consts::TAU * 1_000.0 * t).sin()) as f32
            })
            .collect()
    }

    #[test]
    fn an_amplitude_modulated_tone_fluctuates_at_its_rate() {
        for hz in [2.0, 4.0, 8.0] {
            let samples = tone(20.0, |t| 1.0 + 0.7 * (std::f64::consts::TAU * hz * t).sin());
            let found = features(&samples, 4096).fluctuation.unwrap();
            assert!((found.hz - hz).abs() < 0.05, "{hz}: {found:?}");
        }
    }

    #[test]
    fn attacks_have_the_length_of_their_ramps() {
        for attack_s in [0.05, 0.1, 0.2] {
            let samples = tone(10.0, |t| {
                let since = t % 1.0;
                (since / attack_s).min(1.0) * (1.0 - ((since - 0.4) / 0.3)).clamp(0.0, 1.0)
            });
            let features = features(&samples, 1000);
            // The window of 23 ms rounds the corners, which lie outside of 10 to 90 %.
            let found = features.attack_s.unwrap();
            assert!((found - attack_s).abs() < 0.012, "{attack_s}: {found}");
            // Each is heard, but for one that begins with the recording. Where a swell of 0.2 s ends is often heard as well.
            let n_events = features.events.iter().sum::<u16>();
            let most = if attack_s < 0.2 { 12 } else { 20 };
            assert!((9..=most).contains(&n_events), "{attack_s}: {:?}", features.events);
        }
    }

    #[test]
    fn silence_has_nothing_and_any_split_gives_the_same_bits() {
        let nothing = features(&vec![0.0; 100_000], 4096);
        assert_eq!((nothing.fluctuation, nothing.attack_s), (None, None));
        assert_eq!(nothing.events.iter().sum::<u16>(), 0);
        assert!(features(&[], 1).events.is_empty());
        let noise = fixtures::noise(3, 100_000);
        assert_eq!(features(&noise, 999), features(&noise, 100_000));
    }

    #[test]
    fn gaps_are_soft() {
        let gaps = tone(10.0, |t| if t % 0.5 < 0.25 { 1.0 } else { 0.05 });
        assert!((features(&gaps, 4096).soft_share - 0.5).abs() < 0.08);
        assert!(features(&tone(5.0, |_| 1.0), 4096).soft_share < 0.02);
    }
}
