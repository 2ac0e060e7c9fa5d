//! One decoder for packets of any codec.

use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_OPUS,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::packet::Packet;

use crate::opus::{self, Head, Layout};
use crate::pcm::Pcm;
use crate::{Error, Limits, Result};

/// The largest buffer that a header may ask for before a packet was decoded. Decoders grow theirs
/// when a packet needs more, and a packet has bytes to show for it.
const MAX_PREALLOCATED_FRAMES: u64 = 1 << 16;

/// A packet decoder.
pub(crate) enum Codec {
    /// Everything that is not among the following.
    Symphonia(Box<dyn AudioDecoder>),
    /// PCM of the usual kinds.
    Pcm(Pcm),
    /// Opus.
    Opus(Box<opus::Stream>),
}

/// Rate and channels of a decoded block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) rate_hz: u32,
    pub(crate) n_channels: usize,
}

/// What became of one packet.
pub(crate) enum Outcome {
    /// It gave a block (which may be empty).
    Block(Shape),
    /// It was damaged; the next one may be good.
    Damaged(Error),
}

impl Codec {
    /// Checks `params` against `limits` and only then makes a decoder for them.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedFormat`] without a decoder, [`Error::LimitExceeded`],
    /// [`Error::BadMedia`] for parameters that contradict themselves.
    pub(crate) fn new(
        params: &AudioCodecParameters,
        layout: Layout,
        limits: &Limits,
    ) -> Result<Self> {
        if let Some(rate_hz) = params.sample_rate {
            limits.check_rate(rate_hz)?;
        }
        if let Some(channels) = &params.channels {
            limits.check_channels(channels.count())?;
        }
        if params.codec == CODEC_ID_OPUS {
            let extra = params.extra_data.as_deref().unwrap_or_default();
            let head = Head::parse(extra, layout)?;
            limits.check_channels(head.n_channels)?;
            return Ok(Self::Opus(Box::new(opus::Stream::new(&head)?)));
        }
        let mut params = params.clone();
        params.max_frames_per_packet =
            params.max_frames_per_packet.map(|n| n.min(MAX_PREALLOCATED_FRAMES));
        // Symphonia trims MPEG audio by a length that it may have only guessed from the bitrate;
        // `gapless` trims by what the file states.
        let guesses = matches!(params.codec, CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3);
        let options = AudioDecoderOptions::default().gapless(!guesses);
        match symphonia::default::get_codecs().make_audio_decoder(&params, &options) {
            // Symphonia has looked at the parameters by now, whoever reads the samples.
            Ok(decoder) => Ok(match Pcm::new(&params, decoder.codec_info().short_name) {
                Some(pcm) => Self::Pcm(pcm),
                None => Self::Symphonia(decoder),
            }),
            Err(SymphoniaError::Unsupported(what)) => Err(Error::unsupported(what)),
            Err(error) => Err(Error::bad(error.to_string())),
        }
    }

    /// Short name of the codec.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Symphonia(decoder) => decoder.codec_info().short_name,
            Self::Pcm(pcm) => pcm.name(),
            Self::Opus(_) => "opus",
        }
    }

    /// Decodes `packet` into `out`, interleaved.
    pub(crate) fn decode(&mut self, packet: &Packet, out: &mut Vec<f32>) -> Outcome {
        match self {
            Self::Symphonia(decoder) => match decoder.decode(packet) {
                Ok(buffer) => {
                    buffer.copy_to_vec_interleaved(out);
                    let spec = buffer.spec();
                    let shape = Shape { rate_hz: spec.rate(), n_channels: spec.channels().count() };
                    Outcome::Block(shape)
                }
                Err(error) => Outcome::Damaged(damaged(&error)),
            },
            Self::Pcm(pcm) => Outcome::Block(pcm.decode(&packet.data, out)),
            Self::Opus(stream) => match stream.decode(&packet.data, out) {
                Ok(()) => {
                    let n_channels = stream.n_channels();
                    Outcome::Block(Shape { rate_hz: opus::RATE_HZ, n_channels })
                }
                Err(error) => Outcome::Damaged(error),
            },
        }
    }
}

fn damaged(error: &SymphoniaError) -> Error {
    match error {
        SymphoniaError::Unsupported(what) => Error::unsupported(*what),
        other => Error::bad(other.to_string()),
    }
}
