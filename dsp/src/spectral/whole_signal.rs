//! Features of a signal that is held in memory, one value or row per frame, for comparison with librosa.
//!
//! Frames of 2048 samples every 512, centred, zeros outside; librosa's defaults. The streaming
//! [`SpectralStage`](super::SpectralStage) uses the same kernels and differs where a second pass would be needed.
//! All agree with librosa 0.11.0 within 1e-4, on eight signals of different kinds (`fixtures/golden/spectral.json`,
//! `fixtures/golden/spectral_parity.json`, made by the scripts of `fixtures/generate`).

use ndarray::Array2;

use super::cepstrum::{Dct, spectrogram_to_db};
use super::chroma::{ChromaFilterBank, PITCH_CLASSES};
use super::contrast::{CONTRAST_BANDS, Contrast};
use super::mel::MelFilterBank;
use super::stage::{HOP, MEL_BANDS, N_FFT, N_MFCC};
use super::{level, pitch_tuning, shape};
use crate::Result;
use crate::framing::Framer;
use crate::harmony::tonal_centroid;
use crate::scale::bin_to_hz;
use crate::stft::{power, stft};

/// Range of decibel spectrograms below their maximum, dB.
const RANGE_DB: f32 = 80.0;

/// Power spectrogram, `[n_frames, 1025]`.
///
/// # Errors
///
/// None for these sizes; the type is that of [`stft`].
pub fn power_spectrogram(signal: &[f32]) -> Result<Array2<f32>> {
    Ok(power(&stft(signal, N_FFT, HOP)?))
}

/// Mel spectrogram of powers, `[n_frames, 128]` (`librosa.feature.melspectrogram`).
///
/// # Errors
///
/// None for these sizes; the type is that of [`MelFilterBank::new`].
pub fn mel_spectrogram(signal: &[f32], rate_hz: u32) -> Result<Array2<f32>> {
    let spectrogram = power_spectrogram(signal)?;
    let bank = MelFilterBank::new(rate_hz, N_FFT, MEL_BANDS)?;
    let mut bands = Array2::zeros((spectrogram.nrows(), MEL_BANDS));
    for (spectrum, mut bands) in spectrogram.rows().into_iter().zip(bands.rows_mut()) {
        let spectrum = spectrum.to_slice().expect("rows of a new array are contiguous");
        bank.apply(spectrum, bands.as_slice_mut().expect("rows of a new array are contiguous"))?;
    }
    Ok(bands)
}

/// Mel spectrogram in decibels, none lower than 80 dB below its maximum (`librosa.power_to_db`).
///
/// # Errors
///
/// None for these sizes; the type is that of [`mel_spectrogram`].
pub fn mel_spectrogram_db(signal: &[f32], rate_hz: u32) -> Result<Array2<f32>> {
    let mut bands = mel_spectrogram(signal, rate_hz)?;
    spectrogram_to_db(&mut bands, RANGE_DB);
    Ok(bands)
}

/// 20 MFCC per frame (`librosa.feature.mfcc`).
///
/// # Errors
///
/// None for these sizes; the type is that of [`mel_spectrogram`].
pub fn mfcc(signal: &[f32], rate_hz: u32) -> Result<Vec<[f32; N_MFCC]>> {
    let dct = Dct::new(MEL_BANDS);
    let bands = mel_spectrogram_db(signal, rate_hz)?;
    Ok(bands.as_standard_layout().rows().into_iter().map(|row| dct.apply(&row.to_vec())).collect())
}

/// Centroid, bandwidth and roll-off per frame, Hz (`librosa.feature.spectral_centroid`, `spectral_bandwidth`,
/// `spectral_rolloff`).
///
/// # Errors
///
/// None for these sizes; the type is that of [`stft`].
pub fn shapes_hz(signal: &[f32], rate_hz: u32) -> Result<Vec<[f64; 3]>> {
    let magnitudes = power_spectrogram(signal)?.mapv(f32::sqrt);
    let hz = |bins: f32| bin_to_hz(bins.into(), N_FFT, rate_hz.into());
    let row_shape = |row: &[f32]| {
        let shape = shape::shape(row);
        [shape.centroid_bins, shape.bandwidth_bins, shape.rolloff_bins].map(hz)
    };
    Ok(magnitudes.rows().into_iter().map(|row| row_shape(&row.to_vec())).collect())
}

/// Flatness per frame, 0..=1 (`librosa.feature.spectral_flatness`).
///
/// # Errors
///
/// None for these sizes; the type is that of [`stft`].
pub fn flatness(signal: &[f32]) -> Result<Vec<f32>> {
    let spectrogram = power_spectrogram(signal)?;
    Ok(spectrogram.rows().into_iter().map(|row| shape::flatness(&row.to_vec())).collect())
}

