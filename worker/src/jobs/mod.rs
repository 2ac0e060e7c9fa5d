//! What happens to a job, from the claim to its end.
//!
//! | kind | file |
//! | --- | --- |
//! | `analyze_track` | `analyze_track.rs` |
//! | `match_track` | `match_track.rs` |
//! | `plan_run` | `plan_run.rs` |
//! | `rescore_tile` | `rescore_tile.rs` |
//! | `finish_run` | `finish_run.rs` |
//! | `match_profile` | `match_profile.rs` |
//! | `import_track` | `import_track.rs` |

mod analyze_track;
mod drain;
mod error;
mod finish_run;
mod import_track;
mod keep;
mod match_profile;
mod match_track;
mod pairs;
mod perform;
mod person;
mod plan_run;
mod rescore_tile;
mod settle;
mod tell;

pub(crate) use drain::{Lane, drain, drain_imports};
