//! Events: in order, for ever, but for those that only tell how far something has come.

use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::{Connection, Executor, PgConnection};
use store::events::Priority;
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::{QueueConfig, events, jobs};

use crate::jobs::{claim, happened};

on_both_databases! {
    numbers_grow_and_pages_follow,
    less_is_told_to_who_asks_for_less,
    nothing_is_asked_for_twice_where_much_is_left_out,
    the_sweep_removes_old_steps_and_nothing_else,
    the_newest_event_stays,
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

/// An analysis that fails, and one that runs.
async fn two_analyses(test: &TestStore) {
    for i in [0_u8, 1] {
        test.upload(&[i]).await;
        let lease = claim(test).await.unwrap();
        if i == 0 {
            assert!(jobs::fail(&test.store, &lease, "bad_media", "").await.unwrap());
        }
    }
}

async fn less_is_told_to_who_asks_for_less(test: TestStore) {
    two_analyses(&test).await;
    let all = ["track.uploaded", "job.started", "track.failed", "track.uploaded", "job.started"];
    for (least, expected) in [
        (Priority::Low, all.to_vec()),
        (Priority::Normal, vec!["track.uploaded", "track.failed", "track.uploaded"]),
        (Priority::High, vec!["track.failed"]),
    ] {
        let (told, seen) = events::at_least(&test.store, test.owner, least, 0, 100).await.unwrap();
        let kinds: Vec<_> = told.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, expected, "{least}");
        assert!(told.iter().all(|event| event.priority >= least), "{least}");
        assert_eq!(seen, events::last_seq(&test.store, test.owner).await.unwrap(), "{least}");
    }
}

/// By pages of every size the same events come, each once, and who has seen them is at the end.
async fn nothing_is_asked_for_twice_where_much_is_left_out(test: TestStore) {
    two_analyses(&test).await;
    let last = events::last_seq(&test.store, test.owner).await.unwrap();
    for least in [Priority::Low, Priority::Normal, Priority::High] {
        let next = async |seq, limit| {
            events::at_least(&test.store, test.owner, least, seq, limit).await.unwrap()
        };
        let (all, _) = next(0, 100).await;
        for limit in 1..=6 {
            let (mut told, mut seq) = (Vec::new(), 0);
            loop {
                let (page, seen) = next(seq, limit).await;
                assert!(seen >= seq && page.iter().all(|event| event.seq > seq));
                assert!(page.iter().all(|event| event.seq <= seen), "{least} {limit}");
                seq = seen;
                if page.is_empty() {
                    break;
                }
                told.extend(page);
            }
            assert_eq!((&told, seq), (&all, last), "{least} {limit}");
        }
        // Wherever one goes on, what comes is what is left.
        for seq in 0..=last {
            let (left, _) = next(seq, 100).await;
            let expected: Vec<_> = all.iter().filter(|event| event.seq > seq).cloned().collect();
            assert_eq!(left, expected, "{least} after {seq}");
        }
    }
}

async fn the_sweep_removes_old_steps_and_nothing_else(test: TestStore) {
    two_analyses(&test).await;
    let keep_s = test.store.queue().step_keep_s;
    let before = happened(&test, test.owner).await;
    test.advance(Duration::from_secs(keep_s - 1));
    // Another one, which is young when the others are old.
    test.upload(b"young").await;
    claim(&test).await.unwrap();
    let young = events::last_seq(&test.store, test.owner).await.unwrap();
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_events, 0, "none is old enough");
    test.advance(Duration::from_secs(1));
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_events, 2);
    let left = events::after(&test.store, test.owner, 0, 100).await.unwrap();
    let low = left.iter().filter(|event| event.priority == Priority::Low);
    assert_eq!(low.map(|event| event.seq).collect::<Vec<_>>(), [young]);
    let after = happened(&test, test.owner).await;
    assert_eq!(after[..before.len()], before, "all others stay");
}

async fn the_newest_event_stays(test: TestStore) {
    test.upload(b"one").await;
    claim(&test).await.unwrap();
    let head = events::head(&test.store).await.unwrap();
    test.advance(Duration::from_secs(10 * test.store.queue().step_keep_s));
    // It tells nothing itself: the lease that is lost is queued again.
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_events, 0);
    assert_eq!(events::head(&test.store).await.unwrap(), head);
    let newest = events::after(&test.store, test.owner, 0, 100).await.unwrap().pop().unwrap();
    assert_eq!((newest.seq, newest.kind.as_str()), (head, "job.started"));
    // Once there is a newer one, it goes.
    test.upload(b"two").await;
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_events, 1);
    let left = events::after(&test.store, test.owner, 0, 100).await.unwrap();
    let kinds: Vec<_> = left.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["track.uploaded", "track.uploaded"]);
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

/// Makes the commit of an upload of one byte wait for a lock that the test holds.
const SLOW_COMMIT: &str = "
    create function wait_for_the_test() returns trigger language plpgsql as $$
    begin
        if new.data like '%\"n_bytes\":1}' then
            perform pg_advisory_xact_lock(42);
        end if;
        return null;
    end $$;
    create constraint trigger slow_commit after insert on events deferrable initially deferred
        for each row execute function wait_for_the_test();";

/// A transaction that has its number but is slow to commit holds back those that come after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_later_number_is_not_seen_before_an_earlier_one_on_postgres() {
    let test = TestStore::new(DatabaseKind::Postgres, BlobKind::Local).await;
    let url = test.config.database.url.expose_secret();
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(SLOW_COMMIT).await.unwrap();
    connection.execute("select pg_advisory_lock(42)").await.unwrap();

    let upload = |new| {
        let store = test.store.clone();
        tokio::spawn(async move { store::tracks::create(&store, new).await.unwrap() })
    };
    let slow = upload(test.new_track(b"1").await);
    wait_for_waiting(&mut connection, 1).await;
    let quick = upload(test.new_track(b"22").await);
    // Either it waits, as it should, or it is done, and then a watcher would have missed the slow one.
    while !quick.is_finished() && n_waiting(&mut connection).await < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(events::after(&test.store, test.owner, 0, 10).await.unwrap(), []);

    connection.execute("select pg_advisory_unlock(42)").await.unwrap();
    let ids = [slow.await.unwrap().track.id, quick.await.unwrap().track.id];
    let seen = events::after(&test.store, test.owner, 0, 10).await.unwrap();
    assert_eq!(seen.iter().filter_map(|event| event.track_id).collect::<Vec<_>>(), ids);
}

async fn n_waiting(connection: &mut PgConnection) -> i64 {
    let sql = "select count(*) from pg_locks
               where locktype = 'advisory' and not granted
                 and database = (select oid from pg_database where datname = current_database())";
    let (n,): (i64,) = sqlx::query_as(sql).fetch_one(connection).await.unwrap();
    n
}

async fn wait_for_waiting(connection: &mut PgConnection, n: i64) {
    while n_waiting(connection).await < n {
        tokio::task::yield_now().await;
    }
}
