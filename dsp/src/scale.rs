//! Unit conversions, in pairs.
//!
//! Logarithms of zero are kept finite only where a function says so.

/// Mels per Hz below the corner of Slaney's scale: 200/3 Hz per mel.
const MEL_LINEAR_HZ: f64 = 200.0 / 3.0;
/// Corner of Slaney's scale, Hz.
const MEL_CORNER_HZ: f64 = 1000.0;
/// Corner of Slaney's scale, mel.
const MEL_CORNER: f64 = MEL_CORNER_HZ / MEL_LINEAR_HZ;
/// Frequency ratio of 27 mels above the corner.
const MEL_LOG_RATIO: f64 = 6.4;
/// Number of mels in [`MEL_LOG_RATIO`].
const MEL_LOG_STEPS: f64 = 27.0;
/// Mels per factor of 10 on HTK's scale.
const MEL_HTK_STEPS: f64 = 2595.0;
/// Where HTK's scale turns from linear to logarithmic, Hz.
const MEL_HTK_CORNER_HZ: f64 = 700.0;
/// Pitch of MIDI note 69, Hz.
const A4_HZ: f64 = 440.0;
/// Offset of BS.1770 loudness, LUFS (ITU-R BS.1770-5, equation 2).
const LUFS_OFFSET: f64 = -0.691;

/// Frequency on Slaney's mel scale (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above.
///
/// Agrees with `librosa.hz_to_mel(htk=False)`.
///
/// ```
/// assert!((dsp::scale::hz_to_mel(1000.0) - 15.0).abs() < 1e-12);
/// ```
pub fn hz_to_mel(hz: f64) -> f64 {
    if hz < MEL_CORNER_HZ {
        hz / MEL_LINEAR_HZ
    } else {
        MEL_CORNER + (hz / MEL_CORNER_HZ).ln() / MEL_LOG_RATIO.ln() * MEL_LOG_STEPS
    }
}

/// Inverse of [`hz_to_mel`].
pub fn mel_to_hz(mel: f64) -> f64 {
    if mel < MEL_CORNER {
        mel * MEL_LINEAR_HZ
    } else {
        MEL_CORNER_HZ * (MEL_LOG_RATIO.ln() / MEL_LOG_STEPS * (mel - MEL_CORNER)).exp()
    }
}

/// Frequency on the mel scale of O'Shaughnessy (1987), as HTK computes it: `2595 · log10(1 + hz / 700)`.
///
/// Agrees with `librosa.hz_to_mel(htk=True)`.
///
/// ```
/// assert!((dsp::scale::hz_to_mel_htk(700.0) - 2595.0 * 2f64.log10()).abs() < 1e-9);
/// ```
pub fn hz_to_mel_htk(hz: f64) -> f64 {
    MEL_HTK_STEPS * (1.0 + hz / MEL_HTK_CORNER_HZ).log10()
}

/// Inverse of [`hz_to_mel_htk`].
pub fn mel_htk_to_hz(mel: f64) -> f64 {
    MEL_HTK_CORNER_HZ * (10f64.powf(mel / MEL_HTK_STEPS) - 1.0)
}

/// Fractional MIDI note number; A4 = 440 Hz = 69.
pub fn hz_to_midi(hz: f64) -> f64 {
    69.0 + 12.0 * (hz / A4_HZ).log2()
}

/// Inverse of [`hz_to_midi`].
pub fn midi_to_hz(midi: f64) -> f64 {
    A4_HZ * ((midi - 69.0) / 12.0).exp2()
}

/// Octaves above A0 = 27.5 Hz · 2^(tuning/12), tuning in semitones.
pub fn hz_to_octave(hz: f64, tuning_semitones: f64) -> f64 {
    (hz / (A4_HZ / 16.0 * (tuning_semitones / 12.0).exp2())).log2()
}

