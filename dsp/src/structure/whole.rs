//! Everything about the structure of one recording.

use super::course::Course;
use super::fade::fades;
use super::outline::Structure;
use super::sections::sections;
use super::segments::segments;
use super::silence::silences;
use crate::analysis::{Estimate, Reason, Rhythm};
use crate::dynamics::Level;

/// Structure of a recording of `duration_s` seconds; without a rhythm, borders of sections do not lie on beats.
///
/// # Errors
///
/// [`Reason::TooShort`] if it has no length, [`Reason::Silence`] if nothing is above −70 dBFS.
pub fn structure(
    level: &Level,
    course: &Course,
    rhythm: Option<&Rhythm>,
    duration_s: f64,
) -> Estimate<Structure> {
    if level.deviations.is_empty() {
        return Err(Reason::TooShort);
    }
    if level.n_sounding() == 0 {
        return Err(Reason::Silence);
    }
    let (fade_in_end_s, fade_out_start_s) = fades(level, duration_s);
    Ok(Structure {
        fade_in_end_s,
        fade_out_start_s,
        silences: silences(level, duration_s),
        sections: sections(course, rhythm, duration_s),
        segments: segments(course, level, duration_s),
    })
}
