//! Bytes of a descriptor: 64 of header, then the facts, little endian, with a checksum.

use crate::{
    DESCRIPTOR_VERSION, Descriptor, Error, Result,
    checksum::crc32,
    layout::{N_FACTS, RESERVED, known},
};

const SIGNATURE: [u8; 4] = *b"CDSC";
const HEADER_BYTES: usize = 64;
const CHECKSUM_AT: usize = 20;

/// Bytes of a descriptor of this version: a multiple of 64.
pub const DESCRIPTOR_BYTES: usize = HEADER_BYTES + N_FACTS * 4;

impl Descriptor {
    /// The bytes that [`Descriptor::from_bytes`] reads; layout in `docs/formats.md`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        bytes[0..4].copy_from_slice(&SIGNATURE);
        bytes[4..8].copy_from_slice(&DESCRIPTOR_VERSION.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.analysis_version.to_le_bytes());
        bytes[12..16].copy_from_slice(&(DESCRIPTOR_BYTES as u32).to_le_bytes());
        bytes[16..20].copy_from_slice(&self.known.to_le_bytes());
        bytes.extend(self.facts.iter().flat_map(|fact| fact.to_le_bytes()));
        let checksum = checksum_of(&bytes);
        bytes[CHECKSUM_AT..CHECKSUM_AT + 4].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads what [`Descriptor::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// One variant of [`Error`] for each way in which bytes can be wrong; never a panic.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if let Some(found) = bytes.first_chunk::<4>()
            && *found != SIGNATURE
        {
            return Err(Error::NotADescriptor { found: *found });
        }
        let wrong_length = Error::WrongLength { actual: bytes.len(), expected: DESCRIPTOR_BYTES };
        let version = u32_at(bytes, 4).ok_or(wrong_length.clone())?;
        if version != DESCRIPTOR_VERSION {
            return Err(Error::UnsupportedVersion { found: version });
        }
        if bytes.len() != DESCRIPTOR_BYTES {
            return Err(wrong_length);
        }
        let field = |offset| u32_at(bytes, offset).unwrap_or_default();
        let (actual, stated) = (checksum_of(bytes), field(CHECKSUM_AT));
        if actual != stated {
            return Err(Error::WrongChecksum { actual, stated });
        }
        // A writer with a right checksum can still be a wrong writer.
        let known = field(16);
        if field(12) as usize != DESCRIPTOR_BYTES {
            return Err(Error::ImpossibleValue { offset: 12 });
        }
        if known & !known::ALL != 0 {
            return Err(Error::ImpossibleValue { offset: 16 });
        }
        if let Some(index) = bytes[CHECKSUM_AT + 4..HEADER_BYTES].iter().position(|&b| b != 0) {
            return Err(Error::ImpossibleValue { offset: CHECKSUM_AT + 4 + index });
        }
        let mut facts = Box::new([0.0; N_FACTS]);
        for (index, fact) in facts.iter_mut().enumerate() {
            let offset = HEADER_BYTES + 4 * index;
            *fact = f32::from_bits(field(offset));
            let reserved = RESERVED.iter().any(|range| range.contains(&index));
            if !fact.is_finite() || (reserved && fact.to_bits() != 0) {
                return Err(Error::ImpossibleValue { offset });
            }
        }
        Ok(Self { analysis_version: field(8), known, facts })
    }
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// Checksum of everything but the checksum itself.
fn checksum_of(bytes: &[u8]) -> u32 {
    crc32([&bytes[..CHECKSUM_AT], &[0; 4], &bytes[CHECKSUM_AT + 4..]].into_iter().flatten())
}
