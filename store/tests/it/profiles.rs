//! People: profiles, their matches, answers and connections.

use std::time::Duration;

use serde_json::json;
use store::jobs;
use store::profiles::{
    self, Answer, NewProfile, NewProfileMatch, Place, ProfileMatch, ProfileScored, Rule, Slots,
    StoredTaste, Words, complete_profile_match,
};
use store::testing::TestStore;
use store::tracks::{self, NewTrack, TrackPatch};
use store::{Error, JobKind, Lease, TrackId, UserId, Visibility, users};

use crate::jobs::{analyzed, happened};

on_both_databases! {
    every_user_has_a_profile,
    a_profile_is_replaced_as_a_whole,
    changes_queue_one_job_and_one_more_while_it_runs,
    only_listed_tracks_count,
    who_is_matched_beside_a_change_is_matched_again,
    a_match_of_people_is_seen_from_both_sides,
    the_same_result_again_writes_nothing,
    heads_are_the_best_of_each_profile,
    who_declined_or_withdrew_is_no_candidate,
    who_withdraws_is_told_that_the_matching_is_over,
    two_yeses_at_once_make_one_connection,
    later_comes_back,
    the_last_track_leaves_nothing_behind,
    a_user_who_goes_leaves_nothing_behind,
}

const N_HEADS: u32 = 3;

async fn person(test: &TestStore) -> UserId {
    let id = users::create(&test.store, "somebody").await.unwrap().id;
    discoverable(test, id).await;
    id
}

async fn discoverable(test: &TestStore, id: UserId) {
    let new = NewProfile { discoverable: true, ..NewProfile::default() };
    profiles::update(&test.store, id, new).await.unwrap().unwrap();
}

/// Claims until the matching of a profile comes.
async fn claim(test: &TestStore, user: UserId) -> Lease {
    loop {
        let lease = jobs::claim(&test.store, "w").await.unwrap().unwrap();
        if lease.job.kind == JobKind::MatchProfile && lease.job.owner_id == user {
            return lease;
        }
    }
}

async fn n_queued(test: &TestStore, user: UserId) -> usize {
    let query = jobs::JobQuery {
        state: Some(store::JobState::Queued),
        kind: Some(JobKind::MatchProfile),
        track: None,
        run: None,
        after: None,
        limit: 100,
    };
    jobs::list(&test.store, user, query).await.unwrap().items.len()
}

/// Uploads a track of a user and analyses it.
async fn track(
    test: &TestStore,
    owner_id: UserId,
    bytes: &[u8],
    visibility: Visibility,
) -> TrackId {
    let new = NewTrack { owner_id, visibility, ..test.new_track(bytes).await };
    let id = tracks::create(&test.store, new).await.unwrap().track.id;
    loop {
        let lease = jobs::claim(&test.store, "w").await.unwrap().unwrap();
        if lease.job.track_id == Some(id) {
            assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
            return id;
        }
    }
}

fn found(other_id: UserId, score: f64) -> NewProfileMatch {
    NewProfileMatch {
        other_id,
        score,
        view: json!({ "reason": "own" }),
        other_view: json!({ "reason": "other" }),
        closest: None,
        descriptor_version: 1,
        weights_version: 2,
    }
}

async fn complete(test: &TestStore, lease: &Lease, matches: Vec<NewProfileMatch>) {
    let user = lease.job.owner_id;
    let revision = profiles::get(&test.store, user).await.unwrap().unwrap().revision;
    let taste = StoredTaste::default();
    let scored = ProfileScored { revision, epoch: i64::MAX, taste, n_heads: N_HEADS, matches };
    assert!(complete_profile_match(&test.store, lease, scored).await.unwrap());
}

async fn list(test: &TestStore, user: UserId) -> Vec<ProfileMatch> {
    profiles::matches(&test.store, user, None, 0, 100).await.unwrap().items
}

async fn kinds(test: &TestStore, user: UserId) -> Vec<String> {
    let events = happened(test, user).await;
    events.into_iter().map(|event| event.kind).collect()
}

