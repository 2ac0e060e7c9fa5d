//! Copies of recordings that a listener takes for the same music (`--bin copies`, `docs/matching.md`).
//!
//! | module | gives |
//! | --- | --- |
//! | [`transform`] | [`Transform`]: what is done, by name |
//! | [`stretch`] | another tempo at the same pitch |
//! | [`codec`] | files that another program encodes |
//! | [`folder`] | a folder of sources with all their copies |

pub mod codec;
pub mod folder;
pub mod stretch;
pub mod transform;

pub use codec::Codec;
pub use transform::{TRANSFORMS, Transform};
