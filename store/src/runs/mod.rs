//! Runs: batch re-scorings of an owner's catalogue.
//!
//! ```text
//!   queued ──► scoring ──► switching ──► succeeded
//!     │  ▲       │ │          │
//!     ▼  │       │ │ a step was given up, or somebody asked
//!   analyzing    │ └──────────┴──► cancelling ──► failed, cancelled
//!     └──────────┴────────────────────▲
//! ```
//!
//! Each step is a job: one that plans, one for each tile, one that finishes. What they write is staged under the run's generation, which
//! nobody sees before the switch and nobody ever sees without it.

mod advance;
mod apply;
mod cancel;
mod finish;
mod plan;
mod read;
mod row;
mod start;
mod tiles;
mod usage;

pub use apply::apply;
pub use cancel::cancel;
pub use finish::{Switched, discarded, keep_difference, switch};
pub use plan::{Plan, Versions, begin_analyses, is_unchanged, plan};
pub use read::{get, list, of_job, planned};
pub use row::{Run, RunScope, RunState};
pub use start::{NewRun, Started, start};
pub use tiles::{Tile, complete_tile, tile};

pub(crate) use advance::advance;
pub(crate) use usage::add_usage;
