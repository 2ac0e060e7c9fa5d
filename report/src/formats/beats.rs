//! Beats, one a line, as beat trackers write them and their evaluation reads them.

use std::fmt::Write as _;

use crate::formats::Recording;

/// Times in seconds with 3 decimals, one beat a line, ascending; empty when there are none.
///
/// Where the metre is known, a tab and the place in the bar follow; 1 is the downbeat.
pub fn lines(recording: &Recording<'_>) -> String {
    let mut text = String::new();
    for time_s in &recording.report.rhythm.beats {
        writeln!(text, "{time_s:.3}").expect("a string takes any text");
    }
    text
}
