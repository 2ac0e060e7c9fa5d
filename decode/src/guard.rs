//! The wall between this process and a panic in a codec.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Error, Result};

/// Runs `call`, making a panic into [`Error::BadMedia`].
///
/// Whatever `call` borrowed mutably may be half-changed afterwards: callers must not use it again.
pub(crate) fn guarded<T>(stage: &str, call: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call))
        .map_err(|_| Error::bad(format!("the {stage} panicked on these bytes")))
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn makes_a_panic_into_bad_media() {
        let empty: &[u8] = &[];
        let error = guarded("decoder", || empty[std::hint::black_box(3)]).unwrap_err();
        assert_eq!(error.code(), "bad_media");
    }

    #[test]
    fn passes_a_result_through() {
        assert_eq!(guarded("decoder", || 7).unwrap(), 7);
    }
}
