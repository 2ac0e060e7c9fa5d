//! Level and feel of a recording.
//!
//! | module | gives |
//! | --- | --- |
//! | [`level`] | [`LevelStage`]: the level every 10 ms, from which silences, fades and segments are found as well |
//! | `complexity` | how far the level wanders from its average |
//! | `danceability` | how fluctuations of the level grow with time |
//! | `energy` | rank among reference recordings |
//! | `stage` | [`Dynamics`]: all of it |

mod complexity;
mod danceability;
mod energy;
pub mod level;
mod stage;

pub use level::{LEVEL_FPS, Level, LevelStage};
pub use stage::{Dynamics, DynamicsStage};
