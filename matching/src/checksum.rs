//! CRC-32, so that damaged bytes are told from facts.

/// Reversed polynomial of CRC-32/ISO-HDLC (ISO/IEC 3309), the one of zip and PNG.
const POLYNOMIAL: u32 = 0xEDB8_8320;

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut remainder = index as u32;
        let mut bit = 0;
        while bit < 8 {
            remainder = (remainder >> 1) ^ (POLYNOMIAL * (remainder & 1));
            bit += 1;
        }
        table[index] = remainder;
        index += 1;
    }
    table
}

/// CRC-32/ISO-HDLC of `bytes`.
pub(crate) fn crc32<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(!0, |sum, &byte| TABLE[usize::from(sum as u8 ^ byte)] ^ (sum >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The check value that the catalogue of CRC algorithms gives for "123456789".
    #[test]
    fn gives_the_published_check_value() {
        assert_eq!(crc32(b"123456789".iter()), 0xCBF4_3926);
    }

    #[test]
    fn of_nothing_is_zero() {
        assert_eq!(crc32([].iter()), 0);
    }
}
