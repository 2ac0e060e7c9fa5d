//! Tracks and their blobs.

use store::testing::TestStore;
use store::tracks::{self, ListQuery, NewTrack, TrackPatch};
use store::{Error, JobKind, JobState, TrackId, TrackState, UserId, events, jobs};

on_both_databases! {
    an_upload_makes_track_event_and_job,
    the_same_bytes_are_the_same_track,
    a_hundred_uploads_of_the_same_bytes_are_one_track,
    lists_newest_first_page_by_page,
    changes_what_it_is_told_to,
    refuses_a_change_of_another_version,
    other_owners_see_nothing,
    several_are_read_for_their_owner_only,
    a_deleted_track_leaves_nothing_behind,
    text_keeps_everything_but_nul,
    an_upload_after_a_cancelled_analysis_tries_again,
    a_delete_beside_an_upload_of_the_same_bytes_loses_nothing,
    a_request_that_goes_away_leaves_no_open_transaction,
}

const ALL: ListQuery = ListQuery { after: None, limit: 100, state: None };

async fn an_upload_makes_track_event_and_job(test: TestStore) {
    let new = NewTrack {
        title: Some("Air".into()),
        tags: vec!["b".into(), "a".into(), "b".into()],
        trace_id: Some("trace".into()),
        ..test.new_track(b"one").await
    };
    let created = tracks::create(&test.store, new).await.unwrap();
    assert!(!created.existed);
    let track = tracks::get(&test.store, test.owner, created.track.id).await.unwrap().unwrap();
    assert_eq!(track, created.track);
    assert_eq!((track.state, track.n_bytes, track.version), (TrackState::Queued, 3, 1));
    assert_eq!(track.tags, ["a", "b"]);
    assert_eq!((track.created_at, track.updated_at), (test.store.now(), test.store.now()));
    assert!(test.store.blobs().exists(&track.blob_sha256).await.unwrap());

    let job = created.job.unwrap();
    assert_eq!(jobs::get(&test.store, test.owner, job.id).await.unwrap().unwrap(), job);
    assert_eq!((job.kind, job.state), (JobKind::AnalyzeTrack, JobState::Queued));
    assert_eq!((job.track_id, job.trace_id.as_deref()), (Some(track.id), Some("trace")));

    let events = events::after(&test.store, test.owner, 0, 10).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, "track.uploaded");
    assert_eq!((events[0].track_id, events[0].job_id), (Some(track.id), Some(job.id)));
}

async fn the_same_bytes_are_the_same_track(test: TestStore) {
    let first = test.upload(b"one").await;
    let again = test.upload(b"one").await;
    assert!(again.existed);
    assert_eq!(again.track.id, first.track.id);
    assert_eq!(again.job.map(|job| job.id), first.job.map(|job| job.id));
    assert_eq!(events::last_seq(&test.store, test.owner).await.unwrap(), 1);
    assert_ne!(test.upload(b"two").await.track.id, first.track.id);
}

async fn a_hundred_uploads_of_the_same_bytes_are_one_track(test: TestStore) {
    let mut tasks = Vec::new();
    for _ in 0..100 {
        let (store, new) = (test.store.clone(), test.new_track(b"one").await);
        tasks.push(tokio::spawn(async move { tracks::create(&store, new).await.unwrap() }));
    }
    let mut n_new = 0;
    let mut ids = Vec::new();
    for task in tasks {
        let created = task.await.unwrap();
        n_new += u32::from(!created.existed);
        ids.push(created.track.id);
    }
    ids.dedup();
    assert_eq!((n_new, ids.len()), (1, 1));
    let query =
        jobs::JobQuery { state: None, kind: None, track: None, run: None, after: None, limit: 10 };
    assert_eq!(jobs::list(&test.store, test.owner, query).await.unwrap().items.len(), 1);
    assert_eq!(events::after(&test.store, test.owner, 0, 10).await.unwrap().len(), 1);
}

