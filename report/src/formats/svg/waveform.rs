//! Lowest and highest samples, beats and sections.

use plotters::prelude::*;

use super::canvas::{Chart, Drawn, Vertical, picture};
use crate::formats::{FormatError, Recording, bars};

/// Columns that samples are summed up to.
const N_COLUMNS: usize = 1100;
/// Most beats that are drawn: more would be a grey bar.
const MAX_BEATS: usize = 500;
/// Where marks of beats begin, under the samples.
const BEATS_TOP: f64 = -1.04;
/// Where they end.
const BEATS_BOTTOM: f64 = -1.16;
/// Samples.
const WAVE: RGBColor = RGBColor(52, 101, 164);
/// Where the labels of sections begin, over the samples.
const SECTIONS_TOP: f64 = 1.2;
/// Behind the sections, by label.
const LABELS: [RGBColor; 6] = [
    RGBColor(232, 240, 250),
    RGBColor(253, 238, 222),
    RGBColor(231, 246, 233),
    RGBColor(247, 232, 243),
    RGBColor(250, 248, 220),
    RGBColor(236, 236, 240),
];
/// Marks of beats.
const BEAT: RGBColor = RGBColor(120, 120, 128);
/// Marks of downbeats, which begin among the samples.
const DOWNBEAT: RGBColor = RGBColor(28, 28, 30);
/// Where marks of downbeats begin.
const DOWNBEATS_TOP: f64 = -0.96;

/// The waveform of the mean of all channels, with a mark under it for each beat, a stronger one for each downbeat.
///
/// # Errors
///
/// [`FormatError::NoDetails`].
pub fn waveform(recording: &Recording<'_>) -> Result<String, FormatError> {
    let waveform = &recording.details()?.waveform;
    let pairs: Vec<(f64, f64)> = waveform.pairs().collect();
    let pixels_per_column = pairs.len().div_ceil(N_COLUMNS).max(1);
    let columns: Vec<(f64, f64)> = pairs
        .chunks(pixels_per_column)
        .map(|chunk| {
            chunk
                .iter()
                .fold((f64::MAX, f64::MIN), |(low, high), pair| (low.min(pair.0), high.max(pair.1)))
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 pixels")]
    let width_s = waveform.pixel_s() * pixels_per_column as f64;
    let vertical = Vertical {
        name: "sample, full scale 1",
        range: (BEATS_BOTTOM, SECTIONS_TOP),
        ticks: vec![-1.0, -0.5, 0.0, 0.5, 1.0],
        label: &|value| format!("{value:.1}"),
        has_grid: true,
    };
    Ok(picture(recording, "Waveform", vertical, |chart| {
        sections(recording, chart)?;
        let times = || (0_u32..).map(|column| (f64::from(column) + 0.5) * width_s);
        let upper = times().zip(&columns).map(|(time_s, column)| (time_s, column.1));
        let lower = times().zip(&columns).map(|(time_s, column)| (time_s, column.0));
        let mut outline: Vec<(f64, f64)> = lower.collect();
        outline.reverse();
        let outline: Vec<(f64, f64)> = upper.chain(outline).collect();
        if outline.len() > 2 {
            chart.draw_series([Polygon::new(outline, WAVE.filled())])?;
        }
        beats(recording, chart)
    }))
}

fn sections(recording: &Recording<'_>, chart: &mut Chart<'_, '_>) -> Drawn {
    let font = ("sans-serif", 14).into_font().color(&BEAT);
    for section in &recording.report.structure.sections {
        let letter = section.label.bytes().next().unwrap_or(b'A');
        let colour = LABELS[usize::from(letter.wrapping_sub(b'A')) % LABELS.len()];
        let corners = [(section.start_s, BEATS_TOP), (section.end_s, SECTIONS_TOP)];
        chart.draw_series([Rectangle::new(corners, colour.filled())])?;
        let place = (section.start_s, SECTIONS_TOP);
        let label = Text::new(section.label.clone(), (6, 5), font.clone());
        chart.draw_series([EmptyElement::at(place) + label])?;
    }
    Ok(())
}

fn beats(recording: &Recording<'_>, chart: &mut Chart<'_, '_>) -> Drawn {
    let rhythm = &recording.report.rhythm;
    if rhythm.beats.len() <= MAX_BEATS {
        let mark = |(&time_s, place): (&f64, Option<u32>)| {
            let (top, style) = match place {
                Some(1) => (DOWNBEATS_TOP, DOWNBEAT.stroke_width(2)),
                _ => (BEATS_TOP, BEAT.stroke_width(1)),
            };
            PathElement::new(vec![(time_s, top), (time_s, BEATS_BOTTOM)], style)
        };
        chart.draw_series(rhythm.beats.iter().zip(bars::positions(rhythm)).map(mark))?;
    }
    Ok(())
}