async fn every_user_has_a_profile(test: TestStore) {
    let id = users::create(&test.store, "new").await.unwrap().id;
    for user in [test.owner, id] {
        let profile = profiles::get(&test.store, user).await.unwrap().unwrap();
        assert_eq!((profile.version, profile.discoverable, profile.n_tracks), (1, false, 0));
        assert_eq!((profile.words, profile.place, profile.slots), (Words::default(), None, None));
    }
    assert!(profiles::get(&test.store, UserId::from_u128(1)).await.unwrap().is_none());
    assert!(profiles::visible(&test.store, id, test.owner).await.unwrap().is_none());
    assert!(profiles::visible(&test.store, id, id).await.unwrap().is_some());
}

async fn a_profile_is_replaced_as_a_whole(test: TestStore) {
    let words = Words {
        plays: vec!["drums".into()],
        seeks: vec!["bass".into()],
        genres: vec!["dub".into(), "jazz".into()],
        influences: vec!["max roach".into()],
        dislikes: vec!["polka".into()],
    };
    let new = NewProfile {
        name: Some("A\0na".into()),
        discoverable: true,
        words: words.clone(),
        place: Some(Place {
            latitude_deg: 52.5,
            longitude_deg: 13.4,
            radius_km: 50.0,
            rule: Rule::Hard,
        }),
        slots: Some(Slots { bits: 1 << 20 | 1, rule: Rule::Soft }),
        expected_version: Some(1),
    };
    let changed = profiles::update(&test.store, test.owner, new.clone()).await.unwrap().unwrap();
    assert_eq!(profiles::get(&test.store, test.owner).await.unwrap().unwrap(), changed);
    assert_eq!((changed.name.as_deref(), changed.version), (Some("Ana"), 2));
    assert_eq!((&changed.words, changed.place, changed.slots), (&words, new.place, new.slots));
    let error = profiles::update(&test.store, test.owner, new).await.unwrap_err();
    assert!(matches!(error, Error::VersionConflict { expected: 1, actual: 2 }));
    let stranger = person(&test).await;
    let seen = profiles::visible(&test.store, stranger, test.owner).await.unwrap().unwrap();
    assert_eq!(seen.words, Words { dislikes: Vec::new(), ..words });
    let empty = NewProfile::default();
    let emptied = profiles::update(&test.store, test.owner, empty).await.unwrap().unwrap();
    assert_eq!((emptied.name, emptied.words, emptied.place), (None, Words::default(), None));
    assert_eq!(kinds(&test, test.owner).await, ["profile.updated", "profile.updated"]);
}

async fn changes_queue_one_job_and_one_more_while_it_runs(test: TestStore) {
    let user = person(&test).await;
    for _ in 0..3 {
        discoverable(&test, user).await;
    }
    assert_eq!(n_queued(&test, user).await, 1);
    let lease = claim(&test, user).await;
    let revision = profiles::get(&test.store, user).await.unwrap().unwrap().revision;
    discoverable(&test, user).await;
    assert_eq!(n_queued(&test, user).await, 0);
    let scored = ProfileScored {
        revision,
        epoch: i64::MAX,
        taste: StoredTaste::default(),
        n_heads: N_HEADS,
        matches: Vec::new(),
    };
    assert!(complete_profile_match(&test.store, &lease, scored.clone()).await.unwrap());
    assert_eq!(n_queued(&test, user).await, 1);
    // The lease is gone: nothing is written.
    assert!(!complete_profile_match(&test.store, &lease, scored).await.unwrap());
    let lease = claim(&test, user).await;
    complete(&test, &lease, Vec::new()).await;
    assert_eq!(n_queued(&test, user).await, 0);
}

async fn only_listed_tracks_count(test: TestStore) {
    let user = person(&test).await;
    let done = async |test: &TestStore| {
        let lease = claim(test, user).await;
        complete(test, &lease, Vec::new()).await;
        assert_eq!(n_queued(test, user).await, 0);
    };
    done(&test).await;
    let private = track(&test, user, b"private", Visibility::Private).await;
    assert_eq!(n_queued(&test, user).await, 0);
    let listed = track(&test, user, b"listed", Visibility::Listed).await;
    done(&test).await;
    let ids = async || {
        let tracks = profiles::listed_tracks(&test.store, user, 1).await.unwrap();
        tracks.into_iter().map(|track| track.track_id).collect::<Vec<_>>()
    };
    assert_eq!(ids().await, [listed]);
    // Words, weight and visibility of a listed track are the profile's; those of a private one are not.
    let update = async |id, patch| {
        tracks::update(&test.store, user, id, patch).await.unwrap().unwrap();
    };
    let tags = |word: &str| TrackPatch { tags: Some(vec![word.into()]), ..TrackPatch::default() };
    update(private, tags("x")).await;
    update(listed, TrackPatch { title: Some(Some("T".into())), ..TrackPatch::default() }).await;
    assert_eq!(n_queued(&test, user).await, 0);
    update(listed, tags("x")).await;
    done(&test).await;
    update(listed, TrackPatch { weight: Some(0.0), ..TrackPatch::default() }).await;
    done(&test).await;
    assert!(ids().await.is_empty());
    update(private, TrackPatch { visibility: Some(Visibility::Listed), ..TrackPatch::default() })
        .await;
    done(&test).await;
    assert_eq!(ids().await, [private]);
    assert!(tracks::delete(&test.store, user, private).await.unwrap());
    done(&test).await;
}

