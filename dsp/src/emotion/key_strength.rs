//! Strength of the keys in one frame.

/// Profiles of polyphonic music, tonic first: major, minor (Gómez 2006, "Tonal description of music audio signals").
const PROFILES: [[f64; 12]; 2] = [
    [
        1.56131, 0.83963, 1.19286, 0.75862, 1.41572, 1.03002, 0.87559, 1.5361, 0.84147, 1.2141,
        0.72352, 1.1331,
    ],
    [
        1.62216, 0.80274, 1.15874, 1.38134, 0.97946, 1.04864, 0.8595, 1.54662, 1.0523, 1.0179,
        1.12776, 0.98619,
    ],
];

/// How clearly a frame is in a key, and in which mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct KeyStrength {
    /// Largest correlation with a key, −1..=1: key clarity.
    pub(crate) clarity: f64,
    /// Largest correlation with a major key less the largest with a minor key: mode.
    pub(crate) mode: f64,
}

/// Profiles of which the mean is taken off and the length is 1, so that a sum of products is a correlation.
#[derive(Debug, Clone)]
pub(crate) struct KeyProfiles([[f64; 12]; 2]);

impl KeyProfiles {
    pub(crate) fn new() -> Self {
        Self(PROFILES.map(|profile| standardised(&profile).expect("no profile is even")))
    }

    /// Key strength of pitch classes, C first; `None` if all are alike.
    ///
    /// # Source
    ///
    /// Eerola, Lartillot and Toiviainen (2009): Pearson correlation with the profiles in all keys.
    pub(crate) fn strength(&self, classes: &[f64; 12]) -> Option<KeyStrength> {
        let classes = standardised(classes)?;
        let best = self.0.map(|profile| {
            (0..12)
                .map(|tonic| (0..12).map(|i| classes[(tonic + i) % 12] * profile[i]).sum::<f64>())
                .fold(-1.0, f64::max)
        });
        Some(KeyStrength { clarity: best[0].max(best[1]), mode: best[0] - best[1] })
    }
}

fn standardised(values: &[f64; 12]) -> Option<[f64; 12]> {
    let mean = values.iter().sum::<f64>() / 12.0;
    let centred = values.map(|value| value - mean);
    let length = centred.iter().map(|value| value * value).sum::<f64>().sqrt();
    (length > 1e-9).then(|| centred.map(|value| value / length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triad(root: usize, third: usize) -> [f64; 12] {
        let mut classes = [0.1; 12];
        for step in [0, third, 7] {
            classes[(root + step) % 12] = 1.0;
        }
        classes
    }

    #[test]
    fn a_profile_is_its_own_key() {
        let profiles = KeyProfiles::new();
        let major = profiles.strength(&PROFILES[0]).unwrap();
        let minor = profiles.strength(&PROFILES[1]).unwrap();
        assert!((major.clarity - 1.0).abs() < 1e-12 && major.mode > 0.1);
        assert!((minor.clarity - 1.0).abs() < 1e-12 && minor.mode < -0.1);
    }

    #[test]
    fn triads_have_their_mode_on_any_root() {
        let profiles = KeyProfiles::new();
        let reference = profiles.strength(&triad(0, 4)).unwrap();
        for root in 0..12 {
            let major = profiles.strength(&triad(root, 4)).unwrap();
            assert!((major.mode - reference.mode).abs() < 1e-12 && major.mode > 0.0);
            assert!(profiles.strength(&triad(root, 3)).unwrap().mode < 0.0);
        }
        assert_eq!(profiles.strength(&[0.4; 12]), None);
        assert_eq!(profiles.strength(&[0.0; 12]), None);
    }
}
