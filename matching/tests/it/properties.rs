//! What always holds, whatever the items.

use crate::samples::{analysis, item, known, untagged};
use matching::{Catalogue, Item, Part, Purpose, reason, score};
use proptest::prelude::*;

fn part<'a>(parts: &'a [Part], facet: &str) -> Option<&'a Part> {
    parts.iter().find(|part| part.facet == facet)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_score_is_the_same_in_both_directions(a: u64, b: u64) {
        let (a, b) = (item(a), item(b));
        for purpose in Purpose::ALL {
            let (there, back) = (score(&a, &b, purpose), score(&b, &a, purpose));
            prop_assert_eq!(there.score.to_bits(), back.score.to_bits());
            prop_assert_eq!(there.gate.to_bits(), back.gate.to_bits());
            for (one, other) in there.parts.iter().zip(&back.parts) {
                prop_assert_eq!(one.facet, other.facet);
                prop_assert_eq!(one.score.to_bits(), other.score.to_bits());
                prop_assert_eq!(one.confidence.to_bits(), other.confidence.to_bits());
                prop_assert_eq!(one.contribution.to_bits(), other.contribution.to_bits());
            }
        }
    }

    #[test]
    fn everything_is_in_its_range(a: u64, b: u64) {
        let (a, b) = (item(a), item(b));
        for purpose in Purpose::ALL {
            let result = score(&a, &b, purpose);
            prop_assert!((0.0..=1.0).contains(&result.score));
            prop_assert!((0.0..=1.0).contains(&result.gate));
            for part in &result.parts {
                prop_assert!((0.0..=1.0).contains(&part.score), "{:?}", part);
                prop_assert!((0.0003..=0.9997).contains(&part.percentile), "{:?}", part);
                prop_assert!(part.confidence > 0.0 && part.confidence <= 1.0, "{:?}", part);
                prop_assert!(part.contribution.is_finite() && !part.detail.is_empty());
            }
            prop_assert!(reason(&result).ends_with('.'));
        }
    }

    #[test]
    fn an_item_matches_itself_perfectly(a: u64, b: u64) {
        let (a, other_tags) = (item(a), item(b).tags);
        let b = Item { descriptor: a.descriptor.clone(), embedding: None, tags: other_tags };
        for purpose in Purpose::ALL {
            let result = score(&a, &b, purpose);
            prop_assert!(result.identical);
            prop_assert_eq!(result.score.to_bits(), 1.0_f64.to_bits());
        }
    }

    #[test]
    fn the_parts_add_up(a: u64, b: u64) {
        let (a, b) = (item(a), item(b));
        for purpose in Purpose::ALL {
            let result = score(&a, &b, purpose);
            if result.identical {
                continue;
            }
            let sum: f64 = result.parts.iter().map(|part| part.contribution).sum();
            match result.evidence {
                Some(evidence) => {
                    prop_assert!((sum - evidence).abs() < 1e-12);
                    let expected = result.gate / (1.0 + (-evidence).exp());
                    prop_assert!((result.score - expected).abs() < 1e-12);
                }
                None => prop_assert!(result.parts.is_empty() && result.score <= 0.0),
            }
        }
    }

    // Two partners that differ from `a` in one fact only: the one that agrees more in the facet it
    // feeds must not score less.
    #[test]
    fn a_score_never_falls_when_a_facet_agrees_more(a: u64, b: u64, near in 0.0..1.0, far in 0.0..1.0) {
        let (query, base) = (known(a), known(b));
        let with_arousal = |share: f64| {
            let mut partner = base.clone();
            let target = query.emotion.as_ref().unwrap().arousal.value;
            let emotion = partner.emotion.as_mut().unwrap();
            emotion.arousal.value += (target - emotion.arousal.value) * share;
            partner
        };
        let with_tempo = |share: f64| {
            let mut partner = base.clone();
            let target = query.tempo.as_ref().unwrap().bpm;
            let tempo = partner.tempo.as_mut().unwrap();
            tempo.bpm *= (target / tempo.bpm).powf(share);
            tempo.candidates.truncate(1);
            tempo.candidates[0].bpm = tempo.bpm;
            partner
        };
        let query = untagged(&query);
        let pairs = [
            ("emotion", untagged(&with_arousal(near)), untagged(&with_arousal(far))),
            ("tempo", untagged(&with_tempo(near)), untagged(&with_tempo(far))),
        ];
        for (facet, one, other) in pairs {
            for purpose in Purpose::ALL {
                let (one, other) = (score(&query, &one, purpose), score(&query, &other, purpose));
                let Some(raw) = part(&one.parts, facet).map(|part| part.score) else { continue };
                let other_raw = part(&other.parts, facet).unwrap().score;
                prop_assert!(raw < other_raw || one.score >= other.score, "{facet} {purpose}");
                prop_assert!(raw > other_raw || one.score <= other.score, "{facet} {purpose}");
            }
        }
    }

    #[test]
    fn a_score_does_not_depend_on_what_else_is_known(a: u64, b: u64, others in prop::collection::vec(any::<u64>(), 0..40)) {
        let (query, partner) = (item(a), item(b));
        for purpose in Purpose::ALL {
            let alone = Catalogue::new([(1, partner.clone())]).top(&query, None, purpose, 1);
            let mut crowd = Catalogue::new(
                others.iter().enumerate().map(|(index, seed)| (index as u128 + 2, item(*seed))),
            );
            crowd.insert(1, &partner);
            let among = crowd.top(&query, None, purpose, crowd.len());
            let found = among.iter().find(|(id, _)| *id == 1).copied();
            prop_assert_eq!(alone.first().copied(), found);
        }
    }

    #[test]
    fn bytes_bring_back_the_same_descriptor(seed: u64) {
        let descriptor = matching::Descriptor::new(&analysis(seed));
        let back = matching::Descriptor::from_bytes(&descriptor.to_bytes());
        prop_assert_eq!(back, Ok(descriptor));
    }
}
