//! Matches and the heads that keep them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use store::jobs::{self, NewMatch};
use store::matches::{self, MatchRecord};
use store::testing::TestStore;
use store::{JobKind, TrackId, tracks};

use crate::jobs::{analyzed, claim};

on_both_databases! {
    a_match_is_seen_from_both_sides,
    heads_are_the_best_of_each_track,
    matching_again_replaces,
    a_deleted_track_takes_its_matches_along,
}

const N_HEADS: u32 = 3;

/// Uploads and analyses `n` tracks; none is matched yet.
async fn catalogue(test: &TestStore, n: u8) -> Vec<TrackId> {
    let mut ids = Vec::new();
    for i in 0..n {
        ids.push(test.upload(&[i]).await.track.id);
        let lease = claim(test).await.unwrap();
        assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
    }
    ids
}

fn new(other: TrackId, score: f64) -> NewMatch {
    NewMatch {
        purpose: "mix".into(),
        other_id: other,
        score,
        parts: json!([{ "facet": "tempo", "score": score }]),
        reason: format!("score {score}"),
        descriptor_version: 1,
        weights_version: 2,
    }
}

async fn list(test: &TestStore, track: TrackId) -> Vec<MatchRecord> {
    matches::list(&test.store, test.owner, track, "mix", 100).await.unwrap()
}

async fn a_match_is_seen_from_both_sides(test: TestStore) {
    let ids = catalogue(&test, 2).await;
    let lease = claim(&test).await.unwrap();
    assert_eq!((lease.job.kind, lease.job.track_id), (JobKind::MatchTrack, Some(ids[0])));
    let found = vec![new(ids[1], 0.75)];
    assert!(jobs::complete_match(&test.store, &lease, N_HEADS, 0, found).await.unwrap());
    for (track, other) in [(ids[0], ids[1]), (ids[1], ids[0])] {
        let seen = list(&test, track).await;
        assert_eq!(seen.len(), 1);
        let seen = &seen[0];
        assert_eq!((seen.track_id, seen.owner_id, seen.score), (other, test.owner, 0.75));
        assert_eq!((seen.reason.as_str(), seen.scored_at), ("score 0.75", test.store.now()));
        assert_eq!((seen.first_scored_at, seen.version), (test.store.now(), 1));
        assert_eq!(seen.parts, json!([{ "facet": "tempo", "score": 0.75 }]));
        assert_eq!((seen.descriptor_version, seen.weights_version), (1, 2));
        let other_purpose =
            matches::list(&test.store, test.owner, track, "mood", 10).await.unwrap();
        assert!(other_purpose.is_empty());
    }
}

/// A symmetric score that is different for each pair.
fn score(a: usize, b: usize) -> f64 {
    let (a, b) = (a.min(b), a.max(b));
    f64::from(u32::try_from((a * 37 + b * 101) % 89).unwrap()) / 89.0
}

/// The best of each track, by looking at all pairs.
fn oracle(n: usize) -> BTreeMap<usize, Vec<usize>> {
    (0..n)
        .map(|a| {
            let mut others: Vec<_> = (0..n).filter(|b| *b != a).collect();
            others.sort_by(|x, y| score(a, *y).total_cmp(&score(a, *x)));
            others.truncate(usize::try_from(N_HEADS).unwrap());
            (a, others)
        })
        .collect()
}

async fn heads_are_the_best_of_each_track(test: TestStore) {
    let n = 9;
    let ids = catalogue(&test, n).await;
    let n = usize::from(n);
    while let Some(lease) = claim(&test).await {
        let a = ids.iter().position(|id| Some(*id) == lease.job.track_id).unwrap();
        // As a worker does it: its own best, and those of whom it is among the best.
        let floors: BTreeMap<_, _> =
            matches::lists::floors(&test.store, test.owner, None, 0, N_HEADS)
                .await
                .unwrap()
                .into_iter()
                .map(|floor| (floor.track_id, floor.score))
                .collect();
        let mut others: Vec<_> = (0..n).filter(|b| *b != a).collect();
        others.sort_by(|x, y| score(a, *y).total_cmp(&score(a, *x)));
        let found = others
            .iter()
            .enumerate()
            .filter(|(rank, b)| {
                *rank < usize::try_from(N_HEADS).unwrap()
                    || floors.get(&ids[**b]).is_none_or(|floor| score(a, **b) >= *floor)
            })
            .map(|(_, b)| new(ids[*b], score(a, *b)))
            .collect();
        assert!(jobs::complete_match(&test.store, &lease, N_HEADS, 0, found).await.unwrap());
    }
    for (a, best) in oracle(n) {
        let seen: Vec<_> = list(&test, ids[a])
            .await
            .iter()
            .map(|seen| ids.iter().position(|id| *id == seen.track_id).unwrap())
            .collect();
        assert_eq!(seen, best, "track {a}");
    }
    let floors = matches::lists::floors(&test.store, test.owner, None, 0, N_HEADS).await.unwrap();
    assert_eq!(floors.len(), n);
}

async fn matching_again_replaces(test: TestStore) {
    let ids = catalogue(&test, 3).await;
    let lease = claim(&test).await.unwrap();
    let found = vec![new(ids[1], 0.5), new(ids[2], 0.25)];
    assert!(jobs::complete_match(&test.store, &lease, N_HEADS, 0, found).await.unwrap());
    let first_scored_at = test.store.now();
    test.advance(Duration::from_secs(1));
    let patch = tracks::TrackPatch { tags: Some(vec!["x".into()]), ..Default::default() };
    tracks::update(&test.store, test.owner, ids[0], patch).await.unwrap();
    let again = loop {
        let lease = claim(&test).await.unwrap();
        if lease.job.track_id == Some(ids[0]) {
            break lease;
        }
    };
    // One of itself, and one of a track that is gone, are left out.
    let found = vec![new(ids[0], 1.0), new(ids[2], 0.75), new(TrackId::from_u128(5), 0.9)];
    assert!(jobs::complete_match(&test.store, &again, N_HEADS, 0, found).await.unwrap());
    let seen = list(&test, ids[0]).await;
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].track_id, seen[0].score), (ids[2], 0.75));
    assert_eq!((seen[0].first_scored_at, seen[0].version), (first_scored_at, 2));
    assert!(seen[0].scored_at > first_scored_at);
    assert!(list(&test, ids[1]).await.is_empty());
}

async fn a_deleted_track_takes_its_matches_along(test: TestStore) {
    let ids = catalogue(&test, 3).await;
    let lease = claim(&test).await.unwrap();
    let found = vec![new(ids[1], 0.5), new(ids[2], 0.25)];
    assert!(jobs::complete_match(&test.store, &lease, N_HEADS, 0, found).await.unwrap());
    assert!(tracks::delete(&test.store, test.owner, ids[1]).await.unwrap());
    assert_eq!(list(&test, ids[0]).await.len(), 1);
    assert!(list(&test, ids[1]).await.is_empty());
    assert!(tracks::delete(&test.store, test.owner, ids[0]).await.unwrap());
    assert!(list(&test, ids[2]).await.is_empty());
}
