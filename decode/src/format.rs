//! What a file is made of.

/// Container, codec and shape of the audio.
#[derive(Debug, Clone, PartialEq)]
pub struct Format {
    /// Short name of the container: `wave`, `flac`, `ogg`, `mp3`, `isomp4`, `matroska`, ….
    pub container: String,
    /// Short name of the codec: `pcm_s16le`, `flac`, `vorbis`, `opus`, `mp3`, `aac`, ….
    pub codec: String,
    /// Sample rate of the decoded audio.
    pub sample_rate_hz: u32,
    /// Channels of the decoded audio.
    pub n_channels: u32,
    /// Bits of one sample, for codecs that have such a thing.
    pub bits_per_sample: Option<u32>,
    /// What the header says about the length; not to be trusted.
    pub declared_duration_s: Option<f64>,
}
