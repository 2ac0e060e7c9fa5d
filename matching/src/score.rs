//! Two items compared, with every step kept.

use serde::Serialize;

use crate::{
    Facet, Item, Purpose, WEIGHTS_VERSION, Weighting,
    block::Block,
    facet::N_FACETS,
    facets::{
        emotion, energy, harmony, key,
        lanes::{Compared, LANES},
        rhythm, tags, tempo, timbre,
    },
    kernel::{self, Beside, Comparison},
    pooling::{Pooled, Term, pool, sigmoid},
    prepared::Prepared,
    reference,
};

/// Two items compared for one purpose, with the whole computation.
///
/// It adds up: `evidence` is the sum of the parts' contributions, and `score` is
/// `gate / (1 + exp(-evidence))`, unless `identical`, where it is 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// What for.
    pub purpose: Purpose,
    /// 0 to 1; one half is a typical pair of the reference population.
    pub score: f64,
    /// The two descriptors are equal, which settles the score whatever the tags.
    pub identical: bool,
    /// Sum of the contributions: logit of the score before the gate; `None` where nothing compares.
    pub evidence: Option<f64>,
    /// Factor for what must fit: for `mix` the square root of the worse of tempo and key, else 1.
    pub gate: f64,
    /// Facets that both items have and that count for the purpose, in the order of [`Facet::ALL`].
    pub parts: Vec<Part>,
    /// [`WEIGHTS_VERSION`] of the code that made this.
    pub weights_version: u32,
}

/// What one facet had to say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Name of the [`Facet`].
    pub facet: &'static str,
    /// Raw agreement, 0 to 1.
    pub score: f64,
    /// Share of the pairs in the reference population that agree less, 0.0003 to 0.9997.
    pub percentile: f64,
    /// Trust in the agreement, above 0, to 1.
    pub confidence: f64,
    /// Weight for the purpose, before confidence.
    pub weight: f64,
    /// What this adds to the evidence; below 0 where the pair agrees less than a typical one.
    pub contribution: f64,
    /// The values behind it in words, for example "124 and 126 BPM".
    pub detail: String,
}

/// Compares two items: the same in both directions bit for bit (but for the order in the words).
///
/// Items of different analysis versions are not comparable: no parts, score 0.
pub fn score(a: &Item, b: &Item, purpose: Purpose) -> Score {
    score_by(a, b, &purpose.into())
}

/// [`score`] under weights of the caller's.
pub fn score_by(a: &Item, b: &Item, weighting: &Weighting) -> Score {
    let (first, second) = (Prepared::of(a), Prepared::of(b));
    let (purpose, weights) = (weighting.purpose(), weighting.weights());
    let shared = tags::shared(&a.tags, &b.tags);
    let beside = Beside {
        embedding: compared_embedding(a, b),
        tags: compared_tags(shared.as_ref().map(|(shared, n_all)| (shared.len(), *n_all))),
    };
    let comparable = first.analysis_version == second.analysis_version;
    let terms = if comparable {
        let (one, other) = (Block::filled(&first.rows), Block::filled(&second.rows));
        let comparison = kernel::compare(&one, &other, &beside, weights, reference::tables());
        terms(&comparison, 0)
    } else {
        [Term::default(); N_FACETS]
    };
    let Pooled { contributions, evidence, gate, score } = pool(purpose, weights, &terms);
    let identical = first.identity == second.identity;
    let parts = Facet::ALL
        .into_iter()
        .filter(|&facet| weights[facet as usize] * terms[facet as usize].confidence > 0.0)
        .map(|facet| {
            let Term { raw, confidence, evidence } = terms[facet as usize];
            let percentile = sigmoid(evidence);
            let between = a.embedding.as_ref().zip(b.embedding.as_ref());
            let (a, b) = (&a.descriptor, &b.descriptor);
            let detail = match facet {
                Facet::Tempo => tempo::detail(a, b),
                Facet::Key => key::detail(a, b),
                Facet::Timbre => timbre::detail(percentile),
                Facet::Harmony => harmony::detail(percentile),
                Facet::Rhythm => rhythm::detail(a, b, percentile),
                Facet::Energy => energy::detail(a, b, percentile),
                Facet::Emotion => emotion::detail(a, b, percentile),
                Facet::Embedding => {
                    between.map_or_else(String::new, |(a, b)| a.detail(b, percentile))
                }
                Facet::Tags => {
                    tags::detail(shared.as_ref().map_or(&[], |(shared, _)| shared.as_slice()))
                }
            };
            Part {
                facet: facet.as_str(),
                score: raw,
                percentile,
                confidence,
                weight: weights[facet as usize],
                contribution: contributions[facet as usize],
                detail,
            }
        })
        .collect();
    Score {
        purpose,
        score: if identical { 1.0 } else { score },
        identical,
        evidence,
        gate,
        parts,
        weights_version: WEIGHTS_VERSION,
    }
}

/// The facets of one lane, widened.
pub(crate) fn terms(comparison: &Comparison, lane: usize) -> [Term; N_FACETS] {
    std::array::from_fn(|facet| Term {
        raw: comparison.facets[facet].raw[lane].into(),
        confidence: comparison.facets[facet].confidence[lane].into(),
        evidence: comparison.evidence[facet][lane].into(),
    })
}

/// The embeddings, in every lane.
fn compared_embedding(a: &Item, b: &Item) -> Compared {
    let directions = [a, b].map(|item| item.embedding.as_ref().map(|it| &it.direction));
    match directions {
        [Some(a), Some(b)] if a.is_comparable(b) => {
            Compared { raw: [a.percentile(b); LANES], confidence: [1.0; LANES] }
        }
        _ => Compared::ABSENT,
    }
}

/// Tags of lane 0, from how many are shared and how many there are.
fn compared_tags(counts: Option<(usize, usize)>) -> Compared {
    counts.map_or(Compared::ABSENT, |(n_shared, n_all)| Compared {
        raw: [tags::overlap(n_shared, n_all); LANES],
        confidence: [1.0; LANES],
    })
}
