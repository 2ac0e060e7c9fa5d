//! The analysis child: the only process that reads media, and the only one that loads models.
//!
//! [`run()`] starts the program again with the hidden subcommand [`SUBCOMMAND`]; [`main`] is what that
//! subcommand does. The child limits itself before it reads a byte ([`confine`]), so that a crash, a
//! hang or a bomb in a file ends the child and nothing else. Limits, exit codes and endings are in
//! `docs/worker.md`.
//!
//! What is deliberately absent: the child knows no database, no network, no configuration file and no
//! environment. It gets an open file, one argument ([`Request`]), and answers in JSON Lines ([`Line`]).

mod allocator;
mod analyze;
mod confine;
mod converse;
mod emotion;
mod ending;
mod entry;
#[cfg(debug_assertions)]
mod fault;
mod hex;
mod listen;
#[cfg_attr(not(feature = "models"), path = "model_absent.rs")]
mod model;
mod moment;
mod pcm_hash;
mod process;
mod protocol;
mod run;

pub use allocator::{CappedAllocator, EXIT_MEMORY};
pub use analyze::analyze;
pub use confine::start_threads;
pub use emotion::{EmotionConfig, TrainedEmotion};
pub use ending::{ChildError, Resource};
pub use entry::main;
#[cfg(debug_assertions)]
pub use fault::{Fault, Misbehaviour};
pub use hex::sha256_hex;
pub use model::run as run_model;
pub use pcm_hash::PcmHash;
pub use process::n_alive;
pub use protocol::{
    EXIT_SETUP, Failure, Line, ModelFiles, Outcome, Request, SUBCOMMAND, Said, Sandbox, StageTime,
    Stages, Task,
};
pub use run::{Media, run};
pub(crate) use run::{check_model, run_telling};
