//! Maintenance as the store keeps it: nothing new is written, what was begun is finished.

use std::time::Duration;

use store::jobs::{self, Renewal, Swept};
use store::testing::TestStore;
use store::{Error, JobState, maintenance, tokens, tracks, users};

use crate::jobs::{analyzed, claim};

on_both_databases! {
    nothing_is_changed_in_any_process,
    what_runs_is_finished_and_nothing_is_claimed,
    it_is_told_since_when_and_why,
}

async fn nothing_is_changed_in_any_process(test: TestStore) {
    let track = test.upload(b"one").await.track.id;
    let other = test.reopen().await;
    maintenance::begin(&test.store, Some("a new disk".to_owned())).await.unwrap();
    for store in [&test.store, &other] {
        let refused = |error| matches!(error, Error::Maintenance);
        assert!(refused(tracks::delete(store, test.owner, track).await.unwrap_err()));
        assert!(refused(users::create(store, "ana").await.unwrap_err()));
        assert!(tracks::get(store, test.owner, track).await.unwrap().is_some());
        // Whoever may, may.
        users::create(&store.despite_maintenance(), "ben").await.unwrap();
    }
    maintenance::end(&other).await.unwrap();
    assert!(tracks::delete(&test.store, test.owner, track).await.unwrap());
}

async fn what_runs_is_finished_and_nothing_is_claimed(test: TestStore) {
    test.upload(b"one").await;
    test.upload(b"two").await;
    let lease = claim(&test).await.unwrap();
    maintenance::begin(&test.store, None).await.unwrap();
    assert!(claim(&test).await.is_none());
    test.advance(Duration::from_secs(14));
    let worker = test.store.despite_maintenance();
    assert_eq!(jobs::renew(&worker, &lease, 0.5).await.unwrap(), Renewal::Held);
    assert!(jobs::complete_analysis(&worker, &lease, analyzed()).await.unwrap());
    let done = jobs::find(&test.store, lease.job.id).await.unwrap().unwrap();
    assert_eq!(done.state, JobState::Succeeded);
    assert!(claim(&test).await.is_none());
    assert_eq!(jobs::sweep(&test.store).await.unwrap(), Swept::default());
    maintenance::end(&test.store).await.unwrap();
    assert!(claim(&test).await.is_some());
}

async fn it_is_told_since_when_and_why(test: TestStore) {
    let first = maintenance::get(&test.store).await.unwrap();
    assert_eq!((first.is_on, first.reason, first.changed_at), (false, None, None));
    let begin = test.store.now();
    maintenance::begin(&test.store, None).await.unwrap();
    test.advance(Duration::from_mins(1));
    let again = maintenance::begin(&test.store, Some("a disk".to_owned())).await.unwrap();
    assert_eq!(again, maintenance::get(&test.store).await.unwrap());
    assert_eq!((again.is_on, again.reason.as_deref()), (true, Some("a disk")));
    assert_eq!(again.changed_at, Some(begin));
    let ended = maintenance::end(&test.store).await.unwrap();
    assert_eq!((ended.is_on, ended.reason), (false, None));
    assert_eq!(ended.changed_at, Some(test.store.now()));
    // Who is not an administrator's program but a token's use notices nothing.
    assert!(tokens::list(&test.store, None, 1).await.unwrap().items.is_empty());
}
