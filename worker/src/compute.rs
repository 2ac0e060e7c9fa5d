//! The one crossing from tokio to work that keeps a core busy.

use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;

use crate::account::Account;

/// As many at once as there are cores: more would only take turns.
static PERMITS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, usize::from)));

/// The work panicked; the message is what the panic said.
#[derive(Debug, thiserror::Error)]
#[error("panic: {0}")]
pub struct Panicked(pub String);

/// Runs `work` beside the async threads and waits for its result. Inside, rayon may be used.
///
/// Work that has begun is not stopped when the future is dropped; it must be short (below a second or so)
/// or watch for its own end.
///
/// # Errors
///
/// [`Panicked`] when `work` panics.
pub async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    // Nobody closes the semaphore; if somebody did, work would go on without a bound.
    let permit = PERMITS.acquire().await.ok();
    let account = Account::current();
    #[expect(clippy::disallowed_methods, reason = "this is the one crossing")]
    let task = tokio::task::spawn_blocking(move || {
        let computing = account.map(Account::compute);
        let result = work();
        drop(computing);
        drop(permit);
        result
    });
    task.await.map_err(|error| Panicked(panic_text(error)))
}

/// What a task that did not end well has to say.
pub(crate) fn panic_text(error: tokio::task::JoinError) -> String {
    match error.try_into_panic() {
        Ok(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => (*payload.downcast_ref::<&str>().unwrap_or(&"no message")).to_owned(),
        },
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn gives_the_result_from_another_thread() {
        let here = std::thread::current().id();
        let (sum, there) = compute(|| (1 + 1, std::thread::current().id())).await.unwrap();
        assert_eq!(sum, 2);
        assert_ne!(here, there);
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_frees_its_place() {
        for n in 0..50 {
            let error = compute(move || assert!(n > 50, "number {n}")).await.unwrap_err();
            assert_eq!(error.to_string(), format!("panic: number {n}"));
        }
        compute(|| ()).await.unwrap();
    }
}