async fn lists_newest_first_page_by_page(test: TestStore) {
    let mut ids = Vec::new();
    for i in 0..5_u8 {
        ids.push(test.upload(&[i]).await.track.id);
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut query = ListQuery { limit: 2, ..ALL };
    loop {
        let page = tracks::list(&test.store, test.owner, query).await.unwrap();
        seen.extend(page.items.iter().map(|track| track.id));
        query.after = seen.last().copied();
        if !page.has_more {
            break;
        }
        assert_eq!(page.items.len(), 2);
    }
    assert_eq!(seen, ids);
    let failed = ListQuery { state: Some(TrackState::Failed), ..ALL };
    assert!(tracks::list(&test.store, test.owner, failed).await.unwrap().items.is_empty());
    let queued = ListQuery { state: Some(TrackState::Queued), limit: 5, ..ALL };
    let page = tracks::list(&test.store, test.owner, queued).await.unwrap();
    assert_eq!((page.items.len(), page.has_more), (5, false));
}

async fn changes_what_it_is_told_to(test: TestStore) {
    let id = test.upload(b"one").await.track.id;
    let update =
        async |patch| tracks::update(&test.store, test.owner, id, patch).await.unwrap().unwrap();
    let patch = TrackPatch {
        title: Some(Some("Air".into())),
        tags: Some(vec!["slow".into()]),
        ..TrackPatch::default()
    };
    let track = update(patch).await;
    assert_eq!((track.title.as_deref(), track.artist.as_deref()), (Some("Air"), None));
    assert_eq!((track.tags, track.version), (vec!["slow".to_owned()], 2));
    let track = update(TrackPatch { title: Some(None), ..TrackPatch::default() }).await;
    assert_eq!((track.title, track.tags, track.version), (None, vec!["slow".to_owned()], 3));
    let kinds: Vec<_> = events::after(&test.store, test.owner, 0, 10).await.unwrap();
    assert_eq!(kinds.last().unwrap().kind, "track.updated");
}

async fn refuses_a_change_of_another_version(test: TestStore) {
    let id = test.upload(b"one").await.track.id;
    let patch = |expected_version| TrackPatch { expected_version, ..TrackPatch::default() };
    tracks::update(&test.store, test.owner, id, patch(Some(1))).await.unwrap().unwrap();
    let error = tracks::update(&test.store, test.owner, id, patch(Some(1))).await.unwrap_err();
    assert!(matches!(error, Error::VersionConflict { expected: 1, actual: 2 }));
    let track = tracks::get(&test.store, test.owner, id).await.unwrap().unwrap();
    assert_eq!(track.version, 2);
}

async fn other_owners_see_nothing(test: TestStore) {
    let created = test.upload(b"one").await;
    let (id, job) = (created.track.id, created.job.unwrap().id);
    let stranger = UserId::from_u128(1);
    let store = &test.store;
    assert!(tracks::get(store, stranger, id).await.unwrap().is_none());
    assert!(tracks::list(store, stranger, ALL).await.unwrap().items.is_empty());
    let patch = TrackPatch::default();
    assert!(tracks::update(store, stranger, id, patch).await.unwrap().is_none());
    assert!(!tracks::delete(store, stranger, id).await.unwrap());
    assert!(jobs::get(store, stranger, job).await.unwrap().is_none());
    assert!(jobs::cancel(store, stranger, job).await.unwrap().is_none());
    assert!(events::after(store, stranger, 0, 10).await.unwrap().is_empty());
    assert!(store::reports::get(store, stranger, id).await.unwrap().is_none());
    let job = jobs::get(store, test.owner, job).await.unwrap().unwrap();
    assert_eq!((job.state, job.cancel_requested), (JobState::Queued, false));
}

async fn several_are_read_for_their_owner_only(test: TestStore) {
    let (one, two) = (test.upload(b"one").await.track, test.upload(b"two").await.track);
    let nobody = TrackId::from_u128(1);
    let of = async |owner, ids: &[TrackId]| tracks::of(&test.store, owner, ids).await.unwrap();
    let mut found = of(test.owner, &[two.id, nobody, one.id]).await;
    found.sort_unstable_by_key(|track| track.id);
    assert_eq!(found, [one.clone(), two]);
    assert!(of(test.owner, &[]).await.is_empty());
    assert!(of(UserId::from_u128(1), &[one.id]).await.is_empty());
}

async fn a_deleted_track_leaves_nothing_behind(test: TestStore) {
    let created = test.upload(b"one").await;
    let (id, job) = (created.track.id, created.job.unwrap().id);
    assert!(tracks::delete(&test.store, test.owner, id).await.unwrap());
    assert!(tracks::get(&test.store, test.owner, id).await.unwrap().is_none());
    assert!(!test.store.blobs().exists(&created.track.blob_sha256).await.unwrap());
    let job = jobs::get(&test.store, test.owner, job).await.unwrap().unwrap();
    assert_eq!(job.state, JobState::Cancelled);
    assert!(jobs::claim(&test.store, "w").await.unwrap().is_none());
    assert!(!tracks::delete(&test.store, test.owner, id).await.unwrap());
    let kinds: Vec<_> = events::after(&test.store, test.owner, 0, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(kinds, ["track.uploaded", "job.cancelled", "track.deleted"]);
    // And the same bytes can come again.
    let again = test.upload(b"one").await;
    assert!(!again.existed);
    assert!(test.store.blobs().exists(&again.track.blob_sha256).await.unwrap());
}

async fn text_keeps_everything_but_nul(test: TestStore) {
    let hostile = "../../\u{202e}fdp.mp3\u{0}\u{1f3b5}'; drop table tracks; --";
    let new = NewTrack {
        file_name: Some(hostile.into()),
        title: Some(hostile.into()),
        ..test.new_track(b"one").await
    };
    let id = tracks::create(&test.store, new).await.unwrap().track.id;
    let track = tracks::get(&test.store, test.owner, id).await.unwrap().unwrap();
    assert_eq!(track.file_name.as_deref(), Some(hostile.replace('\0', "").as_str()));
    assert_eq!(track.title, track.file_name);
}

async fn an_upload_after_a_cancelled_analysis_tries_again(test: TestStore) {
    let first = test.upload(b"one").await;
    jobs::cancel(&test.store, test.owner, first.job.unwrap().id).await.unwrap();
    let track = tracks::get(&test.store, test.owner, first.track.id).await.unwrap().unwrap();
    assert_eq!(track.state, TrackState::Failed);
    assert_eq!(track.error_code.as_deref(), Some("cancelled"));
    let again = test.upload(b"one").await;
    assert!(again.existed);
    assert_eq!((again.track.state, again.track.error_code), (TrackState::Queued, None));
    let lease = jobs::claim(&test.store, "w").await.unwrap().unwrap();
    assert_eq!(lease.job.id, again.job.unwrap().id);

    // A file that is at fault itself is not tried again.
    jobs::fail(&test.store, &lease, "bad_media", "no frames").await.unwrap();
    let third = test.upload(b"one").await;
    assert_eq!((third.track.state, third.job), (TrackState::Failed, None));
}

async fn a_delete_beside_an_upload_of_the_same_bytes_loses_nothing(test: TestStore) {
    for round in 0..10_u8 {
        let id = test.upload(&[round]).await.track.id;
        let new = test.new_track(&[round]).await;
        let (a, b) = (test.store.clone(), test.store.clone());
        let owner = test.owner;
        let delete = tokio::spawn(async move { tracks::delete(&a, owner, id).await.unwrap() });
        let create = tokio::spawn(async move { tracks::create(&b, new).await.unwrap() });
        assert!(delete.await.unwrap());
        create.await.unwrap();
        // Whichever was first: a track that is there has its bytes, and bytes without a track are gone.
        let there = tracks::list(&test.store, test.owner, ALL).await.unwrap().items;
        for track in &there {
            test.store.blobs().verify(&track.blob_sha256).await.unwrap();
        }
        jobs::sweep(&test.store).await.unwrap();
        let kept = test.store.blobs().exists(&store::Sha256::of(&[round])).await.unwrap();
        let sha256 = store::Sha256::of(&[round]);
        assert_eq!(kept, there.iter().any(|track| track.blob_sha256 == sha256));
    }
}

/// A client that hangs up: the future of its request is dropped after `n_polls` polls.
async fn poll_then_drop(n_polls: usize, request: impl Future) {
    let mut request = std::pin::pin!(request);
    for _ in 0..n_polls {
        if futures::poll!(request.as_mut()).is_ready() {
            break;
        }
        // Lets what it waits for go on.
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    }
}

async fn a_request_that_goes_away_leaves_no_open_transaction(test: TestStore) {
    for n_polls in 0..24_u8 {
        let new = test.new_track(&[n_polls]).await;
        let request = Box::pin(tracks::create(&test.store, new));
        poll_then_drop(usize::from(n_polls), request).await;
    }
    // Whatever was begun is whole or not there; and on SQLite nothing holds the one writer.
    let last = test.upload(b"last").await;
    let there = tracks::list(&test.store, test.owner, ALL).await.unwrap().items;
    assert_eq!(there[0].id, last.track.id);
    for track in there {
        let query = jobs::JobQuery {
            state: None,
            kind: None,
            track: Some(track.id),
            run: None,
            after: None,
            limit: 10,
        };
        let found = jobs::list(&test.store, test.owner, query).await.unwrap().items;
        assert_eq!(found.len(), 1);
        test.store.blobs().verify(&track.blob_sha256).await.unwrap();
    }
}