async fn who_is_matched_beside_a_change_is_matched_again(test: TestStore) {
    let (a, b) = (person(&test).await, person(&test).await);
    let scored = async |user| ProfileScored {
        revision: profiles::get(&test.store, user).await.unwrap().unwrap().revision,
        epoch: profiles::epoch(&test.store).await.unwrap(),
        taste: StoredTaste::default(),
        n_heads: N_HEADS,
        matches: Vec::new(),
    };
    // Both are read before either is written.
    let (lease_a, lease_b) = (claim(&test, a).await, claim(&test, b).await);
    let (of_a, of_b) = (scored(a).await, scored(b).await);
    assert!(complete_profile_match(&test.store, &lease_a, of_a).await.unwrap());
    assert!(complete_profile_match(&test.store, &lease_b, of_b).await.unwrap());
    assert_eq!((n_queued(&test, a).await, n_queued(&test, b).await), (0, 1));
    // Who has not changed makes nobody else go again.
    discoverable(&test, a).await;
    let (lease_b, lease_a) = (claim(&test, b).await, claim(&test, a).await);
    let (of_b, of_a) = (scored(b).await, scored(a).await);
    assert!(complete_profile_match(&test.store, &lease_b, of_b).await.unwrap());
    assert!(complete_profile_match(&test.store, &lease_a, of_a).await.unwrap());
    assert_eq!((n_queued(&test, a).await, n_queued(&test, b).await), (0, 0));
}

async fn a_match_of_people_is_seen_from_both_sides(test: TestStore) {
    let (a, b) = (person(&test).await, person(&test).await);
    let own = track(&test, a, b"a", Visibility::Listed).await;
    let other = track(&test, b, b"b", Visibility::Listed).await;
    // Whoever of the two is matched, the record is the same way round.
    for (user, with, closest) in [(a, b, (own, other)), (b, a, (other, own))] {
        let lease = match n_queued(&test, user).await {
            0 => {
                discoverable(&test, user).await;
                claim(&test, user).await
            }
            _ => claim(&test, user).await,
        };
        complete(
            &test,
            &lease,
            vec![NewProfileMatch { closest: Some(closest), ..found(with, 0.75) }],
        )
        .await;
        for (reader, read, mine, theirs) in
            [(user, "own", closest.0, closest.1), (with, "other", closest.1, closest.0)]
        {
            let seen = list(&test, reader).await;
            assert_eq!(seen.len(), 1);
            assert_eq!((seen[0].score, &seen[0].view["reason"]), (0.75, &json!(read)));
            assert_eq!(seen[0].own_track.as_ref().map(|track| track.id), Some(mine));
            assert_eq!(seen[0].other_track.as_ref().map(|track| track.id), Some(theirs));
        }
    }
}

async fn the_same_result_again_writes_nothing(test: TestStore) {
    let (a, b) = (person(&test).await, person(&test).await);
    let lease = claim(&test, a).await;
    complete(&test, &lease, vec![found(b, 0.75)]).await;
    let before = list(&test, a).await;
    test.advance(Duration::from_mins(1));
    let rescored = async |score| {
        discoverable(&test, a).await;
        let lease = claim(&test, a).await;
        complete(&test, &lease, vec![found(b, score)]).await;
        list(&test, a).await
    };
    assert_eq!(rescored(0.75).await, before);
    let after = rescored(0.5).await;
    assert_eq!((after[0].score, after[0].version), (0.5, before[0].version + 1));
    assert_eq!(after[0].first_scored_at, before[0].first_scored_at);
    assert_eq!(after[0].scored_at, test.store.now());
    assert_eq!(list(&test, b).await[0].score.to_bits(), 0.5_f64.to_bits());
}

