//! What was measured for the emotion alone.

use super::{EnvelopeFeatures, HarmonyFeatures, SpectrumFeatures};

/// Features that nothing but emotion is made of; [`features()`](super::features()) gives them by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expression {
    pub(crate) spectrum: SpectrumFeatures,
    pub(crate) harmony: HarmonyFeatures,
    pub(crate) envelope: EnvelopeFeatures,
}

impl Expression {
    /// Sounds that begin, per second of the recording.
    pub(crate) fn event_rate_hz(&self) -> Option<f64> {
        let n_seconds = self.envelope.events.len();
        let n_events: u32 = self.envelope.events.iter().map(|&n| u32::from(n)).sum();
        (n_seconds > 0).then(|| f64::from(n_events) / n_seconds as f64)
    }

    /// Longest stretch that is as flat as applause, seconds.
    pub(crate) fn longest_noise_s(&self) -> f64 {
        self.spectrum.longest_noise_s
    }
}
