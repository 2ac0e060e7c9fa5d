//! Whether what belongs together is found (`--bin retrieval`, `docs/matching.md`).
//!
//! | module | gives |
//! | --- | --- |
//! | [`collection`] | [`Track`]s: which belong together, as people keep it |
//! | [`heard`] | what we hear in each, kept between runs |
//! | [`space`], [`gaussian`] | [`Space`]s: how alike two tracks are, to us and to others |
//! | [`measures`] | ranks, precision and hubs of one space |
//! | [`tables`] | figures of all spaces, as text |

pub mod collection;
pub mod gaussian;
pub mod heard;
pub mod measures;
pub mod space;
pub mod tables;

pub use collection::Track;
pub use heard::Heard;
pub use measures::Figures;
pub use space::Space;