/// A symmetric score that is different for each pair.
fn score(a: usize, b: usize) -> f64 {
    let (a, b) = (a.min(b), a.max(b));
    f64::from(u32::try_from((a * 37 + b * 101) % 89).unwrap()) / 89.0
}

async fn heads_are_the_best_of_each_profile(test: TestStore) {
    let n = 8;
    let mut people = Vec::new();
    for _ in 0..n {
        people.push(person(&test).await);
    }
    for a in 0..n {
        let lease = claim(&test, people[a]).await;
        let floors = profiles::floors(&test.store, N_HEADS).await.unwrap();
        let mut others: Vec<usize> = (0..n).filter(|b| *b != a).collect();
        others.sort_by(|x, y| score(a, *y).total_cmp(&score(a, *x)));
        let takes = |b: usize| {
            let floor = floors.iter().find(|floor| floor.user_id == people[b]);
            floor.is_none_or(|floor| score(a, b) >= floor.score)
        };
        let matches = others
            .iter()
            .enumerate()
            .filter(|(rank, b)| *rank < 3 || takes(**b))
            .map(|(_, b)| found(people[*b], score(a, *b)))
            .collect();
        complete(&test, &lease, matches).await;
    }
    for a in 0..n {
        let mut best: Vec<usize> = (0..n).filter(|b| *b != a).collect();
        best.sort_by(|x, y| score(a, *y).total_cmp(&score(a, *x)));
        best.truncate(3);
        let seen: Vec<usize> = list(&test, people[a])
            .await
            .iter()
            .map(|seen| people.iter().position(|id| *id == seen.profile.user_id).unwrap())
            .collect();
        assert_eq!(seen, best, "person {a}");
    }
}

async fn who_declined_or_withdrew_is_no_candidate(test: TestStore) {
    let (a, b, c) = (person(&test).await, person(&test).await, person(&test).await);
    let candidates = async |user| {
        let found = profiles::candidates(&test.store, user, None, 10).await.unwrap();
        found.into_iter().map(|found| found.profile.user_id).collect::<Vec<_>>()
    };
    assert_eq!(candidates(a).await, [b, c]);
    let lease = claim(&test, a).await;
    complete(&test, &lease, vec![found(b, 0.75), found(c, 0.5)]).await;
    assert_eq!(profiles::answer(&test.store, b, a, Answer::Decline).await.unwrap(), Some(false));
    assert_eq!((candidates(a).await, candidates(b).await), (vec![c], vec![c]));
    assert_eq!(list(&test, a).await.len(), 1);
    assert!(list(&test, b).await.is_empty());
    // A result that was computed before the no does not bring the two together again.
    discoverable(&test, a).await;
    let lease = claim(&test, a).await;
    complete(&test, &lease, vec![found(b, 0.75), found(c, 0.5)]).await;
    assert_eq!((list(&test, a).await.len(), list(&test, b).await.len()), (1, 0));
    profiles::update(&test.store, c, NewProfile::default()).await.unwrap();
    assert!(candidates(a).await.is_empty() && list(&test, a).await.is_empty());
}

async fn who_withdraws_is_told_that_the_matching_is_over(test: TestStore) {
    let user = person(&test).await;
    let lease = claim(&test, user).await;
    profiles::update(&test.store, user, NewProfile::default()).await.unwrap();
    complete(&test, &lease, Vec::new()).await;
    let last = happened(&test, user).await.pop().unwrap();
    assert_eq!((last.kind.as_str(), last.job_id), ("job.succeeded", Some(lease.job.id)));
    assert_eq!(last.data, json!({ "kind": "match_profile" }));
}

