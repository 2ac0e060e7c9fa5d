//! Messages: they wake a worker, and nothing is lost when they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use apalis::prelude::{WorkerBuilder, WorkerBuilderExt, WorkerContext};
use store::dispatch::{self, Message};
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::{QueueConfig, jobs, with_dispatcher};
use tokio::sync::mpsc;

use crate::jobs::analyzed;

/// Ten times what it should take on a busy machine.
const DEADLINE: Duration = Duration::from_mins(1);

fn queue() -> QueueConfig {
    QueueConfig { poll_ms: 20, lease_s: 2, ..QueueConfig::default() }
}

/// Runs one worker until it is told to stop; each message makes it claim until nothing is due.
fn start_worker(
    test: &TestStore,
    name: &str,
    done: mpsc::UnboundedSender<store::JobId>,
) -> Running {
    let (store, name) = (test.store.clone(), name.to_owned());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let handle = move |_: Message, _: WorkerContext| {
        let (store, done) = (store.clone(), done.clone());
        async move {
            while let Some(lease) = jobs::claim(&store, "worker").await.unwrap() {
                let id = lease.job.id;
                match lease.job.kind {
                    store::JobKind::AnalyzeTrack => {
                        jobs::complete_analysis(&store, &lease, analyzed()).await.unwrap()
                    }
                    store::JobKind::MatchTrack => {
                        jobs::complete_match(&store, &lease, 3, 0, Vec::new()).await.unwrap()
                    }
                    other => panic!("nobody asked for {other}"),
                };
                done.send(id).unwrap();
            }
        }
    };
    let store = test.store.clone();
    let task = tokio::spawn(async move {
        with_dispatcher!(dispatch::dispatcher(&store), |backend| {
            let worker = WorkerBuilder::new(name.as_str());
            let run = worker.backend(backend).concurrency(2).build(handle).run();
            tokio::select! {
                ended = run => panic!("the loop ended by itself: {ended:?}"),
                // By dropping the loop: see `Dispatcher`.
                _ = stopped => (),
            }
        });
    });
    Running { stop, task }
}

struct Running {
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(DEADLINE, self.task).await.unwrap().unwrap();
    }
}

async fn next(done: &mut mpsc::UnboundedReceiver<store::JobId>) -> store::JobId {
    tokio::time::timeout(DEADLINE, done.recv()).await.unwrap().unwrap()
}

async fn a_message_wakes_a_worker(database: DatabaseKind) {
    let test = TestStore::with_system_clock(database, BlobKind::Local, queue()).await;
    let (send, mut done) = mpsc::unbounded_channel();
    let worker = start_worker(&test, "w1", send);
    for i in 0..3_u8 {
        let job = test.upload(&[i]).await.job.unwrap().id;
        // The analysis, and then the matching that it queued.
        assert_eq!(next(&mut done).await, job);
        next(&mut done).await;
    }
    worker.stop().await;
}

async fn what_waited_for_a_worker_is_done_when_one_comes(database: DatabaseKind) {
    let test = TestStore::with_system_clock(database, BlobKind::Local, queue()).await;
    for i in 0..5_u8 {
        test.upload(&[i]).await;
    }
    let (send, mut done) = mpsc::unbounded_channel();
    let worker = start_worker(&test, "w1", send);
    for _ in 0..10 {
        next(&mut done).await;
    }
    worker.stop().await;
}

async fn the_sweep_sends_messages_that_were_lost(database: DatabaseKind) {
    let test = TestStore::with_system_clock(database, BlobKind::Local, queue()).await;
    test.upload(b"one").await;
    test.upload(b"two").await;
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_woken, 0);
    test.lose_messages().await;
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_woken, 2);
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_woken, 0);
    let (send, mut done) = mpsc::unbounded_channel();
    let worker = start_worker(&test, "w1", send);
    for _ in 0..4 {
        next(&mut done).await;
    }
    worker.stop().await;
}

async fn old_messages_go(database: DatabaseKind) {
    let config = QueueConfig { message_keep_s: 0, ..queue() };
    let test = TestStore::with_system_clock(database, BlobKind::Local, config).await;
    test.upload(b"one").await;
    let (send, mut done) = mpsc::unbounded_channel();
    let worker = start_worker(&test, "w1", send);
    for _ in 0..2 {
        next(&mut done).await;
    }
    let n_removed = Arc::new(AtomicUsize::new(0));
    let started = std::time::Instant::now();
    // Messages are acknowledged a little after their handler is done, and kept for the rest of a second.
    while n_removed.load(Ordering::SeqCst) < 2 {
        assert!(started.elapsed() < DEADLINE);
        let swept = jobs::sweep(&test.store).await.unwrap();
        n_removed.fetch_add(usize::try_from(swept.n_messages).unwrap(), Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
    worker.stop().await;
}

macro_rules! with_workers {
    ($($name:ident,)+) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(store::testing::DatabaseKind::Sqlite).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(store::testing::DatabaseKind::Postgres).await;
                }
            )+
        }
    };
}

with_workers! {
    a_message_wakes_a_worker,
    what_waited_for_a_worker_is_done_when_one_comes,
    the_sweep_sends_messages_that_were_lost,
    old_messages_go,
}
