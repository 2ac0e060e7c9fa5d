//! `match_profile`, with real descriptors on both databases.

use std::time::{Duration, Instant};

use store::jobs::{self, JobQuery};
use store::profiles::{self, Answer, NewProfile, ProfileMatch, Words};
use store::tracks::{self, TrackPatch};
use store::{JobKind, JobState, TrackId, UserId, Visibility, users};

use crate::world::{World, on_both_databases, tick};

on_both_databases! {
    people_are_matched_by_what_they_list,
    who_is_alone_or_says_nothing_is_matched_with_nobody,
}

const DEADLINE: Duration = Duration::from_mins(5);

async fn person(world: &World, plays: &str, seeks: &str) -> UserId {
    let id = users::create(&world.store, plays).await.unwrap().id;
    let list = |word: &str| (!word.is_empty()).then(|| word.to_owned()).into_iter().collect();
    let words = Words { plays: list(plays), seeks: list(seeks), ..Words::default() };
    let new = NewProfile { discoverable: true, words, ..NewProfile::default() };
    profiles::update(&world.store, id, new).await.unwrap().unwrap();
    id
}

/// Waits until nobody's jobs are left.
async fn idle(world: &World, people: &[UserId]) {
    let deadline = Instant::now() + DEADLINE;
    let mut tick = tick();
    for &user in people {
        loop {
            tick.tick().await;
            let query = JobQuery {
                state: None,
                kind: None,
                track: None,
                run: None,
                after: None,
                limit: 100,
            };
            let jobs = jobs::list(&world.store, user, query).await.unwrap().items;
            assert!(
                jobs.iter().all(|job| !matches!(job.state, JobState::Failed | JobState::Dead)),
                "{jobs:?}"
            );
            if jobs.iter().all(|job| job.state.is_final()) {
                break;
            }
            assert!(Instant::now() < deadline, "still {jobs:?}");
        }
    }
}

async fn offered(world: &World, user: UserId) -> Vec<ProfileMatch> {
    profiles::matches(&world.store, user, None, 0, 100).await.unwrap().items
}

fn part<'a>(found: &'a ProfileMatch, name: &str) -> Option<&'a serde_json::Value> {
    found.view["parts"].as_array().unwrap().iter().find(|part| part["part"] == name)
}

async fn people_are_matched_by_what_they_list(world: World) {
    let running = world.start();
    let drummer = person(&world, "drummer", "bass").await;
    let bassist = person(&world, "bass", "drums").await;
    let shy = person(&world, "bass", "").await;
    let people = [drummer, bassist, shy];
    let mut listed = Vec::<TrackId>::new();
    for (user, visibility) in
        [(drummer, Visibility::Listed), (bassist, Visibility::Listed), (shy, Visibility::Private)]
    {
        listed.push(world.upload_for(user, "good one", visibility).await);
    }
    idle(&world, &people).await;

    for (user, other, own, theirs) in
        [(drummer, bassist, listed[0], listed[1]), (bassist, drummer, listed[1], listed[0])]
    {
        let found = offered(&world, user).await;
        assert_eq!(found[0].profile.user_id, other);
        assert_eq!(found[0].own_track.as_ref().unwrap().id, own);
        assert_eq!(found[0].other_track.as_ref().unwrap().id, theirs);
        // The same recording on both sides.
        assert_eq!(part(&found[0], "recordings").unwrap()["raw"], 1.0);
        assert!(
            found[0].score > 0.5
                && found[0].view["reason"].as_str().unwrap().contains("which you look for")
        );
    }
    // What is private has no part in it: only words compare, and no track is named.
    let found = offered(&world, drummer).await;
    let seen = found.iter().find(|found| found.profile.user_id == shy).unwrap();
    assert_eq!(
        (part(seen, "recordings"), &seen.other_track, &seen.own_track),
        (None, &None, &None)
    );
    assert!(!serde_json::to_string(&seen.view).unwrap().contains(&listed[2].to_string()));

    // Unlisted, the recording stops to count; declined, the person stops to be offered, also to the worker.
    let patch = TrackPatch { visibility: Some(Visibility::Private), ..TrackPatch::default() };
    tracks::update(&world.store, bassist, listed[1], patch).await.unwrap().unwrap();
    profiles::answer(&world.store, drummer, shy, Answer::Decline).await.unwrap();
    idle(&world, &people).await;
    let found = offered(&world, drummer).await;
    assert_eq!(found.len(), 1);
    assert!(part(&found[0], "recordings").is_none() && found[0].other_track.is_none());
    running.stop().await;
}

async fn who_is_alone_or_says_nothing_is_matched_with_nobody(world: World) {
    let running = world.start();
    let alone = person(&world, "drums", "bass").await;
    idle(&world, &[alone]).await;
    assert!(offered(&world, alone).await.is_empty());
    // Neither recordings nor words.
    let silent = person(&world, "", "").await;
    idle(&world, &[alone, silent]).await;
    assert!(offered(&world, alone).await.is_empty() && offered(&world, silent).await.is_empty());
    // Recordings that weigh nothing are none.
    let track = world.upload_for(silent, "good", Visibility::Listed).await;
    let patch = TrackPatch { weight: Some(0.0), ..TrackPatch::default() };
    tracks::update(&world.store, silent, track, patch).await.unwrap().unwrap();
    idle(&world, &[alone, silent]).await;
    let profile = profiles::get(&world.store, silent).await.unwrap().unwrap();
    assert_eq!((profile.n_tracks, offered(&world, silent).await.len()), (0, 0));
    let query = JobQuery {
        state: Some(JobState::Succeeded),
        kind: Some(JobKind::MatchProfile),
        track: None,
        run: None,
        after: None,
        limit: 100,
    };
    assert!(!jobs::list(&world.store, silent, query).await.unwrap().items.is_empty());
    running.stop().await;
}
