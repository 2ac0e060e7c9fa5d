//! Metadata built byte by byte; whole files of that kind are in `fixtures::forged`.

pub(crate) mod id3;
pub(crate) mod mp4;
pub(crate) mod ogg;
