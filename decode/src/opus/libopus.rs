//! The only unsafe code of this crate: libopus 1.3.1, translated to Rust by machine.
//!
//! The decoder's state lives in a buffer of ours. libopus keeps its parts at offsets from the
//! beginning and points only at constants, so the buffer may move and needs no destructor.
#![expect(unsafe_code, reason = "the translated decoder has the signatures of its C original")]

use unsafe_libopus::{
    OPUS_OK, OpusMSDecoder, opus_multistream_decode_float, opus_multistream_decoder_get_size,
    opus_multistream_decoder_init,
};

use super::Head;
use super::stream::{MAX_FRAMES, RATE_HZ};
use crate::{Error, Result};

/// The decoder of one or several elementary streams with their channel mapping.
pub(super) struct MultistreamDecoder {
    /// Words, because libopus aligns its structures to eight bytes.
    state: Vec<u64>,
    n_channels: usize,
}

impl MultistreamDecoder {
    /// # Errors
    ///
    /// [`Error::BadMedia`] when libopus refuses the shape of `head`.
    pub(super) fn new(head: &Head) -> Result<Self> {
        let refused = || Error::bad("libopus refuses the channel mapping");
        let int = |n: usize| i32::try_from(n).map_err(|_| refused());
        let (n_streams, n_coupled) = (int(head.n_streams)?, int(head.n_coupled)?);
        let (n_channels, rate_hz) = (int(head.n_channels)?, RATE_HZ.cast_signed());
        if head.mapping.len() != head.n_channels {
            return Err(refused());
        }
        // SAFETY: takes numbers, gives a number.
        let n_bytes = unsafe { opus_multistream_decoder_get_size(n_streams, n_coupled) };
        let n_bytes = usize::try_from(n_bytes).ok().filter(|&n| n > 0).ok_or_else(refused)?;
        let mut state = vec![0u64; n_bytes.div_ceil(size_of::<u64>())];
        let decoder = state.as_mut_ptr().cast::<OpusMSDecoder>();
        // SAFETY: `decoder` has as many zeroed, aligned bytes as libopus asked for these streams,
        // and `mapping` has `n_channels` entries, which it copies.
        let code = unsafe {
            let mapping = head.mapping.as_ptr();
            opus_multistream_decoder_init(
                decoder, rate_hz, n_channels, n_streams, n_coupled, mapping,
            )
        };
        if code != OPUS_OK {
            return Err(refused());
        }
        Ok(Self { state, n_channels: head.n_channels })
    }

    /// Decodes a packet into `out`, interleaved and not clipped, and gives the number of frames.
    ///
    /// # Errors
    ///
    /// [`Error::BadMedia`] when the packet cannot be decoded; later ones may.
    pub(super) fn decode(&mut self, packet: &[u8], out: &mut Vec<f32>) -> Result<usize> {
        // To libopus an empty packet means a lost one; in a file it is a damaged one.
        let n_bytes = match i32::try_from(packet.len()) {
            Ok(n_bytes) if n_bytes > 0 => n_bytes,
            _ => return Err(Error::bad("an Opus packet without a size")),
        };
        out.clear();
        out.resize(MAX_FRAMES * self.n_channels, 0.0);
        let decoder = self.state.as_mut_ptr().cast::<OpusMSDecoder>();
        // SAFETY: `decoder` was initialised in `new` and its buffer is as large as then; `packet`
        // has `n_bytes` bytes; `out` has room for `MAX_FRAMES` frames of all channels.
        let n_frames = unsafe {
            let (from, to) = (packet.as_ptr(), out.as_mut_ptr());
            opus_multistream_decode_float(decoder, from, n_bytes, to, MAX_FRAMES_C, 0)
        };
        match usize::try_from(n_frames) {
            Ok(n_frames) if n_frames <= MAX_FRAMES => {
                out.truncate(n_frames * self.n_channels);
                Ok(n_frames)
            }
            _ => {
                out.clear();
                Err(Error::bad(format!("libopus refuses a packet with code {n_frames}")))
            }
        }
    }
}

/// [`MAX_FRAMES`] as libopus counts.
const MAX_FRAMES_C: i32 = 5_760;
const _: () = assert!(MAX_FRAMES_C as usize == MAX_FRAMES, "one limit, two types");
