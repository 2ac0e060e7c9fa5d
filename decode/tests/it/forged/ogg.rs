//! Ogg pages changed so that their checksums still hold.

/// The checksum of a page whose own field is zero.
fn crc(page: &[u8]) -> u32 {
    let mut register = 0u32;
    for &byte in page {
        register ^= u32::from(byte) << 24;
        for _ in 0..8 {
            let carry = register >> 31 == 1;
            register <<= 1;
            if carry {
                register ^= 0x04C1_1DB7;
            }
        }
    }
    register
}

/// Sets the output gain, in 1/256 dB, in the first page of an Opus file.
pub(crate) fn set_opus_gain(file: &mut [u8], gain: i16) {
    // A page header of 27 bytes, one segment length, and the gain at byte 16 of the packet.
    let n_page = 28 + usize::from(file[27]);
    let page = &mut file[..n_page];
    page[44..46].copy_from_slice(&gain.to_le_bytes());
    page[22..26].fill(0);
    let sum = crc(page);
    page[22..26].copy_from_slice(&sum.to_le_bytes());
}
