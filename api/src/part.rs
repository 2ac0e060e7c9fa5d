//! What one facet says about a pair, as JSON.

use matching::Part;
use serde::Serialize;
use utoipa::ToSchema;

/// What one facet says about a pair.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Part)]
pub(crate) struct PartBody {
    /// `tempo`, `key`, `timbre`, `harmony`, `rhythm`, `energy`, `emotion` or `tags`.
    #[schema(value_type = String, example = "tempo")]
    facet: &'static str,
    /// Raw agreement, 0 to 1.
    score: f64,
    /// Share of the pairs in the reference population that agree less.
    percentile: f64,
    /// Trust in the agreement, 0 to 1.
    confidence: f64,
    /// Weight for the purpose, before confidence.
    weight: f64,
    /// What this adds to the evidence; below 0 where the pair agrees less than a typical one.
    contribution: f64,
    /// The values behind it.
    #[schema(example = "124 and 126 BPM")]
    detail: String,
}

impl From<Part> for PartBody {
    fn from(part: Part) -> Self {
        Self {
            facet: part.facet,
            score: part.score,
            percentile: part.percentile,
            confidence: part.confidence,
            weight: part.weight,
            contribution: part.contribution,
            detail: part.detail,
        }
    }
}
