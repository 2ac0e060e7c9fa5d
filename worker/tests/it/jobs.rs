//! What becomes of jobs, by the ending of their child.

use std::time::Instant;

use serde_json::json;
use store::jobs;
use store::{JobId, JobState, TrackState, events, matches, reports};
use worker::Program;

use crate::world::{World, on_both_databases};

on_both_databases!(
    a_recording_is_analysed_then_matched,
    an_upload_is_told_from_start_to_finish,
    a_failure_is_told_from_start_to_finish,
    a_fault_of_the_recording_fails_at_once_and_the_next_job_runs,
    an_unexplained_death_is_tried_three_times_and_then_dead,
    what_is_not_the_recordings_fault_is_tried_again_and_is_no_crash,
    cancelling_kills_the_child_and_frees_the_slot,
    a_live_job_longer_than_its_lease_is_not_given_away,
    a_graceful_stop_gives_jobs_back_without_an_attempt,
    work_that_was_queued_before_the_start_is_all_done_once,
);

async fn a_recording_is_analysed_then_matched(world: World) {
    let running = world.start();
    let (first, job) = world.upload("good 1").await;
    let job = world.ended(job.id).await;
    assert_eq!((job.state, job.attempts, job.progress), (JobState::Succeeded, 1, 1.0));
    assert_eq!(world.track(first.id).await.state, TrackState::Analyzed);
    assert_eq!(world.matched(first.id).await.state, JobState::Succeeded);

    let (second, job) = world.upload("good 2").await;
    world.ended(job.id).await;
    assert_eq!(world.matched(second.id).await.state, JobState::Succeeded);
    running.stop().await;

    let report = reports::get(&world.store, world.owner, first.id).await.unwrap().unwrap();
    let written = std::fs::read_to_string(fixtures::path("formats/report/v1.json")).unwrap();
    let (stored, written) =
        (report::Report::from_json(&report.json), report::Report::from_json(&written));
    assert_eq!(stored.unwrap(), written.unwrap());
    for purpose in ["mix", "alike", "mood"] {
        for (track, other) in [(first.id, second.id), (second.id, first.id)] {
            let list = matches::list(&world.store, world.owner, track, purpose, 10).await.unwrap();
            let [found] = list.as_slice() else { panic!("one match: {list:?}") };
            assert_eq!((found.track_id, found.score), (other, 1.0), "equal descriptors");
            assert!(!found.reason.is_empty() && found.parts.as_array().is_some());
        }
    }
}

/// Kind, job and step of each event.
async fn told(world: &World) -> Vec<(String, Option<JobId>, Option<String>)> {
    let events = events::after(&world.store, world.owner, 0, 1000).await.unwrap();
    let step = |event: &events::Event| event.data["step"].as_str().map(str::to_owned);
    events.into_iter().map(|event| (event.kind.clone(), event.job_id, step(&event))).collect()
}

fn event(kind: &str, job: JobId, step: Option<&str>) -> (String, Option<JobId>, Option<String>) {
    (kind.to_owned(), Some(job), step.map(str::to_owned))
}

async fn an_upload_is_told_from_start_to_finish(world: World) {
    let running = world.start();
    let (track, analysis) = world.upload("good").await;
    let analysis = world.ended(analysis.id).await.id;
    let matching = world.matched(track.id).await.id;
    running.stop().await;
    let expected = [
        event("track.uploaded", analysis, None),
        event("job.started", analysis, None),
        event("job.step", analysis, Some("analysis")),
        event("job.step", analysis, Some("write")),
        event("track.analyzed", analysis, None),
        event("job.started", matching, None),
        event("track.matched", matching, None),
    ];
    assert_eq!(told(&world).await, expected);
    let events = events::after(&world.store, world.owner, 0, 1000).await.unwrap();
    assert!(events.iter().all(|event| event.track_id == Some(track.id)), "{events:?}");
    assert_eq!(events[5].data, json!({ "kind": "match_track", "attempt": 1 }));
}

async fn a_failure_is_told_from_start_to_finish(world: World) {
    let running = world.start();
    let (_, job) = world.upload("bad").await;
    let job = world.ended(job.id).await.id;
    running.stop().await;
    let expected = [
        event("track.uploaded", job, None),
        event("job.started", job, None),
        event("job.step", job, Some("analysis")),
        event("track.failed", job, None),
    ];
    assert_eq!(told(&world).await, expected);
}

