//! What people do not want of each other.

use std::collections::{BTreeMap, BTreeSet};

/// Share of the agreement of words that one disliked word takes.
const TAKEN: f64 = 0.5;

/// What the dislikes of one person take from the agreement with another, 0 to 1.
///
/// Each disliked word takes half of what is left, or less where only some of the other's recordings carry it.
pub(crate) fn taken(dislikes: &BTreeSet<&str>, words: &BTreeMap<&str, f64>) -> f64 {
    let left = words
        .iter()
        .filter(|(word, _)| dislikes.contains(*word))
        .map(|(_, weight)| 1.0 - TAKEN * weight)
        .product::<f64>();
    1.0 - left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_disliked_word_takes_some_of_the_rest() {
        let words = BTreeMap::from([("dub", 1.0), ("jazz", 1.0), ("rain", 0.5)]);
        for (dislikes, expected) in [
            (vec![], 0.0),
            (vec!["dub"], 0.5),
            (vec!["dub", "jazz"], 0.75),
            (vec!["rain"], 0.25),
            (vec!["ska"], 0.0),
        ] {
            let dislikes = dislikes.into_iter().collect();
            assert!((taken(&dislikes, &words) - expected).abs() < 1e-12, "{dislikes:?}");
        }
    }
}
