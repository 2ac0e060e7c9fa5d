//! What all pictures have in common: size, fonts, heading and axes.

use plotters::prelude::*;

use super::axis::Axis;
use super::time_axis;
use crate::formats::Recording;

/// Pixels across and down.
const SIZE: (u32, u32) = (1200, 360);
/// Font of everything.
const FONT: &str = "sans-serif";
/// Shortest time axis, seconds: one of no length cannot be drawn.
const MIN_DURATION_S: f64 = 0.1;
/// Ink of text and axes.
const INK: RGBColor = RGBColor(60, 60, 67);
/// Lines behind the data.
const GRID: RGBColor = RGBColor(229, 229, 234);

/// Axes with room for data between them.
pub(super) type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;
/// Result of drawing.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// The vertical axis.
pub(super) struct Vertical<'a> {
    /// What it shows, with its unit.
    pub(super) name: &'a str,
    /// Lowest and highest value.
    pub(super) range: (f64, f64),
    /// Values that are labelled.
    pub(super) ticks: Vec<f64>,
    /// Text of such a value.
    pub(super) label: &'a dyn Fn(&f64) -> String,
    /// Whether lines go from the labels through the data.
    pub(super) has_grid: bool,
}

/// A picture over the time of a recording: `draw` puts the data between the axes.
pub(super) fn picture(
    recording: &Recording<'_>,
    what: &str,
    vertical: Vertical<'_>,
    draw: impl FnOnce(&mut Chart<'_, '_>) -> Drawn,
) -> String {
    let mut text = String::new();
    paint(&mut text, recording, what, vertical, draw).expect("drawing into a string does not fail");
    text
}

fn paint(
    text: &mut String,
    recording: &Recording<'_>,
    what: &str,
    vertical: Vertical<'_>,
    draw: impl FnOnce(&mut Chart<'_, '_>) -> Drawn,
) -> Drawn {
    let duration_s = recording.report.source.duration_s.max(MIN_DURATION_S);
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let horizontal = Axis::new(0.0..duration_s, time_axis::ticks(duration_s));
    let (low, high) = vertical.range;
    let mut chart = ChartBuilder::on(&root)
        .caption(heading(recording, what), (FONT, 18).into_font().color(&INK))
        .margin_top(8)
        .margin_left(14)
        .margin_right(20)
        .margin_bottom(6)
        .x_label_area_size(44)
        .y_label_area_size(70)
        .build_cartesian_2d(horizontal, Axis::new(low..high, vertical.ticks))?;
    let style = (FONT, 13).into_font().color(&INK);
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(INK)
        .x_desc("time, minutes:seconds")
        .y_desc(vertical.name)
        .axis_desc_style(style.clone())
        .label_style(style)
        .x_label_formatter(&|time_s| time_axis::label(*time_s))
        .y_label_formatter(vertical.label);
    if !vertical.has_grid {
        mesh.disable_y_mesh();
    }
    mesh.draw()?;
    draw(&mut chart)?;
    drop(chart);
    root.present()
}

/// What the picture shows and of what. Control characters, which XML cannot hold, are left out.
fn heading(recording: &Recording<'_>, what: &str) -> String {
    let name: String = recording.heading().chars().filter(|c| !c.is_control()).collect();
    if name.is_empty() { what.to_owned() } else { format!("{what} · {name}") }
}

/// Puts an image of bytes behind everything that is drawn later by others, between the axes of `text`.
///
/// The library draws bitmaps only with a large dependency, so that the image is put in by hand, where the plotting area
/// lies: `x` and `y` in pixels.
pub(super) fn with_image(
    text: &str,
    x: std::ops::Range<i32>,
    y: std::ops::Range<i32>,
    png_base64: &str,
) -> String {
    let image = format!(
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
         href=\"data:image/png;base64,{png_base64}\"/>\n",
        x.start,
        y.start,
        x.end - x.start,
        y.end - y.start
    );
    match text.rfind("</svg>") {
        Some(end) => format!("{}{image}{}", &text[..end], &text[end..]),
        None => text.to_owned(),
    }
}
