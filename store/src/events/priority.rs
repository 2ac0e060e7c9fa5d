//! How much an event matters: the one place that says so of each kind.

use crate::text_enum::text_enum;

text_enum! {
    /// How much an event matters to who watches. It follows from its kind.
    pub enum Priority {
        /// How far something has come. Such events are removed after a while.
        Low = "low",
        /// What has happened.
        Normal = "normal",
        /// What failed: somebody may have to see to it.
        High = "high",
    }
}

/// Kinds of low priority, as SQL lists them; so does the trigger that keeps all others from being removed, and the index beside it.
macro_rules! low_kinds {
    () => {
        "'job.started','job.step','run.step'"
    };
}

/// Kinds of high priority, as SQL lists them.
macro_rules! high_kinds {
    () => {
        "'job.dead','job.failed','run.failed','track.failed','import.failed'"
    };
}

pub(super) use {high_kinds, low_kinds};

impl Priority {
    /// That of events of a kind.
    pub fn of(kind: &str) -> Self {
        let is_in = |kinds: &str| kinds.split(',').any(|it| it.trim_matches('\'') == kind);
        if is_in(low_kinds!()) {
            Self::Low
        } else if is_in(high_kinds!()) {
            Self::High
        } else {
            Self::Normal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_from_the_kind() {
        for (kind, priority) in [
            ("job.started", Priority::Low),
            ("job.step", Priority::Low),
            ("run.step", Priority::Low),
            ("track.uploaded", Priority::Normal),
            ("track.analyzed", Priority::Normal),
            ("track.matched", Priority::Normal),
            ("run.started", Priority::Normal),
            ("job.cancelled", Priority::Normal),
            ("job.succeeded", Priority::Normal),
            ("job", Priority::Normal),
            ("", Priority::Normal),
            ("job.dead", Priority::High),
            ("job.failed", Priority::High),
            ("run.failed", Priority::High),
            ("track.failed", Priority::High),
            ("import.failed", Priority::High),
        ] {
            assert_eq!(Priority::of(kind), priority, "{kind}");
        }
        assert!(Priority::Low < Priority::Normal && Priority::Normal < Priority::High);
    }
}
