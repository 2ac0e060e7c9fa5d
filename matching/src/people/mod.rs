//! People to scores: whose recordings and words go together, and why.
//!
//! [`Taste::of`] turns the recordings of a person into at most [`MAX_MEDOIDS`] of them that stand for all;
//! [`compare()`] meets two [`Profile`]s; [`PeopleScore::view`] says what came out to one of the two.
//! `docs/matching.md` explains it.
//!
//! What always holds: a score is the same in both directions bit for bit, between 0 and 1, never falls when a
//! part agrees more, and does not depend on who else is there. It is not 1 for equal profiles: two people with
//! the same single recording are little known and not one, and two drummers who seek a bassist do not complete
//! each other.

mod affinity;
mod availability;
mod dislikes;
mod medoids;
mod mood;
mod place;
mod profile;
mod raise;
mod reference;
mod roles;
mod score;
mod taste;
mod v2;
mod view;
mod words;

pub use availability::{Availability, N_SLOTS, SLOTS};
pub use mood::MoodRange;
pub use place::Place;
pub use profile::{Profile, Rule, Tags};
pub use reference::PeopleReference;
pub use score::{Fit, PEOPLE_WEIGHTS_VERSION, PeoplePart, PeopleScore, compare};
pub use taste::{MAX_MEDOIDS, MAX_TRACKS, Medoid, ProfileTrack, Taste};
pub use view::{PartView, Raise, Side, View};
