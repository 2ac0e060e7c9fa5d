//! Samples that are stored as they are: the kinds of PCM that files mostly hold, many at a time.
//!
//! Symphonia's decoder reads one sample after the other through a reader that may end anywhere, which costs three times
//! as much as finding the packets does.

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_PCM_F32LE, CODEC_ID_PCM_S16LE, CODEC_ID_PCM_S24LE,
};

use crate::codec::Shape;

/// Full scale of 16 and of 24 bits.
const FULL_SCALE_16: f32 = 32_768.0;
const FULL_SCALE_24: f32 = 8_388_608.0;

/// How a sample is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    I16,
    I24,
    F32,
}

/// Decoder of little-endian interleaved PCM of 16, 24 or 32 (floating) bits; gives the bits that symphonia gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pcm {
    stored: Stored,
    shape: Shape,
    name: &'static str,
}

impl Pcm {
    /// `None` for what is left to symphonia: other codecs, and samples that do not fill their bytes.
    pub(crate) fn new(params: &AudioCodecParameters, name: &'static str) -> Option<Self> {
        let (stored, n_bits) = match params.codec {
            CODEC_ID_PCM_S16LE => (Stored::I16, 16),
            CODEC_ID_PCM_S24LE => (Stored::I24, 24),
            CODEC_ID_PCM_F32LE => (Stored::F32, 32),
            _ => return None,
        };
        let is_full = |bits: Option<u32>| bits.is_none_or(|bits| bits == n_bits);
        if !is_full(params.bits_per_sample) || !is_full(params.bits_per_coded_sample) {
            return None;
        }
        let n_channels = params.channels.as_ref()?.count();
        let shape = Shape { rate_hz: params.sample_rate?, n_channels };
        (n_channels > 0).then_some(Self { stored, shape, name })
    }

    /// Short name of the codec.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Replaces `out` by the whole frames of a packet; bytes after them are left out.
    pub(crate) fn decode(&self, bytes: &[u8], out: &mut Vec<f32>) -> Shape {
        out.clear();
        match self.stored {
            Stored::I16 => {
                let (samples, _) = self.whole_frames(bytes, 2).as_chunks();
                out.extend(
                    samples.iter().map(|&s| f32::from(i16::from_le_bytes(s)) / FULL_SCALE_16),
                );
            }
            Stored::I24 => {
                let (samples, _) = self.whole_frames(bytes, 3).as_chunks();
                out.extend(samples.iter().map(|&s| from_i24(s)));
            }
            Stored::F32 => {
                let (samples, _) = self.whole_frames(bytes, 4).as_chunks();
                out.extend(samples.iter().map(|&s| f32::from_le_bytes(s)));
            }
        }
        self.shape
    }

    fn whole_frames<'a>(&self, bytes: &'a [u8], sample_bytes: usize) -> &'a [u8] {
        let frame_bytes = sample_bytes * self.shape.n_channels;
        &bytes[..bytes.len() / frame_bytes * frame_bytes]
    }
}

#[expect(clippy::cast_precision_loss, reason = "24 bits are what a float holds")]
fn from_i24([low, middle, high]: [u8; 3]) -> f32 {
    // Shifted down from the top, so that the sign comes along.
    (i32::from_le_bytes([0, low, middle, high]) >> 8) as f32 / FULL_SCALE_24
}

#[cfg(test)]
mod tests {
    use symphonia::core::audio::Channels;
    use symphonia::core::codecs::audio::{AudioCodecId, AudioDecoderOptions};
    use symphonia::core::packet::Packet;
    use symphonia::core::units::{Duration, Timestamp};

    use super::*;

    fn params(codec: AudioCodecId, n_channels: u16) -> AudioCodecParameters {
        let mut params = AudioCodecParameters::new();
        params
            .for_codec(codec)
            .with_sample_rate(48_000)
            .with_channels(Channels::Discrete(n_channels));
        params
    }

    /// The bits of both decoders, for the same packet.
    fn check(codec: AudioCodecId, n_channels: u16, bytes: &[u8]) {
        let params = params(codec, n_channels);
        let options = AudioDecoderOptions::default();
        let mut theirs = Vec::<f32>::new();
        let mut decoder =
            symphonia::default::get_codecs().make_audio_decoder(&params, &options).unwrap();
        let packet = Packet::new(0, Timestamp::ZERO, Duration::ZERO, bytes);
        decoder.decode(&packet).unwrap().copy_to_vec_interleaved(&mut theirs);
        let mut ours = vec![9.0; 3];
        Pcm::new(&params, "pcm").unwrap().decode(bytes, &mut ours);
        let bits = |samples: &[f32]| samples.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&ours), bits(&theirs), "{codec}, {n_channels} channels");
    }

    #[test]
    fn gives_the_bits_of_symphonia() {
        // Every byte before every other, so that all signs, extremes, NaN and infinities occur.
        let mut bytes: Vec<u8> =
            (0..=255).flat_map(|a| (0..=255).flat_map(move |b| [a, b])).collect();
        bytes.extend([0xFF; 5]);
        for codec in [CODEC_ID_PCM_S16LE, CODEC_ID_PCM_S24LE, CODEC_ID_PCM_F32LE] {
            for n_channels in [1, 2, 6] {
                check(codec, n_channels, &bytes);
            }
        }
    }

    #[test]
    fn leaves_samples_with_spare_bits_to_symphonia() {
        let mut params = params(CODEC_ID_PCM_S24LE, 2);
        assert!(Pcm::new(&params, "pcm").is_some());
        params.with_bits_per_sample(24).with_bits_per_coded_sample(20);
        assert_eq!(Pcm::new(&params, "pcm"), None);
    }
}