async fn two_yeses_at_once_make_one_connection(test: TestStore) {
    let (a, b) = (person(&test).await, person(&test).await);
    let say = |user, other| {
        let store = test.store.clone();
        tokio::spawn(async move { profiles::answer(&store, user, other, Answer::Accept).await })
    };
    let (one, other) = (say(a, b), say(b, a));
    let answers = [one.await.unwrap().unwrap(), other.await.unwrap().unwrap()];
    assert_eq!(answers.iter().filter(|connected| **connected == Some(true)).count(), 1);
    for (user, other) in [(a, b), (b, a)] {
        let kinds = kinds(&test, user).await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "connection.made").count(), 1);
        let page = profiles::connections(&test.store, user, None, 10).await.unwrap();
        assert_eq!((page.items.len(), page.items[0].profile.user_id), (1, other));
    }
    profiles::answer(&test.store, a, b, Answer::Decline).await.unwrap();
    assert!(profiles::connections(&test.store, b, None, 10).await.unwrap().items.is_empty());
    assert_eq!(kinds(&test, b).await.last().unwrap(), "connection.ended");
}

async fn later_comes_back(test: TestStore) {
    let (a, b) = (person(&test).await, person(&test).await);
    let lease = claim(&test, a).await;
    complete(&test, &lease, vec![found(b, 0.75)]).await;
    profiles::answer(&test.store, a, b, Answer::Later).await.unwrap();
    let day_us = 86_400_000_000;
    let offered =
        async || profiles::matches(&test.store, a, None, day_us, 10).await.unwrap().items.len();
    assert_eq!(offered().await, 0);
    test.advance(Duration::from_hours(23));
    assert_eq!(offered().await, 0);
    test.advance(Duration::from_hours(1));
    assert_eq!(offered().await, 1);
}

async fn the_last_track_leaves_nothing_behind(test: TestStore) {
    let (a, b) = (person(&test).await, person(&test).await);
    let own = track(&test, a, b"a", Visibility::Listed).await;
    let other = track(&test, b, b"b", Visibility::Listed).await;
    let lease = claim(&test, a).await;
    let taste = StoredTaste {
        medoids: vec![(own, 1.0), (other, 1.0), (TrackId::from_u128(9), 1.0)],
        heard: vec![("dub".into(), 1.0)],
        n_tracks: 1,
        size: 1.0,
        mood: None,
    };
    let revision = profiles::get(&test.store, a).await.unwrap().unwrap().revision;
    let matches = vec![NewProfileMatch { closest: Some((own, other)), ..found(b, 0.75) }];
    let scored = ProfileScored { revision, epoch: i64::MAX, taste, n_heads: N_HEADS, matches };
    assert!(complete_profile_match(&test.store, &lease, scored).await.unwrap());
    // A track of somebody else, or that is gone, stands for nothing.
    let medoids = async || profiles::medoids(&test.store, a, a, 1).await.unwrap();
    assert_eq!(medoids().await.iter().map(|medoid| medoid.track_id).collect::<Vec<_>>(), [own]);
    assert!(tracks::delete(&test.store, a, own).await.unwrap());
    assert!(medoids().await.is_empty());
    assert_eq!(list(&test, b).await[0].other_track, None);
    let lease = claim(&test, a).await;
    complete(&test, &lease, Vec::new()).await;
    let heard = profiles::candidates(&test.store, b, None, 10).await.unwrap();
    assert!(heard[0].heard.is_empty() && heard[0].profile.n_tracks == 0);
    assert!(list(&test, a).await.is_empty() && list(&test, b).await.is_empty());
}

async fn a_user_who_goes_leaves_nothing_behind(test: TestStore) {
    let (a, b) = (person(&test).await, person(&test).await);
    track(&test, a, b"a", Visibility::Listed).await;
    let lease = claim(&test, a).await;
    complete(&test, &lease, vec![found(b, 0.75)]).await;
    profiles::answer(&test.store, a, b, Answer::Accept).await.unwrap();
    profiles::answer(&test.store, b, a, Answer::Accept).await.unwrap();
    assert!(users::delete(&test.store, a).await.unwrap());
    assert!(!users::delete(&test.store, a).await.unwrap());
    assert!(profiles::get(&test.store, a).await.unwrap().is_none());
    assert!(list(&test, b).await.is_empty());
    assert!(profiles::connections(&test.store, b, None, 10).await.unwrap().items.is_empty());
    assert!(profiles::candidates(&test.store, b, None, 10).await.unwrap().is_empty());
    let all = tracks::ListQuery { after: None, limit: 10, state: None };
    assert!(tracks::list(&test.store, a, all).await.unwrap().items.is_empty());
    // The operator stays.
    assert!(!users::delete(&test.store, test.owner).await.unwrap());
}
