//! What is loud enough to be heard, by the loudest so far.

/// Tells sound from silence by power, so that the gain of a recording decides nothing once it has begun.
///
/// Nothing is heard before the first power of at least `begins`. From there on what is within `range` of the loudest so far is heard,
/// but for what lies below `least`.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    begins: f32,
    least: f32,
    range: f32,
    /// 0 before anything is heard.
    loudest: f32,
}

impl Gate {
    /// A gate that opens at `begins` and then reaches from the loudest down to `range` of it, but not below `least`; all are powers.
    pub(crate) fn new(begins: f32, range: f32, least: f32) -> Self {
        Self { begins, least, range, loudest: 0.0 }
    }

    /// Whether the next frame is heard, which has this power.
    pub(crate) fn hears(&mut self, power: f32) -> bool {
        if self.loudest <= 0.0 && power < self.begins {
            return false;
        }
        self.loudest = self.loudest.max(power);
        power >= (self.range * self.loudest).max(self.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(powers: &[f32]) -> Vec<bool> {
        let mut gate = Gate::new(1e-7, 1e-6, 1e-11);
        powers.iter().map(|&power| gate.hears(power)).collect()
    }

    #[test]
    fn what_comes_before_the_first_sound_is_silence() {
        assert_eq!(heard(&[0.0, 9e-8, 1e-7, 9e-8]), [false, false, true, true]);
    }

    #[test]
    fn the_loudest_so_far_decides_at_any_gain() {
        let powers = [1e-2, 1e-7, 9e-9, 1e-8 * 1.01, 1e-1, 9e-8, 1.1e-7];
        let expected = [true, true, false, true, true, false, true];
        for gain in [1.0, 1e-1, 1e-3] {
            assert_eq!(heard(&powers.map(|power| gain * power)), expected, "{gain}");
        }
    }

    #[test]
    fn what_no_sixteen_bits_hold_is_silence() {
        assert_eq!(heard(&[1e-6, 1e-11, 9e-12, 0.0]), [true, true, false, false]);
    }
}
