//! Peaks of the waveform in the forms of audiowaveform, version 2, 8 bits, one channel.
//!
//! # Source
//!
//! BBC audiowaveform, `doc/DataFormat.md`.

use serde_json::{Value, json};

use crate::formats::{FormatError, Recording};

/// Version of audiowaveform's data format.
const VERSION: i32 = 2;
/// Flag of values of 8 bits.
const EIGHT_BITS: u32 = 1;
/// Channels: the mean of all.
const N_CHANNELS: i32 = 1;

/// The binary form: 24 bytes of header, then lowest and highest sample of each pixel; little endian.
///
/// # Errors
///
/// [`FormatError::NoDetails`].
pub fn dat(recording: &Recording<'_>) -> Result<Vec<u8>, FormatError> {
    let waveform = &recording.details()?.waveform;
    let mut bytes = Vec::with_capacity(24 + waveform.peaks.len());
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(EIGHT_BITS.to_le_bytes());
    bytes.extend(waveform.sample_rate_hz.to_le_bytes());
    bytes.extend(waveform.samples_per_pixel.to_le_bytes());
    bytes.extend(u32::try_from(waveform.n_pixels()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(N_CHANNELS.to_le_bytes());
    bytes.extend(waveform.peaks.iter().map(|peak| peak.cast_unsigned()));
    Ok(bytes)
}

/// The JSON form.
///
/// # Errors
///
/// [`FormatError::NoDetails`].
pub fn json(recording: &Recording<'_>) -> Result<Value, FormatError> {
    let waveform = &recording.details()?.waveform;
    Ok(json!({
        "version": VERSION,
        "channels": N_CHANNELS,
        "sample_rate": waveform.sample_rate_hz,
        "samples_per_pixel": waveform.samples_per_pixel,
        "bits": 8,
        "length": waveform.n_pixels(),
        "data": waveform.peaks,
    }))
}
