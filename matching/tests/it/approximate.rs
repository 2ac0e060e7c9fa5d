//! The graph of neighbours against the exact search.

use crate::samples::{item, known, untagged};
use matching::{Approximate, Catalogue, Filter, Item, NoGraph, Purpose, score};

const N: u64 = 2_000;

/// Without embeddings, which outlines do not know.
fn items() -> Vec<(u128, Item)> {
    let outlined = |seed| Item { embedding: None, ..item(seed) };
    (0..N).map(|i| (u128::from(i * 7_919 % 10_007), outlined(i))).collect()
}

fn recall(graph: &Approximate, catalogue: &Catalogue, purpose: Purpose) -> f64 {
    let (mut n, mut n_found) = (0, 0);
    for seed in N..N + 50 {
        let query = Item { embedding: None, ..item(seed) };
        let truth = catalogue.top(&query, None, purpose, 10);
        let found = graph.top(catalogue, &query, None, 10, Filter::default());
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
        let graph = Approximate::of(&catalogue, purpose).unwrap();
        let recall = recall(&graph, &catalogue, purpose);
        assert!(recall > 0.85, "{purpose}: {recall}");
    }
}

#[test]
fn scores_are_those_of_pairs() {
    let items = items();
    let catalogue = Catalogue::new(items.clone());
    let graph = Approximate::of(&catalogue, Purpose::Alike).unwrap();
    for (id, query) in items.iter().step_by(199) {
        let found = graph.top(&catalogue, query, Some(*id), 20, Filter::default());
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
    let mut graph = Approximate::of(&catalogue, Purpose::Alike).unwrap();
    for (id, _) in &items[..200] {
        catalogue.remove(*id);
    }
    for ((id, _), (_, other)) in items[200..300].iter().zip(&items[300..]) {
        catalogue.insert(*id, other);
        graph.insert(&catalogue, *id).unwrap();
    }
    for (id, item) in &items[1_500..] {
        catalogue.insert(*id, item);
        graph.insert(&catalogue, *id).unwrap();
    }
    assert_eq!(graph.len(), 2_100);
    graph.insert(&catalogue, u128::MAX).unwrap();
    assert_eq!(graph.len(), 2_100, "who is not in the catalogue is not added");
    let recall = recall(&graph, &catalogue, Purpose::Alike);
    assert!(recall > 0.85, "{recall}");
}

#[test]
fn is_exact_where_a_filter_leaves_little_and_where_nearly_all_is_asked_for() {
    let catalogue = Catalogue::new(items());
    let graph = Approximate::of(&catalogue, Purpose::Alike).unwrap();
    let query = Item { embedding: None, ..item(N) };
    let admits = |id: u128| id.is_multiple_of(50);
    let filter = Filter { admits: Some(&admits), ..Filter::default() };
    for k in [10, 30, 500, 3_000] {
        let truth = catalogue.top_where(&query, None, Purpose::Alike, k, filter);
        assert_eq!(graph.top(&catalogue, &query, None, k, filter), truth);
    }
    // An embedding that the catalogue knows nothing of is scored with nothing.
    let embedded = (0..20).map(item).find(|item| item.embedding.is_some()).unwrap();
    let truth = catalogue.top(&embedded, None, Purpose::Alike, 10);
    assert_eq!(graph.top(&catalogue, &embedded, None, 10, Filter::default()), truth);
}

#[test]
fn says_what_outlines_cannot_tell() {
    let embedded = (0..20).map(item).find(|item| item.embedding.is_some()).unwrap();
    let with = Catalogue::new([(1, embedded), (2, untagged(&known(1)))]);
    let without = Catalogue::new([(2, untagged(&known(1)))]);
    let untold = |catalogue, purpose| {
        matches!(Approximate::of(catalogue, purpose), Err(NoGraph::Untold { .. }))
    };
    assert!(untold(&with, Purpose::Alike) && untold(&without, Purpose::Mix));
    assert!(!untold(&without, Purpose::Mood));
    let none = Approximate::of(&Catalogue::default(), Purpose::Mood).unwrap();
    assert!(none.is_empty());
    assert!(none.top(&Catalogue::default(), &item(1), None, 5, Filter::default()).is_empty());
}
