//! Beats, one a line, as beat trackers write them and their evaluation reads them.

use std::fmt::Write as _;

use crate::formats::{Recording, bars};

/// Times in seconds with 3 decimals, one beat a line, ascending; empty when there are none.
///
/// Where the metre is known, a tab and the place in the bar follow; 1 is the downbeat.
pub fn lines(recording: &Recording<'_>) -> String {
    let mut text = String::new();
    let rhythm = &recording.report.rhythm;
    for (time_s, place) in rhythm.beats.iter().zip(bars::positions(rhythm)) {
        let place = place.map(|place| format!("\t{place}")).unwrap_or_default();
        writeln!(text, "{time_s:.3}{place}").expect("a string takes any text");
    }
    text
}