/// Spectral contrast of 7 bands per frame, dB (`librosa.feature.spectral_contrast`).
///
/// # Errors
///
/// None for these sizes; the type is that of [`stft`].
pub fn contrast_db(signal: &[f32], rate_hz: u32) -> Result<Vec<[f32; CONTRAST_BANDS]>> {
    let magnitudes = power_spectrogram(signal)?.mapv(f32::sqrt);
    let contrast = Contrast::new(rate_hz, N_FFT);
    let mut peaks = Array2::zeros((magnitudes.nrows(), CONTRAST_BANDS));
    let mut valleys = peaks.clone();
    for (frame, row) in magnitudes.rows().into_iter().enumerate() {
        for (band, (peak, valley)) in
            contrast.peaks_and_valleys(&row.to_vec()).into_iter().enumerate()
        {
            peaks[[frame, band]] = peak;
            valleys[[frame, band]] = valley;
        }
    }
    spectrogram_to_db(&mut peaks, RANGE_DB);
    spectrogram_to_db(&mut valleys, RANGE_DB);
    let difference = peaks - valleys;
    Ok(difference.rows().into_iter().map(|row| std::array::from_fn(|band| row[band])).collect())
}

/// Chroma per frame, largest 1 (`librosa.feature.chroma_stft` with `tuning` given).
///
/// # Errors
///
/// None for these sizes; the type is that of [`ChromaFilterBank::new`].
pub fn chroma(signal: &[f32], rate_hz: u32, tuning: f64) -> Result<Vec<[f32; PITCH_CLASSES]>> {
    let bank = ChromaFilterBank::new(rate_hz, N_FFT, tuning)?;
    power_spectrogram(signal)?.rows().into_iter().map(|row| bank.apply(&row.to_vec())).collect()
}

/// Chroma per frame at the tuning of the signal itself (`librosa.feature.chroma_stft` without `tuning`).
///
/// # Errors
///
/// None for these sizes; the type is that of [`ChromaFilterBank::new`].
pub fn tuned_chroma(signal: &[f32], rate_hz: u32) -> Result<Vec<[f32; PITCH_CLASSES]>> {
    chroma(signal, rate_hz, pitch_tuning(&power_spectrogram(signal)?, rate_hz))
}

/// Tonal centroids of chroma frames: sine and cosine on the circles of fifths, minor and major thirds
/// (`librosa.feature.tonnetz` with `chroma` given).
///
/// # Source
///
/// Harte, Sandler & Gasser (2006), "Detecting harmonic change in musical audio", eq. 1 and 2. Silence lies in the
/// centre. librosa's own default is the chroma of its constant-Q transform.
pub fn tonnetz(chroma: &[[f32; PITCH_CLASSES]]) -> Vec<[f64; 6]> {
    chroma.iter().map(|frame| tonal_centroid(&frame.map(f64::from))).collect()
}

/// Root mean square per frame (`librosa.feature.rms`).
///
/// # Errors
///
/// None for these sizes; the type is that of [`Framer::centred`].
pub fn rms(signal: &[f32]) -> Result<Vec<f32>> {
    let mut framer = Framer::centred(N_FFT, HOP)?;
    let mut values = Vec::new();
    framer.push(signal, |frame| values.push(level::rms(frame)));
    framer.finish(|frame| values.push(level::rms(frame)));
    Ok(values)
}

/// Zero crossings per sample of each frame (`librosa.feature.zero_crossing_rate`); the first and the last sample count
/// on outside of the signal.
///
/// # Errors
///
/// None for these sizes; the type is that of [`Framer::uncentred`].
pub fn zero_crossing_rate(signal: &[f32]) -> Result<Vec<f32>> {
    let (Some(&first), Some(&last)) = (signal.first(), signal.last()) else {
        return Ok(Vec::new());
    };
    let mut framer = Framer::uncentred(N_FFT, HOP)?;
    let mut values = Vec::new();
    for part in [&[first; N_FFT / 2], signal, &[last; N_FFT / 2]] {
        framer.push(part, |frame| values.push(level::zero_crossing_rate(frame)));
    }
    Ok(values)
}

/// Mean rise of the decibel mel spectrogram since the frame before, per frame (`librosa.onset.onset_strength`).
///
/// The first frames are 0: one for the difference, two for the delay of centred frames.
///
/// # Errors
///
/// None for these sizes; the type is that of [`mel_spectrogram`].
pub fn onset_strength(signal: &[f32], rate_hz: u32) -> Result<Vec<f32>> {
    let bands = mel_spectrogram_db(signal, rate_hz)?;
    let n_frames = bands.nrows();
    let mut strength = vec![0.0; (1 + N_FFT / (2 * HOP)).min(n_frames)];
    for (before, now) in bands.rows().into_iter().zip(bands.rows().into_iter().skip(1)) {
        let rises = now.iter().zip(&before).map(|(now, before)| (now - before).max(0.0));
        strength.push(rises.sum::<f32>() / MEL_BANDS as f32);
    }
    strength.truncate(n_frames);
    Ok(strength)
}
