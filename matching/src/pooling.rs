//! From facets to one score.

use crate::{
    Purpose,
    facet::{Facet, N_FACETS},
};

/// Version of everything between a descriptor and a score: scales, percentiles, weights, pooling.
///
/// Scores of different versions are not comparable.
pub const WEIGHTS_VERSION: u32 = 2;

/// Steepness of the pooled score: agreement in many facets is worth more than their mean.
pub(crate) const GAIN: f64 = 1.5;

/// Weight of each facet.
pub(crate) type Weights = [f64; N_FACETS];

/// The weights of a purpose.
pub(crate) fn weights(purpose: Purpose) -> Weights {
    Facet::ALL.map(|facet| purpose.weight(facet))
}

/// One facet of one pair, ready to be pooled.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Term {
    /// Agreement, 0 to 1.
    pub(crate) raw: f64,
    /// 0 (absent) to 1.
    pub(crate) confidence: f64,
    /// Logit of the percentile.
    pub(crate) evidence: f64,
}

/// One pair, pooled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pooled {
    /// What each facet adds to the evidence.
    pub(crate) contributions: [f64; N_FACETS],
    /// Their sum; `None` where nothing compares.
    pub(crate) evidence: Option<f64>,
    /// Factor for what must fit, 0 to 1.
    pub(crate) gate: f64,
    /// 0 to 1.
    pub(crate) score: f64,
}

/// `σ(g · Σ w c e / Σ w c) · gate`, in the fixed order of the facets.
pub(crate) fn pool(purpose: Purpose, weights: &Weights, terms: &[Term; N_FACETS]) -> Pooled {
    let share = |facet: usize| weights[facet] * terms[facet].confidence;
    let total: f64 = (0..N_FACETS).map(share).sum();
    if total <= 0.0 {
        return Pooled { contributions: [0.0; N_FACETS], evidence: None, gate: 1.0, score: 0.0 };
    }
    let contributions: [f64; N_FACETS] =
        std::array::from_fn(|facet| GAIN * share(facet) * terms[facet].evidence / total);
    let evidence = contributions.iter().sum();
    let gate = if purpose.is_gated() { gate(terms) } else { 1.0 };
    Pooled { contributions, evidence: Some(evidence), gate, score: sigmoid(evidence) * gate }
}

/// Square root of the worse of tempo and key, each drawn to one half as far as it is uncertain.
fn gate(terms: &[Term; N_FACETS]) -> f64 {
    let fit = |facet: Facet| {
        let term = terms[facet as usize];
        0.5 + term.confidence * (term.raw - 0.5)
    };
    fit(Facet::Tempo).min(fit(Facet::Key)).clamp(0.0, 1.0).sqrt()
}

/// Logistic function.
pub(crate) fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_in_every_facet_is_a_half() {
        let terms = [Term { raw: 0.5, confidence: 1.0, evidence: 0.0 }; N_FACETS];
        let pooled = pool(Purpose::Alike, &weights(Purpose::Alike), &terms);
        assert!((pooled.score - 0.5).abs() < 1e-12);
    }

    #[test]
    fn an_absent_facet_drops_out() {
        let mut terms = [Term { raw: 1.0, confidence: 1.0, evidence: 2.0 }; N_FACETS];
        let all = pool(Purpose::Mood, &weights(Purpose::Mood), &terms).score;
        terms[Facet::Emotion as usize] = Term { raw: 0.0, confidence: 0.0, evidence: -4.0 };
        let rest = pool(Purpose::Mood, &weights(Purpose::Mood), &terms).score;
        assert!((all - rest).abs() < 1e-12);
    }

    #[test]
    fn a_mix_is_no_better_than_its_worse_half() {
        let mut terms = [Term { raw: 1.0, confidence: 1.0, evidence: 3.0 }; N_FACETS];
        let weights = weights(Purpose::Mix);
        let both = pool(Purpose::Mix, &weights, &terms).score;
        terms[Facet::Key as usize].raw = 0.04;
        let clash = pool(Purpose::Mix, &weights, &terms).score;
        assert!((clash / both - 0.2).abs() < 1e-9);
    }
}
