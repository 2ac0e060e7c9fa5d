//! WAV headers that say what they like.

/// Fields of `fmt ` and the length that `data` claims.
pub(crate) struct Wav {
    pub(crate) format: u16,
    pub(crate) n_channels: u16,
    pub(crate) rate_hz: u32,
    pub(crate) block_align: u16,
    pub(crate) bits: u16,
    pub(crate) claimed_bytes: Option<u32>,
    pub(crate) data: Vec<u8>,
}

impl Wav {
    /// Silence that is well-formed for any number of channels.
    pub(crate) fn silent(n_channels: u16, rate_hz: u32, n_frames: usize) -> Self {
        let block_align = 2 * n_channels;
        let data = vec![0; n_frames * usize::from(block_align)];
        Self { format: 1, n_channels, rate_hz, block_align, bits: 16, claimed_bytes: None, data }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let n_data = u32::try_from(self.data.len()).unwrap();
        let claimed = self.claimed_bytes.unwrap_or(n_data);
        let mut bytes = Vec::with_capacity(44 + self.data.len());
        bytes.extend(b"RIFF");
        bytes.extend(claimed.saturating_add(36).to_le_bytes());
        bytes.extend(b"WAVEfmt ");
        bytes.extend(16u32.to_le_bytes());
        bytes.extend(self.format.to_le_bytes());
        bytes.extend(self.n_channels.to_le_bytes());
        bytes.extend(self.rate_hz.to_le_bytes());
        bytes.extend(self.rate_hz.wrapping_mul(u32::from(self.block_align)).to_le_bytes());
        bytes.extend(self.block_align.to_le_bytes());
        bytes.extend(self.bits.to_le_bytes());
        bytes.extend(b"data");
        bytes.extend(claimed.to_le_bytes());
        bytes.extend(&self.data);
        bytes
    }
}
