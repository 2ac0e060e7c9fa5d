//! Lists made to order, against scoring everything one by one.

use crate::samples::{item, known, untagged};
use matching::playlist::{Fit, MoreLike, Path, PathError, PathSearch, Similar, Wanted};
use matching::{Catalogue, Item, Purpose, Weighting, key_of, score_by};
use proptest::prelude::*;
use std::collections::HashSet;

/// Items with ids from 1; every fifth is a copy of the one before.
fn library(n: u64, seed: u64) -> Vec<(u128, Item)> {
    (0..n)
        .map(|number| {
            let original = if number % 5 == 4 { number - 1 } else { number };
            (u128::from(number) + 1, item(seed.wrapping_add(original)))
        })
        .collect()
}

fn weighting() -> Weighting {
    let weights = [("tempo", 1.0), ("timbre", 2.0), ("tags", 1.5), ("embedding", 0.5)];
    Weighting::custom(Purpose::Mix, weights).unwrap()
}

/// Best first, equal scores by ascending id.
fn ranked(mut scored: Vec<(u128, f64)>) -> Vec<(u128, f64)> {
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    scored
}

#[test]
fn a_search_is_what_scoring_everything_gives() {
    let items = library(150, 1);
    let (id, query) = items[7].clone();
    let scored = items.iter().filter(|(other, _)| *other != id).filter_map(|(other, item)| {
        let score = score_by(&query, item, &weighting());
        (score.identical || score.evidence.is_some()).then_some((*other, score.score))
    });
    let expected = ranked(scored.collect());
    for k in [0, 1, 20, 200] {
        let mut search = Similar::new(id, &query, weighting(), Wanted::default(), k);
        items.chunks(37).rev().for_each(|page| search.take(page));
        assert_eq!(search.finish(), expected[..k.min(expected.len())]);
    }
}

#[test]
fn under_the_weights_of_a_purpose_it_is_what_a_catalogue_gives() {
    let items = library(150, 2);
    let catalogue = Catalogue::new(items.clone());
    for purpose in Purpose::ALL {
        let (id, query) = &items[11];
        let wanted = Wanted::default();
        let mut search = Similar::new(*id, query, purpose.into(), wanted, 30);
        search.take(&items);
        assert_eq!(search.finish(), catalogue.top(query, Some(*id), purpose, 30));
    }
}

#[test]
fn copies_come_once_if_at_all() {
    let items = library(60, 3);
    // The fourth and the fifth are copies of each other.
    let (id, query) = items[3].clone();
    let mut search = Similar::new(id, &query, weighting(), Wanted::default(), 60).each_once();
    search.take(&items);
    let found = search.finish();
    assert!(found.iter().all(|(other, _)| *other != id && *other != id + 1));
    for (other, _) in &found {
        let twin = if other % 5 == 0 { other - 1 } else { other + 1 };
        let is_copy = (other.min(&twin)) % 5 == 4;
        assert!(!is_copy || found.iter().all(|(third, _)| *third != twin), "{other}");
    }
    // Tags differ between copies, so that either may be the better one; 12 pairs, and the query's own is left out.
    let n_comparable = items.iter().filter(|(_, item)| {
        let score = score_by(&query, item, &weighting());
        score.evidence.is_some()
    });
    assert!(found.len() + 12 >= n_comparable.count() - 1);
}

#[test]
fn only_what_is_wanted_comes() {
    let items: Vec<(u128, Item)> =
        (1..80).map(|seed| (u128::from(seed), untagged(&known(seed)))).collect();
    let bpm = |id: u128| known(id as u64).tempo.unwrap().bpm as f32;
    let key = |id: u128| {
        let key = known(id as u64).key.unwrap();
        u32::from(key.tonic) + if key.mode == dsp::Mode::Minor { 12 } else { 0 }
    };
    let keys = (0..24).filter(|key| key % 3 == 0).fold(0, |keys, key| keys | 1 << key);
    let wanted = Wanted { bpm: Some(80.0..=140.0), keys: Some(keys), tags: Vec::new() };
    let mut search = Similar::new(1, &items[0].1, weighting(), wanted.clone(), 100);
    search.take(&items);
    let mut found: Vec<u128> = search.finish().into_iter().map(|(id, _)| id).collect();
    found.sort_unstable();
    let expected: Vec<u128> = (2..80_u128)
        .filter(|id| (80.0..=140.0).contains(&bpm(*id)) && key(*id).is_multiple_of(3))
        .collect();
    assert_eq!(found, expected);
    assert!(!found.is_empty());
    let tagged = Wanted { tags: vec!["piano".to_owned()], ..Wanted::default() };
    let mut search = Similar::new(1, &items[0].1, weighting(), tagged, 100);
    search.take(&items);
    assert!(search.finish().is_empty());
    assert_eq!(key_of("C minor"), Some(12));
}

