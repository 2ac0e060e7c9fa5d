//! Where there is speech, music or noise.

use super::slots::{SLOT_FRAMES, Slot};

/// Slots that a kind must go on for: 3 s.
pub(crate) const MIN_SLOTS: usize = 3;
/// Silent slots that are a gap between ranges.
const GAP_SLOTS: usize = 2;

/// What a sound is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SoundKind {
    /// One or more voices that speak.
    Speech,
    /// Music, singing included.
    Music,
    /// Steady noise.
    Noise,
}

/// A stretch of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoundRange {
    /// Start, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// What is heard there.
    pub kind: SoundKind,
    /// Mean probability of that over its seconds, 0..=1; of noise their share that is noise.
    pub confidence: f64,
}

impl Slot {
    /// What it is likely to be on its own.
    fn kind(&self) -> Option<SoundKind> {
        match self.speech? {
            _ if self.is_noise => Some(SoundKind::Noise),
            p if p > 0.5 => Some(SoundKind::Speech),
            _ => Some(SoundKind::Music),
        }
    }

    fn confidence(&self, kind: SoundKind) -> Option<f64> {
        let speech = f64::from(self.speech?);
        Some(match kind {
            SoundKind::Noise => f64::from(u8::from(self.is_noise)),
            _ if self.is_noise => 0.0,
            SoundKind::Speech => speech,
            SoundKind::Music => 1.0 - speech,
        })
    }
}

/// Decides slot by slot, looking two slots ahead: a kind has to go on for three to take over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decider {
    kinds: Vec<Option<SoundKind>>,
    state: Option<SoundKind>,
}

impl Decider {
    /// Slots that are decided.
    pub(crate) fn n_decided(&self) -> usize {
        self.kinds.len()
    }

    /// What the last slot that is decided is; `None` if it is silent.
    pub(crate) fn latest(&self) -> Option<SoundKind> {
        self.kinds.last().copied().flatten()
    }

    /// Decides the next slot if enough is known of those after it, and says whether; `is_all` says that no more slots come.
    pub(crate) fn advance(&mut self, slots: &[Slot], is_all: bool) -> bool {
        let at = self.kinds.len();
        if at >= slots.len() || (at + MIN_SLOTS > slots.len() && !is_all) {
            return false;
        }
        let ahead = &slots[at..(at + MIN_SLOTS).min(slots.len())];
        if let Some(kind) = ahead[0].kind() {
            let agree = ahead.iter().all(|slot| slot.kind().is_none_or(|other| other == kind));
            if self.state.is_none() {
                self.state = Some(most(ahead));
            } else if agree && ahead.len() == MIN_SLOTS {
                self.state = Some(kind);
            }
        }
        self.kinds.push(slots[at].heard.and(self.state));
        true
    }

    /// The ranges of all slots.
    pub(crate) fn ranges(&self, slots: &[Slot], step_s: f64, duration_s: f64) -> Vec<SoundRange> {
        let mut ranges = Vec::new();
        let mut at = 0;
        while at < self.kinds.len() {
            let Some(kind) = self.kinds[at] else {
                at += 1;
                continue;
            };
            let mut end = at + 1;
            while let Some(next) = self.kinds.get(end) {
                let silent = self.kinds[end..].iter().take_while(|it| it.is_none()).count();
                let is_gap = silent >= GAP_SLOTS || end + silent == self.kinds.len();
                if (next.is_none() && is_gap) || next.is_some_and(|it| it != kind) {
                    break;
                }
                end += 1;
            }
            ranges.push(range(slots, at..end, kind, step_s, duration_s));
            at = end;
        }
        close_up(&mut ranges, step_s);
        ranges
    }
}

/// The kind of most slots, the first of equal ones.
fn most(slots: &[Slot]) -> SoundKind {
    let count = |kind: SoundKind| slots.iter().filter(|it| it.kind() == Some(kind)).count();
    let kinds = slots.iter().filter_map(Slot::kind);
    kinds.rev().max_by_key(|kind| count(*kind)).expect("the first slot has a kind")
}

