//! Which tracks have the same sound, and which may.

use store::duplicates::{self, Candidate};
use store::jobs::{self, Analyzed};
use store::testing::TestStore;
use store::{Sha256, TrackId, UserId, tracks};

use crate::jobs::{analyzed, claim};

on_both_databases! {
    the_same_sound_is_found_for_its_owner_only,
    those_that_share_most_keys_come_first,
    keys_go_with_their_track,
    only_so_many_keys_are_looked_up,
    a_key_is_kept_once,
    tracks_are_named_for_their_owner_only,
}

/// Uploads a track and finishes its analysis.
async fn add(test: &TestStore, bytes: &[u8], sound: Option<&[u8]>, keys: &[u32]) -> TrackId {
    let id = test.upload(bytes).await.track.id;
    let analyzed = Analyzed {
        pcm_hash: sound.map(|sound| *Sha256::of(sound).as_bytes()),
        fingerprint_keys: keys.to_vec(),
        ..analyzed()
    };
    let lease = loop {
        let lease = claim(test).await.unwrap();
        if lease.job.track_id == Some(id) {
            break lease;
        }
    };
    assert!(jobs::complete_analysis(&test.store, &lease, analyzed).await.unwrap());
    id
}

async fn same_audio(test: &TestStore, owner: UserId, id: TrackId, version: u32) -> Vec<TrackId> {
    let found = duplicates::same_audio(&test.store, owner, id, version, 2).await.unwrap();
    found.into_iter().map(|track| track.id).collect()
}

async fn candidates(test: &TestStore, id: TrackId) -> Vec<(TrackId, usize)> {
    let found = duplicates::candidates(&test.store, test.owner, id, 1, 2, 3).await.unwrap();
    found.into_iter().map(|Candidate { track_id, n_shared }| (track_id, n_shared)).collect()
}

async fn the_same_sound_is_found_for_its_owner_only(test: TestStore) {
    let mut ids = Vec::new();
    for bytes in [b"a", b"b", b"c", b"d"] {
        ids.push(add(&test, bytes, Some(b"sound"), &[]).await);
    }
    let other = add(&test, b"e", Some(b"another sound"), &[]).await;
    let unknown = [add(&test, b"f", None, &[]).await, add(&test, b"g", None, &[]).await];
    assert_eq!(same_audio(&test, test.owner, ids[0], 1).await, ids[1..3]);
    assert_eq!(same_audio(&test, test.owner, ids[3], 1).await, ids[..2]);
    for id in [other, unknown[0], unknown[1]] {
        assert!(same_audio(&test, test.owner, id, 1).await.is_empty());
    }
    assert!(same_audio(&test, UserId::from_u128(1), ids[0], 1).await.is_empty());
    assert!(same_audio(&test, test.owner, ids[0], 2).await.is_empty());
}

async fn those_that_share_most_keys_come_first(test: TestStore) {
    let first = add(&test, b"a", None, &[1, 2, 3, 4, u32::MAX]).await;
    let two = add(&test, b"b", None, &[1, 2, 8, 9]).await;
    let one = add(&test, b"c", None, &[4, 10]).await;
    let three = add(&test, b"d", None, &[2, 3, u32::MAX]).await;
    let again = add(&test, b"e", None, &[3, 4, 5]).await;
    let last = add(&test, b"f", None, &[3, 4, 6]).await;
    assert_eq!(candidates(&test, first).await, [(three, 3), (two, 2), (again, 2)]);
    assert_eq!(candidates(&test, last).await, [(first, 2), (again, 2)]);
    assert!(candidates(&test, one).await.is_empty());
    let foreign =
        duplicates::candidates(&test.store, UserId::from_u128(1), first, 1, 1, 9).await.unwrap();
    assert!(foreign.is_empty());
    let newer = duplicates::candidates(&test.store, test.owner, first, 2, 1, 9).await.unwrap();
    assert!(newer.is_empty());
}

async fn keys_go_with_their_track(test: TestStore) {
    let one = add(&test, b"a", Some(b"sound"), &[1, 2]).await;
    let two = add(&test, b"b", Some(b"sound"), &[1, 2]).await;
    let seen = duplicates::other_track(&test.store, test.owner, two).await.unwrap().unwrap();
    assert_eq!(seen.id, two);
    assert_eq!(candidates(&test, one).await, [(two, 2)]);
    assert!(tracks::delete(&test.store, test.owner, two).await.unwrap());
    assert!(candidates(&test, one).await.is_empty());
    assert!(same_audio(&test, test.owner, one, 1).await.is_empty());
    assert_eq!(duplicates::other_track(&test.store, test.owner, two).await.unwrap(), None);
}

async fn only_so_many_keys_are_looked_up(test: TestStore) {
    // More keys than are looked up: the smallest ones are.
    let keys: Vec<u32> = (0..100).collect();
    let one = add(&test, b"a", None, &keys).await;
    let two = add(&test, b"b", None, &keys).await;
    let late = add(&test, b"c", None, &keys[64..]).await;
    assert_eq!(candidates(&test, one).await, [(two, 64)]);
    assert_eq!(candidates(&test, late).await, [(one, 36), (two, 36)]);
}

async fn a_key_is_kept_once(test: TestStore) {
    let one = add(&test, b"a", None, &[1, 2, 3]).await;
    // Each key once, whatever is given.
    let two = add(&test, b"b", None, &[1, 2, 2, 1]).await;
    assert_eq!(candidates(&test, one).await, [(two, 2)]);
}

async fn tracks_are_named_for_their_owner_only(test: TestStore) {
    let ids = [add(&test, b"a", None, &[]).await, add(&test, b"b", None, &[]).await];
    let nobody = TrackId::from_u128(1);
    let asked = [ids[1], nobody, ids[0]];
    let found = duplicates::other_tracks(&test.store, test.owner, &asked).await.unwrap();
    let mut found: Vec<TrackId> = found.into_iter().map(|track| track.id).collect();
    found.sort_unstable();
    assert_eq!(found, ids);
    for (owner, asked) in [(UserId::from_u128(1), &asked[..]), (test.owner, &[])] {
        let found = duplicates::other_tracks(&test.store, owner, asked).await.unwrap();
        assert_eq!(found, []);
    }
}
