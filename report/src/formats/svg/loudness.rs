//! Momentary and integrated loudness.

use plotters::prelude::*;

use super::canvas::{Vertical, picture};
use crate::formats::{FormatError, Recording};

/// Points that the curve is summed up to.
const N_POINTS: usize = 1100;
/// Lowest value that is shown, LUFS.
const LOWEST_LUFS: f64 = -60.0;
/// Distance of ticks, LU.
const STEP_LU: f64 = 10.0;
/// The curve.
const CURVE: RGBColor = RGBColor(52, 101, 164);
/// The line of the integrated loudness.
const WHOLE: RGBColor = RGBColor(204, 68, 51);

/// Momentary loudness over time; a line marks the integrated loudness.
///
/// # Errors
///
/// [`FormatError::NoDetails`].
pub fn loudness(recording: &Recording<'_>) -> Result<String, FormatError> {
    let curve = &recording.details()?.loudness;
    let points: Vec<(f64, f64)> = curve.points().collect();
    let n_pooled = points.len().div_ceil(N_POINTS).max(1);
    // The loudest of each pool, at its middle: what is short and loud must not vanish.
    let points: Vec<(f64, f64)> = points
        .chunks(n_pooled)
        .map(|pool| {
            let loudest = pool.iter().map(|point| point.1).fold(f64::MIN, f64::max);
            (pool[pool.len() / 2].0, loudest.max(LOWEST_LUFS))
        })
        .collect();
    let loudest = points.iter().map(|point| point.1).fold(LOWEST_LUFS, f64::max);
    let top = ((loudest / STEP_LU).floor() + 1.0).max(0.0) * STEP_LU;
    let ticks = (0_u32..).map(|tick| LOWEST_LUFS + f64::from(tick) * STEP_LU);
    let integrated = recording.report.loudness.integrated_lufs;
    let what = match integrated {
        Some(lufs) => format!("Momentary loudness, integrated {lufs:.1} LUFS (red)"),
        None => "Momentary loudness".to_owned(),
    };
    let vertical = Vertical {
        name: "loudness, LUFS",
        range: (LOWEST_LUFS, top),
        ticks: ticks.take_while(|lufs| *lufs <= top).collect(),
        label: &|value| format!("{value:.0}"),
        has_grid: true,
    };
    Ok(picture(recording, &what, vertical, |chart| {
        let area = AreaSeries::new(points.clone(), LOWEST_LUFS, CURVE.mix(0.2));
        chart.draw_series(area.border_style(CURVE))?;
        if let Some(lufs) = integrated {
            let end = recording.report.source.duration_s;
            chart.draw_series(LineSeries::new([(0.0, lufs), (end, lufs)], &WHOLE))?;
        }
        Ok(())
    }))
}