fn range(
    slots: &[Slot],
    of: std::ops::Range<usize>,
    kind: SoundKind,
    step_s: f64,
    duration_s: f64,
) -> SoundRange {
    let frame_s = step_s / SLOT_FRAMES as f64;
    let (first, last) = (of.start, of.end - 1);
    let begin = slots[first].heard.map_or(0, |heard| heard.0);
    // A slot that is joined to a range may be silent itself.
    let (last, end) = (first..=last)
        .rev()
        .find_map(|slot| slots[slot].heard.map(|heard| (slot, heard.1)))
        .unwrap_or((last, 0));
    let confidences: Vec<f64> = slots[of].iter().filter_map(|it| it.confidence(kind)).collect();
    let confidence = confidences.iter().sum::<f64>() / confidences.len().max(1) as f64;
    SoundRange {
        start_s: first as f64 * step_s + f64::from(begin) * frame_s,
        end_s: (last as f64 * step_s + (f64::from(end) + 1.0) * frame_s).min(duration_s),
        kind,
        confidence,
    }
}

/// Neighbours with less than a gap between them meet in its middle.
fn close_up(ranges: &mut [SoundRange], step_s: f64) {
    for i in 1..ranges.len() {
        let (before, after) = (ranges[i - 1].end_s, ranges[i].start_s);
        if after - before < GAP_SLOTS as f64 * step_s {
            let middle = f64::midpoint(before, after);
            (ranges[i - 1].end_s, ranges[i].start_s) = (middle, middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(text: &str) -> Vec<Slot> {
        let slot = |letter: char| match letter {
            's' => Slot { heard: Some((0, 42)), speech: Some(0.9), ..Slot::default() },
            'm' => Slot { heard: Some((0, 42)), speech: Some(0.2), ..Slot::default() },
            'n' => {
                let heard = Some((0, 42));
                Slot { heard, speech: Some(0.4), is_noise: true, ..Slot::default() }
            }
            '?' => Slot { heard: Some((10, 20)), ..Slot::default() },
            _ => Slot::default(),
        };
        text.chars().map(slot).collect()
    }

    /// Ranges as text: kind, start and end in whole seconds.
    fn ranges(text: &str) -> String {
        let slots = slots(text);
        let mut decider = Decider::default();
        // Whatever comes later must not change what was decided.
        for n in 0..slots.len() {
            while decider.advance(&slots[..n], false) {}
        }
        while decider.advance(&slots, true) {}
        let found = decider.ranges(&slots, 1.0, slots.len() as f64);
        let all: Vec<String> = found
            .iter()
            .map(|it| format!("{:?} {:.0}-{:.0}", it.kind, it.start_s, it.end_s))
            .collect();
        all.join(", ").to_lowercase()
    }

    #[test]
    fn a_kind_has_to_go_on_for_three_seconds() {
        assert_eq!(ranges("mmmmsmmmm"), "music 0-9");
        assert_eq!(ranges("mmmmssmmm"), "music 0-9");
        assert_eq!(ranges("mmmmsssmm"), "music 0-4, speech 4-9");
        assert_eq!(ranges("mmmmsssmmm"), "music 0-4, speech 4-7, music 7-10");
        assert_eq!(ranges("sssssnnnn"), "speech 0-5, noise 5-9");
        assert_eq!(ranges("sms"), "speech 0-3");
    }

    #[test]
    fn silence_belongs_to_no_range_and_a_short_pause_to_one() {
        assert_eq!(ranges("..ssss.ssss..mmm."), "speech 2-11, music 13-16");
        assert_eq!(ranges("....."), "");
        assert_eq!(ranges("?"), "");
        assert_eq!(ranges("mmm.sss"), "music 0-4, speech 4-7");
    }

    #[test]
    fn confidence_is_the_mean_over_the_seconds() {
        let slots = slots("ssmss");
        let mut decider = Decider::default();
        while decider.advance(&slots, true) {}
        let found = decider.ranges(&slots, 1.0, 5.0);
        assert!((found[0].confidence - (4.0 * 0.9 + 0.2) / 5.0).abs() < 1e-6);
    }
}
