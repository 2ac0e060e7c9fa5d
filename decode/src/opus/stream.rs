//! Decoding the packets of one Opus track.

use super::Head;
use super::libopus::MultistreamDecoder;
use crate::Result;

/// Opus is always decoded at this rate, as RFC 7845 §5.1 advises.
pub(crate) const RATE_HZ: u32 = 48_000;

/// The longest packet: 120 ms.
pub(super) const MAX_FRAMES: usize = 5_760;

/// A decoder with its output gain.
pub(crate) struct Stream {
    decoder: MultistreamDecoder,
    n_channels: usize,
    gain: f32,
}

impl Stream {
    /// # Errors
    ///
    /// [`crate::Error::BadMedia`] when the decoder refuses the header's shape.
    pub(crate) fn new(head: &Head) -> Result<Self> {
        let decoder = MultistreamDecoder::new(head)?;
        Ok(Self { decoder, n_channels: head.n_channels, gain: head.gain() })
    }

    pub(crate) fn n_channels(&self) -> usize {
        self.n_channels
    }

    /// Decodes one packet into `out`, interleaved.
    ///
    /// # Errors
    ///
    /// [`crate::Error::BadMedia`] when the packet cannot be decoded; later ones may.
    pub(crate) fn decode(&mut self, packet: &[u8], out: &mut Vec<f32>) -> Result<()> {
        self.decoder.decode(packet, out)?;
        for sample in out {
            *sample *= self.gain;
        }
        Ok(())
    }
}
