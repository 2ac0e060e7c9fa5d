//! Events: in order, for ever.

use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::{QueueConfig, events};

on_both_databases! {
    numbers_grow_and_pages_follow,
}

async fn numbers_grow_and_pages_follow(test: TestStore) {
    for i in 0..5_u8 {
        test.upload(&[i]).await;
    }
    let all = events::after(&test.store, test.owner, 0, 100).await.unwrap();
    assert_eq!(all.len(), 5);
    assert!(all.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    let page = events::after(&test.store, test.owner, all[1].seq, 2).await.unwrap();
    assert_eq!(page, all[2..4]);
    assert_eq!(events::last_seq(&test.store, test.owner).await.unwrap(), all[4].seq);
}

/// A watcher that always asks for what comes after the last number that it saw, while many write.
async fn a_watcher_misses_nothing(database: DatabaseKind) {
    const N_WRITERS: u8 = 8;
    const N_EACH: u8 = 12;
    let test =
        TestStore::with_system_clock(database, BlobKind::Local, QueueConfig::default()).await;
    let mut writers = Vec::new();
    for writer in 0..N_WRITERS {
        let mut staged = Vec::new();
        for i in 0..N_EACH {
            staged.push(test.new_track(&[writer, i]).await);
        }
        let store = test.store.clone();
        writers.push(tokio::spawn(async move {
            for new in staged {
                store::tracks::create(&store, new).await.unwrap();
            }
        }));
    }
    let mut seen = Vec::new();
    let mut last = 0;
    loop {
        let done = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let new = events::after(&test.store, test.owner, last, 7).await.unwrap();
        if new.is_empty() && done {
            break;
        }
        seen.extend(new.iter().map(|event| event.seq));
        last = seen.last().copied().unwrap_or(0);
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let all: Vec<_> = events::after(&test.store, test.owner, 0, 1000)
        .await
        .unwrap()
        .iter()
        .map(|event| event.seq)
        .collect();
    assert_eq!(all.len(), usize::from(N_WRITERS) * usize::from(N_EACH));
    assert_eq!(seen, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_watcher_misses_nothing_on_sqlite() {
    a_watcher_misses_nothing(DatabaseKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_watcher_misses_nothing_on_postgres() {
    a_watcher_misses_nothing(DatabaseKind::Postgres).await;
}