#[test]
fn more_like_is_what_scoring_everything_gives() {
    let items = library(90, 4);
    let (likes, dislikes) = (&items[..3], &items[10..12]);
    let mut search = MoreLike::new(likes, dislikes, weighting(), Wanted::default(), 15);
    items.chunks(20).for_each(|page| search.take(page));
    let found: Vec<Fit> = search.finish();
    assert_eq!(found.len(), 15);
    assert!(found.is_sorted_by(|a, b| a.score >= b.score));
    let logit = |score: f64| (score / (1.0 - score)).ln().clamp(-12.0, 12.0);
    let scores = |id: u128, seeds: &[(u128, Item)]| -> Vec<Option<f64>> {
        let item = &items[id as usize - 1].1;
        let scores = seeds.iter().map(|(_, seed)| score_by(seed, item, &weighting()));
        scores.map(|score| score.evidence.map(|_| score.score)).collect()
    };
    let worth = |id: u128| -> Option<f64> {
        let pro: Vec<f64> = scores(id, likes).into_iter().flatten().map(logit).collect();
        let mean = pro.iter().map(|value| (-value).exp()).sum::<f64>() / pro.len() as f64;
        let contra = scores(id, dislikes).into_iter().flatten().map(logit).fold(0.0, f64::max);
        (!pro.is_empty()).then(|| -mean.ln() - contra)
    };
    for fit in &found {
        assert_eq!(
            (&fit.likes, &fit.dislikes),
            (&scores(fit.id, likes), &scores(fit.id, dislikes))
        );
        assert!((fit.liked - fit.disliked - worth(fit.id).unwrap()).abs() < 1e-9);
        assert!((fit.score - 1.0 / (1.0 + (fit.disliked - fit.liked).exp())).abs() < 1e-12);
    }
    let last = found[14].liked - found[14].disliked;
    let is_named = |id: u128| likes.iter().chain(dislikes).any(|(named, _)| *named == id);
    for (id, item) in &items {
        let is_copy = likes.iter().chain(dislikes).any(|(_, it)| it.descriptor == item.descriptor);
        if !is_named(*id) && !is_copy && found.iter().all(|fit| fit.id != *id) {
            // Left out because it is worth less, or because it is a copy of something that is worth as much.
            let twin =
                found.iter().any(|fit| items[fit.id as usize - 1].1.descriptor == item.descriptor);
            assert!(twin || worth(*id).is_none_or(|worth| worth <= last + 1e-9), "{id}");
        }
    }
}

fn path(items: &[(u128, Item)], ends: (usize, usize), length: usize) -> Result<Path, PathError> {
    let [from, to] = [ends.0, ends.1].map(|end| (items[end].0, &items[end].1));
    let mut search = PathSearch::new(from, to, length, Purpose::Mix.into(), Wanted::default())?;
    items.chunks(41).for_each(|page| search.take(page));
    Ok(search.finish())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_path_leads_from_one_end_to_the_other(
        n in 2..120_u64,
        seed: u32,
        ends: (prop::sample::Index, prop::sample::Index),
        length in 0..20_usize,
    ) {
        let items = library(n, seed.into());
        let (from, to) = (ends.0.index(items.len()), ends.1.index(items.len()));
        let found = path(&items, (from, to), length);
        if from == to {
            prop_assert_eq!(found, Err(PathError::SameEnds));
            return Ok(());
        }
        let found = found.unwrap();
        let stops = &found.stops;
        prop_assert_eq!(stops.len(), length.max(2).min(found.n_candidates + 2));
        prop_assert_eq!((stops[0].id, stops[stops.len() - 1].id), (items[from].0, items[to].0));
        let distinct: HashSet<u128> = stops.iter().map(|stop| stop.id).collect();
        prop_assert_eq!(distinct.len(), stops.len());
        let item = |id: u128| &items[id as usize - 1].1;
        for pair in stops.windows(2) {
            let score = score_by(item(pair[0].id), item(pair[1].id), &Purpose::Mix.into());
            prop_assert_eq!(pair[1].step.map(f64::to_bits), Some(score.score.to_bits()));
        }
        let inner = &stops[1..stops.len() - 1];
        prop_assert!(inner.is_sorted_by(|a, b| a.progress <= b.progress));
        // The order in which the catalogue comes by does not matter.
        let [from, to] = [from, to].map(|end| (items[end].0, &items[end].1));
        let again = PathSearch::new(from, to, length, Purpose::Mix.into(), Wanted::default());
        let mut again = again.unwrap();
        items.iter().rev().for_each(|item| again.take(std::slice::from_ref(item)));
        prop_assert_eq!(again.finish(), found);
    }
}

// 81 tempi 0.4 % apart: from one end to the other no step needs to be much larger than the others.
#[test]
fn a_path_goes_up_evenly() {
    let items: Vec<(u128, Item)> = (0..81_i32)
        .map(|number| {
            let mut analysis = known(5);
            let bpm = 80.0 * 1.004_f64.powi(number);
            let tempo = analysis.tempo.as_mut().unwrap();
            (tempo.bpm, tempo.confidence) = (bpm, 1.0);
            tempo.candidates = vec![dsp::TempoCandidate { bpm, strength: 1.0 }];
            (number as u128 + 1, untagged(&analysis))
        })
        .collect();
    let found = path(&items, (0, 80), 9).unwrap();
    let ids: Vec<u128> = found.stops.iter().map(|stop| stop.id).collect();
    assert_eq!(ids, [1, 11, 21, 31, 41, 51, 61, 71, 81]);
}

#[test]
fn ends_of_different_versions_have_no_path() {
    let mut older = known(1);
    older.version += 1;
    let items = [(1, untagged(&known(2))), (2, untagged(&older))];
    assert_eq!(path(&items, (0, 1), 5), Err(PathError::OtherAnalysis));
}
