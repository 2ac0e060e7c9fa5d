//! Why two recordings match, in one sentence.

use crate::{Part, Score};

/// How many parts a sentence names at most.
const N_NAMED: usize = 3;
/// A later part is named only when it adds at least this share of what the strongest adds.
const WORTH_NAMING: f64 = 0.1;

/// One sentence that names the two or three strongest parts with their values; made from the parts alone.
pub fn reason(score: &Score) -> String {
    if score.identical {
        return "The same recording by every measure.".to_owned();
    }
    let mut parts: Vec<&Part> = score.parts.iter().collect();
    // Stable: parts that add the same stay in the order of the facets.
    parts.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
    let Some(strongest) = parts.first() else {
        return "Nothing that both recordings have could be compared.".to_owned();
    };
    if strongest.contribution <= 0.0 {
        return format!("Little in common; closest in {}: {}.", strongest.facet, strongest.detail);
    }
    let least = strongest.contribution * WORTH_NAMING;
    let named: Vec<&str> = parts
        .iter()
        .take(N_NAMED)
        .filter(|part| part.contribution >= least)
        .map(|part| part.detail.as_str())
        .collect();
    capitalised(&format!("{}.", named.join(", ")))
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, WEIGHTS_VERSION};

    fn score(parts: &[(&'static str, f64, &str)]) -> Score {
        let parts = parts.iter().map(|&(facet, contribution, detail)| Part {
            facet,
            score: 0.5,
            percentile: 0.5,
            confidence: 1.0,
            weight: 0.1,
            contribution,
            detail: detail.to_owned(),
        });
        Score {
            purpose: Purpose::Mix,
            score: 0.5,
            identical: false,
            evidence: Some(0.0),
            gate: 1.0,
            parts: parts.collect(),
            weights_version: WEIGHTS_VERSION,
        }
    }

    #[test]
    fn names_the_strongest_parts_first() {
        let score = score(&[
            ("tempo", 1.0, "124 and 126 BPM"),
            ("key", 0.9, "F# minor next to C# minor on the wheel"),
            ("timbre", 0.5, "similar timbre"),
            ("energy", 0.3, "similar energy"),
        ]);
        assert_eq!(
            reason(&score),
            "124 and 126 BPM, F# minor next to C# minor on the wheel, similar timbre."
        );
    }

    #[test]
    fn leaves_out_what_adds_little() {
        let score = score(&[("tempo", 0.05, "both 90 BPM"), ("timbre", 1.0, "similar timbre")]);
        assert_eq!(reason(&score), "Similar timbre.");
    }

    #[test]
    fn says_when_there_is_little_or_nothing() {
        let little =
            score(&[("tempo", -2.0, "90 and 127 BPM"), ("key", -1.0, "C major and E major")]);
        assert_eq!(reason(&little), "Little in common; closest in key: C major and E major.");
        assert_eq!(reason(&score(&[])), "Nothing that both recordings have could be compared.");
    }
}
