//! What happens to a job, from the claim to its end.
//!
//! | kind | file |
//! | --- | --- |
//! | `analyze_track` | `analyze_track.rs` |
//! | `match_track` | `match_track.rs` |
//! | `match_profile` | `match_profile.rs` |

mod analyze_track;
mod drain;
mod error;
mod keep;
mod match_profile;
mod match_track;
mod perform;
mod person;
mod settle;

pub(crate) use drain::drain;
