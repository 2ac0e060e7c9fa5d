//! Pitch classes.

use super::canvas::{Vertical, picture, with_image};
use super::png;
use super::spectrogram::span;
use crate::Tonic;
use crate::formats::{FormatError, Recording};

/// Most columns; those of a longer recording are summed up.
const MAX_COLUMNS: usize = 1100;
/// Least pixels across.
const MIN_WIDTH: u32 = 1100;
/// Pixels of a row.
const ROW: u32 = 20;

/// Chroma over time, C at the bottom; the brightest colour is the strongest pitch class of each column.
///
/// # Errors
///
/// [`FormatError::NoDetails`].
pub fn chroma(recording: &Recording<'_>) -> Result<String, FormatError> {
    let chroma = &recording.details()?.chroma;
    let all: Vec<&[u8; 12]> = chroma.columns().collect();
    let n_pooled = all.len().div_ceil(MAX_COLUMNS).max(1);
    let columns: Vec<[u8; 12]> = all.chunks(n_pooled).map(mean).collect();
    let vertical = Vertical {
        name: "pitch class",
        range: (0.0, 12.0),
        ticks: (0..12_u8).map(|class| f64::from(class) + 0.5).collect(),
        label: &|value| {
            let class = (0..12_u8).find(|class| *value < f64::from(class + 1)).unwrap_or(0);
            Tonic::from_pitch_class(class).to_string()
        },
        has_grid: false,
    };
    let mut area = (0..0, 0..0);
    let text = picture(recording, "Chroma", vertical, |chart| {
        area = chart.plotting_area().get_pixel_range();
        Ok(())
    });
    let Ok(width) = u32::try_from(columns.len()) else { return Ok(text) };
    if width == 0 {
        return Ok(text);
    }
    // Large enough pixels that no viewer blurs them into each other.
    let zoom = (MIN_WIDTH / width).max(1);
    let image = png::base64(width * zoom, 12 * ROW, |x, y| {
        columns[(x / zoom) as usize][11 - (y / ROW) as usize]
    });
    let seconds = f64::from(u32::try_from(all.len()).unwrap_or(u32::MAX)) * chroma.column_s;
    Ok(with_image(&text, span(&area.0, recording, seconds), area.1, &image))
}

fn mean(columns: &[&[u8; 12]]) -> [u8; 12] {
    std::array::from_fn(|class| {
        let sum: usize = columns.iter().map(|column| usize::from(column[class])).sum();
        u8::try_from(sum / columns.len().max(1)).unwrap_or(u8::MAX)
    })
}
