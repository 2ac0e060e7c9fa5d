//! Streaming a file as blocks.

use std::io::{self, Read, Seek};
use std::ops::Range;

use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::FormatReader;
use symphonia::core::packet::Packet;

use crate::codec::{Outcome, Shape};
use crate::guard::guarded;
use crate::link::Link;
use crate::open;
use crate::source::Meter;
use crate::trim::Trimmer;
use crate::{Error, Format, Limits, Result, Tags};

/// So many damaged packets are looked at before a verdict about the file.
const MIN_BAD_PACKETS: u32 = 16;

/// So many packets without one frame in a row are a container that leads nowhere.
const MAX_SILENT_PACKETS: u32 = 100_000;

/// How a file ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Frames given out, after trimming.
    pub n_frames: u64,
    /// The file ended before it said it would, or changed its shape half way; what came before
    /// was good.
    pub truncated: bool,
    /// Packets that could not be decoded and were left out.
    pub n_bad_packets: u32,
    /// What the container says about the recording.
    pub tags: Tags,
}

/// A file being decoded.
pub struct Decoder {
    reader: Box<dyn FormatReader>,
    link: Link,
    trimmer: Trimmer,
    /// A packet that was read to see whether the one before it is the last.
    lookahead: Option<Packet>,
    limits: Limits,
    meter: Meter,
    tags: Tags,
    format: Format,
    shape: Option<Shape>,
    state: State,
    block: Vec<f32>,
    counts: Counts,
}

/// Where a decoder is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// The block at hand was not given out yet: these samples of it.
    Primed(Range<usize>),
    /// Between blocks.
    Running,
    /// Nothing more will come.
    Ended,
}

/// What was counted so far.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    n_decoded: u64,
    n_frames: u64,
    n_good: u32,
    n_bad: u32,
    n_silent: u32,
    truncated: bool,
}

/// What became of one step.
enum Step {
    Block(Shape),
    Nothing,
    End,
}

impl Decoder {
    /// Recognises `source`, checks what its header says, and decodes its first block.
    ///
    /// `extension_hint` is the ending of the file's name, without the dot; it never overrules the
    /// bytes.
    ///
    /// # Errors
    ///
    /// Every class of [`Error`]; [`Error::Empty`] also for a well-formed file without a frame.
    pub fn open<R>(source: R, extension_hint: Option<&str>, limits: &Limits) -> Result<Self>
    where
        R: Read + Seek + Send + Sync + 'static,
    {
        open::open(source, extension_hint, limits)
    }

