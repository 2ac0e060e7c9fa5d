//! What can be wrong with stored bytes.

/// What can be wrong with the bytes of a descriptor or the name of a purpose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too few or too many bytes.
    #[error("descriptor has {actual} bytes, must have {expected}")]
    WrongLength {
        /// Bytes given.
        actual: usize,
        /// Bytes of this version.
        expected: usize,
    },
    /// The bytes do not begin with the signature.
    #[error("bytes are not a descriptor: they begin with {found:?}")]
    NotADescriptor {
        /// The first four bytes.
        found: [u8; 4],
    },
    /// The descriptor is of a version that this code does not read.
    #[error("descriptor version is {found}, must be {}", crate::DESCRIPTOR_VERSION)]
    UnsupportedVersion {
        /// Version given.
        found: u32,
    },
    /// The checksum is not that of the bytes.
    #[error("descriptor checksum is {actual:08x}, header says {stated:08x}")]
    WrongChecksum {
        /// Checksum of the bytes.
        actual: u32,
        /// Checksum in the header.
        stated: u32,
    },
    /// A value is not finite, or a reserved byte is not zero.
    #[error("descriptor holds an impossible value at byte {offset}")]
    ImpossibleValue {
        /// Where it is.
        offset: usize,
    },
    /// The bytes are not an embedding, or are damaged.
    #[error("bytes are not an embedding, or are damaged")]
    BadEmbedding,
    /// No purpose has this name.
    #[error("purpose is {found:?}, must be mix, alike or mood")]
    UnknownPurpose {
        /// Name given.
        found: String,
    },
}

/// Result of reading bytes or names.
pub type Result<T, E = Error> = std::result::Result<T, E>;
