//! The parts of a recording: silences, fades, sections and segments.
//!
//! | module | gives |
//! | --- | --- |
//! | `outline` | [`Structure`] and what it is made of |
//! | `silence` | stretches of silence |
//! | `fade` | where a fade-in ends and a fade-out starts |
//! | `course` | timbre, chroma and flux over time, from the frames of the spectra |
//! | `segments` | what sounds from onset to onset |
//! | `bars`, `blocks`, `labels`, `sections` | parts of the form: bars as vectors, borders, what sounds alike |
//! | `whole` | all of it |
//!
//! # Timbre
//!
//! The 12 numbers of [`Segment::timbre`] are the first coefficients of the orthonormal cosine transform of 128 mel
//! bands in dB (as in the MFCC), over √128 and averaged over the segment. The basis is fixed: coefficient 0 is the mean of
//! the bands, 1 the slope from bass (positive) to treble, 2 middle against both ends, and so on. Gain moves
//! the first and no other.

mod bars;
mod blocks;
mod course;
mod fade;
mod labels;
mod outline;
mod sections;
mod segments;
mod silence;
mod whole;

pub use course::Course;
pub use outline::{Section, Segment, Span, Structure};
pub use whole::structure;