/// Inverse of [`hz_to_octave`].
pub fn octave_to_hz(octave: f64, tuning_semitones: f64) -> f64 {
    A4_HZ / 16.0 * (tuning_semitones / 12.0).exp2() * octave.exp2()
}

/// Centre frequency of a bin of a transform of `n_fft` samples.
pub fn bin_to_hz(bin: f64, n_fft: usize, rate_hz: f64) -> f64 {
    bin * rate_hz / n_fft as f64
}

/// Inverse of [`bin_to_hz`].
pub fn hz_to_bin(hz: f64, n_fft: usize, rate_hz: f64) -> f64 {
    hz * n_fft as f64 / rate_hz
}

/// Time of the centre of a centred frame.
pub fn frame_to_seconds(frame: f64, hop_samples: usize, rate_hz: f64) -> f64 {
    frame * hop_samples as f64 / rate_hz
}

/// Inverse of [`frame_to_seconds`].
pub fn seconds_to_frame(seconds: f64, hop_samples: usize, rate_hz: f64) -> f64 {
    seconds * rate_hz / hop_samples as f64
}

/// Decibels of a power; 0 gives −∞.
pub fn power_to_db(power: f64) -> f64 {
    10.0 * power.log10()
}

/// Inverse of [`power_to_db`].
pub fn db_to_power(db: f64) -> f64 {
    10f64.powf(db / 10.0)
}

/// Decibels of an amplitude; 0 gives −∞.
pub fn amplitude_to_db(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

/// Inverse of [`amplitude_to_db`].
pub fn db_to_amplitude(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

/// Loudness of a K-weighted, channel-weighted mean square (ITU-R BS.1770-5, equation 2); 0 gives −∞.
pub fn mean_square_to_lufs(mean_square: f64) -> f64 {
    LUFS_OFFSET + power_to_db(mean_square)
}

/// Inverse of [`mean_square_to_lufs`].
pub fn lufs_to_mean_square(lufs: f64) -> f64 {
    db_to_power(lufs - LUFS_OFFSET)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_pair(forth: impl Fn(f64) -> f64, back: impl Fn(f64) -> f64, values: &[f64]) {
        for &value in values {
            let there = back(forth(value));
            assert!((there - value).abs() <= 1e-9 * value.abs().max(1.0), "{value} became {there}");
        }
    }

    #[test]
    fn every_pair_is_inverse() {
        let hz = [20.0, 440.0, 999.9, 1000.0, 1000.1, 11025.0];
        check_pair(hz_to_mel, mel_to_hz, &hz);
        check_pair(hz_to_midi, midi_to_hz, &hz);
        check_pair(|f| hz_to_octave(f, 0.3), |o| octave_to_hz(o, 0.3), &hz);
        check_pair(|f| hz_to_bin(f, 2048, 22050.0), |b| bin_to_hz(b, 2048, 22050.0), &hz);
        let seconds = [0.0, 0.1, 12.5];
        check_pair(
            |s| seconds_to_frame(s, 512, 22050.0),
            |f| frame_to_seconds(f, 512, 22050.0),
            &seconds,
        );
        let ratios = [1e-9, 0.5, 1.0, 20.0];
        check_pair(power_to_db, db_to_power, &ratios);
        check_pair(amplitude_to_db, db_to_amplitude, &ratios);
        check_pair(mean_square_to_lufs, lufs_to_mean_square, &ratios);
    }

    #[test]
    fn mel_is_the_documented_curve() {
        assert!((hz_to_mel(500.0) - 7.5).abs() < 1e-12);
        assert!((hz_to_mel(6400.0) - 42.0).abs() < 1e-12);
    }

    #[test]
    fn concert_pitch_is_note_69() {
        assert!((hz_to_midi(440.0) - 69.0).abs() < 1e-12);
        assert!((hz_to_octave(440.0, 0.0) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn zero_is_minus_infinity_in_decibels() {
        assert!(power_to_db(0.0) < f64::MIN);
        assert!(mean_square_to_lufs(0.0) < f64::MIN);
    }
}
