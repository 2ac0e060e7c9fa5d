//! Mel bands.

use dsp::scale::hz_to_mel;

use super::canvas::{Vertical, picture, with_image};
use super::png;
use crate::formats::{FormatError, Recording};

/// Highest frequency of the bands, Hz.
const TOP_HZ: f64 = 11_025.0;
/// Frequencies that are labelled, Hz.
const TICKS_HZ: [f64; 7] = [125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0];
/// Range of the colours below the highest level, dB.
const RANGE_DB: f64 = 70.0;

/// A spectrogram of mel bands; the brightest colour is the highest level of the recording.
///
/// # Errors
///
/// [`FormatError::NoDetails`].
pub fn spectrogram(recording: &Recording<'_>) -> Result<String, FormatError> {
    let bands = &recording.details()?.spectrogram;
    let n_rows = f64::from(bands.n_rows);
    let columns: Vec<&[u8]> = bands.columns().collect();
    let highest = f64::from(bands.levels.iter().copied().max().unwrap_or(0));
    let lowest = (highest - RANGE_DB * bands.levels_per_db).max(0.0);
    let scale = 255.0 / (highest - lowest).max(1.0);

    // The bottom of a row of the picture is half a row below the middle of the band.
    let place = |hz: f64| {
        let share = hz_to_mel(hz) / hz_to_mel(TOP_HZ);
        0.5 * (share * (2.0 * n_rows + 1.0) - 1.5) + 0.5
    };
    let places = TICKS_HZ.map(|hz| (place(hz), hz));
    let vertical = Vertical {
        name: "frequency, Hz (mel scale)",
        range: (0.0, n_rows.max(1.0)),
        ticks: places.iter().map(|(place, _)| *place).collect(),
        label: &|value| {
            let nearest =
                places.iter().min_by(|a, b| (a.0 - value).abs().total_cmp(&(b.0 - value).abs()));
            nearest.map(|(_, hz)| format!("{hz:.0}")).unwrap_or_default()
        },
        has_grid: false,
    };
    let mut area = (0..0, 0..0);
    let what = format!("Mel spectrogram, {RANGE_DB:.0} dB from dark to bright");
    let text = picture(recording, &what, vertical, |chart| {
        area = chart.plotting_area().get_pixel_range();
        Ok(())
    });
    let (width, height) = (u32::try_from(columns.len()).unwrap_or(u32::MAX), bands.n_rows);
    if width == 0 {
        return Ok(text);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast cuts at the ends of the range"
    )]
    let image = png::base64(width, height, |x, y| {
        let level = columns[x as usize][(height - 1 - y) as usize];
        ((f64::from(level) - lowest) * scale) as u8
    });
    Ok(with_image(
        &text,
        span(&area.0, recording, f64::from(width) * bands.column_s),
        area.1,
        &image,
    ))
}

/// The part of the plotting area that columns of `seconds` cover; the last column may reach over the end.
pub(super) fn span(
    area: &std::ops::Range<i32>,
    recording: &Recording<'_>,
    seconds: f64,
) -> std::ops::Range<i32> {
    let share = (seconds / recording.report.source.duration_s.max(1e-3)).min(1.0);
    #[expect(clippy::cast_possible_truncation, reason = "pixels")]
    let width = (f64::from(area.end - area.start) * share).round() as i32;
    area.start..area.start + width
}
