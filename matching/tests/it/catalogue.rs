//! The catalogue against the obvious loop over `score`.

use crate::samples::{item, known, untagged};
use matching::{Catalogue, Filter, Item, Pruning, Purpose, score};

/// Every score by itself, best first, ties by id; items with nothing comparable left out.
fn oracle(
    items: &[(u128, Item)],
    query: &Item,
    query_id: Option<u128>,
    purpose: Purpose,
    k: usize,
) -> Vec<(u128, f64)> {
    let mut all: Vec<(u128, f64)> = items
        .iter()
        .filter(|(id, _)| Some(*id) != query_id)
        .map(|(id, item)| (*id, score(query, item, purpose)))
        .filter(|(_, score)| score.identical || score.evidence.is_some())
        .map(|(id, score)| (id, score.score))
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(k);
    all
}

fn check(items: &[(u128, Item)], catalogue: &Catalogue) {
    assert_eq!(catalogue.len(), items.len());
    for purpose in Purpose::ALL {
        for k in [0, 1, 7, 50, items.len() + 1] {
            for (id, query) in items.iter().step_by(29) {
                let expected = oracle(items, query, Some(*id), purpose, k);
                assert_eq!(catalogue.top(query, Some(*id), purpose, k), expected, "{purpose} {k}");
            }
        }
        let stranger = item(u64::MAX);
        assert_eq!(
            catalogue.top(&stranger, None, purpose, 10),
            oracle(items, &stranger, None, purpose, 10)
        );
        let mut one_by_one: Vec<_> = items
            .iter()
            .map(|(id, item)| (*id, catalogue.top(item, Some(*id), purpose, 5)))
            .collect();
        one_by_one.sort_by_key(|(id, _)| *id);
        assert_eq!(catalogue.top_of_all(purpose, 5), one_by_one);
    }
}

fn items(n: u64) -> Vec<(u128, Item)> {
    // Ids neither in the order of the slots nor dense; every tenth item is a copy of another.
    (0..n).map(|i| (u128::from(i * 7_919 % 10_007), item(i - i % 10 / 9))).collect()
}

#[test]
fn finds_what_the_loop_finds_in_the_same_order() {
    for n in [1, 15, 16, 17, 333] {
        let items = items(n);
        check(&items, &Catalogue::new(items.clone()));
    }
}

#[test]
fn stays_right_when_items_come_change_and_go() {
    let mut items = items(100);
    let mut catalogue = Catalogue::new(items.clone());
    for gone in [99, 98, 50, 0, 17] {
        let (id, _) = items.remove(gone);
        assert!(catalogue.remove(id));
        assert!(!catalogue.remove(id));
    }
    for (index, entry) in items.iter_mut().enumerate().step_by(9) {
        entry.1 = item(5_000 + index as u64);
        catalogue.insert(entry.0, &entry.1);
    }
    check(&items, &catalogue);
    for (id, _) in &items {
        assert!(catalogue.remove(*id));
    }
    assert!(catalogue.is_empty());
    assert!(catalogue.top(&item(1), None, Purpose::Alike, 5).is_empty());
}

#[test]
fn equal_scores_come_by_ascending_id() {
    let same = untagged(&known(1));
    let catalogue = Catalogue::new([(30, same.clone()), (10, same.clone()), (20, same.clone())]);
    let found = catalogue.top(&same, Some(20), Purpose::Mood, 5);
    assert_eq!(found, [(10, 1.0), (30, 1.0)]);
}

#[test]
fn never_offers_another_analysis_version() {
    let mut newer = known(1);
    newer.version = 2;
    let catalogue = Catalogue::new([(1, untagged(&newer))]);
    assert!(catalogue.top(&untagged(&known(1)), None, Purpose::Alike, 5).is_empty());
}

// The loop over everything, and the filter after it.
#[test]
fn a_filter_leaves_the_best_of_those_that_pass() {
    let items: Vec<(u128, Item)> = (0..500).map(|i| (u128::from(i), untagged(&known(i)))).collect();
    let catalogue = Catalogue::new(items.clone());
    let bpm = 90.0..=130.0;
    // Keys on C and on A, in major and minor.
    let keys = 1 | 1 << 9 | 1 << 12 | 1 << 21;
    let admits = |id: u128| !id.is_multiple_of(3);
    let filter =
        Filter { bpm: Some(&bpm), keys: Some(keys), admits: Some(&admits), ..Filter::default() };
    let passes = |id: u128| {
        let analysis = known(id as u64);
        let (tempo, key) = (analysis.tempo.unwrap(), analysis.key.unwrap());
        let number = u32::from(key.tonic) + if key.mode == dsp::Mode::Minor { 12 } else { 0 };
        bpm.contains(&(tempo.bpm as f32)) && keys >> number & 1 == 1 && admits(id)
    };
    for purpose in Purpose::ALL {
        for (id, query) in items.iter().step_by(97) {
            let mut expected = oracle(&items, query, Some(*id), purpose, items.len());
            expected.retain(|(id, _)| passes(*id));
            expected.truncate(7);
            assert!(!expected.is_empty());
            assert_eq!(catalogue.top_where(query, Some(*id), purpose, 7, filter), expected);
        }
    }
}

#[test]
fn pruning_changes_no_answer() {
    let catalogue = Catalogue::new(items(700));
    for purpose in Purpose::ALL {
        let (all, _) = catalogue.top_of_all_with(purpose, 10, Pruning::None);
        assert_eq!(catalogue.top_of_all(purpose, 10), all);
    }
}

