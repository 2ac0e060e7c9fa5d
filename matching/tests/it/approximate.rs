//! The search by outlines against the exact one.

use crate::samples::item;
use matching::{Approximate, Catalogue, Filter, Item, Purpose, score};

const N: u64 = 6_000;

/// Without embeddings, which outlines do not know.
fn items() -> Vec<(u128, Item)> {
    let outlined = |seed| Item { embedding: None, ..item(seed) };
    (0..N).map(|i| (u128::from(i * 7_919 % 10_007), outlined(i))).collect()
}

fn recall(outlines: &Approximate, catalogue: &Catalogue, purpose: Purpose) -> f64 {
    let (mut n, mut n_found) = (0, 0);
    for seed in N..N + 50 {
        let query = Item { embedding: None, ..item(seed) };
        let truth = catalogue.top(&query, None, purpose, 10);
        let found = outlines.top(catalogue, &query, None, purpose, 10, Filter::default());
        assert!(found.is_sorted_by(|a, b| a.1 > b.1 || (a.1 - b.1).abs() < 1e-15 && a.0 < b.0));
        n += truth.len();
        n_found += truth.iter().filter(|best| found.contains(best)).count();
    }
    f64::from(n_found as u32) / f64::from(n as u32)
}

// These items have nothing to do with each other, which is harder than music: `benches --bin matching` has recall there.
#[test]
fn finds_nearly_all_of_the_best() {
    let catalogue = Catalogue::new(items());
    for purpose in [Purpose::Alike, Purpose::Mood] {
        let outlines = Approximate::of(&catalogue);
        let recall = recall(&outlines, &catalogue, purpose);
        assert!(recall > 0.85, "{purpose}: {recall}");
    }
}

#[test]
fn scores_are_those_of_pairs() {
    let items = items();
    let catalogue = Catalogue::new(items.clone());
    let outlines = Approximate::of(&catalogue);
    for (id, query) in items.iter().step_by(199) {
        let found =
            outlines.top(&catalogue, query, Some(*id), Purpose::Alike, 20, Filter::default());
        assert_eq!(found.len(), 20);
        for (other, found) in found {
            assert_ne!(other, *id);
            let (_, other) = items.iter().find(|item| item.0 == other).unwrap();
            assert_eq!(score(query, other, Purpose::Alike).score.to_bits(), found.to_bits());
        }
    }
}

// What comes, changes and goes is found as it is now, or not any more.
#[test]
fn follows_the_catalogue() {
    let items = items();
    let mut catalogue = Catalogue::new(items[..1_500].to_vec());
    let mut outlines = Approximate::of(&catalogue);
    for (id, _) in &items[..200] {
        catalogue.remove(*id);
    }
    for ((id, _), (_, other)) in items[200..300].iter().zip(&items[300..]) {
        catalogue.insert(*id, other);
        outlines.insert(&catalogue, *id);
    }
    for (id, item) in &items[1_500..] {
        catalogue.insert(*id, item);
        outlines.insert(&catalogue, *id);
    }
    assert_eq!(outlines.len(), 6_100);
    outlines.insert(&catalogue, u128::MAX);
    assert_eq!(outlines.len(), 6_100, "who is not in the catalogue is not added");
    let recall = recall(&outlines, &catalogue, Purpose::Alike);
    assert!(recall > 0.85, "{recall}");
}

#[test]
fn is_exact_where_a_filter_leaves_little_and_where_nearly_all_is_asked_for() {
    let catalogue = Catalogue::new(items());
    let outlines = Approximate::of(&catalogue);
    let query = Item { embedding: None, ..item(N) };
    let admits = |id: u128| id.is_multiple_of(500);
    let filter = Filter { admits: Some(&admits), ..Filter::default() };
    for k in [10, 30, 500, 6_000] {
        let truth = catalogue.top_where(&query, None, Purpose::Alike, k, filter);
        let found = outlines.top(&catalogue, &query, None, Purpose::Alike, k, filter);
        assert_eq!(found, truth);
    }
}

#[test]
fn is_exact_where_outlines_cannot_tell() {
    let catalogue = Catalogue::new(items());
    let outlines = Approximate::of(&catalogue);
    let top = |query: &Item, purpose| {
        let found = outlines.top(&catalogue, query, None, purpose, 10, Filter::default());
        assert_eq!(found, catalogue.top(query, None, purpose, 10), "{purpose}");
    };
    // They know no key, and no embedding.
    top(&Item { embedding: None, ..item(N) }, Purpose::Mix);
    let embedded = (0..20).map(item).find(|item| item.embedding.is_some()).unwrap();
    top(&embedded, Purpose::Alike);

    let none = Approximate::of(&Catalogue::default());
    assert!(none.is_empty());
    let found =
        none.top(&Catalogue::default(), &item(1), None, Purpose::Mood, 5, Filter::default());
    assert!(found.is_empty());
}
