//! Sketches: small whole numbers from which no facet of a pair can be underrated, and the scan over them.
//!
//! A search has to find the few best of many. A sketch of about 220 bytes says of most pairs that they cannot be
//! among them; only the rest are scored, by the same code as a single pair. So nothing here decides a score, and all that
//! has to hold is that a ceiling is never below the truth.

mod axes;
mod ceilings;
pub(crate) mod lanes;
mod order;
mod panel;
mod probe;
mod scan;
mod segments;
mod sketcher;
mod subspace;

pub(crate) use ceilings::Ceilings;
pub(crate) use panel::{Details, Marks, PANEL, Panel};
pub(crate) use probe::Probe;
#[cfg(test)]
pub(crate) use scan::scan_portable;
pub use scan::{Counts, Pruning};
pub(crate) use scan::{Field, Hit, NO_FLOOR, scan};
pub(crate) use segments::{Segments, UNITS};
pub(crate) use sketcher::Sketcher;
