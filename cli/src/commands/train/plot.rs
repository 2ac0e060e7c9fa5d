//! Ratings against predictions, as a picture.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use report::emotion_model::Validation;

/// Size of the picture of one dimension, pixels.
const PANEL: (u32, u32) = (480, 480);
/// Groups of predictions whose mean rating is drawn.
const N_BINS: usize = 10;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// SVG with a panel for each dimension: every rating over the prediction for it by a model that had not seen it, and
/// the mean rating in ten groups of equal size by prediction. Honest predictions lie around the diagonal.
pub(super) fn calibration(validations: &[Validation]) -> Result<String> {
    let mut text = String::new();
    draw(&mut text, validations).map_err(|error| anyhow!("cannot draw: {error}"))?;
    Ok(text)
}

/// An error as text, since those of the library borrow the picture.
fn draw(text: &mut String, validations: &[Validation]) -> Result<(), String> {
    let n = u32::try_from(validations.len()).unwrap_or(1).max(1);
    let area = SVGBackend::with_string(text, (PANEL.0 * n, PANEL.1)).into_drawing_area();
    area.fill(&WHITE).map_err(|error| error.to_string())?;
    for (panel, validation) in area.split_evenly((1, n as usize)).iter().zip(validations) {
        draw_panel(panel, validation)?;
    }
    area.present().map_err(|error| error.to_string())
}

fn draw_panel(area: &Area<'_>, validation: &Validation) -> Result<(), String> {
    let text = |error: DrawingAreaErrorKind<_>| -> String { describe(&error) };
    let score = &validation.score;
    let title = format!(
        "{}: {} recordings, R2 {:.2}, r {:.2}, CCC {:.2}",
        validation.dimension,
        validation.pairs.len(),
        score.r2,
        score.pearson,
        score.concordance
    );
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 16))
        .margin(16)
        .x_label_area_size(40)
        .y_label_area_size(48)
        .build_cartesian_2d(-1.0..1.0, -1.0..1.0)
        .map_err(text)?;
    chart
        .configure_mesh()
        .x_desc("predicted")
        .y_desc("rated")
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(text)?;
    chart.draw_series(LineSeries::new([(-1.0, -1.0), (1.0, 1.0)], BLACK.mix(0.4))).map_err(text)?;
    let half = validation.trained.half_width;
    for shift in [-half, half] {
        let ends = [(-1.0, -1.0 + shift), (1.0, 1.0 + shift)];
        chart.draw_series(LineSeries::new(ends, BLACK.mix(0.15))).map_err(text)?;
    }
    let points = validation.pairs.iter();
    let dots = points
        .map(|&(_, rated, predicted)| Circle::new((predicted, rated), 2, BLUE.mix(0.35).filled()));
    chart.draw_series(dots).map_err(text)?;
    let means = bins(validation);
    chart.draw_series(LineSeries::new(means.clone(), RED.stroke_width(2))).map_err(text)?;
    let marks = means.into_iter().map(|mean| Circle::new(mean, 4, RED.filled()));
    chart.draw_series(marks).map_err(text)?;
    Ok(())
}

/// Mean prediction and mean rating of groups of equal size, by prediction.
fn bins(validation: &Validation) -> Vec<(f64, f64)> {
    let mut pairs: Vec<(f64, f64)> =
        validation.pairs.iter().map(|&(_, rated, predicted)| (predicted, rated)).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = pairs.len();
    let group = |i: usize| &pairs[i * n / N_BINS..(i + 1) * n / N_BINS];
    let mean = |values: &mut dyn Iterator<Item = f64>, n: usize| {
        values.sum::<f64>() / f64::from(u32::try_from(n).unwrap_or(u32::MAX))
    };
    (0..N_BINS)
        .map(group)
        .filter(|group| !group.is_empty())
        .map(|group| {
            let (x, y) = (&mut group.iter().map(|it| it.0), &mut group.iter().map(|it| it.1));
            (mean(x, group.len()), mean(y, group.len()))
        })
        .collect()
}

fn describe<E: std::error::Error + Send + Sync>(error: &DrawingAreaErrorKind<E>) -> String {
    error.to_string()
}
