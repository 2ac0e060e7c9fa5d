//! Which matches of a track are kept.

use crate::context::Context;

/// So many, and none that is worse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Kept {
    /// The best, for each purpose.
    pub(crate) n_heads: u32,
    /// The score that a match needs.
    pub(crate) least_score: f64,
}

impl Kept {
    pub(crate) fn new(context: &Context) -> Self {
        let config = &context.config;
        Self { n_heads: config.matches_per_track, least_score: config.least_track_score }
    }
}
