//! The one crossing from HTTP to work that keeps a core busy: making formats, comparing fingerprints, scoring pages of descriptors.

use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// As many at once as there are cores: more would only take turns.
static PERMITS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, usize::from)));

/// Runs `work`, which takes below a second, beside the async threads.
///
/// # Errors
///
/// [`Error::Internal`] when `work` panics.
pub(crate) async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    // Nobody closes the semaphore; if somebody did, work would go on without a bound.
    let permit = PERMITS.acquire().await.ok();
    #[expect(clippy::disallowed_methods, reason = "this is the one crossing of this crate")]
    let task = tokio::task::spawn_blocking(move || {
        let result = work();
        drop(permit);
        result
    });
    // The panic hook has already written where and why.
    task.await.map_err(|_| Error::Internal("the work panicked".to_owned()))
}
