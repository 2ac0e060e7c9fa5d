//! Overlapping frames of a stream.

use crate::{Error, Result};

/// Samples that are copied at once; bounds the buffer for pushes of any length.
const CHUNK_SAMPLES: usize = 8192;

/// Cuts a stream into overlapping frames, whatever the lengths in which it arrives.
///
/// Centred framing puts the middle of frame `i` on sample `i · hop`, reading zeros before the start and after
/// the end: `1 + ⌊n / hop⌋` frames, as `librosa.stft(center=True, pad_mode="constant")`. Without centring,
/// frame `i` begins at sample `i · hop` and only whole frames are given: `1 + ⌊(n − length) / hop⌋`. An empty
/// stream has no frames.
///
/// # Examples
///
/// ```
/// let mut framer = dsp::framing::Framer::centred(4, 2)?;
/// let mut frames = Vec::new();
/// framer.push(&[1.0, 2.0, 3.0], |frame| frames.push(frame.to_vec()));
/// framer.finish(|frame| frames.push(frame.to_vec()));
/// assert_eq!(frames, [[0.0, 0.0, 1.0, 2.0], [1.0, 2.0, 3.0, 0.0]]);
/// # Ok::<(), dsp::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Framer {
    length: usize,
    hop: usize,
    /// Zeros before and after the stream.
    padding: usize,
    /// Samples from the start of the next frame on.
    buffer: Vec<f32>,
    /// Samples to drop before the next frame begins (a hop longer than a frame).
    skip: usize,
    is_empty: bool,
}

impl Framer {
    /// Frames whose middles lie on multiples of `hop`.
    ///
    /// # Errors
    ///
    /// [`Error::TooSmall`] if `length` or `hop` is 0.
    pub fn centred(length: usize, hop: usize) -> Result<Self> {
        Self::new(length, hop, length / 2)
    }

    /// Frames whose first samples lie on multiples of `hop`.
    ///
    /// # Errors
    ///
    /// [`Error::TooSmall`] if `length` or `hop` is 0.
    pub fn uncentred(length: usize, hop: usize) -> Result<Self> {
        Self::new(length, hop, 0)
    }

    fn new(length: usize, hop: usize, padding: usize) -> Result<Self> {
        for (what, actual) in [("frame length", length), ("hop length", hop)] {
            if actual == 0 {
                return Err(Error::TooSmall { what, actual, min: 1 });
            }
        }
        let mut buffer = Vec::with_capacity(length + hop + CHUNK_SAMPLES);
        buffer.resize(padding, 0.0);
        Ok(Self { length, hop, padding, buffer, skip: 0, is_empty: true })
    }

    /// Takes the next samples and hands every frame that they complete to `on_frame`.
    pub fn push(&mut self, samples: &[f32], mut on_frame: impl FnMut(&[f32])) {
        self.is_empty &= samples.is_empty();
        for chunk in samples.chunks(CHUNK_SAMPLES) {
            self.buffer.extend_from_slice(chunk);
            self.emit(&mut on_frame);
        }
    }

    /// Ends the stream: hands out the frames that reach into the zeros after it.
    pub fn finish(mut self, mut on_frame: impl FnMut(&[f32])) {
        if self.is_empty {
            return;
        }
        self.buffer.resize(self.buffer.len() + self.padding, 0.0);
        self.emit(&mut on_frame);
    }

    fn emit(&mut self, on_frame: &mut impl FnMut(&[f32])) {
        let mut start = self.skip;
        while start + self.length <= self.buffer.len() {
            on_frame(&self.buffer[start..start + self.length]);
            start += self.hop;
        }
        let dropped = start.min(self.buffer.len());
        self.buffer.drain(..dropped);
        self.skip = start - dropped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(framer: Framer, pushes: &[&[f32]]) -> Vec<Vec<f32>> {
        let mut framer = framer;
        let mut all = Vec::new();
        for push in pushes {
            framer.push(push, |frame| all.push(frame.to_vec()));
        }
        framer.finish(|frame| all.push(frame.to_vec()));
        all
    }

    #[test]
    fn counts_are_the_documented_ones() {
        let ramp: Vec<f32> = (0..1000u16).map(f32::from).collect();
        for (length, hop) in [(64, 16), (64, 64), (10, 37), (1, 1), (7, 3)] {
            let centred = frames(Framer::centred(length, hop).unwrap(), &[&ramp]);
            let padded = 1000 + 2 * (length / 2);
            assert_eq!(centred.len(), 1 + (padded - length) / hop);
            let uncentred = frames(Framer::uncentred(length, hop).unwrap(), &[&ramp]);
            assert_eq!(uncentred.len(), 1 + (1000 - length) / hop);
            for (i, frame) in uncentred.iter().enumerate() {
                assert_eq!(frame.as_slice(), &ramp[i * hop..i * hop + length]);
            }
        }
    }

    #[test]
    fn any_split_gives_the_same_frames() {
        let ramp: Vec<f32> = (0..20_000u16).map(f32::from).collect();
        let whole = frames(Framer::centred(512, 100).unwrap(), &[&ramp]);
        for size in [1, 7, 99, 100, 512, 9001] {
            let split: Vec<&[f32]> = ramp.chunks(size).collect();
            assert_eq!(
                frames(Framer::centred(512, 100).unwrap(), &split),
                whole,
                "blocks of {size}"
            );
        }
    }

    #[test]
    fn an_empty_stream_has_no_frames() {
        assert!(frames(Framer::centred(8, 2).unwrap(), &[]).is_empty());
        assert!(frames(Framer::centred(8, 2).unwrap(), &[&[], &[]]).is_empty());
    }

    #[test]
    fn one_sample_is_one_centred_frame() {
        assert_eq!(frames(Framer::centred(4, 2).unwrap(), &[&[9.0]]), [[0.0, 0.0, 9.0, 0.0]]);
        assert!(frames(Framer::uncentred(4, 2).unwrap(), &[&[9.0]]).is_empty());
    }

    #[test]
    fn rejects_zero_lengths() {
        assert!(Framer::centred(0, 1).is_err());
        assert!(Framer::uncentred(1, 0).is_err());
    }
}
