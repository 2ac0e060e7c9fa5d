//! The few operations on 32 items that the scan is made of: as instructions of AVX2, and as plain loops.
//!
//! All are whole numbers but for one conversion that every machine rounds alike, so both give the same.

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
pub(crate) mod portable;
