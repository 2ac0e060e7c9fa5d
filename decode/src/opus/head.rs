//! The identification header: channels, pre-skip, output gain and channel mapping.

use crate::{Error, Result};

/// `OpusHead` of Ogg and Matroska is little-endian, the `dOps` box of MP4 big-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// RFC 7845 §5.1.
    OpusHead,
    /// Encapsulation of Opus in ISO base media §4.3.2, with the magic put before it.
    DOps,
}

/// What a decoder must know before the first packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) n_channels: usize,
    pub(crate) pre_skip: u16,
    /// Output gain, in 1/256 dB.
    pub(crate) gain_q8: i16,
    pub(crate) n_streams: usize,
    pub(crate) n_coupled: usize,
    /// For each output channel the decoded channel it takes; 255 is silence.
    pub(crate) mapping: Vec<u8>,
}

const MAGIC: &[u8] = b"OpusHead";
const SILENT: u8 = 255;

impl Head {
    /// Reads a header that begins with its magic, whichever byte order follows.
    ///
    /// # Errors
    ///
    /// [`Error::BadMedia`] for a header that is short or contradicts itself,
    /// [`Error::UnsupportedFormat`] for a mapping family other than 0 and 1.
    pub(crate) fn parse(bytes: &[u8], layout: Layout) -> Result<Self> {
        let short = || Error::bad("the Opus header is too short");
        let body = bytes.strip_prefix(MAGIC).ok_or_else(|| Error::bad("no Opus header"))?;
        let (fixed, table) = body.split_first_chunk::<11>().ok_or_else(short)?;
        let two = |at: usize| [fixed[at], fixed[at + 1]];
        let (pre_skip, gain_q8) = match layout {
            Layout::OpusHead => (u16::from_le_bytes(two(2)), i16::from_le_bytes(two(8))),
            Layout::DOps => (u16::from_be_bytes(two(2)), i16::from_be_bytes(two(8))),
        };
        let n_channels = usize::from(fixed[1]);
        let (n_streams, n_coupled, mapping) = match fixed[10] {
            0 if n_channels == 1 => (1, 0, vec![0]),
            0 if n_channels == 2 => (1, 1, vec![0, 1]),
            0 => return Err(Error::bad(format!("mapping family 0 with {n_channels} channels"))),
            1 => {
                let (counts, rest) = table.split_first_chunk::<2>().ok_or_else(short)?;
                let mapping = rest.get(..n_channels).ok_or_else(short)?.to_vec();
                (usize::from(counts[0]), usize::from(counts[1]), in_wave_order(mapping))
            }
            family => return Err(Error::unsupported(format!("Opus mapping family {family}"))),
        };
        let head = Self { n_channels, pre_skip, gain_q8, n_streams, n_coupled, mapping };
        head.check()?;
        Ok(head)
    }

    fn check(&self) -> Result<()> {
        let n_decoded = self.n_streams + self.n_coupled;
        let mapped = |&slot: &u8| slot == SILENT || usize::from(slot) < n_decoded;
        let sane = self.n_channels > 0
            && self.n_streams > 0
            && self.n_coupled <= self.n_streams
            && n_decoded <= 255
            && self.mapping.iter().all(mapped);
        if sane { Ok(()) } else { Err(Error::bad("the Opus channel mapping contradicts itself")) }
    }

    /// The output gain as a factor.
    pub(crate) fn gain(&self) -> f32 {
        10f32.powf(f32::from(self.gain_q8) / (20.0 * 256.0))
    }
}

/// Vorbis' order of channels, which family 1 uses (RFC 7845 §5.1.1.2), in that of WAVE, which
/// every other decoder here gives: left, right, centre, LFE, rear, side.
fn in_wave_order(mapping: Vec<u8>) -> Vec<u8> {
    let order: &[usize] = match mapping.len() {
        3 => &[0, 2, 1],
        5 => &[0, 2, 1, 3, 4],
        6 => &[0, 2, 1, 5, 3, 4],
        7 => &[0, 2, 1, 6, 5, 3, 4],
        8 => &[0, 2, 1, 7, 5, 6, 3, 4],
        _ => return mapping,
    };
    order.iter().map(|&channel| mapping[channel]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Head, Layout};

    fn head(tail: &[u8]) -> Vec<u8> {
        [b"OpusHead".as_slice(), tail].concat()
    }

    /// RFC 7845 §5.1: version 1, two channels, pre-skip 312, 48 kHz, gain −3 dB, family 0.
    const STEREO: [u8; 11] = [1, 2, 0x38, 0x01, 0x80, 0xBB, 0, 0, 0x00, 0xFD, 0];

    #[test]
    fn reads_a_stereo_header() {
        let head = Head::parse(&head(&STEREO), Layout::OpusHead).unwrap();
        assert_eq!((head.n_channels, head.pre_skip, head.gain_q8), (2, 312, -768));
        assert!((head.gain() - 0.707_945_8).abs() < 1e-6);
        assert_eq!((head.n_streams, head.n_coupled, head.mapping), (1, 1, vec![0, 1]));
    }

    #[test]
    fn reads_the_byte_order_of_mp4() {
        let tail = [0, 1, 0x01, 0x38, 0, 0, 0xBB, 0x80, 0xFD, 0x00, 0];
        let head = Head::parse(&head(&tail), Layout::DOps).unwrap();
        assert_eq!((head.pre_skip, head.gain_q8), (312, -768));
    }

    #[test]
    fn reads_a_surround_mapping() {
        // 5.1 as libopus writes it: four streams, two of them coupled.
        let tail = [1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 2, 0, 4, 1, 2, 3, 5];
        let head = Head::parse(&head(&tail), Layout::OpusHead).unwrap();
        assert_eq!((head.n_streams, head.n_coupled), (4, 2));
        // Left and right of stream 0, centre of stream 2, LFE of stream 3, rear of stream 1.
        assert_eq!(head.mapping, [0, 1, 4, 5, 2, 3]);
    }

    #[test]
    fn refuses_headers_that_contradict_themselves() {
        let mut three = STEREO;
        three[1] = 3;
        let out_of_range = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1];
        let more_coupled = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0];
        let no_streams = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 255];
        let tails: [&[u8]; 5] = [&STEREO[..10], &three, &out_of_range, &more_coupled, &no_streams];
        for tail in tails {
            let error = Head::parse(&head(tail), Layout::OpusHead).unwrap_err();
            assert_eq!(error.code(), "bad_media");
        }
    }

    #[test]
    fn does_not_claim_ambisonics() {
        let tail = [1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0, 1, 2, 3];
        let error = Head::parse(&head(&tail), Layout::OpusHead).unwrap_err();
        assert_eq!(error.code(), "unsupported_format");
    }
}
