//! The analysis child: the only process that reads media.
//!
//! [`run`] starts the program again with the hidden subcommand [`SUBCOMMAND`]. The child limits itself before it reads a byte, so that a crash, a
//! hang or a bomb in a file ends the child and nothing else. Limits, exit codes and endings are in
//! `docs/worker.md`.
//!
//! What is deliberately absent: the child knows no database, no network, no configuration file and no
//! environment. It gets an open file, one argument ([`Request`]), and answers in JSON Lines ([`Line`]).

mod allocator;
mod ending;
#[cfg(debug_assertions)]
mod fault;
mod process;
mod protocol;
mod run;

pub use allocator::{CappedAllocator, EXIT_MEMORY};
pub use ending::{ChildError, Resource};
#[cfg(debug_assertions)]
pub use fault::{Fault, Misbehaviour};
pub use process::n_alive;
pub use protocol::{
    EXIT_SETUP, Failure, Line, Outcome, Request, SUBCOMMAND, Sandbox, StageTime, Stages,
};
pub use run::{Media, run};
