//! Confidence against correctness, as a picture.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use super::metrics::calibration::{Bin, Claim, bins, expected_error};

/// Size of the picture, pixels.
const SIZE: (u32, u32) = (960, 480);

/// Writes a reliability diagram of tempo and key as SVG: share of right answers over mean confidence in ten bins, the
/// area of a dot by the number of answers in it. An honest confidence lies on the diagonal.
///
/// # Errors
///
/// When the file cannot be written.
pub fn plot(path: &Path, tempo: &[Claim], key: &[Claim]) -> Result<()> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    let drawn = area.fill(&WHITE).map_err(|error| error.to_string()).and_then(|()| {
        let panels = area.split_evenly((1, 2));
        panel(&panels[0], "Tempo", tempo).and(panel(&panels[1], "Key", key))
    });
    drawn
        .and_then(|()| area.present().map_err(|error| error.to_string()))
        .map_err(|error| anyhow!("cannot draw {}: {error}", path.display()))
}

/// One diagram; an error as text, since those of the library borrow the picture.
fn panel(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    of: &str,
    claims: &[Claim],
) -> Result<(), String> {
    let text = |error: DrawingAreaErrorKind<_>| -> String { describe(&error) };
    let title = format!("{of}: {} files, error {:.3}", claims.len(), expected_error(claims));
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(16)
        .x_label_area_size(40)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)
        .map_err(text)?;
    chart
        .configure_mesh()
        .x_desc("confidence")
        .y_desc("share right")
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(text)?;
    chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], BLACK.mix(0.4))).map_err(text)?;
    let bins = bins(claims);
    let line = bins.iter().map(|bin| (bin.confidence, bin.right));
    chart.draw_series(LineSeries::new(line, BLUE.stroke_width(2))).map_err(text)?;
    let dots = bins
        .iter()
        .map(|bin| Circle::new((bin.confidence, bin.right), radius(bin), BLUE.mix(0.5).filled()));
    chart.draw_series(dots).map_err(text)?;
    Ok(())
}

fn describe<E: std::error::Error + Send + Sync>(error: &DrawingAreaErrorKind<E>) -> String {
    error.to_string()
}

/// Radius of a dot, pixels.
fn radius(bin: &Bin) -> i32 {
    (3.0 + 2.0 * (bin.n as f64).sqrt()).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_both_panels() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reliability.svg");
        let claims: Vec<Claim> = (0..50)
            .map(|i| Claim { confidence: f64::from(i) / 50.0, is_right: i % 3 > 0 })
            .collect();
        plot(&path, &claims, &[]).unwrap();
        let svg = std::fs::read_to_string(&path).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("Tempo: 50 files"), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 10);
        assert!(plot(Path::new("/no/such/folder/x.svg"), &claims, &claims).is_err());
    }
}