async fn a_fault_of_the_recording_fails_at_once_and_the_next_job_runs(world: World) {
    let running = world.start();
    let check = async |words: &str, code: &str, detail: &str| {
        let (track, job) = world.upload(words).await;
        let job = world.ended(job.id).await;
        assert_eq!((job.state, job.attempts, job.crashes), (JobState::Failed, 1, 0), "{words}");
        let track = world.track(track.id).await;
        assert_eq!(track.state, TrackState::Failed);
        assert_eq!(track.error_code.as_deref(), Some(code));
        assert!(track.error_detail.is_some_and(|text| text.contains(detail)), "{words}");
    };
    check("bad", "bad_media", "torn").await;
    check("big", "resource_limit", "memory").await;
    let (_, job) = world.upload("good").await;
    assert_eq!(world.ended(job.id).await.state, JobState::Succeeded);
    running.stop().await;
}

async fn an_unexplained_death_is_tried_three_times_and_then_dead(world: World) {
    let running = world.start();
    let (track, job) = world.upload("crash").await;
    let job = world.ended(job.id).await;
    assert_eq!((job.state, job.attempts, job.crashes), (JobState::Dead, 3, 3));
    assert_eq!(job.error_code.as_deref(), Some("crashed"));
    assert!(job.error_detail.is_some_and(|text| text.contains("signal 11")));
    assert_eq!(world.track(track.id).await.state, TrackState::Failed);
    running.stop().await;
}

async fn what_is_not_the_recordings_fault_is_tried_again_and_is_no_crash(mut world: World) {
    let running = world.start();
    let (_, job) = world.upload("shy").await;
    let job = world.ended(job.id).await;
    assert_eq!((job.state, job.retries, job.crashes), (JobState::Dead, 4, 0));
    assert_eq!(job.error_code.as_deref(), Some("io"));
    running.stop().await;

    world.config.child.program = Program { path: "/nonexistent".into(), arguments: vec![] };
    let running = world.start();
    let (_, job) = world.upload("good").await;
    let job = world.ended(job.id).await;
    assert_eq!((job.state, job.retries, job.crashes), (JobState::Dead, 4, 0));
    running.stop().await;
}

async fn cancelling_kills_the_child_and_frees_the_slot(world: World) {
    let running = world.start();
    let (_, job) = world.upload("hang").await;
    // The renewal brings the child's progress.
    world.job_when(job.id, |job| job.progress > 0.0).await;
    jobs::cancel(&world.store, world.owner, job.id).await.unwrap().unwrap();
    let job = world.ended(job.id).await;
    assert_eq!((job.state, job.attempts), (JobState::Cancelled, 1));
    let (_, job) = world.upload("good").await;
    assert_eq!(world.ended(job.id).await.state, JobState::Succeeded);
    running.stop().await;
}

async fn a_live_job_longer_than_its_lease_is_not_given_away(world: World) {
    let (first, second) = (world.start(), world.start());
    let (_, job) = world.upload("hang").await;
    world.job_when(job.id, |job| job.progress > 0.0).await;
    let lease = std::time::Duration::from_secs(world.store.queue().lease_s);
    let start = Instant::now();
    let job = world.job_when(job.id, |_| start.elapsed() > 3 * lease).await;
    assert_eq!((job.state, job.attempts, job.lost), (JobState::Running, 1, 0));
    jobs::cancel(&world.store, world.owner, job.id).await.unwrap();
    world.ended(job.id).await;
    first.stop().await;
    second.stop().await;
}

async fn a_graceful_stop_gives_jobs_back_without_an_attempt(world: World) {
    let running = world.start();
    let (_, hangs) = world.upload("hang").await;
    world.job_when(hangs.id, |job| job.progress > 0.0).await;
    running.stop().await;
    let job = world.job(hangs.id).await;
    assert_eq!((job.state, job.attempts, job.lost), (JobState::Queued, 0, 0));

    let running = world.start();
    world.job_when(hangs.id, |job| job.state == JobState::Running).await;
    jobs::cancel(&world.store, world.owner, hangs.id).await.unwrap();
    assert_eq!(world.ended(hangs.id).await.state, JobState::Cancelled);
    running.stop().await;
}

async fn work_that_was_queued_before_the_start_is_all_done_once(world: World) {
    let mut queued = Vec::new();
    for n in 0..12 {
        queued.push(world.upload(&format!("good {n}")).await);
    }
    let (first, second) = (world.start(), world.start());
    for (track, job) in &queued {
        let job = world.ended(job.id).await;
        assert_eq!((job.state, job.attempts), (JobState::Succeeded, 1));
        assert_eq!(world.matched(track.id).await.state, JobState::Succeeded);
    }
    first.stop().await;
    second.stop().await;
    let list = matches::list(&world.store, world.owner, queued[0].0.id, "alike", 50).await.unwrap();
    assert_eq!(list.len(), 11, "everything matches everything");
}