#[test]
fn a_catalogue_that_grows_one_by_one_answers_alike() {
    let items = items(300);
    let mut grown = Catalogue::default();
    for (id, item) in &items {
        grown.insert(*id, item);
    }
    let built = Catalogue::new(items);
    for purpose in Purpose::ALL {
        assert_eq!(grown.top_of_all(purpose, 5), built.top_of_all(purpose, 5));
    }
}

// One search after the other is the truth.
#[test]
fn some_items_at_once_find_what_each_finds_alone() {
    let items = items(700);
    let catalogue = Catalogue::new(items.clone());
    let mut ids: Vec<u128> = catalogue.ids()[100..400].to_vec();
    ids.push(u128::MAX);
    for purpose in Purpose::ALL {
        for k in [1, 10, 300] {
            let found = catalogue.top_of(&ids, purpose, k);
            assert_eq!(found.len(), 300, "an id that is not here is left out");
            for ((id, best), asked) in found.iter().zip(&ids) {
                let (_, item) = items.iter().find(|(other, _)| other == id).unwrap();
                assert_eq!(id, asked);
                assert_eq!(*best, catalogue.top(item, Some(*id), purpose, k), "{purpose} {k}");
            }
        }
    }
}

// Everything scored, and compared with the floors, is the truth. Takers may be a few more, never fewer.
#[test]
fn takers_are_all_whose_floor_is_reached() {
    let items = items(500);
    let mut catalogue = Catalogue::new(items[..400].to_vec());
    for (id, item) in &items[400..] {
        catalogue.insert(*id, item);
    }
    for (id, _) in items.iter().step_by(5) {
        catalogue.remove(*id);
    }
    let kept: Vec<_> =
        items.iter().enumerate().filter(|(i, _)| i % 5 != 0).map(|(_, x)| x).collect();
    for purpose in Purpose::ALL {
        for (id, item) in &kept {
            let best = catalogue.top(item, Some(*id), purpose, 10);
            catalogue.set_floor(*id, purpose, best.last().unwrap().1);
        }
        // One takes whatever is comparable.
        catalogue.set_floor(kept[0].0, purpose, f64::NEG_INFINITY);
        for (id, query) in items.iter().step_by(37) {
            let takers = catalogue.takers(query, Some(*id), purpose);
            let floor = |other: u128, item: &Item| {
                let best = catalogue.top(item, Some(other), purpose, 10);
                if other == kept[0].0 { f64::NEG_INFINITY } else { best.last().unwrap().1 }
            };
            let mut n_needed = 0;
            for (other, item) in kept.iter().filter(|(other, _)| other != id) {
                let scored = score(query, item, purpose);
                let comparable = scored.identical || scored.evidence.is_some();
                if comparable && scored.score >= floor(*other, item) {
                    assert!(takers.contains(&(*other, scored.score)), "{purpose} {id} {other}");
                    n_needed += 1;
                }
            }
            assert!(takers.len() <= n_needed + 3, "{} of {n_needed}", takers.len());
            let by_id = |other: u128| floor(other, &items.iter().find(|x| x.0 == other).unwrap().1);
            assert_eq!(catalogue.takers_with(query, Some(*id), purpose, by_id), takers);
        }
    }
}

// The loop over everything, and the filter and the groups after it.
#[test]
fn one_of_a_group_and_those_with_all_words() {
    let items = items(600);
    let group = |id: u128| std::num::NonZeroU64::new(id as u64 % 40);
    let mut catalogue = Catalogue::new(items[..500].to_vec());
    for (id, _) in &items[..500] {
        catalogue.set_group(*id, group(*id));
    }
    // Those that come later are in no group until it is said, and what goes takes its group along.
    for (id, item) in &items[500..] {
        catalogue.insert(*id, item);
    }
    catalogue.set_group(items[3].0, None);
    for (id, _) in &items[20..60] {
        catalogue.remove(*id);
    }
    catalogue.rebuild();
    let in_group = |id: u128| {
        let place = items.iter().position(|item| item.0 == id).unwrap();
        if place < 500 && place != 3 { group(id) } else { None }
    };
    let here: Vec<_> = [&items[..20], &items[60..]].concat();
    let has = |id: u128, word: &str| {
        let (_, item) = here.iter().find(|item| item.0 == id).unwrap();
        item.tags.iter().any(|tag| tag == word)
    };
    for purpose in Purpose::ALL {
        for k in [3, 10, 70, here.len()] {
            for tags in [&[][..], &["piano"], &["rain", "live"], &["piano", "unheard of"]] {
                let filter = Filter { tags, one_per_group: true, ..Filter::default() };
                let expected = |id: u128, query: &Item| {
                    let mut all = oracle(&here, query, Some(id), purpose, here.len());
                    all.retain(|(id, _)| tags.iter().all(|tag| has(*id, tag)));
                    let mut seen = std::collections::HashSet::new();
                    all.retain(|(id, _)| in_group(*id).is_none_or(|group| seen.insert(group)));
                    all.truncate(k);
                    all
                };
                for (id, query) in here.iter().step_by(97) {
                    let found = catalogue.top_where(query, Some(*id), purpose, k, filter);
                    assert_eq!(found, expected(*id, query), "{purpose} {k} {tags:?}");
                }
                if k == 10 {
                    let all = catalogue.top_of_all_where(purpose, k, filter);
                    assert_eq!(all.len(), here.len());
                    for (id, found) in all.iter().step_by(41) {
                        let (_, query) = here.iter().find(|item| item.0 == *id).unwrap();
                        assert_eq!(*found, expected(*id, query), "{purpose} {tags:?}");
                    }
                }
            }
        }
    }
}
