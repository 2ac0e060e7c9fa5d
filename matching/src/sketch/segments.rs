//! A ceiling over a function of one byte, small enough to be looked up 32 bytes at a time.

/// Units of a ceiling in one unit of evidence (a logit): all evidence fits ±2032.
pub(crate) const UNITS: f32 = 240.0;

const N_SEGMENTS: usize = 16;

/// Straight lines over 16 bytes each: `16 · base + slope · (byte mod 16)` is never below the function.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segments {
    pub(super) base: [i8; N_SEGMENTS],
    pub(super) slope: [i8; N_SEGMENTS],
}

impl Segments {
    /// The lowest lines that are nowhere below `value`, which must be within ±2032 units.
    pub(crate) fn over(value: impl Fn(u8) -> f32) -> Self {
        let (mut base, mut slope) = ([0; N_SEGMENTS], [0; N_SEGMENTS]);
        for segment in 0..N_SEGMENTS {
            let values: [f32; 16] = std::array::from_fn(|i| value((16 * segment + i) as u8));
            let excess = |candidate: i8| {
                let base = base_under(&values, candidate);
                let line = |i: usize| 16.0 * base + f32::from(candidate) * i as f32;
                (0..16).map(|i| line(i) - values[i]).sum::<f32>()
            };
            let fits = |candidate: &i8| {
                let base = base_under(&values, *candidate);
                base >= f32::from(i8::MIN) && base <= f32::from(i8::MAX)
            };
            // The best line is no steeper than the function anywhere. Flat is always possible.
            let steps = || values.windows(2).map(|pair| pair[1] - pair[0]);
            let least = steps().fold(f32::INFINITY, f32::min).floor() as i8;
            let most = steps().fold(f32::NEG_INFINITY, f32::max).ceil() as i8;
            let best = (least..=most)
                .filter(fits)
                .min_by(|&a, &b| excess(a).total_cmp(&excess(b)))
                .unwrap_or(0);
            slope[segment] = best;
            base[segment] = base_under(&values, best) as i8;
        }
        Self { base, slope }
    }

    /// The ceiling at a byte.
    pub(crate) fn at(&self, byte: u8) -> i16 {
        let segment = usize::from(byte >> 4);
        16 * i16::from(self.base[segment]) + i16::from(self.slope[segment]) * i16::from(byte & 15)
    }
}

/// The least base with which a line of this slope is nowhere below the values.
fn base_under(values: &[f32; 16], slope: i8) -> f32 {
    let most = values
        .iter()
        .enumerate()
        .map(|(i, value)| value - f32::from(slope) * i as f32)
        .fold(f32::NEG_INFINITY, f32::max);
    (most / 16.0).ceil()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_never_below_and_never_far_above() {
        let curve = |byte: u8| 2_000.0 - 4_000.0 * (f32::from(byte) / 255.0).sqrt();
        let segments = Segments::over(curve);
        for byte in 0..=255 {
            let over = f32::from(segments.at(byte)) - curve(byte);
            // The root is steep at its beginning, where one line must do for 16 bytes.
            assert!(over >= 0.0 && over < if byte < 16 { 300.0 } else { 50.0 }, "{byte}: {over}");
        }
    }
}
