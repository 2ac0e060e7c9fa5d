//! FLAC files of silence: ten bytes for 65 535 frames.

/// A mono file of `n_blocks` such blocks at 4 kHz whose header claims `claimed` frames.
pub(crate) fn silence(n_blocks: u32, claimed: u64) -> Vec<u8> {
    const N_FRAMES: u16 = u16::MAX;
    let mut bytes = b"fLaC\x80\0\0\x22".to_vec();
    bytes.extend(N_FRAMES.to_be_bytes());
    bytes.extend(N_FRAMES.to_be_bytes());
    bytes.extend([0; 6]);
    // 20 bits of rate, 3 of channels less one, 5 of depth less one, 36 of length.
    let shape = 4_000u64 << 44 | 15 << 36 | claimed & ((1 << 36) - 1);
    bytes.extend(shape.to_be_bytes());
    bytes.extend([0; 16]);
    for block in 0..n_blocks {
        // Fixed block size, its 16 bits and the rate's in the header, mono, 16 bits a sample.
        let mut frame = vec![0xFF, 0xF8, 0x7D, 0x08];
        frame.extend(
            char::from_u32(block + u32::from(block >= 0xD800) * 0x800)
                .map_or_else(|| vec![0], |c| c.to_string().into_bytes()),
        );
        frame.extend((N_FRAMES - 1).to_be_bytes());
        frame.extend(4_000u16.to_be_bytes());
        frame.push(u8::try_from(crc(&frame, 0x07, 8)).unwrap());
        // One constant subframe of zero.
        frame.extend([0, 0, 0]);
        frame.extend(crc(&frame, 0x8005, 16).to_be_bytes());
        bytes.extend(frame);
    }
    bytes
}

/// A cyclic redundancy check of 8 or 16 bits, high bit first, from zero.
fn crc(bytes: &[u8], polynomial: u16, n_bits: u32) -> u16 {
    let top = 1u32 << (n_bits - 1);
    let mask = (top << 1) - 1;
    let mut register = 0u32;
    for &byte in bytes {
        register ^= u32::from(byte) << (n_bits - 8);
        for _ in 0..8 {
            let carry = register & top != 0;
            register = (register << 1) & mask;
            if carry {
                register ^= u32::from(polynomial);
            }
        }
    }
    u16::try_from(register).unwrap()
}
