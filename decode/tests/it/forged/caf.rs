//! CAF headers that ask for memory.

/// An LPCM description with these figures, and a little data.
pub(crate) fn lpcm(bytes_per_packet: u32, frames_per_packet: u32, n_channels: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(b"caff\0\x01\0\0desc");
    bytes.extend(32u64.to_be_bytes());
    bytes.extend(44_100f64.to_be_bytes());
    bytes.extend(b"lpcm\0\0\0\x02");
    for field in [bytes_per_packet, frames_per_packet, n_channels, 16] {
        bytes.extend(field.to_be_bytes());
    }
    let data = [0; 4_096];
    bytes.extend(b"data");
    bytes.extend((data.len() as u64 + 4).to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(data);
    bytes
}
