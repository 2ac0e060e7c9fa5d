//! Decoding the packets of one Opus stream, of one elementary stream or several.

use opus_decoder::OpusDecoder;

use super::{Head, framing};
use crate::{Error, Result};

/// Opus always decodes at this rate here, as RFC 7845 §5.1 advises.
pub(crate) const RATE_HZ: u32 = 48_000;

/// The longest packet: 120 ms.
const MAX_FRAMES: usize = 5_760;

/// A decoder with its output gain and channel mapping.
pub(crate) struct Stream {
    head: Head,
    gain: f32,
    decoders: Vec<OpusDecoder>,
    /// One scratch block per elementary stream.
    scratch: Vec<Vec<f32>>,
}

impl Stream {
    /// # Errors
    ///
    /// [`Error::BadMedia`] when the decoder refuses the header's shape.
    pub(crate) fn new(head: Head) -> Result<Self> {
        let mut decoders = Vec::with_capacity(head.n_streams);
        let mut scratch = Vec::with_capacity(head.n_streams);
        for stream in 0..head.n_streams {
            let n_channels = if stream < head.n_coupled { 2 } else { 1 };
            let decoder = OpusDecoder::new(RATE_HZ, n_channels)
                .map_err(|error| Error::bad(format!("Opus: {error}")))?;
            decoders.push(decoder);
            scratch.push(vec![0.0; MAX_FRAMES * n_channels]);
        }
        Ok(Self { gain: head.gain(), head, decoders, scratch })
    }

    pub(crate) fn n_channels(&self) -> usize {
        self.head.n_channels
    }

    /// Decodes one packet into `out`, interleaved.
    ///
    /// # Errors
    ///
    /// [`Error::BadMedia`] when the packet cannot be decoded; later ones may.
    pub(crate) fn decode(&mut self, packet: &[u8], out: &mut Vec<f32>) -> Result<()> {
        out.clear();
        // To the decoder an empty packet means a lost one; in a file it is a damaged one.
        if packet.is_empty() {
            return Err(Error::bad("an empty Opus packet"));
        }
        let n_frames = self.decode_streams(packet)?;
        let n_channels = self.head.n_channels;
        out.resize(n_frames * n_channels, 0.0);
        for channel in 0..n_channels {
            let Some((stream, source)) = self.head.origin(channel) else { continue };
            let stride = if stream < self.head.n_coupled { 2 } else { 1 };
            let samples = self.scratch[stream].iter().skip(source).step_by(stride);
            for (frame, &sample) in out.chunks_exact_mut(n_channels).zip(samples) {
                frame[channel] = sample * self.gain;
            }
        }
        Ok(())
    }

    fn decode_streams(&mut self, packet: &[u8]) -> Result<usize> {
        let packets = framing::split(packet, self.decoders.len())?;
        let mut n_frames = None;
        for ((decoder, block), packet) in
            self.decoders.iter_mut().zip(&mut self.scratch).zip(&packets)
        {
            let n = decoder
                .decode_float(packet, block, false)
                .map_err(|error| Error::bad(format!("Opus: {error}")))?;
            if n_frames.is_some_and(|other| other != n) {
                return Err(Error::bad("Opus streams of unequal length in one packet"));
            }
            n_frames = Some(n);
        }
        Ok(n_frames.unwrap_or(0))
    }
}
