//! Profiles: users as people, who goes with whom, and what they said to that.
//!
//! Every user has one, made with the user. Nobody is told of it, and it is not compared, unless it is discoverable: taking part
//! is mutual. Whatever is read of somebody else is asked with who asks, and says no more than they may know.
//!
//! Whoever changes what matching reads of a profile calls [`touch()`] in the same transaction. Rows are locked in the order profile,
//! [`Lock::People`](crate::db::Lock), tracks.

mod answers;
mod candidates;
mod complete;
mod connections;
mod matches;
mod read;
mod row;
mod taste;
mod touch;
mod update;

pub use answers::{Answer, answer};
pub use candidates::{Candidate, candidates, epoch, floors, holders};
pub use complete::{NewProfileMatch, ProfileFloor, ProfileScored, complete_profile_match};
pub use connections::{Connection, connections};
pub use matches::{MatchCursor, MatchedTrack, ProfileMatch, matches};
pub use read::{get, visible};
pub use row::{MoodColumns, Place, Profile, Rule, Slots, VisibleProfile, Words};
pub use taste::{ListedTrack, StoredMedoid, StoredTaste, listed_tracks, medoids};
pub use update::{NewProfile, update};

pub(crate) use row::insert;
pub(crate) use touch::{touch, touch_if_counted};
