//! Jobs: one row each, which is the truth about it.
//!
//! ```text
//!             claim                    complete_…
//!   queued ────────────► running ────────────────────► succeeded
//!     ▲ │                 │ │ │  fail
//!     │ │ cancel          │ │ └──────────────────────► failed
//!     │ └─► cancelled ◄───┘ │    cap reached
//!     └─────────────────────┴────────────────────────► dead
//!       crash, retry_later, release, lost lease
//! ```
//!
//! An administrator may queue a job again that is failed or dead ([`retry()`]).
//!
//! Every statement that ends a running job names its fence: who has lost the lease changes nothing.

mod all;
mod backlog;
mod backoff;
mod cancel;
mod claim;
mod codes;
mod complete;
mod give_up;
mod insert;
mod read;
mod retry;
mod row;
mod step;
mod sweep;
pub(crate) mod tally;
mod usage;

pub use all::{JobFilter, Round, find, list_all, rounds};
pub use backlog::{Backlog, backlog};
pub use cancel::{cancel, cancel_any};
pub use claim::{Renewal, claim, claim_import, renew};
pub use codes::CODES;
pub use complete::{Analyzed, NewMatch, complete, complete_analysis, complete_match};
pub use give_up::{cancelled, crash, fail, release, retry_later};
pub use read::{JobQuery, get, list};
pub use retry::{RetriedMany, Retry, retry, retry_many};
pub use row::{Job, JobKind, JobState, Lease};
pub use step::step;
pub use sweep::{Swept, sweep};
pub use tally::Outcome;
pub use usage::{Meter, Stage, StageTime, Stages, Taken, Usage};

pub(crate) use claim::is_held;
pub(crate) use complete::succeed;
pub(crate) use give_up::Held;
pub(crate) use insert::{NewJob, insert};
pub(crate) use read::last_of_track;
pub(crate) use usage::TakenRow;
