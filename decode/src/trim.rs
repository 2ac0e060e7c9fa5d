//! Removing encoder delay and padding.

/// Which decoded frames are presented: all from `first` up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Trim {
    /// Frames of encoder delay.
    pub(crate) first: u64,
    /// One past the last presented frame, counted with the delay; `None` when unknown.
    pub(crate) end: Option<u64>,
}

/// A [`Trim`] and how far it has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trimmer {
    trim: Trim,
    position: u64,
}

impl Trimmer {
    pub(crate) fn new(trim: Trim) -> Self {
        Self { trim, position: 0 }
    }

    /// The range of the next `n_frames` decoded frames that is presented.
    pub(crate) fn advance(&mut self, n_frames: usize) -> std::ops::Range<usize> {
        let begin = self.position;
        self.position = begin.saturating_add(n_frames as u64);
        let within = |frame: u64| {
            usize::try_from(frame.saturating_sub(begin)).unwrap_or(usize::MAX).min(n_frames)
        };
        let start = within(self.trim.first);
        let end = self.trim.end.map_or(n_frames, within);
        start..end.max(start)
    }

    /// Frames that went by, presented or not.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Whether nothing more will be presented.
    pub(crate) fn is_past_end(&self) -> bool {
        self.trim.end.is_some_and(|end| self.position >= end)
    }

    /// Counts frames that were lost with a bad packet, so that later cuts stay where they belong.
    pub(crate) fn skip_lost(&mut self, n_frames: u64) {
        self.position = self.position.saturating_add(n_frames);
    }
}

#[cfg(test)]
mod tests {
    use super::{Trim, Trimmer};

    fn check(trim: Trim, blocks: &[usize], expected: &[std::ops::Range<usize>]) {
        let mut trimmer = Trimmer::new(trim);
        let got: Vec<_> = blocks.iter().map(|&n| trimmer.advance(n)).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn keeps_everything_without_a_trim() {
        check(Trim::default(), &[3, 0, 5], &[0..3, 0..0, 0..5]);
    }

    #[test]
    fn cuts_across_blocks_at_both_ends() {
        let trim = Trim { first: 12, end: Some(25) };
        check(trim, &[10, 10, 10, 10], &[10..10, 2..10, 0..5, 0..0]);
    }

    #[test]
    fn gives_nothing_when_the_end_is_before_the_start() {
        check(Trim { first: 8, end: Some(4) }, &[10, 1], &[8..8, 0..0]);
    }

    #[test]
    fn counts_lost_frames() {
        let mut trimmer = Trimmer::new(Trim { first: 0, end: Some(20) });
        trimmer.skip_lost(15);
        assert_eq!(trimmer.advance(10), 0..5);
    }
}
