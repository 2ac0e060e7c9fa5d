//! Files built byte by byte, as no encoder would.

pub(crate) mod caf;
pub(crate) mod flac;
pub(crate) mod id3;
pub(crate) mod mp4;
pub(crate) mod ogg;
pub(crate) mod wav;
