//! Imports: recordings that are fetched from an address, each by a job of the kind `import_track`.
//!
//! What is to be fetched lies beside the job and not in it, because a job is a record that stays and an address may be a secret.

mod create;
mod done;
mod row;
mod sweep;

pub use create::{NewImport, create};
pub use row::{Import, get};

pub(crate) use done::mark_done;
pub(crate) use sweep::sweep;
