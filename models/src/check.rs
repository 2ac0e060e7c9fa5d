//! Whether a model runs: it hears a tone once.

use crate::{Code, Extractor, Model, Reason, Refusal};

/// The tone: A4 at a quarter of full scale.
const TONE_HZ: f64 = 440.0;
const TONE_PEAK: f64 = 0.25;

impl Model {
    /// Lets the model hear one window of a tone of 440 Hz at −12 dBFS.
    ///
    /// A model that loops or wants too much memory does so here: call this under limits.
    ///
    /// # Errors
    ///
    /// [`Refusal`] with a stable code.
    pub fn check(&self) -> Result<(), Refusal> {
        let input = &self.manifest().input;
        let rate_hz = input.rate_hz();
        let mut extractor = Extractor::new(self, rate_hz, 1)
            .map_err(|error| Refusal::new(Code::BadManifest, error.to_string()))?;
        let sample = |i: usize| {
            let turns = TONE_HZ * i as f64 / f64::from(rate_hz);
            (TONE_PEAK * (std::f64::consts::TAU * turns).sin()) as f32
        };
        let tone: Vec<f32> = (0..input.window_samples()).map(sample).collect();
        extractor.push(&tone);
        match extractor.finish() {
            // A window of a few samples may hold the beginning of the tone only, which is silent.
            Ok(_) | Err(Reason::Silence) => Ok(()),
            Err(reason) => Err(refusal(&reason)),
        }
    }
}

fn refusal(reason: &Reason) -> Refusal {
    let code = match reason {
        Reason::NotFinite => Code::NotFinite,
        Reason::OutOfRange => Code::OutOfRange,
        Reason::WrongShape(_) => Code::WrongShape,
        Reason::Silence | Reason::TooShort | Reason::Failed(_) => Code::Failed,
    };
    Refusal::new(code, format!("when it heard a tone, {reason}"))
}
