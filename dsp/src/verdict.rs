//! What cannot be known about a recording, decided in one place: stages see only their own frames.

use crate::analysis::{Analysis, Estimate, Key, Reason, Spectral};
use crate::emotion::emotion;
use crate::scale::db_to_amplitude;
use crate::voice::{SoundKind, Voice};

/// Shortest recording with a tempo, a key or an emotion, seconds.
const MIN_DURATION_S: f64 = 3.0;
/// Peak of the mean of the channels, as a share of the peak of the channels, below which they cancel each other: −40 dB,
/// what a lossy codec leaves of one channel that is the other turned over.
const MIN_MEAN_PEAK: f64 = 0.01;
/// Deviation of the flux over its mean below which a sound is steady. Noise has 0.2 in any colour; the least among 171
/// pieces of music, of strings alone, is 0.36.
const STEADY_FLUX: f32 = 0.3;
/// Mean spectral contrast below which a sound has no partials, dB. Noise has 12 to 15, steady music 18 and more.
const NOISE_CONTRAST_DB: f32 = 17.0;
/// Mean flatness from which steady noise hides whatever else there is.
const NOISE_FLATNESS: f32 = 0.2;
/// Key clarity from which there is a tone in the noise.
const TONE_CLARITY: f64 = 0.5;

/// Share of speech from which a recording is not music.
const SPEECH_SHARE: f64 = 0.9;
/// Confidence of its ranges from which it is certain enough to withhold what is said of music.
const SURE_OF_SPEECH: f64 = 0.8;

/// Puts reasons where the stages gave values that mean nothing, and adds what rests on all of them.
pub(crate) fn decide(analysis: &mut Analysis, mean_peak: f32) {
    if analysis.input.n_frames == 0 {
        analysis.loudness = Err(Reason::TooShort);
        analysis.dynamics = Err(Reason::TooShort);
        analysis.structure = Err(Reason::TooShort);
        analysis.voice = Err(Reason::TooShort);
    } else if let Some(reason) = unheard(analysis, mean_peak) {
        analysis.spectral = Err(reason);
        analysis.dynamics = Err(reason);
        analysis.structure = Err(reason);
        analysis.fingerprint = Err(reason);
        analysis.voice = Err(reason);
        withhold(analysis, reason);
        return;
    }
    if analysis.input.duration_s < MIN_DURATION_S {
        withhold(analysis, Reason::TooShort);
    } else if is_noise(&analysis.spectral, &analysis.key) {
        withhold(analysis, Reason::Noise);
    } else if is_speech(&analysis.voice) {
        analysis.emotion = Err(Reason::Speech);
    } else {
        analysis.emotion = emotion(analysis);
    }
}

/// Why there is nothing to listen to, although there are samples. The loudness is known all the same where only the
/// mean of the channels is silent.
fn unheard(analysis: &Analysis, mean_peak: f32) -> Option<Reason> {
    if analysis.loudness == Err(Reason::Silence) {
        return Some(Reason::Silence);
    }
    let cancels = analysis.loudness.is_ok_and(|loudness| {
        f64::from(mean_peak) < MIN_MEAN_PEAK * db_to_amplitude(loudness.sample_peak_dbfs)
    });
    if cancels {
        return Some(Reason::OutOfPhase);
    }
    (analysis.spectral == Err(Reason::Silence)).then_some(Reason::Silence)
}

/// Gives one reason for everything that is an interpretation.
fn withhold(analysis: &mut Analysis, reason: Reason) {
    analysis.tempo = Err(reason);
    analysis.rhythm = Err(reason);
    analysis.key = Err(reason);
    analysis.emotion = Err(reason);
    if let Ok(dynamics) = &mut analysis.dynamics {
        dynamics.danceability = Err(reason);
        dynamics.energy = Err(reason);
    }
    if let Ok(structure) = &mut analysis.structure {
        structure.sections = Err(reason);
    }
}

/// Whether what sounds is speech nearly throughout, beyond doubt.
fn is_speech(voice: &Estimate<Voice>) -> bool {
    let Ok(voice) = voice else { return false };
    let mut speech = voice.ranges.iter().filter(|it| it.kind == SoundKind::Speech);
    voice.speech_share > SPEECH_SHARE && speech.all(|it| it.confidence > SURE_OF_SPEECH)
}

/// Whether a sound is steady, without partials and without a tone.
fn is_noise(spectral: &Estimate<Spectral>, key: &Estimate<Key>) -> bool {
    let Ok(spectral) = spectral else { return false };
    let contrast = spectral.contrast_db.iter().map(|band| band.mean).sum::<f32>()
        / spectral.contrast_db.len() as f32;
    let is_steady = spectral.flux_db.std < STEADY_FLUX * spectral.flux_db.mean;
    let has_tone = key.as_ref().is_ok_and(|key| key.clarity > TONE_CLARITY);
    is_steady
        && contrast < NOISE_CONTRAST_DB
        && (spectral.flatness.mean > NOISE_FLATNESS || !has_tone)
}
