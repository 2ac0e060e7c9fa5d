//! Tags: overlap of the words that people gave, shrunk towards one half where there are few.

use std::collections::BTreeSet;

/// How many tags weigh as much as the assumption of half an overlap.
pub(crate) const PRIOR_TAGS: f32 = 3.0;

/// Overlap of two sets of tags, 0 to 1, from how many they share and how many there are in all.
///
/// Every tag weighs the same in this version of the weights.
pub(crate) fn overlap(n_shared: usize, n_all: usize) -> f32 {
    (n_shared as f32 + 0.5 * PRIOR_TAGS) / (n_all as f32 + PRIOR_TAGS)
}

/// The tags that two items share, and how many there are in all; `None` when either has none.
pub(crate) fn shared<'a>(a: &'a [String], b: &'a [String]) -> Option<(Vec<&'a str>, usize)> {
    let set = |tags: &'a [String]| tags.iter().map(String::as_str).collect::<BTreeSet<_>>();
    let (a, b) = (set(a), set(b));
    let in_use = !a.is_empty() && !b.is_empty();
    in_use.then(|| (a.intersection(&b).copied().collect(), a.union(&b).count()))
}

/// "both tagged ambient, piano".
pub(crate) fn detail(shared: &[&str]) -> String {
    match shared {
        [] => "no tag in common".to_owned(),
        tags if tags.len() <= 3 => format!("both tagged {}", tags.join(", ")),
        tags => format!("both tagged {} and {} more", tags[..3].join(", "), tags.len() - 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn more_evidence_moves_further_from_a_half() {
        assert!((overlap(0, 0) - 0.5).abs() < 1e-6);
        assert!(overlap(5, 5) > overlap(1, 1) && overlap(1, 1) > 0.5);
        assert!(overlap(0, 10) < overlap(0, 2) && overlap(0, 2) < 0.5);
    }

    #[test]
    fn counts_each_tag_once_and_says_which() {
        let (a, b) = (tags("piano ambient piano calm"), tags("calm piano rain"));
        let (common, n_all) = shared(&a, &b).unwrap();
        assert_eq!((common.as_slice(), n_all), (["calm", "piano"].as_slice(), 4));
        assert_eq!(detail(&common), "both tagged calm, piano");
        assert_eq!(shared(&a, &[]), None);
    }
}