    /// A decoder before its first packet.
    pub(crate) fn new(
        reader: Box<dyn FormatReader>,
        link: Link,
        format: Format,
        tags: Tags,
        limits: Limits,
        meter: Meter,
    ) -> Self {
        Self {
            reader,
            trimmer: Trimmer::new(link.length.trim),
            link,
            lookahead: None,
            limits,
            meter,
            tags,
            format,
            shape: None,
            state: State::Running,
            block: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Notes that something is missing at the end, whatever the rest is like.
    pub(crate) fn mark_truncated(&mut self) {
        self.counts.truncated = true;
    }

    /// Container, codec and shape of the audio.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// The next block, interleaved; `None` after the last.
    ///
    /// # Errors
    ///
    /// [`Error::BadMedia`] when more is damaged than not, [`Error::LimitExceeded`] when the audio
    /// is too long, [`Error::Io`] when the source fails. The decoder has ended then.
    pub fn next_block(&mut self) -> Result<Option<&[f32]>> {
        let range = match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => return Ok(None),
            State::Primed(range) => range,
            State::Running => match self.advance()? {
                Some(range) => range,
                None => return Ok(None),
            },
        };
        self.state = State::Running;
        let n_channels = u64::from(self.format.n_channels.max(1));
        self.counts.n_frames += range.len() as u64 / n_channels;
        Ok(Some(&self.block[range]))
    }

    /// How it ended. Called before the end, it sums up what was given out so far.
    pub fn finish(self) -> Summary {
        let Counts { n_frames, truncated, n_bad, .. } = self.counts;
        Summary { n_frames, truncated, n_bad_packets: n_bad, tags: self.tags }
    }

    /// Decodes until the first frames, which settle rate and channels.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] when there are none, [`Error::BadMedia`] when there should have been.
    pub(crate) fn prime(&mut self) -> Result<()> {
        match self.advance()? {
            Some(range) => {
                self.state = State::Primed(range);
                Ok(())
            }
            None if self.counts.n_bad > 0 => Err(Error::bad("no packet could be decoded")),
            None if self.counts.truncated => Err(Error::bad("cut off before the first frame")),
            None => Err(Error::Empty),
        }
    }

    /// Decodes until there is something to present: samples of the block at hand.
    fn advance(&mut self) -> Result<Option<Range<usize>>> {
        loop {
            // What follows the stated end is padding, or another file that was glued on.
            if self.trimmer.is_past_end() {
                self.settle()?;
                return Ok(None);
            }
            let shape = match self.step()? {
                Step::Block(shape) => shape,
                Step::Nothing => {
                    self.counts.n_silent += 1;
                    if self.counts.n_silent > MAX_SILENT_PACKETS {
                        return Err(Error::bad("packet after packet without audio"));
                    }
                    continue;
                }
                Step::End => {
                    self.settle()?;
                    return Ok(None);
                }
            };
            self.counts.n_silent = 0;
            if !self.accept(shape)? {
                self.counts.truncated = true;
                return Ok(None);
            }
            let n_frames = self.block.len() / shape.n_channels;
            self.counts.n_decoded += n_frames as u64;
            if self.counts.n_decoded > self.limits.max_frames(shape.rate_hz) {
                return Err(self.limits.too_long());
            }
            let kept = self.trimmer.advance(n_frames);
            if !kept.is_empty() {
                let range = kept.start * shape.n_channels..kept.end * shape.n_channels;
                return Ok(Some(range));
            }
        }
    }

    /// Whether a block goes on with the shape of those before.
    fn accept(&mut self, shape: Shape) -> Result<bool> {
        self.limits.check_rate(shape.rate_hz)?;
        self.limits.check_channels(shape.n_channels)?;
        let first = *self.shape.get_or_insert(shape);
        self.format.sample_rate_hz = first.rate_hz;
        self.format.n_channels = u32::try_from(first.n_channels).unwrap_or(u32::MAX);
        Ok(shape == first)
    }

    fn step(&mut self) -> Result<Step> {
        if self.link.length.n_padding_of_last == 0 {
            return match self.next_packet()? {
                Some(packet) => self.decode(&packet),
                None => Ok(Step::End),
            };
        }
        let first = match self.lookahead.take() {
            Some(packet) => Some(packet),
            None => self.next_packet()?,
        };
        let Some(mut packet) = first else { return Ok(Step::End) };
        self.lookahead = self.next_packet()?;
        if self.lookahead.is_none() && !self.counts.truncated {
            packet.trim_end = self.link.length.n_padding_of_last.into();
        }
        self.decode(&packet)
    }

    /// The next packet of our track; `None` at the end, which may have come too early.
    fn next_packet(&mut self) -> Result<Option<Packet>> {
        loop {
            let reader = &mut self.reader;
            match guarded("reader", || reader.next_packet())? {
                Ok(Some(packet)) if packet.track_id == self.link.track_id => {
                    return Ok(Some(packet));
                }
                Ok(Some(_)) => {}
                Ok(None) => return Ok(None),
                Err(SymphoniaError::ResetRequired) => {
                    if !self.relink() {
                        self.counts.truncated = true;
                        return Ok(None);
                    }
                }
                Err(error) => return self.end_of_reader(&error).map(|()| None),
            }
        }
    }

    fn decode(&mut self, packet: &Packet) -> Result<Step> {
        let Self { link, block, .. } = self;
        match guarded("decoder", || link.codec.decode(packet, block))? {
            Outcome::Block(shape) => {
                self.counts.n_good += 1;
                if self.link.length.packets_state_cuts {
                    let n_cut = usize::try_from(packet.trim_end.get()).unwrap_or(usize::MAX);
                    let n_samples = n_cut.saturating_mul(shape.n_channels);
                    self.block.truncate(self.block.len().saturating_sub(n_samples));
                }
                Ok(if self.block.is_empty() { Step::Nothing } else { Step::Block(shape) })
            }
            Outcome::Damaged(error) => {
                self.counts.n_bad += 1;
                self.trimmer.skip_lost(self.n_lost(packet));
                let is_hopeless =
                    self.counts.n_bad >= MIN_BAD_PACKETS && self.counts.n_bad > self.counts.n_good;
                if is_hopeless { Err(error) } else { Ok(Step::Nothing) }
            }
        }
    }

    /// Goes on with the next link of a chain, if it can be decoded.
    fn relink(&mut self) -> bool {
        match Link::new(self.reader.as_ref(), &self.limits, &[], &[]) {
            Ok(link) => {
                self.trimmer = Trimmer::new(link.length.trim);
                self.link = link;
                true
            }
            Err(_) => false,
        }
    }

    /// Frames that a packet would have given, as far as its container says.
    fn n_lost(&self, packet: &Packet) -> u64 {
        let Some(base) = self.link.time_base else { return 0 };
        let rate_hz = u128::from(self.format.sample_rate_hz);
        let units = u128::from(packet.dur.get()) * u128::from(base.numer.get());
        u64::try_from(units * rate_hz / u128::from(base.denom.get())).unwrap_or(0)
    }

    /// A reader that fails after good frames has reached the end of a cut file.
    fn end_of_reader(&mut self, error: &SymphoniaError) -> Result<()> {
        if let Some(cause) = self.meter.cause(false) {
            return Err(cause);
        }
        self.counts.truncated = true;
        let is_cut = matches!(error, SymphoniaError::IoError(error)
            if error.kind() == io::ErrorKind::UnexpectedEof);
        if is_cut || self.counts.n_decoded > 0 {
            return Ok(());
        }
        Err(Error::bad(error.to_string()))
    }

    /// The verdict at the end.
    fn settle(&mut self) -> Result<()> {
        if self.counts.n_bad > self.counts.n_good {
            return Err(Error::bad("more packets were damaged than not"));
        }
        if self.link.length.n_expected.is_some_and(|n| self.trimmer.position() < n) {
            self.counts.truncated = true;
        }
        Ok(())
    }
}
