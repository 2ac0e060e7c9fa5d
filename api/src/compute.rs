//! The crossings from HTTP to work that keeps a core busy: making formats, comparing fingerprints, scoring pages of descriptors, hashing
//! passwords.

use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// As many at once as there are cores: more would only take turns.
static PERMITS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(n_cores()));

/// Passwords that are hashed at once: half the cores, so that logins leave the other half to everything else, and 19 MiB for each, so
/// that they cannot take all the memory.
static PASSWORDS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new((n_cores() / 2).clamp(1, 4)));

/// Passwords that are hashed or wait for it. Further ones are sent away at once: whoever waits holds a connection.
static PASSWORDS_WAITING: Semaphore = Semaphore::const_new(64);

fn n_cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Runs `work`, which takes below a second, beside the async threads.
///
/// # Errors
///
/// [`Error::Internal`] when `work` panics.
pub(crate) async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    within(&PERMITS, work).await
}

/// [`compute`] for hashing a password.
///
/// # Errors
///
/// [`Error::TooManyLogins`] when too many wait already.
pub(crate) async fn compute_password<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let _place = PASSWORDS_WAITING.try_acquire().map_err(|_| Error::TooManyLogins)?;
    within(&PASSWORDS, work).await
}

async fn within<T: Send + 'static>(
    permits: &'static Semaphore,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    // Nobody closes the semaphore; if somebody did, work would go on without a bound.
    let permit = permits.acquire().await.ok();
    #[expect(clippy::disallowed_methods, reason = "this is the one crossing of this crate")]
    let task = tokio::task::spawn_blocking(move || {
        let result = work();
        drop(permit);
        result
    });
    // The panic hook has already written where and why.
    task.await.map_err(|_| Error::Internal("the work panicked".to_owned()))
}
